//! Taking declared secrets out of output before its first write.
//!
//! Looks for each value as it is and in the encodings in which programs like to show it, across
//! any split of the stream, and whatever colours, moves of the cursor and line breaks stand between. Bytes that may be the beginning of a secret are held back until they
//! are decided; when the stream pauses, less than half a secret is let through (a prompt must
//! appear) and the rest is still taken out if it follows. Undeclared secrets are not its matter.

use super::forms::forms_of;
use super::visible::{Visible, between};
use regex::bytes::{Regex, RegexBuilder};
use std::ops::Range;

struct Form {
    /// What is looked for: without line breaks.
    bytes: Vec<u8>,
    /// As it is.
    whole: Vec<u8>,
    mask: String,
}

/// A shorter one that has a colour within would be found by chance.
const MIN_COLOURED: usize = 4;

/// A shorter one over the end of a line would be.
const MIN_BROKEN: usize = 5;

/// Most of a stream that has something between its characters and is held back.
const MOST_HELD: usize = 1024;

/// What is held back between two chunks: always the beginning of a secret in one of its forms.
/// For whoever goes on with the stream; of no use without the secrets.
#[derive(Clone, Copy)]
#[repr(C)]
pub(super) struct Held {
    form: usize,
    length: usize,
    emitted: usize,
    /// How much of what follows it is instead.
    mixed: usize,
    bytes: [u8; MOST_HELD],
}

