//! What an author says to backout in an HTML comment: the words, their keys and their values.
//!
//! Only the text of one comment is looked at; where it stands and what it speaks of is decided by
//! [`super::marked`]. A word that is not known or a value that cannot be read is an error with its
//! place, never a guess.

use super::attributes::{self, Malformed, Word};
use super::{time, told};
use crate::domain::plan::{ChecklistRole, Estimate, Phase, TemplateKind};
use regex::Regex;

/// What a comment says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mark {
    /// The next block, or the section, stays text.
    Ignore,
    /// The next fence is only to read.
    Text,
    /// The next fence is shell and runs.
    Run,
    /// What follows excludes each other.
    ChooseOne,
    /// The next list is a checklist, or this checkpoint.
    Checklist {
        /// Its role, if it says so.
        role: Option<ChecklistRole>,
        /// Its number, for a checkpoint.
        checkpoint: Option<u8>,
        /// Due so many seconds after the rollback.
        after_s: Option<u64>,
    },
    /// The section is a procedure.
    Procedure(Way),
    /// The section or the item is a step.
    Step {
        /// How long it takes.
        estimate: Option<Estimate>,
        /// There is no way back from it.
        last: bool,
        /// Those that share the name exclude each other.
        choice: Option<String>,
    },
    /// What the fence before should show, in words or as a pattern between slashes.
    Expect(String),
    /// The next fence shows output like what the one before should print, in hundredths.
    Similar(u8),
    /// The output of the fence before must match this regular expression.
    Matches(String),
    /// The next list holds the triggers of this level.
    Trigger(String),
    /// The next list asks questions.
    Questions,
    /// The next table or list holds targets.
    Targets,
    /// The next table or list holds contacts.
    Contacts,
    /// The next table or list says who may approve.
    Approvals,
    /// The next table or list holds recovery objectives.
    Objectives,
    /// The next fence is a template.
    Template {
        /// What it is for.
        kind: TemplateKind,
        /// `before`, `during`, `after` or empty.
        moment: String,
        /// Repeated every so many seconds.
        every_s: Option<u64>,
    },
    /// The next fence is a file with this path.
    File(String),
}

/// What is said of a procedure.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Way {
    /// Where in the flight it belongs.
    pub phase: Option<Phase>,
    /// It is no part of a rollback.
    pub off_path: Option<bool>,
    /// Those that share the name exclude each other.
    pub choice: Option<String>,
    /// How long it takes.
    pub estimate: Option<Estimate>,
    /// When to use it.
    pub use_when: Option<String>,
}

/// A word that a comment may begin with.
pub struct Verb {
    /// As it is written.
    pub name: &'static str,
    /// The keys that may follow.
    pub keys: &'static [&'static str],
    /// A value without a key that follows: what it is, and whether it has to be there.
    pub value: Option<(&'static str, bool)>,
}

const fn verb(name: &'static str, keys: &'static [&'static str]) -> Verb {
    Verb {
        name,
        keys,
        value: None,
    }
}

/// Every word that backout knows.
pub const VERBS: &[Verb] = &[
    verb("ignore", &[]),
    verb("text", &[]),
    verb("run", &[]),
    verb("choose-one", &[]),
    Verb {
        name: "checkpoint",
        keys: &["after"],
        value: Some(("a number", true)),
    },
    Verb {
        name: "checklist",
        keys: &["role", "after"],
        value: Some(("a role", false)),
    },
    verb(
        "procedure",
        &["phase", "off-path", "choice", "estimate", "use-when"],
    ),
    verb("step", &["estimate", "point-of-no-return", "choice"]),
    Verb {
        name: "expect",
        keys: &[],
        value: Some(("\"text\" or /a pattern/", true)),
    },
    verb("trigger", &["severity"]),
    verb("questions", &[]),
    verb("targets", &[]),
    verb("contacts", &[]),
    verb("approvals", &[]),
    verb("objectives", &[]),
    verb("template", &["kind", "moment", "every"]),
    verb("file", &["path"]),
];

/// Why a comment to backout means nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wrong {
    /// Its word is not known.
    Unknown(Malformed),
    /// It cannot be read.
    Malformed(Malformed),
}

fn wrong<T>(at: usize, message: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong::Malformed(Malformed {
        at,
        message: message.into(),
    }))
}

