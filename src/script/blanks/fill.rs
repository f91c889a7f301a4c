//! Filling the blanks of a code block with values.
//!
//! The result is checked against the original: outside the values every byte must stand in what
//! it stood in before, so that no value, however it is spelled, changes what the program is.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use super::address::{self, Spot};
use super::counted;
use super::find::shell_places;
use super::form::{
    NO_REFERENCE, QUOTED_HEREDOC, SecretForm, UNQUOTED_SQL, in_program, request_form,
};
use super::nested::{Inner, in_json_string, inner, reread};
use super::render::{self, SqlContext};
use super::secret::Form;
use super::through::{Through, statement};
use super::{Blank, Kind, Language, find};
use crate::script::places::{Place, Places, Region, scan};
use crate::script::sql::SqlPlace;
use crate::script::{hidden, line_column, sql};

/// A code block with its blanks filled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Filled {
    /// What runs.
    pub text: String,
    /// For each blank that was filled, its name and the text that replaced it.
    pub used: Vec<(String, String)>,
    /// Names of the environment variables that the text needs.
    pub environment: Vec<String>,
    /// The names of those that are written in another way than they were given, and for what:
    /// `encoded for the URL`. Of a secret it is said wherever it would be.
    pub rewritten: Vec<(String, &'static str)>,
}

/// A blank without a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Missing {
    /// Its name.
    pub name: String,
    /// As written.
    pub spelling: String,
    /// Line of the code, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// A value that cannot stand where its blank stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    /// Name of the blank.
    pub name: String,
    /// Line of the code, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Why not; never the value itself, which may be secret.
    pub reason: String,
}

/// Why a code block could not be filled.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FillProblem {
    /// Blanks without a value.
    pub missing: Vec<Missing>,
    /// Values that cannot stand where they would.
    pub refused: Vec<Refused>,
}

impl fmt::Display for FillProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let missing = self.missing.iter().map(|m| {
            format!(
                "line {}, column {}: {} is not filled in",
                m.line, m.column, m.spelling
            )
        });
        let refused = self.refused.iter().map(|r| {
            format!(
                "line {}, column {}: the value of {}: {}",
                r.line, r.column, r.name, r.reason
            )
        });
        f.write_str(&missing.chain(refused).collect::<Vec<_>>().join("; "))
    }
}

impl std::error::Error for FillProblem {}

/// Replaces each blank of `code` by its value from `values`, which is keyed by the names that
/// [`find()`] gives. Environment variables stay in the text and are named in the result.
///
/// # Errors
///
/// When a blank has no value, or a value cannot stand as a value where its blank stands.
pub fn fill(
    code: &str,
    lang: &str,
    values: &BTreeMap<String, String>,
) -> Result<Filled, FillProblem> {
    fill_with_secrets(code, lang, values, &BTreeMap::new())
}

/// As [`fill`], for values of which some are secret: `secrets` gives for a blank the name of the
/// shell variable that will hold its value, and a reference to it takes the blank's place, so that
/// the text can be shown and stored.
///
/// # Errors
///
/// As [`fill`]; and when a secret's blank stands where a reference would not be one value.
pub fn fill_with_secrets(
    code: &str,
    lang: &str,
    values: &BTreeMap<String, String>,
    secrets: &BTreeMap<String, String>,
) -> Result<Filled, FillProblem> {
    fill_placed(code, lang, values, secrets, &[])
}

