//! Taking declared secrets out of output before its first write.
//!
//! Looks for each value as it is and in the encodings in which programs like to show it, across
//! any split of the stream. Bytes that may be the beginning of a secret are held back until they
//! are decided; when the stream pauses, less than half a secret is let through (a prompt must
//! appear) and the rest is still taken out if it follows. Undeclared secrets are not its matter.

use super::forms::forms_of;
use regex::bytes::{Regex, RegexBuilder};

struct Form {
    bytes: Vec<u8>,
    mask: String,
}

/// What is held back between two chunks: always the beginning of a secret in one of its forms.
/// For whoever goes on with the stream; of no use without the secrets.
#[derive(Clone, Copy, Default)]
#[repr(C)]
pub(super) struct Held {
    form: usize,
    length: usize,
    emitted: usize,
}

/// A filter for one stream, and for texts.
pub(crate) struct Redactor {
    forms: Vec<Form>,
    /// The forms in the order of their bytes, to find those that begin in some way.
    sorted: Vec<Vec<u8>>,
    /// The length of the longest.
    longest: usize,
    pattern: Regex,
    /// Bytes that are not decided yet.
    held: Vec<u8>,
    /// How many of them have been let through already.
    emitted: usize,
}

impl Redactor {
    /// A filter for these names and values, or none when there is nothing to look for.
    pub(crate) fn new(secrets: &[(String, String)]) -> Result<Option<Self>, regex::Error> {
        let mut forms: Vec<Form> = Vec::new();
        for (name, value) in secrets.iter().filter(|(_, value)| value.len() > 1) {
            // What a blank's variable is called beyond the blank's name says nothing to a reader.
            let name = name.strip_prefix("BACKOUT_SECRET_").unwrap_or(name);
            for bytes in forms_of(value) {
                if !forms.iter().any(|form| form.bytes == bytes) {
                    forms.push(Form {
                        bytes,
                        mask: format!("[secret {name}]"),
                    });
                }
            }
        }
        if forms.is_empty() {
            return Ok(None);
        }
        forms.sort_by_key(|form| std::cmp::Reverse(form.bytes.len()));
        let pattern = forms
            .iter()
            .map(|form| regex::escape(&String::from_utf8_lossy(&form.bytes)))
            .collect::<Vec<_>>()
            .join("|");
        let pattern = RegexBuilder::new(&pattern).size_limit(64 << 20).build()?;
        let mut sorted: Vec<Vec<u8>> = forms.iter().map(|form| form.bytes.clone()).collect();
        sorted.sort_unstable();
        Ok(Some(Self {
            longest: sorted.iter().map(Vec::len).max().unwrap_or(0),
            sorted,
            forms,
            pattern,
            held: Vec::new(),
            emitted: 0,
        }))
    }

    /// Whether some text holds a secret in any form.
    pub(super) fn finds_in(&self, text: &[u8]) -> bool {
        self.pattern.is_match(text)
    }

    /// The text with every secret taken out of it; none where there is none in it.
    pub(crate) fn masked(&self, text: &str) -> Option<String> {
        if !self.finds_in(text.as_bytes()) {
            return None;
        }
        let mut out = Vec::with_capacity(text.len());
        let mut at = 0;
        for found in self.pattern.find_iter(text.as_bytes()) {
            out.extend_from_slice(text.as_bytes().get(at..found.start()).unwrap_or_default());
            let form = self
                .forms
                .iter()
                .find(|form| form.bytes == found.as_bytes());
            out.extend_from_slice(form.map_or(b"[secret]", |form| form.mask.as_bytes()));
            at = found.end();
        }
        out.extend_from_slice(text.as_bytes().get(at..).unwrap_or_default());
        Some(String::from_utf8_lossy(&out).into_owned())
    }

    /// Whether bytes are held back.
    pub(super) fn holds(&self) -> bool {
        self.held.len() > self.emitted
    }

    /// What is held back.
    pub(super) fn held(&self) -> Held {
        let is_begun = |form: &Form| form.bytes.starts_with(&self.held);
        Held {
            form: self.forms.iter().position(is_begun).unwrap_or(0),
            length: self.held.len(),
            emitted: self.emitted,
        }
    }

    /// Goes on where another one of the same secrets stood.
    pub(super) fn resume(&mut self, held: Held) {
        let form = self.forms.get(held.form);
        let bytes = form.and_then(|form| form.bytes.get(..held.length));
        self.held = bytes.unwrap_or_default().to_vec();
        self.emitted = held.emitted.min(self.held.len());
    }

    /// Takes in bytes and appends to `out` what may be written.
    pub(super) fn feed(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        self.held.extend_from_slice(bytes);
        let mut at = 0;
        loop {
            let open = self.open_from(at);
            let found = self
                .pattern
                .find_at(&self.held, at)
                .map(|found| found.range());
            let Some(range) = found.filter(|range| range.start < open) else {
                self.emit(at, open, out);
                self.forget(open);
                return;
            };
            self.emit(at, range.start, out);
            self.mask(range.start, range.end, out);
            at = range.end;
        }
    }

    /// The stream pauses: lets through what is less than half of a secret.
    pub(super) fn pause(&mut self, out: &mut Vec<u8>) {
        if !self.is_mostly_secret() {
            self.emit(0, self.held.len(), out);
            self.emitted = self.held.len();
        }
    }