impl Default for Held {
    fn default() -> Self {
        Self {
            form: 0,
            length: 0,
            emitted: 0,
            mixed: 0,
            bytes: [0; MOST_HELD],
        }
    }
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
            for whole in forms_of(value) {
                let bytes = Visible::of(&whole).bytes;
                if bytes.len() > 1 && !forms.iter().any(|form| form.bytes == bytes) {
                    forms.push(Form {
                        bytes,
                        whole,
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
        self.next(text, &Visible::of(text), 0).is_some()
    }

    /// The text with every secret taken out of it; none where there is none in it.
    pub(crate) fn masked(&self, text: &str) -> Option<String> {
        let text = text.as_bytes();
        let seen = Visible::of(text);
        let mut found = self.next(text, &seen, 0)?;
        let mut out = Vec::with_capacity(text.len());
        let mut at = 0;
        loop {
            let stretch = seen.stretch(&found);
            out.extend_from_slice(text.get(at..stretch.start).unwrap_or_default());
            self.write_mask(seen.bytes.get(found.clone()).unwrap_or_default(), &mut out);
            out.extend(self.left_of(text.get(stretch.clone()).unwrap_or_default()));
            at = stretch.end;
            match self.next(text, &seen, found.end) {
                Some(next) => found = next,
                None => break,
            }
        }
        out.extend_from_slice(text.get(at..).unwrap_or_default());
        Some(String::from_utf8_lossy(&out).into_owned())
    }

    /// The next secret among the bytes that are read of a text.
    fn next(&self, text: &[u8], seen: &Visible, from: usize) -> Option<Range<usize>> {
        let mut at = from;
        loop {
            let found = self.pattern.find_at(&seen.bytes, at)?.range();
            if Self::counts(text, seen, &found) {
                return Some(found);
            }
            at = found.start + 1;
        }
    }

    /// Whether something is not there by chance, with what stands between its characters.
    fn counts(text: &[u8], seen: &Visible, found: &Range<usize>) -> bool {
        let stretch = seen.stretch(found);
        let least = if stretch.len() == found.len() {
            0
        } else if memchr::memchr(b'\n', text.get(stretch).unwrap_or_default()).is_some() {
            MIN_BROKEN
        } else {
            MIN_COLOURED
        };
        found.len() >= least
    }

    /// What is left of a secret's stretch of a text.
    fn left_of(&self, stretch: &[u8]) -> Vec<u8> {
        let own = self.forms.iter().any(|form| form.whole == stretch);
        if own { Vec::new() } else { between(stretch) }
    }

    /// Whether bytes are held back.
    pub(super) fn holds(&self) -> bool {
        self.held.len() > self.emitted
    }

    /// What is held back.
    pub(super) fn held(&self) -> Held {
        let mut held = Held {
            length: self.held.len(),
            emitted: self.emitted,
            ..Held::default()
        };
        let begun = |form: &Form| form.whole.starts_with(&self.held);
        if let Some(form) = self.forms.iter().position(begun) {
            held.form = form;
        } else if let Some(bytes) = held.bytes.get_mut(..self.held.len()) {
            bytes.copy_from_slice(&self.held);
            held.mixed = self.held.len();
        } else {
            // Only what stood between is lost.
            let seen = Visible::of(&self.held).bytes;
            let begun = |form: &Form| form.bytes.starts_with(&seen);
            held.form = self.forms.iter().position(begun).unwrap_or(0);
            held.length = seen.len();
        }
        held
    }

    /// Goes on where another one of the same secrets stood.
    pub(super) fn resume(&mut self, held: &Held) {
        let bytes = if held.mixed > 0 {
            held.bytes.get(..held.mixed)
        } else {
            let form = self.forms.get(held.form);
            form.and_then(|form| form.whole.get(..held.length))
        };
        self.held = bytes.unwrap_or_default().to_vec();
        self.emitted = held.emitted.min(self.held.len());
    }

    /// Takes in bytes and appends to `out` what may be written.
    pub(super) fn feed(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        self.held.extend_from_slice(bytes);
        let seen = Visible::of(&self.held);
        let (mut at, mut written) = (0, 0);
        loop {
            let open = self.open_from(&seen.bytes, at);
            let found = self.next(&self.held, &seen, at);
            let Some(found) = found.filter(|found| found.start < open) else {
                let rest = if open < seen.bytes.len() {
                    seen.place(open)
                } else {
                    self.held.len()
                };
                self.emit(written, rest, out);
                self.forget(rest);
                return;
            };
            let stretch = seen.stretch(&found);
            self.emit(written, stretch.start, out);
            self.mask(&seen, &found, out);
            (at, written) = (found.end, stretch.end);
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
        let seen = Visible::of(&self.held);
        let (mut at, mut written) = (0, 0);
        while let Some(found) = self.next(&self.held, &seen, at) {
            let stretch = seen.stretch(&found);
            self.emit(written, stretch.start, out);
            self.mask(&seen, &found, out);
            (at, written) = (found.end, stretch.end);
        }
        self.forget(written);
        if self.is_mostly_secret() {
            let seen = Visible::of(&self.held);
            self.mask(&seen, &(0..seen.bytes.len()), out);
        } else {
            self.emit(0, self.held.len(), out);
        }
        self.forget(self.held.len());
    }

    /// Where the longest tail begins that may still become a secret.
    fn open_from(&self, seen: &[u8], at: usize) -> usize {
        let earliest = (seen.len() + 1).saturating_sub(self.longest).max(at);
        (earliest..seen.len())
            .find(|from| self.is_begun_by(seen.get(*from..).unwrap_or_default()))
            .unwrap_or(seen.len())
    }

    /// Whether some form begins with these bytes and goes on behind them.
    fn is_begun_by(&self, bytes: &[u8]) -> bool {
        let from = self.sorted.partition_point(|form| form.as_slice() < bytes);
        let after = self.sorted.get(from..).unwrap_or_default();
        let mut begun = after.iter().take_while(|form| form.starts_with(bytes));
        begun.any(|form| form.len() > bytes.len())
    }

    fn is_mostly_secret(&self) -> bool {
        let seen = Visible::of(&self.held).bytes;
        let mut begun = self
            .forms
            .iter()
            .filter(|form| form.bytes.starts_with(&seen));
        !seen.is_empty() && begun.any(|form| seen.len() * 2 >= form.bytes.len())
    }

    fn emit(&self, from: usize, to: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(
            self.held
                .get(from.max(self.emitted)..to)
                .unwrap_or_default(),
        );
    }

    /// Writes what stands for a secret, and what stood between its characters.
    fn mask(&self, seen: &Visible, found: &Range<usize>, out: &mut Vec<u8>) {
        self.write_mask(seen.bytes.get(found.clone()).unwrap_or_default(), out);
        let stretch = seen.stretch(found);
        let whole = self.held.get(stretch.clone()).unwrap_or_default();
        if whole.len() > found.len() && self.emitted <= stretch.start {
            out.extend(self.left_of(whole));
        } else if whole.len() > found.len() {
            let rest = stretch.start.max(self.emitted).min(stretch.end)..stretch.end;
            out.extend(between(self.held.get(rest).unwrap_or_default()));
        }
    }

    fn write_mask(&self, secret: &[u8], out: &mut Vec<u8>) {
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

    #[test]
    fn what_stands_between_the_characters_hides_nothing_at_any_split() {
        let mut key = redactor(&[("KEY", SECRET)]);
        let coloured: String = SECRET
            .chars()
            .flat_map(|c| ['\u{1b}', '[', '1', 'm', c])
            .collect();
        let moved = SECRET.replace('$', "$\u{1b}[2;10H\u{1b}(B");
        let folded = SECRET.replace("rd", "r\r\nd").replace("$7", "$\n7");
        for hidden in [coloured, moved, folded] {
            let text = format!("before {hidden}\u{1b}[0m\nafter");
            for at in 0..text.len() {
                for pause in [false, true] {
                    let (head, tail) = text.as_bytes().split_at(at);
                    let out = filter(&mut key, &[head, tail], pause);
                    let seen = Visible::of(&out).bytes;
                    let said = String::from_utf8_lossy(&out);
                    assert!(!holds(&seen, SECRET.as_bytes()), "{at} {said:?}");
                    assert!(holds(&out, b"[secret KEY]"), "{at} {said:?}");
                    assert!(out.ends_with(b"\x1b[0m\nafter"), "{at} {said:?}");
                }
            }
        }
    }

    #[test]
    fn colours_and_line_breaks_without_a_secret_are_left_as_they_are() {
        let mut short = redactor(&[("PIN", "no12"), ("KEY", SECRET)]);
        let text = "a no\n12 \u{1b}[31mp@s\u{1b}[0m\r\n\u{1b}]0;p@ss\u{7} n\no\n1\n2 p@ss\n";
        for at in 0..text.len() {
            let (head, tail) = text.as_bytes().split_at(at);
            for pause in [false, true] {
                let out = filter(&mut short, &[head, tail], pause);
                assert_eq!(String::from_utf8_lossy(&out), text, "{at}");
            }
        }
    }

    #[test]
    fn what_is_held_back_goes_over_to_another_one() {
        let secrets = [("KEY", SECRET)];
        for hidden in [SECRET.to_owned(), SECRET.replace("ss", "s\u{1b}[0m\ns")] {
            for at in 0..hidden.len() {
                let (head, tail) = hidden.as_bytes().split_at(at);
                let (mut first, mut second) = (redactor(&secrets), redactor(&secrets));
                let mut out = Vec::new();
                first.feed(head, &mut out);
                second.resume(&first.held());
                second.feed(tail, &mut out);
                second.finish(&mut out);
                let said = String::from_utf8_lossy(&out).into_owned();
                assert!(said.starts_with("[secret KEY]"), "{at} {said:?}");
            }
        }
    }

    #[test]
    fn base64_is_taken_out_wherever_its_lines_are_broken() {
        let mut key = redactor(&[("KEY", "s3cret/of-twenty.one?")]);
        for before in 0..120 {
            let text = format!("{}s3cret/of-twenty.one? and more", "x".repeat(before));
            let output = base64_of(&text);
            let out = filter(&mut key, &[output.as_bytes()], false);
            assert!(holds(&out, b"[secret KEY]"), "{before}: {output}");
        }
    }

    fn base64_of(text: &str) -> String {
        use std::io::Write as _;
        use std::process::{Command, Stdio};
        let mut base64 = Command::new("base64");
        let mut child = base64
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap().stdout;
        String::from_utf8_lossy(&output).into_owned()
    }
}