/// As [`fill_with_secrets`]; `places` has for each blank that names nothing, in the order of the
/// text, the name under which the value for its place is kept.
///
/// # Errors
///
/// As [`fill_with_secrets`].
pub fn fill_placed(
    code: &str,
    lang: &str,
    values: &BTreeMap<String, String>,
    secrets: &BTreeMap<String, String>,
    places: &[String],
) -> Result<Filled, FillProblem> {
    let blanks = find_placed(code, lang, places);
    let context = Context::new(code, lang, &blanks);
    let mut filled = Filled {
        text: String::new(),
        used: Vec::new(),
        environment: Vec::new(),
        rewritten: Vec::new(),
    };
    let mut problem = FillProblem::default();
    let mut inserted: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    let mut at = 0;
    for blank in &blanks {
        if blank.kind == Kind::Environment {
            if !filled.environment.contains(&blank.name) {
                filled.environment.push(blank.name.clone());
            }
            let value = values.get(&blank.name);
            if let Some(Err(reason)) = value.map(|value| context.goes_on(blank, value)) {
                let (line, column) = line_column(code, blank.range.start);
                let name = blank.name.clone();
                problem.refused.push(Refused {
                    name,
                    line,
                    column,
                    reason,
                });
            }
            continue;
        }
        filled
            .text
            .push_str(code.get(at..blank.range.start).unwrap_or(""));
        at = blank.range.end;
        let (line, column) = line_column(code, blank.range.start);
        let (name, spelling) = (blank.name.clone(), blank.spelling.clone());
        let secret = secrets.get(&blank.name);
        let rendered = match (secret, values.get(&blank.name)) {
            (Some(variable), value) => {
                let goes_on = value.map_or(Ok(()), |value| context.goes_on(blank, value));
                goes_on.and_then(|()| context.reference(blank, variable))
            }
            (None, Some(value)) => context
                .render(blank, value)
                .and_then(|text| context.goes_on(blank, value).map(|()| text)),
            (None, None) => {
                problem.missing.push(Missing {
                    name,
                    spelling,
                    line,
                    column,
                });
                continue;
            }
        };
        match rendered {
            Ok(text) => {
                let from = filled.text.len();
                filled.text.push_str(&text);
                inserted.push((blank.range.clone(), from..filled.text.len()));
                let value = values.get(&name).filter(|_| secret.is_none());
                let rewritten = context
                    .rewritten(blank, value)
                    .map(|how| (name.clone(), how));
                let known = |new: &(String, &str)| filled.rewritten.contains(new);
                filled.rewritten.extend(rewritten.filter(|new| !known(new)));
                filled.used.push((name, text));
            }
            Err(reason) => problem.refused.push(Refused {
                name,
                line,
                column,
                reason,
            }),
        }
    }
    filled.text.push_str(code.get(at..).unwrap_or(""));
    if problem == FillProblem::default() {
        problem.refused.extend(context.changed(&filled, &inserted));
    }
    if problem == FillProblem::default() {
        Ok(filled)
    } else {
        Err(problem)
    }
}

/// The blanks of a code block, those that name nothing under the names of their places.
#[must_use]
pub fn find_placed(code: &str, lang: &str, places: &[String]) -> Vec<Blank> {
    let mut blanks = find(code, lang);
    let nameless = blanks.iter_mut().filter(|b| b.names_nothing());
    for (blank, name) in nameless.zip(places) {
        blank.name.clone_from(name);
    }
    blanks
}

/// What is known of the code around its blanks.
struct Context<'a> {
    code: &'a str,
    /// The code with a word in the place of each blank.
    masked: String,
    language: Language,
    shell: Places,
    backslash_escapes: bool,
    /// It is a request that backout sends by itself.
    is_request: bool,
}

/// Whether a value may go where a shell text takes a variable that an earlier text put it into;
/// `held` is what that variable holds.
///
/// # Errors
/// Where it would be a part of the program that reads it, in words.
pub fn carried(code: &str, name: &str, held: &str, value: &str) -> Result<(), String> {
    let Some(at) = held.find(value).filter(|_| code.contains('$')) else {
        return Ok(());
    };
    let context = Context::new(code, "bash", &[]);
    let whole = (held.to_owned(), at..at + value.len());
    context.through(value, false, |through| {
        through.from(name.to_owned(), Some(&whole))
    })
}

