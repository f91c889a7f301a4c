//! An incident as a recording that players show: asciicast, version 3, made from the evidence.
//!
//! What commands printed is shown one attempt after another in the order of their starts, each
//! with a marker; a pause between two is as long as it was, and `idle_time_limit` lets players
//! shorten it. It is an export and nothing else: the evidence stays the truth, and bytes that are
//! no UTF-8 are told as U+FFFD. Secrets are not in it because they are not in the evidence.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufReader, Read as _, Write};
use std::path::Path;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::evidence;
use crate::domain::event::{Event, Recorded};
use crate::domain::ids::AttemptId;
use crate::domain::incident::{Attempt, Incident};
use crate::exec::Index;

/// Seconds to which a player shortens a silence.
const IDLE_LIMIT_S: u32 = 3;
/// Bytes of evidence that are held at once.
const PIECE: u64 = 64 << 10;
/// Width and height where no attempt says any.
const SIZE: (u16, u16) = (80, 24);

/// Writes the recording of an incident, or of one of its attempts, to `out`.
///
/// # Errors
/// Where the evidence cannot be read or `out` not be written.
pub fn write(
    incident_dir: &Path,
    incident: &Incident,
    records: &[Recorded],
    only: Option<AttemptId>,
    out: &mut impl Write,
) -> io::Result<()> {
    let wanted: Vec<&Attempt> = incident
        .attempts
        .iter()
        .filter(|a| only.is_none_or(|id| id == a.intent.attempt))
        .collect();
    let begun = wanted
        .first()
        .and_then(|a| intended(records, a.intent.attempt));
    let sizes = wanted.iter().filter_map(|a| size(incident_dir, a));
    let (cols, rows) = sizes
        .reduce(|a, b| (a.0.max(b.0), a.1.max(b.1)))
        .unwrap_or(SIZE);
    let header = json!({
        "version": 3,
        "term": { "cols": cols, "rows": rows, "type": "xterm-256color" },
        "timestamp": begun.map(|at| at.timestamp()),
        "idle_time_limit": IDLE_LIMIT_S,
        "title": format!("{} · {}", incident.id, incident.plan.title),
    });
    writeln!(out, "{header}")?;
    let mut clock = Clock::default();
    for attempt in wanted {
        let started = intended(records, attempt.intent.attempt);
        let offset = started
            .zip(begun)
            .and_then(|(at, begun)| (at - begun).num_microseconds());
        let offset = offset
            .and_then(|us| u64::try_from(us).ok())
            .unwrap_or_default();
        // One after another, monitors too: time waits where two ran beside each other.
        one(incident_dir, attempt, offset.max(clock.0), &mut clock, out)?;
    }
    out.flush()
}

/// When the last line of the recording was, in microseconds since its start.
#[derive(Default)]
struct Clock(u64);

impl Clock {
    /// Seconds since the line before; time never goes back.
    #[allow(clippy::cast_precision_loss)] // Microseconds of a day are exact in a double.
    fn step(&mut self, to: u64) -> f64 {
        let to = to.max(self.0);
        let by = to - self.0;
        self.0 = to;
        by as f64 / 1e6
    }
}

fn line(out: &mut impl Write, by: f64, code: &str, data: &str) -> io::Result<()> {
    // JSON escapes the controls of ASCII; those beyond command a terminal that a file is shown in.
    let told = json!([by, code, data]).to_string();
    let beyond = |c: char| ('\u{7f}'..='\u{9f}').contains(&c);
    if !told.contains(beyond) {
        return writeln!(out, "{told}");
    }
    let mut safe = String::with_capacity(told.len());
    for c in told.chars() {
        if beyond(c) {
            let _ = write!(safe, "\\u{:04x}", u32::from(c));
        } else {
            safe.push(c);
        }
    }
    writeln!(out, "{safe}")
}

