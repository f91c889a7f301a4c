//! What an author says of one fence, in the braces behind its label.
//!
//! The table of keys is the only list of what backout knows; [`Told`] holds the words of one fence
//! and whether they can be read. A fence with an attribute that cannot be read is shown and never
//! runs, because nobody knows what its author meant.

use super::attributes::{self, Malformed, Word};
use super::blocks::Fence;
use super::code::{self, Seen};
use super::time;
use crate::domain::plan::{ActionKind, Danger, ExpectRule, Expectation};
use regex::Regex;

/// What the value of a key has to look like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// Any words.
    Words,
    /// `true` or `false`; a key alone means yes.
    YesNo,
    /// `90s`, `2m`, `1h30m`.
    Duration,
    /// How long a COMMIT waits for a person.
    Wait,
    /// `none`, `changes`, `irreversible`.
    Harm,
    /// Words that the output holds, or a pattern between slashes.
    Shown,
    /// A whole number.
    Number,
    /// `true`, `false`, `yes`, `no`, `always`, `never`, `auto`.
    Prompt,
}

/// A key that a fence may have.
pub struct Key {
    /// As it is written.
    pub name: &'static str,
    /// What its value looks like.
    pub shape: Shape,
    /// It speaks of one action, so that the whole block is one.
    pub one: bool,
}

const fn key(name: &'static str, shape: Shape, one: bool) -> Key {
    Key { name, shape, one }
}

/// Every key that backout knows.
pub const KEYS: &[Key] = &[
    key("name", Shape::Words, true),
    key("id", Shape::Words, true),
    key("title", Shape::Words, true),
    key("cwd", Shape::Words, true),
    key("timeout", Shape::Duration, true),
    key("interactive", Shape::YesNo, false),
    key("background", Shape::YesNo, true),
    key("excludeFromRunAll", Shape::YesNo, false),
    key("interpreter", Shape::Words, true),
    key("promptEnv", Shape::Prompt, false),
    key("tag", Shape::Words, false),
    key("category", Shape::Words, false),
    key("ignore", Shape::YesNo, false),
    key("mimeType", Shape::Words, false),
    key("terminalRows", Shape::Number, false),
    key("closeTerminalOnSuccess", Shape::YesNo, false),
    key("expect", Shape::Shown, true),
    key("backup-check", Shape::YesNo, true),
    key("danger", Shape::Harm, true),
    key("point-of-no-return", Shape::YesNo, true),
    key("choice", Shape::Words, true),
    key("connection", Shape::Words, false),
    key("monitor", Shape::YesNo, true),
    key("opt-in", Shape::YesNo, false),
    key("output", Shape::YesNo, false),
    key("sense", Shape::YesNo, false),
    key("transaction", Shape::YesNo, true),
    key("max_affected", Shape::Number, true),
    key("statement-timeout", Shape::Duration, false),
    key("lock-timeout", Shape::Duration, false),
    key("commit-within", Shape::Wait, false),
];

fn known(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|k| k.name == name)
}

/// What a comment before the fence asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// It is only to read.
    Read,
    /// It is shell and runs.
    Run,
}

/// What the author says of one fence.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// The attributes, in order.
    pub words: Vec<Word>,
    /// Why they cannot be read.
    pub problem: Option<Malformed>,
    /// What a comment before it asks for.
    pub order: Option<Order>,
}

impl Told {
    /// Reads what stands behind the label.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let words = match attributes::of_fence(text) {
            Ok(words) => words,
            Err(problem) => {
                return Self {
                    problem: Some(problem),
                    ..Self::default()
                };
            }
        };
        let problem = words.iter().find_map(wrong);
        Self {
            words,
            problem,
            order: None,
        }
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.words.iter().find(|w| w.key == key).map(Word::text)
    }

    /// Whether a key is set or cleared, where it is given.
    #[must_use]
    pub fn flag(&self, key: &str) -> Option<bool> {
        self.get(key).and_then(yes_no)
    }

    /// The key is set.
    #[must_use]
    pub fn yes(&self, key: &str) -> bool {
        self.flag(key) == Some(true)
    }

    /// The author speaks of the block as one action.
    #[must_use]
    pub fn is_one_action(&self) -> bool {
        let one = |w: &Word| known(&w.key).is_some_and(|k| k.one);
        self.words.iter().any(one)
    }

    /// The keys that backout does not know.
    pub fn unknown(&self) -> impl Iterator<Item = &Word> {
        self.words.iter().filter(|w| known(&w.key).is_none())
    }

    /// Nothing may be run of it, whatever it looks like.
    #[must_use]
    pub fn only_to_read(&self) -> bool {
        self.problem.is_some()
            || self.order == Some(Order::Read)
            || self.yes("ignore")
            || self.yes("output")
    }

    /// The author says that it is to be carried out or to be read, so that it is nothing else.
    #[must_use]
    pub fn is_decided(&self) -> bool {
        self.only_to_read() || self.is_work()
    }

    /// The author says that it is carried out, so that it is nothing else.
    #[must_use]
    pub fn is_work(&self) -> bool {
        !self.only_to_read() && (self.order == Some(Order::Run) || self.is_one_action())
    }
}

