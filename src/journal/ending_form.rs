//! The stored form of how an attempt ended.

use serde_json::{Value, json};

use super::fields::{Fields, RecordError, stored_time};
use super::transaction_form;
use crate::domain::event::{Ending, LostOutput, Survivor};

/// An ending as it is stored.
pub(super) fn ending(it: &Ending) -> Value {
    json!({
        "exit": it.exit, "signal": it.signal, "error": it.error, "cancelled": it.cancelled,
        "by_time_box": it.by_time_box,
        "at": it.at.map(stored_time), "duration_ms": it.duration_ms, "bytes": it.bytes,
        "lost": it.lost.as_deref().map(lost),
        "survivors": it.survivors.iter().map(survivor).collect::<Vec<_>>(),
        "left_running": it.left_running, "cwd_after": it.cwd_after,
        "state_captured": it.state_captured, "failed_at": it.failed_at,
        "stages": it.stages,
        "fate": it.fate.as_ref().map(transaction_form::fate),
    })
}

/// Reads one back; what older records have not is none.
pub(super) fn read_ending(f: Fields<'_>) -> Result<Ending, RecordError> {
    Ok(Ending {
        exit: f.i32_opt("exit")?,
        signal: f.i32_opt("signal")?,
        error: f.text_opt("error")?,
        cancelled: f.bool("cancelled")?,
        by_time_box: f.bool_or("by_time_box", false)?,
        at: f.time_opt("at")?,
        duration_ms: f.u64("duration_ms")?,
        bytes: f.u64("bytes")?,
        lost: match f.value_opt("lost") {
            Some(value) => Some(Box::new(read_lost(Fields(value))?)),
            None => None,
        },
        survivors: match f.value_opt("survivors") {
            Some(_) => f.list("survivors", |v| read_survivor(Fields(v)).ok())?,
            None => Vec::new(),
        },
        left_running: f.list("left_running", |v| {
            v.as_u64().and_then(|n| u32::try_from(n).ok())
        })?,
        cwd_after: f.text_opt("cwd_after")?,
        state_captured: f.bool("state_captured")?,
        failed_at: f.u32_opt("failed_at")?,
        stages: match f.value_opt("stages") {
            Some(_) => f.list("stages", |v| v.as_i64().and_then(|n| i32::try_from(n).ok()))?,
            None => Vec::new(),
        },
        fate: match f.value_opt("fate") {
            Some(value) => Some(transaction_form::read_fate(Fields(value))?),
            None => None,
        },
    })
}

fn lost(it: &LostOutput) -> Value {
    json!({"bytes": it.bytes, "since": it.since.map(stored_time), "why": it.why})
}

fn read_lost(f: Fields<'_>) -> Result<LostOutput, RecordError> {
    Ok(LostOutput {
        bytes: f.u64("bytes")?,
        since: f.time_opt("since")?,
        why: f.text("why")?,
    })
}

fn survivor(it: &Survivor) -> Value {
    json!({"pid": it.pid, "started": it.started, "boot": it.boot, "command": it.command})
}

fn read_survivor(f: Fields<'_>) -> Result<Survivor, RecordError> {
    Ok(Survivor {
        pid: f.u32("pid")?,
        started: f.u64("started")?,
        boot: f.text("boot")?,
        command: f.text("command")?,
    })
}
