//! The stored form of what was looked at: for a box, the target and what a command restores from;
//! by a probe, what it came to.

use serde_json::{Value, json};

use super::fields::{Fields, RecordError, stored_time};
use super::words::Word as _;
use crate::domain::bearing::{Bearing, Found};
use crate::domain::event::Event;
use crate::domain::ids::AttemptId;
use crate::domain::names::MadeName;
use crate::domain::probes::Sensing;
use crate::domain::source::{Look, Source};

pub(super) fn bearing(it: &Bearing) -> Value {
    let (found, value) = match &it.found {
        Found::Same(value) => ("same", value.as_str()),
        Found::Other(value) => ("other", value.as_str()),
        Found::Unknown(why) => ("unknown", why.as_str()),
        Found::There => ("there", ""),
    };
    json!({"key": it.key, "expected": it.expected, "found": found, "value": value})
}

pub(super) fn read_bearing(f: Fields<'_>) -> Result<Bearing, RecordError> {
    let value = f.text("value")?;
    Ok(Bearing {
        key: f.text("key")?,
        expected: f.text("expected")?,
        found: match f.text("found")?.as_str() {
            "same" => Found::Same(value),
            "other" => Found::Other(value),
            "unknown" => Found::Unknown(value),
            "there" => Found::There,
            _ => return Err(RecordError::Field("found".to_owned())),
        },
    })
}

pub(super) fn made_name(it: &MadeName) -> Value {
    json!({
        "action": it.action.as_str(), "prefix": it.prefix, "format": it.format, "utc": it.utc,
        "value": it.value,
    })
}

pub(super) fn read_made_name(f: Fields<'_>) -> Result<MadeName, RecordError> {
    Ok(MadeName {
        action: f.text("action")?.as_str().into(),
        prefix: f.text("prefix")?,
        format: f.text("format")?,
        utc: f.bool("utc")?,
        value: f.text("value")?,
    })
}

pub(super) fn source(it: &Source) -> Value {
    json!({
        "path": it.path, "newest_of": it.newest_of, "look": it.look.as_ref().map(look),
    })
}

pub(super) fn read_source(f: Fields<'_>) -> Result<Source, RecordError> {
    Ok(Source {
        path: f.text("path")?,
        newest_of: f.text_opt("newest_of")?,
        look: match f.value_opt("look") {
            Some(value) => Some(read_look(Fields(value))?),
            None => None,
        },
    })
}

fn look(it: &Look) -> Value {
    json!({
        "device": it.device, "inode": it.inode, "bytes": it.bytes, "modified_ns": it.modified,
        "changed_ns": it.changed, "sha256": it.sha256,
    })
}

fn read_look(f: Fields<'_>) -> Result<Look, RecordError> {
    Ok(Look {
        device: f.u64("device")?,
        inode: f.u64("inode")?,
        bytes: f.u64("bytes")?,
        modified: f.i64("modified_ns")?,
        changed: f.i64("changed_ns")?,
        sha256: f.text("sha256")?,
    })
}

/// The data of a probe that was sensed again; of any other event none.
pub(super) fn sensed(event: &Event) -> Value {
    let Event::ProbeSensed {
        attempt,
        sensing,
        times,
        turns,
    } = event
    else {
        return Value::Null;
    };
    json!({
        "attempt": attempt.0, "at": stored_time(sensing.at), "verdict": sensing.verdict.word(),
        "because": sensing.because, "times": times, "turns": turns,
    })
}

pub(super) fn read_sensed(f: Fields<'_>) -> Result<Event, RecordError> {
    Ok(Event::ProbeSensed {
        attempt: AttemptId(f.u32("attempt")?),
        sensing: Sensing {
            at: f.time("at")?,
            verdict: f.word("verdict")?,
            because: f.text("because")?,
        },
        times: f.u32("times")?,
        turns: f.u32("turns")?,
    })
}

/// One of each, for the test that stores every event.
#[cfg(test)]
pub(super) mod samples {
    use super::{Bearing, Found, Look, Source};

    pub(in crate::journal) fn made_name() -> super::MadeName {
        super::MadeName {
            action: "p/s/dump".into(),
            prefix: "dump-".to_owned(),
            format: "%H%M%S".to_owned(),
            utc: true,
            value: "031500".to_owned(),
        }
    }

    pub(in crate::journal) fn bearings() -> Vec<Bearing> {
        let found = [
            Found::Same("a".to_owned()),
            Found::Other("b".to_owned()),
            Found::Unknown("c".to_owned()),
            Found::There,
        ];
        let of = |found| Bearing {
            key: "host".to_owned(),
            expected: "a".to_owned(),
            found,
        };
        found.map(of).to_vec()
    }

    pub(in crate::journal) fn sources() -> Vec<Source> {
        let look = Look {
            device: u64::MAX,
            inode: 7,
            bytes: 1 << 40,
            modified: -5,
            changed: i64::MAX,
            sha256: "ab".to_owned(),
        };
        let newest = Source {
            path: "/b/ü.dump".to_owned(),
            newest_of: Some("/b/*.dump".to_owned()),
            look: Some(look),
        };
        let gone = Source {
            path: "/gone".to_owned(),
            newest_of: None,
            look: None,
        };
        vec![newest, gone]
    }
}