/// One attempt: a marker, the command as it ran, its output in its own time, how it ended.
fn one(
    incident_dir: &Path,
    attempt: &Attempt,
    offset: u64,
    clock: &mut Clock,
    out: &mut impl Write,
) -> io::Result<()> {
    let intent = &attempt.intent;
    let title = format!("{} {}", intent.attempt, intent.title);
    line(out, clock.step(offset), "m", &title)?;
    if let Some((cols, rows)) = size(incident_dir, attempt) {
        line(out, 0.0, "r", &format!("{cols}x{rows}"))?;
    }
    let shown = intent.code.trim_end().replace('\n', "\r\n  ");
    let shown: String = shown
        .chars()
        .filter(|c| !c.is_control() || "\r\n\t".contains(*c))
        .collect();
    // Each begins on a clean screen, whatever the one before left of modes and colours.
    let head = format!(
        "\u{1b}c\u{1b}[1m{}\u{1b}[0m {}\r\n$ {shown}\r\n\r\n",
        intent.attempt, intent.host
    );
    line(out, 0.0, "o", &head)?;
    let dir = evidence::dir(incident_dir, intent.attempt);
    output(&dir, offset, clock, out)?;
    let ended = match attempt.ending() {
        Some(e) => match (e.exit, e.signal) {
            (Some(status), _) => format!("exit {status}"),
            (None, Some(signal)) => format!("signal {signal}"),
            (None, None) => e.error.clone().unwrap_or_else(|| "not known".to_owned()),
        },
        None => "not ended".to_owned(),
    };
    let last = attempt
        .ending()
        .map_or(clock.0, |e| offset + e.duration_ms * 1000);
    let told = format!("\u{1b}[0m\r\n[{ended}]\r\n");
    line(out, clock.step(last), "o", &told)
}

fn output(dir: &Path, offset: u64, clock: &mut Clock, out: &mut impl Write) -> io::Result<()> {
    let file = match File::open(dir.join(evidence::OUTPUT)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    let mut file = BufReader::new(file);
    let index = Index::read(dir)?;
    let mut text = Utf8::default();
    let mut read = 0;
    for mark in index.marks() {
        while read < mark.bytes {
            let piece = take(&mut file, (mark.bytes - read).min(PIECE))?;
            if piece.is_empty() {
                break;
            }
            read += piece.len() as u64;
            let told = text.whole(&piece);
            line(out, clock.step(offset + mark.t_us), "o", &told)?;
        }
    }
    // What came after the last record of the index came at its time or later.
    loop {
        let piece = take(&mut file, PIECE)?;
        let told = if piece.is_empty() {
            text.rest()
        } else {
            text.whole(&piece)
        };
        if !told.is_empty() {
            line(out, clock.step(0), "o", &told)?;
        }
        if piece.is_empty() {
            return Ok(());
        }
    }
}

fn take(file: &mut impl io::Read, most: u64) -> io::Result<Vec<u8>> {
    let mut piece = Vec::new();
    file.take(most).read_to_end(&mut piece)?;
    Ok(piece)
}

/// Text from bytes that are cut anywhere.
#[derive(Default)]
struct Utf8(Vec<u8>);

impl Utf8 {
    /// What is whole so far; the begin of a character that goes on waits for its rest.
    fn whole(&mut self, piece: &[u8]) -> String {
        self.0.extend_from_slice(piece);
        let cut = begun_at(&self.0);
        let rest = self.0.split_off(cut);
        let whole = std::mem::replace(&mut self.0, rest);
        String::from_utf8_lossy(&whole).into_owned()
    }

    fn rest(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.0)).into_owned()
    }
}

/// Where a last character that is not whole yet begins; the length where there is none.
fn begun_at(bytes: &[u8]) -> usize {
    for back in 1..=3.min(bytes.len()) {
        let at = bytes.len() - back;
        match bytes.get(at) {
            Some(0x80..=0xbf) => {}
            Some(0xc2..=0xdf) if back < 2 => return at,
            Some(0xe0..=0xef) if back < 3 => return at,
            Some(0xf0..=0xf4) => return at,
            _ => break,
        }
    }
    bytes.len()
}

