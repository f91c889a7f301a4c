//! What came of the texts that were asked about last.
//!
//! A block of a plan and its pieces are asked about several times in a row: whether they parse,
//! where they end, what they call, what each byte stands in. Each answer depends on the text and
//! nothing else, so it is given once and kept while its neighbours are read.

/// How many texts are remembered: a block and the pieces that it is usually cut into.
const MOST: usize = 8;

/// The latest texts with their answers.
#[derive(Debug)]
pub struct Recent<T> {
    known: Vec<(String, T)>,
    oldest: usize,
}

impl<T: Clone> Default for Recent<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone> Recent<T> {
    /// Nothing is known yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            known: Vec::new(),
            oldest: 0,
        }
    }

    /// The answer for exactly this text.
    #[must_use]
    pub fn of(&self, text: &str) -> Option<T> {
        let found = self.known.iter().find(|(known, _)| known == text);
        found.map(|(_, answer)| answer.clone())
    }

    /// Remembers an answer in place of the oldest.
    pub fn keep(&mut self, text: &str, answer: T) {
        let entry = (text.to_owned(), answer);
        match self.known.get_mut(self.oldest) {
            Some(slot) => *slot = entry,
            None => self.known.push(entry),
        }
        self.oldest = (self.oldest + 1) % MOST;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_are_known_and_the_oldest_is_forgotten() {
        let mut recent = Recent::new();
        let texts: Vec<String> = (0..=MOST).map(|n| format!("text {n}")).collect();
        for (number, text) in texts.iter().enumerate() {
            recent.keep(text, number);
        }
        assert_eq!(recent.of("text 0"), None);
        for (number, text) in texts.iter().enumerate().skip(1) {
            assert_eq!(recent.of(text), Some(number));
        }
        assert_eq!(recent.of("text"), None);
    }
}
