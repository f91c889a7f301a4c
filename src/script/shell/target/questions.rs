//! Questions, and the values that a command's words name.

use super::words::{Raw, no_option, one_word, raw};
use super::{How, Walk};
use crate::script::shell::calls::{Call, Word};
use crate::script::shell::values::{Piece, variables};

/// A question, with what it asks first.
#[derive(Default)]
pub(super) struct Question {
    /// What makes sure that it asks the right thing; ends with an error where it would not.
    pub checks: String,
    pub text: String,
    /// It rests on the directory.
    pub place: bool,
}

impl Question {
    pub fn of(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// Puts a word behind the question.
    pub fn with(&mut self, flag: &str, word: &Word) -> Result<(), String> {
        let Raw { text, parts } = raw(word)?;
        self.text = format!("{}{flag}{text}", self.text);
        self.checks.extend(parts.iter().map(|p| one_word(p)));
        Ok(())
    }
}

impl Walk {
    /// A value that a flag names, else by a question.
    pub(super) fn flagged(
        &mut self,
        key: &str,
        call: &Call,
        flags: &[&str],
        prefix: &[String],
        default: &str,
    ) {
        match value_of(call, flags) {
            Ok(Some(word)) => self.value(key, call, &word),
            Ok(None) => {
                let question = in_a_shell(default, prefix).and_then(|text| {
                    let mut question = Question::of(text);
                    question.checks = self.checks(call)?;
                    Ok(question)
                });
                self.ask(key, prefix, question);
            }
            Err(why) => self.unreadable(&[key], &why),
        }
    }

    /// What a word of the text names, as it stands or by asking the shell.
    pub(super) fn value(&mut self, key: &str, call: &Call, word: &Word) {
        let checks = self.checks(call);
        match checks {
            Ok(checks) if checks.is_empty() && word.fixed => {
                self.add(key, How::Stated(word.text.clone()));
            }
            checks => {
                let question = checks.and_then(|checks| {
                    let mut question = Question::of("printf '%s\\n'");
                    question.with(" ", word)?;
                    question.checks = format!("{checks}{}", question.checks);
                    Ok(question)
                });
                self.ask(key, &[], question);
            }
        }
    }

    /// What makes sure that none of a call's words is an option that the text does not show.
    pub(super) fn checks(&self, call: &Call) -> Result<String, String> {
        let mut checks = String::new();
        let verb = call
            .words
            .iter()
            .skip(1)
            .position(|w| w.fixed && !w.text.starts_with('-'));
        for (at, word) in call
            .words
            .iter()
            .skip(1)
            .enumerate()
            .filter(|(_, w)| !w.fixed)
        {
            let why = || format!("{} may hold options", word.text);
            if word.is_several() {
                return Err(why());
            }
            let early = verb.is_none_or(|verb| at < verb);
            match raw(word) {
                Ok(Raw { parts, .. }) => {
                    for part in parts {
                        let names = variables(&part);
                        if !names.iter().any(|n| self.ground.is_open(n)) {
                            checks.push_str(&no_option(&part));
                        } else if early || self.values.are_unknown_options(word) {
                            return Err(why());
                        }
                    }
                }
                Err(_) if early => return Err(why()),
                Err(_) => {}
            }
        }
        Ok(checks)
    }
}

/// A question that holds expansions, put so that they see the variables of a prefix.
pub(super) fn in_a_shell(question: &str, prefix: &[String]) -> Result<String, String> {
    if prefix.is_empty() {
        return Ok(question.to_owned());
    }
    let quoted = shlex::try_quote(question).map_err(|_| "it cannot be asked".to_owned())?;
    Ok(format!("sh -c {quoted}"))
}

/// The value of a flag that may have several spellings; none where it is not given.
pub(super) fn value_of(call: &Call, flags: &[&str]) -> Result<Option<Word>, String> {
    let words = &call.words;
    let values = words.iter().enumerate().skip(1).filter_map(|(at, word)| {
        if flags.contains(&word.text.as_str()) {
            return Some(words.get(at + 1).cloned().unwrap_or_default());
        }
        let (flag, value) = word.text.split_once('=')?;
        flags
            .contains(&flag)
            .then(|| behind(word, flag.len() + 1, value))
    });
    let values: Vec<Word> = values.collect();
    match values.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one.clone())),
        _ => Err(format!("{} is given more than once", flags.join(" "))),
    }
}

/// A word without what it begins with.
pub(in crate::script::shell) fn behind(word: &Word, cut: usize, rest: &str) -> Word {
    let mut pieces = word.pieces.clone();
    // What is cut off is written in the first piece, or the word is not taken apart.
    let first = pieces
        .iter_mut()
        .find(|p| !matches!(p, Piece::Text(t) if t.is_empty()));
    match first {
        Some(Piece::Text(text)) if text.len() >= cut => *text = text.split_off(cut),
        Some(_) => pieces = vec![Piece::Other(rest.to_owned())],
        None => {}
    }
    Word {
        text: rest.to_owned(),
        fixed: word.fixed,
        pieces,
    }
}