impl<'a> Context<'a> {
    fn new(code: &'a str, lang: &str, blanks: &[Blank]) -> Self {
        Self {
            code,
            masked: address::masked(code, blanks),
            language: Language::of(lang),
            shell: shell_places(code, blanks),
            backslash_escapes: lang.trim().eq_ignore_ascii_case("mysql"),
            is_request: lang.trim().eq_ignore_ascii_case("http"),
        }
    }

    fn render(&self, blank: &Blank, value: &str) -> Result<String, String> {
        if value.is_empty() {
            return Err("it is empty".to_owned());
        }
        if value.contains(['\n', '\t']) || !hidden::find(value).is_empty() {
            return Err("it holds a line end, a tab or a character that cannot be seen".to_owned());
        }
        let spot = self.spot(blank);
        let written = spot.map(|spot| spot.write(value)).transpose()?;
        let value = written.as_deref().unwrap_or(value);
        match self.language {
            Language::Sql => self.sql(
                self.code,
                blank.range.clone(),
                value,
                self.backslash_escapes,
            ),
            Language::Other => {
                // Percent signs are those of the encoding.
                let checked = spot.map_or(value.to_owned(), |_| value.replace('%', "_"));
                render::plain(&checked, "in code whose quoting is not known")?;
                Ok(value.to_owned())
            }
            Language::Shell => self.in_shell(blank, value),
        }
    }

    /// The part of an address, a form or a connection string that a blank is.
    fn spot(&self, blank: &Blank) -> Option<Spot> {
        let at = blank.range.start;
        match self.language {
            Language::Sql => address::in_sql(&self.masked, &blank.range),
            Language::Other if self.is_request => {
                let before = self.code.get(..at)?.trim_start();
                let address = !before.contains('\n');
                address.then(|| address::in_request(&self.masked, &blank.range))?
            }
            Language::Other => None,
            Language::Shell => {
                let region = self
                    .shell
                    .region(at)
                    .filter(|_| self.shell.at(at) != Place::Bare);
                let sql = |r: &&Region| matches!(inner(self.code, r), Inner::Sql { .. });
                if let Some(region) = region.filter(sql) {
                    let range = at - region.content.start..blank.range.end - region.content.start;
                    return address::in_sql(self.masked.get(region.content.clone())?, &range);
                }
                address::in_shell(&self.masked, &self.shell, &blank.range)
            }
        }
    }