fn intended(records: &[Recorded], id: AttemptId) -> Option<DateTime<Utc>> {
    let is = |r: &&Recorded| matches!(&r.event, Event::AttemptIntended(i) if i.attempt == id);
    records.iter().find(is).map(|r| r.at.wall)
}

/// Width and height of an attempt's terminal when it began.
fn size(incident_dir: &Path, attempt: &Attempt) -> Option<(u16, u16)> {
    let dir = evidence::dir(incident_dir, attempt.intent.attempt);
    crate::exec::size_of(&dir).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::Confirmation;
    use crate::domain::fixture::{Flight, plan};

    fn mark(t_us: u64, bytes: u64) -> Vec<u8> {
        [t_us, bytes, 0]
            .iter()
            .flat_map(|n| n.to_le_bytes())
            .collect()
    }

    fn recorded(output: &[u8], index: &[u8]) -> Vec<serde_json::Value> {
        let home = tempfile::tempdir().expect("a directory");
        let mut flight = Flight::ready(plan());
        flight
            .start("look", Confirmation::ReadOnly)
            .expect("starts");
        flight.ends(3, "");
        let dir = evidence::dir(home.path(), AttemptId(1));
        std::fs::create_dir_all(&dir).expect("a directory");
        std::fs::write(dir.join("action.json"), r#"{"cols":101,"rows":31}"#).expect("written");
        std::fs::write(dir.join("output"), output).expect("written");
        std::fs::write(dir.join("index"), index).expect("written");
        let mut out = Vec::new();
        write(
            home.path(),
            &flight.incident,
            &flight.events,
            None,
            &mut out,
        )
        .expect("recorded");
        let text = String::from_utf8(out).expect("text");
        let harmless = |c: char| !c.is_control() || c == '\n';
        assert!(text.chars().all(harmless), "{text:?}");
        text.lines()
            .map(|l| serde_json::from_str(l).expect("JSON"))
            .collect()
    }

    fn printed(lines: &[serde_json::Value]) -> String {
        let outputs = lines.iter().filter(|l| l[1] == "o");
        outputs.filter_map(|l| l[2].as_str()).collect()
    }

    #[test]
    fn an_attempt_is_told_in_its_own_time_with_its_command_and_its_end() {
        let index = [mark(1_500_000, 4), mark(4_000_000, 9)].concat();
        let lines = recorded("ab\u{1b}[\u{9b}31m\nlater\n".as_bytes(), &index);
        let header = &lines[0];
        assert_eq!(header["version"], 3);
        assert_eq!(
            (&header["term"]["cols"], &header["term"]["rows"]),
            (&101.into(), &31.into())
        );
        assert_eq!(
            (&lines[1][1], &lines[1][2]),
            (&"m".into(), &"0001 git tag".into())
        );
        assert_eq!(lines[2][2], "101x31");
        let text = printed(&lines);
        assert!(
            text.contains("$ git tag\r\n\r\nab\u{1b}[\u{9b}31m\nlater\n"),
            "{text:?}"
        );
        assert!(text.ends_with("[exit 3]\r\n"), "{text:?}");
        let waits: Vec<f64> = lines[4..6].iter().filter_map(|l| l[0].as_f64()).collect();
        assert_eq!(waits, [1.5, 2.5]);
    }

    #[test]
    fn a_character_cut_by_a_read_is_whole_and_bytes_that_are_none_are_told() {
        let text = "a→é𝄞z".as_bytes();
        for cut in 0..=text.len() {
            let index = mark(10, cut as u64);
            let lines = recorded(text, &index);
            assert!(printed(&lines).contains("a→é𝄞z"), "cut at {cut}");
        }
        let lines = recorded(b"a\xffb\xe2\x86", &[]);
        assert!(printed(&lines).contains("a\u{fffd}b\u{fffd}"), "{lines:?}");
    }
}