/// What a comment says, if it speaks to backout. Places count characters from its beginning.
#[must_use]
pub fn read(comment: &str) -> Option<Result<Mark, Wrong>> {
    if let Some(value) = comment.trim().strip_prefix("expected_similarity") {
        return Some(similarity(value));
    }
    let rest = comment.strip_prefix("backout")?;
    let Some(text) = rest.strip_prefix(':') else {
        let alone = rest.is_empty() || rest.starts_with(char::is_whitespace);
        return alone.then(|| wrong(7, "a colon is missing after backout"));
    };
    Some(said(text))
}

/// Where the text after `backout:` begins.
const START: usize = 8;

fn said(text: &str) -> Result<Mark, Wrong> {
    let blanks = text.chars().take_while(|c| c.is_whitespace()).count();
    let body = text.trim_start();
    let end = body.find(char::is_whitespace).unwrap_or(body.len());
    let (name, rest) = body.split_at(end);
    let at = START + blanks;
    let Some(verb) = VERBS.iter().find(|v| v.name == name) else {
        return Err(Wrong::Unknown(Malformed {
            at,
            message: format!("backout does not know the annotation \"{name}\""),
        }));
    };
    let after = at + name.chars().count();
    if verb.name == "expect" {
        return expect(rest, after);
    }
    let words = attributes::of_comment(rest, after).map_err(Wrong::Malformed)?;
    let args = Args::of(verb, at, words)?;
    mark(verb.name, &args)
}

/// `"text"` or `/pattern/`, which may hold anything.
fn expect(rest: &str, at: usize) -> Result<Mark, Wrong> {
    let blanks = rest.chars().take_while(|c| c.is_whitespace()).count();
    let text = rest.trim();
    let at = at + blanks;
    let value = if text.starts_with('/') {
        text.to_owned()
    } else {
        let words = attributes::of_comment(text, at).map_err(Wrong::Malformed)?;
        match words.as_slice() {
            [only] if only.quoted && only.key.is_empty() => only.text().to_owned(),
            _ => return wrong(at, "expect wants \"text\" in quotes or /a pattern/"),
        }
    };
    if told::shown(&value, "").is_none() || value == "/" {
        return wrong(
            at,
            "expect wants \"text\" in quotes or /a pattern/ that can be read",
        );
    }
    Ok(Mark::Expect(value))
}

fn similarity(value: &str) -> Result<Mark, Wrong> {
    const WANTED: &str = "expected_similarity wants a number from 0 to 1 or a pattern in quotes";
    let Some(value) = value.trim_start().strip_prefix('=').map(str::trim) else {
        return wrong(0, WANTED);
    };
    if let Some(pattern) = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')) {
        if Regex::new(pattern).is_err() || pattern.is_empty() {
            return wrong(0, WANTED);
        }
        return Ok(Mark::Matches(pattern.to_owned()));
    }
    hundredths(value).map_or_else(|| wrong(0, WANTED), |n| Ok(Mark::Similar(n)))
}

fn hundredths(value: &str) -> Option<u8> {
    let number: f64 = value.parse().ok()?;
    let scaled = (number * 100.0).round();
    (0..=100_u8).find(|n| (f64::from(*n) - scaled).abs() < 0.5)
}

/// The words after a verb, each known to belong to it.
struct Args {
    verb: usize,
    words: Vec<Word>,
    value: Option<Word>,
}

impl Args {
    fn of(verb: &Verb, at: usize, words: Vec<Word>) -> Result<Self, Wrong> {
        let mut args = Self {
            verb: at,
            words: Vec::new(),
            value: None,
        };
        for word in words {
            if verb.keys.contains(&word.key.as_str()) {
                args.words.push(word);
                continue;
            }
            // A value without a key: in quotes, or a word without `=`.
            let bare = word.key.is_empty() || word.value.is_none();
            if bare && verb.value.is_some() && args.value.is_none() {
                args.value = Some(word);
                continue;
            }
            let shown = if word.key.is_empty() {
                word.text()
            } else {
                &word.key
            };
            let message = if verb.keys.is_empty() {
                format!("{} stands alone; \"{shown}\" cannot follow", verb.name)
            } else {
                format!(
                    "{} does not know \"{shown}\", only {}",
                    verb.name,
                    verb.keys.join(", ")
                )
            };
            return wrong(word.at, message);
        }
        if let (Some((what, true)), None) = (verb.value, &args.value) {
            return wrong(at, format!("{} wants {what}", verb.name));
        }
        Ok(args)
    }

