//! What an author should settle before the deployment: what `backout check` adds to what the
//! reader noticed.
//!
//! Looks at the plan and at its text, and nowhere else: what is on the machine is asked by the
//! caller ([`programs()`], [`files()`]). One file for each subject, one table of codes for all. Judges nothing by
//! taste; a rule that is often wrong is worse than none.

mod alternatives;
mod backups;
mod blanks;
pub mod codes;
mod commands;
mod connections;
mod elsewhere;
mod estimates;
mod files;
mod halting;
mod hidden;
mod levels;
mod people;
mod programs;
mod reader;
mod references;
mod secrets;
mod source;
mod understood;
mod verification;
mod walk;

use crate::domain::plan::{Action, Diagnostic, Plan};
use codes::Code;
pub use files::files;
pub use programs::programs;
use source::{Place, Source};

/// Everything that is worth saying about a plan, the reader's findings included, in the order of
/// its lines. `text` is the text that the plan was read from, with its encoding repaired.
#[must_use]
pub fn check(plan: &Plan, text: &str) -> Vec<Diagnostic> {
    let mut review = Review::of(plan, text);
    reader::take_over(&mut review);
    references::check(&mut review);
    understood::check(&mut review);
    backups::check(&mut review);
    verification::check(&mut review);
    alternatives::check(&mut review);
    estimates::check(&mut review);
    levels::check(&mut review);
    people::check(&mut review);
    blanks::check(&mut review);
    connections::check(&mut review);
    commands::check(&mut review);
    halting::check(&mut review);
    elsewhere::check(&mut review);
    hidden::check(&mut review);
    secrets::check(&mut review);
    review.sorted()
}

/// One plan under review.
struct Review<'a> {
    plan: &'a Plan,
    source: Source<'a>,
    found: Vec<Diagnostic>,
}

impl<'a> Review<'a> {
    fn of(plan: &'a Plan, text: &'a str) -> Self {
        Self {
            plan,
            source: Source::new(text),
            found: Vec::new(),
        }
    }

    /// Notes a finding with the help that its code has.
    fn say(&mut self, code: &Code, place: Place, message: impl Into<String>) {
        self.found.push(Diagnostic {
            line: place.line,
            column: place.column,
            width: place.width,
            level: code.level,
            code: code.name.to_owned(),
            message: message.into(),
            help: code.help.to_owned(),
        });
    }

    /// Where something is said that is about the plan as a whole: its title.
    fn top(&self) -> Place {
        let is_title = |line: &str| {
            let rest = line.trim_start_matches('#');
            rest.len() < line.len() && rest.starts_with(' ')
        };
        let title = self.source.lines().take(500).find(|(_, l)| is_title(l));
        self.source.said(title.map_or(1, |(number, _)| number))
    }

    /// The line of an action that does what is said of it: the one that its danger names, else
    /// the first that is no comment.
    fn offender(&self, action: &Action) -> Place {
        let lines = action.code.lines().map(str::trim);
        let lines = lines.filter(|l| !l.is_empty() && !l.starts_with('#') && !l.starts_with("--"));
        let why: Vec<&str> = action.danger_why.split_whitespace().take(6).collect();
        let named = |line: &&str| why.iter().filter(|w| line.contains(**w)).count();
        // Of equals the first.
        let worst = lines.rev().max_by_key(named);
        match worst {
            Some(line) => self.source.locate(action.span, line),
            None => self.source.whole(action.span.first),
        }
    }

    fn sorted(mut self) -> Vec<Diagnostic> {
        self.found
            .sort_by(|a, b| (a.line, a.column, &a.code).cmp(&(b.line, b.column, &b.code)));
        self.found
    }
}

/// A title at most so many characters long, in one line.
fn cut(text: &str, most: usize) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= most {
        return line.to_owned();
    }
    let kept: String = line.chars().take(most - 1).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests;
