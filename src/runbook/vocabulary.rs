//! Whether a text says one of many words, asked thousands of times for each plan.
//!
//! A list of words is sorted by first letter once and kept for the thread; a text is then gone
//! through once, letter by letter, whatever the length of the list. Letters are compared without
//! regard to case and nothing is copied where the text is plain ASCII.

use super::traditional::simplified;
use super::words::each;
use crate::script::lists::QuickHash;
use crate::script::work;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Words by their first letter.
struct Vocabulary {
    /// Words in ASCII.
    plain: Vec<Vec<&'static str>>,
    /// Words in other scripts, and words with an accent.
    wide: Vec<&'static str>,
}

impl Vocabulary {
    fn of(words: &'static [&'static str]) -> Self {
        let mut plain = vec![Vec::new(); 128];
        let mut wide = Vec::new();
        for word in each(words) {
            let first = word.bytes().next().map(usize::from);
            match first
                .and_then(|b| plain.get_mut(b))
                .filter(|_| word.is_ascii())
            {
                Some(same) => same.push(word),
                None => wide.push(word),
            }
        }
        Self { plain, wide }
    }

    /// Whether a text, in any case, says one of the words.
    fn is_in(&self, text: &str) -> bool {
        if text.is_ascii() {
            return self.bytes_are_in(text.as_bytes());
        }
        let lower = text.to_lowercase();
        let wide = |text: &str| self.wide.iter().any(|w| text.contains(w));
        wide(&lower) || self.plain_is_in(&lower) || simplified(&lower).is_some_and(|t| wide(&t))
    }

    /// As [`Self::plain_is_in`], where a byte is a letter.
    fn bytes_are_in(&self, bytes: &[u8]) -> bool {
        let mut inside = false;
        for (at, byte) in bytes.iter().enumerate() {
            let begins = !inside;
            inside = byte.is_ascii_alphanumeric();
            if !begins {
                continue;
            }
            let first = usize::from(byte.to_ascii_lowercase());
            let same = self.plain.get(first).map_or(&[][..], Vec::as_slice);
            let fits = |word: &&str| {
                let end = at + word.len();
                bytes
                    .get(at..end)
                    .is_some_and(|here| here.eq_ignore_ascii_case(word.as_bytes()))
                    && (word.len() > 3 || !bytes.get(end).is_some_and(u8::is_ascii_alphanumeric))
            };
            if same.iter().any(fits) {
                return true;
            }
        }
        false
    }

    fn plain_is_in(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        let mut inside = false;
        for (at, c) in text.char_indices() {
            let begins = !inside;
            inside = c.is_alphanumeric();
            if !begins || !c.is_ascii() {
                continue;
            }
            let first = usize::from(c.to_ascii_lowercase() as u8);
            let same = self.plain.get(first).map_or(&[][..], Vec::as_slice);
            let fits = |word: &&&str| {
                let end = at + word.len();
                bytes
                    .get(at..end)
                    .is_some_and(|here| here.eq_ignore_ascii_case(word.as_bytes()))
                    // A short word is that word and no beginning: `slo` is not in `slow`.
                    && (word.len() > 3 || !begins_with_letter(text, end))
            };
            if same.iter().find(fits).is_some() {
                return true;
            }
        }
        false
    }
}

fn begins_with_letter(text: &str, at: usize) -> bool {
    text.get(at..)
        .and_then(|rest| rest.chars().next())
        .is_some_and(char::is_alphanumeric)
}

thread_local! {
    static KNOWN: RefCell<HashMap<(usize, usize), Rc<Vocabulary>, QuickHash>> = RefCell::new(HashMap::default());
}

/// Whether a text, in any case, says one of the words of a table, in which several may stand in
/// one string, divided by `|`. Words in ASCII begin where a word begins; those of up to three
/// letters are whole words.
#[must_use]
pub fn says_any(text: &str, words: &'static [&'static str]) -> bool {
    // A table is a constant: it is known by where it stands.
    let key = (words.as_ptr() as usize, words.len());
    let vocabulary = KNOWN.with_borrow_mut(|known| {
        Rc::clone(
            known
                .entry(key)
                .or_insert_with(|| Rc::new(Vocabulary::of(words))),
        )
    });
    work::done(text.len());
    vocabulary.is_in(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runbook::words::says;
    use proptest::prelude::*;

    const WORDS: &[&str] = &["roll back|slo|retour arrière|p0", "откат|步骤|-- x"];

    #[test]
    fn words_begin_where_a_word_begins_and_short_ones_are_whole() {
        for yes in [
            "Roll Backs",
            "the SLO.",
            "P0",
            "Retour Arrière!",
            "План ОТКАТА",
            "a步骤b",
            "-- x",
        ] {
            assert!(says_any(yes, WORDS), "{yes}");
        }
        for no in ["scroll back", "slow", "ap0", "p01", "éslo", ""] {
            assert!(!says_any(no, WORDS), "{no}");
        }
    }

    proptest! {
        #[test]
        fn it_says_what_one_word_after_the_other_says(text in "[a-zA-Zéè0ол步 .-]{0,6}(roll back|slo|P0|откат|步骤|-- x|)[a-zA-Zé0 ]{0,3}") {
            let lower = text.to_lowercase();
            let slow = each(WORDS).any(|w| says(&lower, w));
            prop_assert_eq!(says_any(&text, WORDS), slow);
        }
    }
}