    /// The stream has ended: decides what is left.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        let mut at = 0;
        while let Some(found) = self
            .pattern
            .find_at(&self.held, at)
            .map(|found| found.range())
        {
            self.emit(at, found.start, out);
            self.mask(found.start, found.end, out);
            at = found.end;
        }
        self.forget(at);
        if self.is_mostly_secret() {
            self.mask(0, self.held.len(), out);
        } else {
            self.emit(0, self.held.len(), out);
        }
        self.forget(self.held.len());
    }

    /// Where the longest tail begins that may still become a secret.
    fn open_from(&self, at: usize) -> usize {
        let earliest = (self.held.len() + 1).saturating_sub(self.longest).max(at);
        (earliest..self.held.len())
            .find(|from| self.is_begun_by(self.held.get(*from..).unwrap_or_default()))
            .unwrap_or(self.held.len())
    }

    /// Whether some form begins with these bytes and goes on behind them.
    fn is_begun_by(&self, bytes: &[u8]) -> bool {
        let from = self.sorted.partition_point(|form| form.as_slice() < bytes);
        let after = self.sorted.get(from..).unwrap_or_default();
        let mut begun = after.iter().take_while(|form| form.starts_with(bytes));
        begun.any(|form| form.len() > bytes.len())
    }

    fn is_mostly_secret(&self) -> bool {
        self.forms
            .iter()
            .filter(|form| form.bytes.starts_with(&self.held))
            .any(|form| self.held.len() * 2 >= form.bytes.len())
    }

    fn emit(&self, from: usize, to: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(
            self.held
                .get(from.max(self.emitted)..to)
                .unwrap_or_default(),
        );
    }

    fn mask(&self, from: usize, to: usize, out: &mut Vec<u8>) {
        let secret = self.held.get(from..to).unwrap_or_default();
        let whole = self.forms.iter().find(|form| form.bytes == secret);
        let part = || {
            self.forms
                .iter()
                .find(|form| form.bytes.starts_with(secret))
        };
        if let Some(form) = whole.or_else(part) {
            out.extend_from_slice(form.mask.as_bytes());
        }
    }

    fn forget(&mut self, upto: usize) {
        self.held.drain(..upto);
        self.emitted = self.emitted.saturating_sub(upto);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "p@ss wörd/'x'\"$7&<k>";

    fn redactor(secrets: &[(&str, &str)]) -> Redactor {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let secrets: Vec<_> = secrets.iter().map(owned).collect();
        Redactor::new(&secrets).unwrap().unwrap()
    }

    fn filter(redactor: &mut Redactor, pieces: &[&[u8]], pause: bool) -> Vec<u8> {
        let mut out = Vec::new();
        for piece in pieces {
            redactor.feed(piece, &mut out);
            if pause {
                redactor.pause(&mut out);
            }
        }
        redactor.finish(&mut out);
        out
    }

    fn holds(haystack: &[u8], needle: &[u8]) -> bool {
        memchr::memmem::find(haystack, needle).is_some()
    }

    #[test]
    fn every_form_is_taken_out_at_every_split() {
        let mut key = redactor(&[("KEY", SECRET)]);
        for form in forms_of(SECRET) {
            let text = [b"before ", form.as_slice(), b" after"].concat();
            for at in 0..text.len() {
                for pause in [false, true] {
                    let (head, tail) = text.split_at(at);
                    let out = filter(&mut key, &[head, tail], pause);
                    assert!(
                        !holds(&out, &form),
                        "{at} {}",
                        String::from_utf8_lossy(&form)
                    );
                    assert!(out.starts_with(b"before ") && out.ends_with(b" after"));
                }
            }
        }
    }

    #[test]
    fn byte_by_byte_with_pauses_still_shows_less_than_the_secret() {
        let text = format!("a{SECRET}b{SECRET}");
        let pieces: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        let out = filter(&mut redactor(&[("KEY", SECRET)]), &pieces, true);
        assert!(!holds(&out, SECRET.as_bytes()));
        assert!(holds(&out, b"[secret KEY]b"));
    }

    #[test]
    fn base64_inside_other_text_is_found_at_each_shift() {
        use std::process::{Command, Stdio};
        for before in ["", "x", "xy"] {
            let mut child = Command::new("base64")
                .arg("-w0")
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let text = format!("{before}{SECRET}zz");
            std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
            let encoded = child.wait_with_output().unwrap().stdout;
            let out = filter(&mut redactor(&[("KEY", SECRET)]), &[&encoded], false);
            assert!(
                holds(&out, b"[secret KEY]"),
                "{}",
                String::from_utf8_lossy(&out)
            );
        }
    }

    #[test]
    fn ordinary_text_passes_whole_and_a_short_beginning_is_shown_at_a_pause() {
        let text = b"prompt p@s\n and p@ and so on p";
        assert_eq!(
            filter(&mut redactor(&[("KEY", SECRET)]), &[text], false),
            text
        );
        let secrets = [("KEY".to_owned(), SECRET.to_owned())];
        let mut redactor = Redactor::new(&secrets).unwrap().unwrap();
        let mut out = Vec::new();
        redactor.feed(b"Name: p@", &mut out);
        assert_eq!(out, b"Name: ");
        redactor.pause(&mut out);
        assert_eq!(out, b"Name: p@");
        redactor.feed(b"ul", &mut out);
        assert_eq!(out, b"Name: p@ul");
    }

    #[test]
    fn of_two_secrets_the_longer_wins() {
        let secrets = [("A", "hunter"), ("B", "hunter2000")];
        let out = filter(
            &mut redactor(&secrets),
            &[b"hunter", b"2000 hunter!"],
            false,
        );
        assert_eq!(out, b"[secret B] [secret A]!");
    }
}
