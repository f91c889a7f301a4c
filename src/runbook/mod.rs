//! From Markdown to plan: what an author wrote, as backout understands it.
//!
//! [`read`] takes any bytes and always gives a plan. Every fence, list item and table row of the
//! document is in exactly one structure of the plan or in [`Plan::unplaced`]: interpreters claim
//! what they understand, and the rest stays text. Nothing here touches a file or runs anything.

mod absence;
mod actions;
mod afterwards;
mod ahead;
mod attributes;
mod blocks;
mod boxed;
mod cases;
mod checklists;
mod cited;
mod clicks;
mod code;
mod comments;
mod conditions;
mod declared;
mod elsewhere;
mod encoding;
mod expect;
mod facts;
mod fences;
mod fields;
mod files;
mod flow;
mod forms;
mod front;
mod guards;
mod headed;
mod inline;
mod judge;
mod levels;
mod lines;
mod links;
pub mod lint;
mod marked;
mod marks;
mod notes;
mod outline;
mod outlined;
mod output;
mod page;
mod parameters;
mod parts;
mod people;
mod planned;
mod procedures;
mod questions;
mod quotes;
mod reading;
mod rest;
mod scan;
mod sequence;
mod settle;
mod slugs;
mod stated;
mod steps;
mod targets;
mod templates;
mod time;
mod titles;
mod told;
mod traditional;
pub mod tree;
mod tree_stated;
mod triage;
mod vocabulary;
mod ways;
mod words;

use sha2::{Digest, Sha256};

use crate::domain::plan::{Level, Plan};
use reading::Reading;

/// Reads a runbook. Never fails: what is not understood is in the plan as text, and what the
/// reader noticed is among its diagnostics.
#[must_use]
pub fn read(bytes: &[u8]) -> Plan {
    read_with(bytes, ahead::threads())
}

fn read_with(bytes: &[u8], threads: usize) -> Plan {
    let repaired = encoding::repair(bytes);
    let lines: Vec<&str> = repaired.text.lines().collect();
    let front = front::read(&lines);
    let scanned = scan::scan(&lines, front.lines);
    let count = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    let mut outline = outline::build(scanned.blocks, count.max(1));
    let comments = marked::attach(&mut outline, &lines);
    let mut reading = Reading::new(&outline, &lines, scanned.atoms);
    reading.ahead = ahead::read(&outline, threads);
    reading.plan.diagnostics = comments;
    for (line, message) in repaired.notes {
        reading.note(
            line,
            Level::Note,
            "encoding-repaired",
            message,
            "save the file as UTF-8",
        );
    }
    interpret(&mut reading, &front);
    reading.plan.sha256 = hex(&Sha256::digest(bytes));
    reading.plan
}

/// How words about a command's output can be judged, where no author has to be asked: a person
/// judges what no machine can decide beyond doubt.
#[must_use]
pub fn judged(text: &str, command: &str) -> crate::domain::plan::Expectation {
    expect::judged(text, command)
}

/// Seconds of a time as an author writes it in an attribute: `90s`, `2m`, a bare number.
#[must_use]
pub fn seconds(value: &str) -> Option<u64> {
    told::duration(value)
}

/// Seconds that SQL waits for a decision before its COMMIT, as an author writes it in an
/// attribute; none where it is out of bounds.
#[must_use]
pub fn commit_wait(value: &str) -> Option<u64> {
    told::wait(value)
}

/// The text that a runbook's lines and columns are counted in: its bytes with the encoding
/// repaired and plain line ends.
#[must_use]
pub fn text(bytes: &[u8]) -> String {
    encoding::repair(bytes).text
}

/// One interpreter after the other; each sees what those before it left.
fn interpret(reading: &mut Reading<'_>, front: &front::Front) {
    notes::set_aside(reading);
    declared::read(reading);
    questions::read(reading);
    triage::read(reading);

    facts::read(reading);
    files::read(reading);
    templates::read(reading);
    people::read(reading);
    targets::read(reading);
    checklists::read(reading);
    procedures::read(reading);
    afterwards::close(reading);
    settle::settle(reading);
    boxed::read(reading);
    elsewhere::mark(reading);
    stated::early(reading, front);
    reading.place_the_rest();
    parameters::read(reading, &stated::names(front));
    stated::apply(reading, front);
    facts::settle(reading);
    reading.plan.diagnostics.sort_by_key(|d| (d.line, d.column));
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod accounting_tests;
#[cfg(test)]
mod annotation_tests;
#[cfg(test)]
mod careful_tests;
#[cfg(test)]
mod guards_tests;
#[cfg(test)]
mod lists_tests;
#[cfg(test)]
mod nasty_fences_tests;
#[cfg(test)]
mod nasty_labels_tests;
#[cfg(test)]
mod orders_tests;
#[cfg(test)]
mod reads_tests;
#[cfg(test)]
mod reference_tests;
#[cfg(test)]
mod rules_fences_tests;
#[cfg(test)]
mod rules_tests;
#[cfg(test)]
mod stated_tests;
#[cfg(test)]
mod ways_tests;
#[cfg(test)]
mod windows_tests;
