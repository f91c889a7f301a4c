//! Where a value goes that a text puts into a variable: `TAG=<tag>` and `ssh app "… $TAG"` let the
//! far shell read the value as program text, as `ssh app "… <tag>"` would.
//!
//! The value itself stays where it is; it is held to what all those places allow, or refused.

use std::ops::Range;

use super::address;
use super::counted;
use super::nested::{Inner, in_json_string, inner, reread};
use super::render;
use crate::script::places::{Place, Places, Region, scan};

/// So many variables are followed, each once.
const MOST: usize = 32;

/// How a value is written at a place of a SQL text: the text, the place, the value, and whether a
/// backslash escapes.
pub(super) type InSql<'a> = dyn Fn(&str, Range<usize>, &str, bool) -> Result<String, String> + 'a;

/// A value on its way through a text.
pub(super) struct Through<'a> {
    pub code: &'a str,
    /// The code with a word in the place of each blank.
    pub masked: &'a str,
    pub shell: &'a Places,
    pub value: &'a str,
    pub sql: &'a InSql<'a>,
    /// It may be several words: the value of a variable that the plan names, not of a blank.
    pub several: bool,
}

impl Through<'_> {
    /// Whether a value may stand where it does, looking at the variable that it is put into there.
    pub fn assigned(&self, blank: &Range<usize>) -> Result<(), String> {
        match self.target(blank.start) {
            Some(first) => self.from(first, self.whole(blank).as_ref()),
            None => Ok(()),
        }
    }

    /// Whether a value may go where a variable takes it that holds it. `whole` is the text that the
    /// variable has, and where the value is in it.
    pub fn from(
        &self,
        first: String,
        whole: Option<&(String, Range<usize>)>,
    ) -> Result<(), String> {
        let mut names = vec![first];
        let mut next = 0;
        while let Some(name) = names.get(next).cloned().filter(|_| next < MOST) {
            let counted = counted::uses(self.masked, self.shell, &name);
            for used in uses(self.code, self.shell, &name)
                .into_iter()
                .chain(counted)
            {
                // Of what went through a second variable only the value itself is looked at.
                let within = whole.filter(|_| next == 0).cloned();
                let checked = self.used(&used, within);
                checked.map_err(|why| format!("${name} takes it further: {why}"))?;
                if let Some(to) = self.target(used.start)
                    && !names.contains(&to)
                {
                    names.push(to);
                }
            }
            next += 1;
        }
        Ok(())
    }

    /// Whether a value may stand where a variable that holds it is used. `within` is the text that
    /// the variable has, and where the value is in it.
    pub fn used(
        &self,
        used: &Range<usize>,
        within: Option<(String, Range<usize>)>,
    ) -> Result<(), String> {
        if let Some(spot) = address::in_shell(self.masked, self.shell, used) {
            spot.holds(self.value)?;
        }
        if let Some(counted) = counted::at(self.masked, self.shell, used) {
            counted.check(self.value)?;
        }
        let place = self.shell.at(used.start);
        if matches!(place, Place::Arithmetic | Place::Expansion) {
            return Ok(());
        }
        let region = self
            .shell
            .region(used.start)
            .filter(|_| place != Place::Bare);
        let Some(region) = region else {
            return match reread(statement(self.code, used.start)) {
                Some(program) => self.in_program(&program, "", 0),
                None => Ok(()),
            };
        };
        let content = self.code.get(region.content.clone()).unwrap_or("");
        let start = used.start.saturating_sub(region.content.start);
        let (before, after) = (
            content.get(..start).unwrap_or(""),
            content.get(start + used.len()..).unwrap_or(""),
        );
        let alone = || (self.value.to_owned(), 0..self.value.len());
        let written = match inner(self.code, region) {
            Inner::Program(program) => return self.in_program(&program, content, start),
            Inner::Sql { backslash_escapes } => {
                let (text, at) = within.unwrap_or_else(alone);
                let at = before.len() + at.start..before.len() + at.end;
                let text = format!("{before}{text}{after}");
                (self.sql)(&text, at, self.value, backslash_escapes)?
            }
            Inner::Json if in_json_string(before, place) => render::json_string(self.value),
            Inner::Data | Inner::Json => return Ok(()),
        };
        if written == self.value {
            return Ok(());
        }
        Err(
            "there it would have to be written in another way: put the blank itself there"
                .to_owned(),
        )
    }

    /// Whether a value may be put into a program's text at this place.
    fn in_program(&self, program: &str, content: &str, start: usize) -> Result<(), String> {
        let place = format!("in a program for {program}");
        // Escaped once for the shell around it; the places stay the same.
        let text = content.replace("\\\"", " \"");
        let seen = scan(&text, &[]);
        let quoted = seen.region(start);
        let harmful: &[char] = match (seen.at(start), quoted) {
            (Place::Single, Some(region)) if is_data(&text, region) => &['\''],
            (Place::Double, Some(region)) if is_data(&text, region) => &['"', '$', '`', '\\', '!'],
            (Place::Bare, _) => &[
                ';', '&', '|', '<', '>', '(', ')', '$', '`', '"', '\'', '\\', '#', '{', '}', '*',
                '!', '~',
            ],
            _ => return render::plain(self.value, &place).map(|_| ()),
        };
        let spaced = seen.at(start) == Place::Bare && self.value.contains(' ') && !self.several;
        match self.value.chars().find(|c| harmful.contains(c)) {
            Some(found) => Err(format!(
                "it stands {place}, where {found} would be a part of the program"
            )),
            None if spaced => Err(format!(
                "it stands {place}, where it would be several words"
            )),
            None => Ok(()),
        }
    }

    /// The variable that a place of the text gives its value to: `X=…`, `export X="…"`,
    /// `X=(…)`, `for x in …`.
    fn target(&self, at: usize) -> Option<String> {
        let code = self.code;
        let bytes = code.as_bytes();
        let mut from = at;
        while from > 0 {
            let byte = *bytes.get(from - 1)?;
            let parts = b" \t\n;&|(){}`".contains(&byte);
            if parts && self.shell.at(from - 1) == Place::Bare {
                break;
            }
            from -= 1;
        }
        let word = code.get(from..at)?;
        if let Some((name, _)) = word.split_once('=') {
            let name = name.strip_suffix('+').unwrap_or(name);
            return is_name(name).then(|| name.to_owned());
        }
        let line = statement(code, from);
        let last = line.rsplit([';', '&', '|']).next().unwrap_or_default();
        if let Some((before, _)) = last
            .rsplit_once("=(")
            .filter(|(_, open)| !open.contains(')'))
        {
            let name = before.split_whitespace().next_back()?.trim_end_matches('+');
            return is_name(name).then(|| name.to_owned());
        }
        let mut words = last.split_whitespace().skip_while(|w| *w != "for");
        let (_, name, in_word) = (words.next()?, words.next()?, words.next()?);
        (in_word == "in" && is_name(name)).then(|| name.to_owned())
    }

    /// The text of the quotes that a blank stands in, and where it is in it, with the value.
    fn whole(&self, blank: &Range<usize>) -> Option<(String, Range<usize>)> {
        let quoted = self.shell.at(blank.start) != Place::Bare;
        let region = self.shell.region(blank.start).filter(|_| quoted)?;
        let before = self.code.get(region.content.start..blank.start)?;
        let after = self.code.get(blank.end..region.content.end)?;
        let at = before.len()..before.len() + self.value.len();
        Some((format!("{before}{}{after}", self.value), at))
    }
}