    /// Why a value is not written as it was given, or a secret may not be.
    fn rewritten(&self, blank: &Blank, value: Option<&String>) -> Option<&'static str> {
        let spot = self.spot(blank)?;
        let differs = match value {
            Some(value) => spot.write(value).as_deref() != Ok(value),
            None => spot.secret().is_some(),
        };
        differs.then(|| spot.encoded_for())
    }

    /// A reference to the variable that holds a secret.
    fn reference(&self, blank: &Blank, variable: &str) -> Result<String, String> {
        let at = blank.range.start;
        let spot = self.spot(blank).and_then(Spot::secret);
        match self.language {
            Language::Shell => {}
            Language::Sql => {
                let form = self.sql_form(self.code, blank.range.clone(), false)?;
                return Ok(form.within(spot)?.reference(variable));
            }
            Language::Other if self.is_request => {
                let before = self.code.get(..at).unwrap_or_default();
                let form = request_form(before, self.code)?;
                return Ok(format!("${{{}}}", form.variable(variable)));
            }
            Language::Other => return Err(NO_REFERENCE.to_owned()),
        }
        if counted::at(&self.masked, &self.shell, &blank.range).is_some() {
            return Err(NO_REFERENCE.to_owned());
        }
        let place = self.shell.at(at);
        let region = self.shell.region(at).filter(|_| place != Place::Bare);
        let form = match region {
            Some(region) => self.form_in(blank, place, region)?.within(spot)?,
            None => match reread(self.statement_before(at)) {
                Some(program) => return Err(in_program(&program)),
                None => SecretForm::of(spot.unwrap_or(Form::Plain)),
            },
        };
        match place {
            Place::Bare => Ok(format!("\"{}\"", form.reference(variable))),
            Place::Double | Place::Heredoc => Ok(form.reference(variable)),
            Place::Single => Ok(format!("'\"{}\"'", form.reference(variable))),
            Place::Ansi => Ok(format!("'\"{}\"$'", form.reference(variable))),
            Place::HeredocRaw => Err(QUOTED_HEREDOC.to_owned()),
            Place::Expansion | Place::Arithmetic | Place::Backtick | Place::Comment => {
                Err(NO_REFERENCE.to_owned())
            }
        }
    }

    /// How a secret is written inside quotes or a heredoc of the shell.
    fn form_in(&self, blank: &Blank, place: Place, region: &Region) -> Result<SecretForm, String> {
        let content = self.code.get(region.content.clone()).unwrap_or("");
        let start = blank.range.start.saturating_sub(region.content.start);
        match inner(self.code, region) {
            Inner::Data => Ok(SecretForm::of(Form::Plain)),
            Inner::Program(program) => Err(in_program(&program)),
            Inner::Sql { backslash_escapes } => {
                let range = start..start + blank.range.len();
                let form = self.sql_form(content, range, backslash_escapes)?;
                // Quotes of its own would end those of the shell.
                if form.quotes && place != Place::Heredoc && place != Place::Double {
                    return Err(UNQUOTED_SQL.to_owned());
                }
                Ok(form)
            }
            Inner::Json if in_json_string(content.get(..start).unwrap_or(""), place) => {
                Ok(SecretForm::of(Form::Json))
            }
            Inner::Json => Err("put quotes around it in the JSON text".to_owned()),
        }
    }

    /// How a secret is written where it stands in a SQL text.
    fn sql_form(
        &self,
        text: &str,
        range: Range<usize>,
        backslash_escapes: bool,
    ) -> Result<SecretForm, String> {
        let escapes = backslash_escapes || self.backslash_escapes;
        let form = |escaped: bool| if escaped { Form::SqlEscaped } else { Form::Sql };
        match sql::places(text).at(range.start) {
            SqlPlace::Text => Ok(SecretForm::of(form(escapes))),
            SqlPlace::Escaped => Ok(SecretForm::of(Form::SqlEscaped)),
            SqlPlace::Bare if render::secret_follows(text.get(..range.start).unwrap_or("")) => {
                Ok(SecretForm {
                    form: form(escapes),
                    quotes: true,
                })
            }
            _ => Err(UNQUOTED_SQL.to_owned()),
        }
    }

    fn sql(
        &self,
        text: &str,
        range: Range<usize>,
        value: &str,
        backslash_escapes: bool,
    ) -> Result<String, String> {
        let context = SqlContext {
            place: sql::places(text).at(range.start),
            before: text.get(..range.start).unwrap_or(""),
            after: text.get(range.end..).unwrap_or(""),
            backslash_escapes: backslash_escapes || self.backslash_escapes,
        };
        render::sql(&context, value)
    }

    fn in_shell(&self, blank: &Blank, value: &str) -> Result<String, String> {
        if let Some(counted) = counted::at(&self.masked, &self.shell, &blank.range) {
            counted.check(value)?;
        }
        let place = self.shell.at(blank.range.start);
        let quoted = !matches!(
            place,
            Place::Bare | Place::Arithmetic | Place::Expansion | Place::Backtick | Place::Comment
        );
        if let Some(region) = self.shell.region(blank.range.start).filter(|_| quoted) {
            return self.in_region(blank, value, place, region);
        }
        if let Some(program) = reread(self.statement_before(blank.range.start)) {
            return render::plain(
                value,
                &format!("in words that {program} gives to another shell"),
            );
        }
        let redirects = self
            .code
            .get(blank.range.end..)
            .is_some_and(|r| r.starts_with(['<', '>']));
        render::shell(place, value, redirects)
    }

    fn in_region(
        &self,
        blank: &Blank,
        value: &str,
        place: Place,
        region: &Region,
    ) -> Result<String, String> {
        let content = self.code.get(region.content.clone()).unwrap_or("");
        let start = blank.range.start - region.content.start;
        let range = start..start + blank.range.len();
        let before = content.get(..start).unwrap_or("");
        let text = match inner(self.code, region) {
            Inner::Data => value.to_owned(),
            Inner::Program(program) => {
                return render::plain(value, &format!("in a program for {program}"));
            }
            Inner::Sql { backslash_escapes } => {
                self.sql(content, range, value, backslash_escapes)?
            }
            Inner::Json if in_json_string(before, place) => render::json_string(value),
            Inner::Json => render::json_bare(value)?,
        };
        render::shell(place, &text, false)
    }

    /// The statement so far: back to the last line end that is not a continuation.
    fn statement_before(&self, at: usize) -> &str {
        statement(self.code, at)
    }

    /// Whether a value may go where the variable takes it that it is put into, or that holds it.
    fn goes_on(&self, blank: &Blank, value: &str) -> Result<(), String> {
        // Nothing uses a variable, nor counts with one by its name alone.
        let uses = self.code.contains(['$', '[', '(']) || self.code.contains("let ");
        if self.language != Language::Shell || !uses {
            return Ok(());
        }
        let is_variable = blank.kind == Kind::Environment;
        self.through(value, is_variable, |through| {
            if is_variable {
                through.used(&blank.range, None)?;
            }
            through.assigned(&blank.range)
        })
    }

    /// Looks where a value goes in this text.
    fn through<T>(&self, value: &str, several: bool, look: impl FnOnce(&Through<'_>) -> T) -> T {
        let sql = |text: &str, range: Range<usize>, value: &str, backslash_escapes: bool| {
            self.sql(text, range, value, backslash_escapes)
        };
        look(&Through {
            code: self.code,
            masked: &self.masked,
            shell: &self.shell,
            value,
            sql: &sql,
            several,
        })
    }

    /// The first value, if any, that made something else of the text around it.
    fn changed(
        &self,
        filled: &Filled,
        inserted: &[(Range<usize>, Range<usize>)],
    ) -> Option<Refused> {
        let same = match self.language {
            Language::Shell => {
                let after = scan(&filled.text, &[]);
                unmoved(self.code.len(), inserted, |old, new| {
                    self.shell.at(old) == after.at(new)
                }) && self.shell.comments.len() == after.comments.len()
            }
            Language::Sql => {
                let (before, after) = (sql::places(self.code), sql::places(&filled.text));
                unmoved(self.code.len(), inserted, |old, new| {
                    before.at(old) == after.at(new)
                })
            }
            Language::Other => true,
        };
        let (old, _) = inserted.first().filter(|_| !same)?;
        let (line, column) = line_column(self.code, old.start);
        Some(Refused {
            name: filled
                .used
                .first()
                .map(|(name, _)| name.clone())
                .unwrap_or_default(),
            line,
            column,
            reason: "the values would change what the command is".to_owned(),
        })
    }
}

/// Whether every byte outside the insertions fares the same before and after.
fn unmoved(
    length: usize,
    inserted: &[(Range<usize>, Range<usize>)],
    same: impl Fn(usize, usize) -> bool,
) -> bool {
    let (mut old, mut new) = (0, 0);
    let end = (length..length, usize::MAX..usize::MAX);
    inserted
        .iter()
        .chain(std::iter::once(&end))
        .all(|(from, to)| {
            let held = (old..from.start)
                .enumerate()
                .all(|(step, at)| same(at, new + step));
            (old, new) = (from.end, to.end);
            held
        })
}

#[cfg(test)]
#[path = "fill_tests.rs"]
mod tests;