    fn word(&self, key: &str) -> Option<&Word> {
        self.words.iter().find(|w| w.key == key)
    }

    /// The value of a key, understood by `read`.
    fn read<T>(
        &self,
        key: &str,
        wanted: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Wrong> {
        let Some(word) = self.word(key) else {
            return Ok(None);
        };
        match word.value.as_deref().and_then(&read) {
            Some(value) => Ok(Some(value)),
            None => wrong(word.at, format!("{key} wants {wanted}")),
        }
    }

    fn text(&self, key: &str) -> Result<Option<String>, Wrong> {
        let full = |t: &str| (!t.trim().is_empty()).then(|| t.to_owned());
        self.read(key, "words after a =", full)
    }

    fn flag(&self, key: &str) -> Result<Option<bool>, Wrong> {
        let Some(word) = self.word(key) else {
            return Ok(None);
        };
        match told::yes_no(word.text()) {
            Some(value) => Ok(Some(value)),
            None => wrong(word.at, format!("{key} wants true or false")),
        }
    }

    fn time(&self, key: &str) -> Result<Option<u64>, Wrong> {
        self.read(key, "a time such as 90s, 30m or 24h", time::exact)
    }

    fn estimate(&self) -> Result<Option<Estimate>, Wrong> {
        self.read(
            "estimate",
            "a time such as 5m or 5m-10m",
            time::exact_estimate,
        )
    }

    fn needed<T>(&self, key: &str, value: Option<T>) -> Result<T, Wrong> {
        value.map_or_else(|| wrong(self.verb, format!("{key}=… is missing")), Ok)
    }
}

fn mark(name: &str, args: &Args) -> Result<Mark, Wrong> {
    Ok(match name {
        "ignore" => Mark::Ignore,
        "text" => Mark::Text,
        "run" => Mark::Run,
        "choose-one" => Mark::ChooseOne,
        "checkpoint" => checkpoint(args)?,
        "checklist" => checklist(args)?,
        "procedure" => Mark::Procedure(Way {
            phase: args.read("phase", "prepare, execute, verify or close", phase)?,
            off_path: args.flag("off-path")?,
            choice: args.text("choice")?,
            estimate: args.estimate()?,
            use_when: args.text("use-when")?,
        }),
        "step" => Mark::Step {
            estimate: args.estimate()?,
            last: args.flag("point-of-no-return")?.unwrap_or(false),
            choice: args.text("choice")?,
        },
        "trigger" => Mark::Trigger(args.needed("severity", args.text("severity")?)?),
        "questions" => Mark::Questions,
        "targets" => Mark::Targets,
        "contacts" => Mark::Contacts,
        "approvals" => Mark::Approvals,
        "objectives" => Mark::Objectives,
        "template" => template(args)?,
        "file" => Mark::File(args.needed("path", args.text("path")?)?),
        other => return wrong(args.verb, format!("{other} means nothing here")),
    })
}

fn checkpoint(args: &Args) -> Result<Mark, Wrong> {
    let word = args.value.as_ref();
    let number = word.and_then(|w| bare(w).parse().ok());
    let Some(number) = number else {
        let at = word.map_or(args.verb, |w| w.at);
        return wrong(at, "checkpoint wants a number from 0 to 255");
    };
    Ok(Mark::Checklist {
        role: Some(ChecklistRole::Checkpoint),
        checkpoint: Some(number),
        after_s: args.time("after")?,
    })
}

fn checklist(args: &Args) -> Result<Mark, Wrong> {
    const ROLES: &str = "pre_rollback, verification, success, follow_up or other";
    let named = args.read("role", ROLES, checklist_role)?;
    let role = match &args.value {
        None => named,
        Some(word) => match checklist_role(bare(word)) {
            Some(role) if named.is_none() => Some(role),
            _ => return wrong(word.at, format!("a checklist's role is {ROLES}")),
        },
    };
    Ok(Mark::Checklist {
        role,
        checkpoint: None,
        after_s: args.time("after")?,
    })
}

/// A value without a key.
fn bare(word: &Word) -> &str {
    if word.key.is_empty() {
        word.text()
    } else {
        &word.key
    }
}

fn template(args: &Args) -> Result<Mark, Wrong> {
    const KINDS: &str = "message, incident_log, post_mortem or metrics";
    let kind = args.read("kind", KINDS, |word| {
        Some(match word {
            "message" => TemplateKind::Message,
            "incident_log" => TemplateKind::IncidentLog,
            "post_mortem" => TemplateKind::PostMortem,
            "metrics" => TemplateKind::Metrics,
            _ => return None,
        })
    })?;
    let moment = args.read("moment", "before, during or after", |word| {
        matches!(word, "before" | "during" | "after").then(|| word.to_owned())
    })?;
    Ok(Mark::Template {
        kind: args.needed("kind", kind)?,
        moment: moment.unwrap_or_default(),
        every_s: args.time("every")?,
    })
}

fn phase(word: &str) -> Option<Phase> {
    Some(match word {
        "prepare" => Phase::Prepare,
        "execute" => Phase::Execute,
        "verify" => Phase::Verify,
        "close" => Phase::Close,
        _ => return None,
    })
}

/// The role that a word of the stored form names.
fn checklist_role(word: &str) -> Option<ChecklistRole> {
    Some(match word {
        "pre_rollback" => ChecklistRole::PreRollback,
        "checkpoint" => ChecklistRole::Checkpoint,
        "verification" => ChecklistRole::Verification,
        "success" => ChecklistRole::Success,
        "follow_up" => ChecklistRole::FollowUp,
        "other" => ChecklistRole::Other,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok(comment: &str) -> Mark {
        match read(comment) {
            Some(Ok(mark)) => mark,
            other => panic!("{comment}: {other:?}"),
        }
    }

    fn place(comment: &str) -> Option<usize> {
        match read(comment) {
            Some(Err(Wrong::Malformed(m))) => Some(m.at),
            _ => None,
        }
    }

    #[test]
    fn comments_speak_to_backout() {
        assert_eq!(ok("backout: ignore"), Mark::Ignore);
        assert_eq!(
            ok("backout: checkpoint 2 after=30m"),
            Mark::Checklist {
                role: Some(ChecklistRole::Checkpoint),
                checkpoint: Some(2),
                after_s: Some(1800)
            }
        );
        assert_eq!(
            ok("backout: procedure phase=verify off-path estimate=5m-10m use-when=\"it is slow\""),
            Mark::Procedure(Way {
                phase: Some(Phase::Verify),
                off_path: Some(true),
                choice: None,
                estimate: Some(Estimate {
                    low_s: 300,
                    high_s: 600
                }),
                use_when: Some("it is slow".into()),
            })
        );
        assert_eq!(
            ok("backout: expect \"a \\\"b\\\"\""),
            Mark::Expect("a \"b\"".into())
        );
        assert_eq!(
            ok("backout: expect /^a b+$/"),
            Mark::Expect("/^a b+$/".into())
        );
        assert_eq!(ok("expected_similarity=0.8"), Mark::Similar(80));
        assert_eq!(
            ok("expected_similarity=\"ok.*\""),
            Mark::Matches("ok.*".into())
        );
        assert_eq!(read("prettier-ignore"), None);
        assert_eq!(read("backouts are dull"), None);
    }

    #[test]
    fn what_is_wrong_is_found_where_it_stands() {
        for (comment, at) in [
            ("backout ignore", 7),
            ("backout: checkpoint", 9),
            ("backout: checkpoint two", 20),
            ("backout: checkpoint 2 after=soon", 22),
            ("backout: procedure phase=later", 19),
            ("backout: step colour=red", 14),
            ("backout: ignore all", 16),
            ("backout: expect stopped", 16),
            ("backout: expect /[/", 16),
            ("backout: trigger", 9),
            ("backout: template moment=during", 9),
            ("backout: file path=\"x", 19),
            ("expected_similarity=2", 0),
        ] {
            assert_eq!(place(comment), Some(at), "{comment}: {:?}", read(comment));
        }
        assert!(matches!(
            read("backout: dance now"),
            Some(Err(Wrong::Unknown(Malformed { at: 9, .. })))
        ));
    }
}
