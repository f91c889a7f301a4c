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

/// Words by their first letter, each with the number of the table that it is of.
struct Vocabulary {
    /// Words in ASCII.
    plain: Vec<Vec<(&'static str, u8)>>,
    /// Words in other scripts, and words with an accent.
    wide: Vec<(&'static str, u8)>,
}

/// Which of some tables, by their numbers.
type Tables = u32;

impl Vocabulary {
    fn of(tables: impl IntoIterator<Item = &'static [&'static str]>) -> Self {
        let mut plain = vec![Vec::new(); 128];
        let mut wide = Vec::new();
        for (table, words) in (0_u8..32).zip(tables) {
            for word in each(words) {
                let first = word.bytes().next().map(usize::from);
                match first
                    .and_then(|b| plain.get_mut(b))
                    .filter(|_| word.is_ascii())
                {
                    Some(same) => same.push((word, table)),
                    None => wide.push((word, table)),
                }
            }
        }
        Self { plain, wide }
    }

    /// The tables of which a text, in any case, says one of the words. `enough` of them are
    /// enough: no more are looked for.
    fn said_by(&self, text: &str, enough: Tables) -> Tables {
        if text.is_ascii() {
            return self.said_by_bytes(text.as_bytes(), enough);
        }
        let lower = text.to_lowercase();
        let wide = |text: &str| {
            let found = self.wide.iter().filter(|(w, _)| text.contains(w));
            found.fold(0, |found, (_, table)| found | 1 << table)
        };
        let folded = simplified(&lower).map_or(0, |t| wide(&t));
        wide(&lower) | folded | self.plain_said_by(&lower)
    }

    /// As [`Self::plain_said_by`], where a byte is a letter.
    fn said_by_bytes(&self, bytes: &[u8], enough: Tables) -> Tables {
        let (mut inside, mut found) = (false, 0);
        for (at, byte) in bytes.iter().enumerate() {
            let begins = !inside;
            inside = byte.is_ascii_alphanumeric();
            if !begins {
                continue;
            }
            let first = usize::from(byte.to_ascii_lowercase());
            for (word, table) in self.plain.get(first).map_or(&[][..], Vec::as_slice) {
                let end = at + word.len();
                let fits = bytes
                    .get(at..end)
                    .is_some_and(|here| here.eq_ignore_ascii_case(word.as_bytes()))
                    && (word.len() > 3 || !bytes.get(end).is_some_and(u8::is_ascii_alphanumeric));
                if fits {
                    found |= 1 << table;
                    if found & enough != 0 {
                        return found;
                    }
                }
            }
        }
        found
    }

    fn plain_said_by(&self, text: &str) -> Tables {
        let bytes = text.as_bytes();
        let (mut inside, mut found) = (false, 0);
        for (at, c) in text.char_indices() {
            let begins = !inside;
            inside = c.is_alphanumeric();
            if !begins || !c.is_ascii() {
                continue;
            }
            let first = usize::from(c.to_ascii_lowercase() as u8);
            for (word, table) in self.plain.get(first).map_or(&[][..], Vec::as_slice) {
                let end = at + word.len();
                let fits = bytes
                    .get(at..end)
                    .is_some_and(|here| here.eq_ignore_ascii_case(word.as_bytes()))
                    // A short word is that word and no beginning: `slo` is not in `slow`.
                    && (word.len() > 3 || !begins_with_letter(text, end));
                if fits {
                    found |= 1 << table;
                }
            }
        }
        found
    }
}

fn begins_with_letter(text: &str, at: usize) -> bool {
    text.get(at..)
        .and_then(|rest| rest.chars().next())
        .is_some_and(char::is_alphanumeric)
}

thread_local! {
    static KNOWN: RefCell<HashMap<(usize, usize), Vocabulary, QuickHash>> = RefCell::new(HashMap::default());
}

/// Whether a text, in any case, says one of the words of a table, in which several may stand in
/// one string, divided by `|`. Words in ASCII begin where a word begins; those of up to three
/// letters are whole words.
#[must_use]
pub fn says_any(text: &str, words: &'static [&'static str]) -> bool {
    // A table is a constant: it is known by where it stands.
    let key = (words.as_ptr() as usize, words.len());
    work::done(text.len());
    KNOWN.with_borrow_mut(|known| {
        let vocabulary = known.entry(key).or_insert_with(|| Vocabulary::of([words]));
        vocabulary.said_by(text, Tables::MAX) != 0
    })
}

/// Several tables that are asked about together, in one look at a text.
pub struct Book(Vocabulary);

impl Book {
    /// Makes up to 32 tables ready.
    #[must_use]
    pub fn of(tables: impl IntoIterator<Item = &'static [&'static str]>) -> Self {
        Self(Vocabulary::of(tables))
    }

    /// For each table of which a text says a word the bit of its number, as [`says_any`] would
    /// say of each.
    #[must_use]
    pub fn said_by(&self, text: &str) -> u32 {
        work::done(text.len());
        self.0.said_by(text, 0)
    }
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
            let book = Book::of([&["slo|roll"][..], WORDS]);
            let both = u32::from(says_any(&text, &["slo|roll"])) | u32::from(slow) << 1;
            prop_assert_eq!(book.said_by(&text), both);
        }
    }
}