fn is_data(text: &str, region: &Region) -> bool {
    inner(text, region) == Inner::Data
}

pub(super) fn is_name(text: &str) -> bool {
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.chars().all(letters) && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

/// The places where a text uses a variable and the shell expands it.
fn uses(code: &str, shell: &Places, name: &str) -> Vec<Range<usize>> {
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let found = code.match_indices('$').filter_map(|(at, _)| {
        let rest = code.get(at + 1..)?;
        let braced = rest.strip_prefix('{');
        let after = braced.unwrap_or(rest).strip_prefix(name)?;
        if after.starts_with(letters) {
            return None;
        }
        let end = match braced {
            Some(_) => code.len() - after.len() + after.find('}')? + 1,
            None => code.len() - after.len(),
        };
        let expands = matches!(
            shell.at(at),
            Place::Bare | Place::Double | Place::Heredoc | Place::Arithmetic | Place::Expansion
        );
        let escaped = code.get(..at).is_some_and(|b| b.ends_with('\\'));
        (expands && !escaped).then_some(at..end)
    });
    found.collect()
}

/// The statement so far: back to the last line end that is not a continuation.
pub(super) fn statement(code: &str, at: usize) -> &str {
    let before = code.get(..at).unwrap_or("");
    let mut from = before.len();
    loop {
        let Some(line_end) = before.get(..from).and_then(|b| b.rfind('\n')) else {
            return before;
        };
        let joined = before
            .get(..line_end)
            .is_some_and(|b| b.trim_end_matches('\r').ends_with('\\'));
        if !joined {
            return before.get(line_end + 1..).unwrap_or("");
        }
        from = line_end;
    }
}

#[cfg(test)]
#[path = "through_tests.rs"]
mod tests;
