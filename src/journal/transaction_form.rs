//! The stored form of a transaction's terms, its tally and what became of it.

use serde_json::{Value, json};

use super::fields::{Fields, RecordError, stored_time};
use crate::domain::event::Confirmation;
use crate::domain::transaction::{Conduct, Done, Fate, Shut, Tally, Terms, Touched};

type Read<T> = Result<T, RecordError>;

fn wrong<T>(field: &str) -> Read<T> {
    Err(RecordError::Field(field.to_owned()))
}

fn u64_opt(f: Fields<'_>, name: &str) -> Read<Option<u64>> {
    match f.value_opt(name) {
        None => Ok(None),
        Some(_) => f.u64(name).map(Some),
    }
}

pub(super) fn confirmation(it: &Confirmation) -> (&'static str, Option<&String>) {
    match it {
        Confirmation::ReadOnly => ("read-only", None),
        Confirmation::Pressed => ("pressed", None),
        Confirmation::Typed(word) => ("typed", Some(word)),
        Confirmation::RunOn => ("run-on", None),
        Confirmation::Drill => ("drill", None),
    }
}

pub(super) fn read_confirmation(f: Fields<'_>) -> Read<Confirmation> {
    match f.text("confirmation")?.as_str() {
        "read-only" => Ok(Confirmation::ReadOnly),
        "pressed" => Ok(Confirmation::Pressed),
        "typed" => Ok(Confirmation::Typed(f.text("word")?)),
        "run-on" => Ok(Confirmation::RunOn),
        "drill" => Ok(Confirmation::Drill),
        _ => wrong("confirmation"),
    }
}

pub(super) fn terms(it: &Terms) -> Value {
    let (conduct, line, why) = match &it.conduct {
        Conduct::ReadOnly => ("read-only", None, None),
        Conduct::Held => ("held", None, None),
        Conduct::HeldOwn(line) => ("held-own", *line, None),
        Conduct::AsWritten(why) => ("as-written", None, Some(why)),
    };
    json!({
        "conduct": conduct, "commit_line": line, "why": why, "max_affected": it.max_affected,
        "statement_timeout_s": it.statement_timeout_s, "lock_timeout_s": it.lock_timeout_s,
        "patience_s": it.patience_s, "at_once": it.at_once,
    })
}

pub(super) fn read_terms(f: Fields<'_>) -> Read<Terms> {
    let conduct = match f.text("conduct")?.as_str() {
        "read-only" => Conduct::ReadOnly,
        "held" => Conduct::Held,
        "held-own" => Conduct::HeldOwn(f.u32_opt("commit_line")?),
        "as-written" => Conduct::AsWritten(f.text("why")?),
        _ => return wrong("conduct"),
    };
    Ok(Terms {
        conduct,
        max_affected: u64_opt(f, "max_affected")?,
        statement_timeout_s: u64_opt(f, "statement_timeout_s")?,
        lock_timeout_s: u64_opt(f, "lock_timeout_s")?,
        patience_s: f.u64("patience_s")?,
        at_once: f.text_opt("at_once")?,
    })
}

pub(super) fn tally(it: &Tally) -> Value {
    let done = |d: &Done| json!({"verb": d.verb, "line": d.line, "rows": d.rows});
    let touched = |t: &Touched| {
        json!({
            "table": t.table, "inserted": t.inserted, "updated": t.updated,
            "deleted": t.deleted, "emptied": t.emptied,
        })
    };
    let shut = |s: &Shut| json!({"table": s.table, "unreadable": s.unreadable});
    json!({
        "shut": it.shut.iter().map(shut).collect::<Vec<_>>(),
        "statements": it.statements.iter().map(done).collect::<Vec<_>>(),
        "tables": it.tables.iter().map(touched).collect::<Vec<_>>(),
        "unmet": it.unmet, "place": it.place, "until": stored_time(it.until),
    })
}

pub(super) fn read_tally(f: Fields<'_>) -> Read<Tally> {
    let done = |v: &Value| {
        let f = Fields(v);
        Ok::<_, RecordError>(Done {
            verb: f.text("verb")?,
            line: f.u32("line")?,
            rows: u64_opt(f, "rows")?,
        })
    };
    let touched = |v: &Value| {
        let f = Fields(v);
        Ok::<_, RecordError>(Touched {
            table: f.text("table")?,
            inserted: f.u64("inserted")?,
            updated: f.u64("updated")?,
            deleted: f.u64("deleted")?,
            emptied: u64_opt(f, "emptied")?,
        })
    };
    let shut = |v: &Value| {
        let f = Fields(v);
        Ok::<_, RecordError>(Shut {
            table: f.text("table")?,
            unreadable: f.bool("unreadable")?,
        })
    };
    Ok(Tally {
        shut: match f.value_opt("shut") {
            Some(_) => f.list("shut", |v| shut(v).ok())?,
            None => Vec::new(),
        },
        statements: f.list("statements", |v| done(v).ok())?,
        tables: f.list("tables", |v| touched(v).ok())?,
        unmet: match f.value_opt("unmet") {
            Some(_) => f.texts("unmet")?,
            None => Vec::new(),
        },
        place: f.text("place")?,
        until: f.time("until")?,
    })
}

pub(super) fn fate(it: &Fate) -> Value {
    match it {
        Fate::Committed => json!({"fate": "committed"}),
        Fate::RolledBack(why) => json!({"fate": "rolled-back", "why": why}),
        Fate::Unchanged => json!({"fate": "unchanged"}),
    }
}

pub(super) fn read_fate(f: Fields<'_>) -> Read<Fate> {
    match f.text("fate")?.as_str() {
        "committed" => Ok(Fate::Committed),
        "rolled-back" => Ok(Fate::RolledBack(f.text("why")?)),
        "unchanged" => Ok(Fate::Unchanged),
        _ => wrong("fate"),
    }
}