/// What a fence is, by what its author says and else by what it looks like.
#[must_use]
pub fn see(fence: &Fence) -> Seen {
    let as_told = |kind| Seen {
        kind,
        mislabelled: None,
    };
    let told = &fence.told;
    if told.only_to_read() {
        return as_told(ActionKind::Text);
    }
    if told.order == Some(Order::Run) || told.get("interpreter").is_some() {
        return as_told(ActionKind::Shell);
    }
    let seen = code::see(&fence.lang, &fence.code);
    let open = seen.kind == ActionKind::Text && code::is_unlabelled(&fence.lang);
    if open && told.get("connection").is_some() && !fence.code.trim().is_empty() {
        return as_told(ActionKind::Sql);
    }
    seen
}

/// What is wrong with the value of a known key.
fn wrong(word: &Word) -> Option<Malformed> {
    let shape = known(&word.key)?.shape;
    let value = word.text();
    let empty = shape == Shape::Words && (word.value.is_none() || value.trim().is_empty());
    let wanted = match shape {
        Shape::Words => (!empty).then_some(()).ok_or("words after a ="),
        Shape::YesNo => yes_no(value).map(|_| ()).ok_or("true or false"),
        Shape::Duration => duration(value)
            .map(|_| ())
            .ok_or("a time such as 90s, 2m or 1h30m"),
        Shape::Wait => wait(value).map(|_| ()).ok_or(WAIT),
        Shape::Harm => harm(value)
            .map(|_| ())
            .ok_or("none, changes or irreversible"),
        Shape::Shown => shown(value, "")
            .filter(|_| word.value.is_some())
            .map(|_| ())
            .ok_or("words of the output, or /a pattern/"),
        Shape::Number => value
            .parse::<u32>()
            .map(|_| ())
            .map_err(|_| "a whole number"),
        Shape::Prompt => prompts(value)
            .map(|_| ())
            .ok_or("true, false, always, never or auto"),
    };
    wanted.err().map(|wanted| Malformed {
        at: word.at,
        message: format!("{} wants {wanted}, not \"{value}\"", word.key),
    })
}

/// Whether words say yes or no.
#[must_use]
pub fn yes_no(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// Whether missing environment variables are asked for.
#[must_use]
pub fn prompts(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "always" | "auto" => Some(true),
        "never" => Some(false),
        other => yes_no(other),
    }
}

/// Seconds; a bare number is seconds too.
#[must_use]
pub fn duration(value: &str) -> Option<u64> {
    value.trim().parse().ok().or_else(|| time::exact(value))
}

/// What the wait for a decision before a COMMIT may be.
pub const WAIT: &str = "a time from 10s to 1h";

/// Seconds of a wait before a COMMIT: long enough to read its count, and no longer than locks may
/// be held while somebody makes up their mind.
#[must_use]
pub fn wait(value: &str) -> Option<u64> {
    duration(value).filter(|s| (10..=3600).contains(s))
}

/// How much harm, by its word.
#[must_use]
pub fn harm(value: &str) -> Option<Danger> {
    match value {
        "none" => Some(Danger::None),
        "changes" => Some(Danger::Changes),
        "irreversible" => Some(Danger::Irreversible),
        _ => None,
    }
}

/// What the output should show: `/a pattern/`, or words that it holds. `rule` gives words that
/// are known for more than themselves (`< 10`, `3 rows`) their meaning.
#[must_use]
pub fn shown(value: &str, command: &str) -> Option<Expectation> {
    let pattern = value.strip_prefix('/').and_then(|v| v.strip_suffix('/'));
    let judged = match pattern {
        Some(pattern) => {
            Regex::new(pattern).ok()?;
            Expectation::new(value, ExpectRule::Regex(pattern.to_owned()))
        }
        None if value.trim().is_empty() => return None,
        None => match super::expect::judged(value, command) {
            // The author wants it sensed: the words themselves are what is looked for.
            Expectation {
                rule: ExpectRule::Person,
                ..
            } => Expectation::new(value, ExpectRule::Contains(value.to_owned())),
            judged => judged,
        },
    };
    Some(judged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_the_wrong_shape_are_found_where_they_stand() {
        for (text, at) in [
            ("{ name=a timeout=soon }", 9),
            ("{ danger=maybe }", 2),
            ("{ interactive=perhaps }", 2),
            ("{ expect=/[/ }", 2),
            ("{\"terminalRows\":\"many\"}", 1),
            ("{ title }", 2),
            ("{ name=a commit-within=soon }", 9),
            ("{ commit-within }", 2),
            ("{ commit-within=9s }", 2),
            ("{\"commit-within\":\"61m\"}", 1),
        ] {
            let told = Told::of(text);
            assert_eq!(told.problem.as_ref().map(|p| p.at), Some(at), "{text}");
            assert!(told.only_to_read() && !told.is_work(), "{text}");
        }
    }

    #[test]
    fn an_attribute_that_names_one_action_makes_one() {
        for (text, one) in [
            ("{ name=a }", true),
            ("{ danger=none }", true),
            ("{ tag=db interactive=false }", false),
            ("{ colour=red }", false),
        ] {
            assert_eq!(Told::of(text).is_one_action(), one, "{text}");
        }
        let told = Told::of("{ colour=red name=a }");
        assert_eq!(told.unknown().count(), 1);
        assert_eq!(told.problem, None);
    }

    #[test]
    fn words_to_be_shown_are_sensed() {
        let rule = |text: &str| shown(text, "true").map(|e| e.rule);
        assert_eq!(
            rule("all is well here"),
            Some(ExpectRule::Contains("all is well here".into()))
        );
        assert_eq!(rule("/^a+$/"), Some(ExpectRule::Regex("^a+$".into())));
        assert_eq!(rule("/[/"), None);
    }
}
