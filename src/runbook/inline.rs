//! What a line of Markdown says, without its marks.
//!
//! Only marks that come in pairs go; underscores stay, since `snake_case` and `____` mean
//! something. Nothing is rendered and no link is followed.

/// The text without emphasis, code marks, links and tags.
#[must_use]
pub fn plain(text: &str) -> String {
    crate::script::work::done(text.len());
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let used = match c {
            '`' => code(rest, &mut out),
            '*' => stars(rest, &mut out),
            '~' if rest.starts_with("~~") => 2,
            '[' | '!' => link(rest, &mut out),
            '<' => tag(rest, &mut out),
            '\\' => escaped(rest, &mut out),
            _ => 0,
        };
        let used = if used == 0 {
            // As far as the next sign that could be a mark nothing has to be looked at.
            let own = c.len_utf8();
            let after = rest.as_bytes().get(own..).unwrap_or_default();
            let end = own + after.iter().take_while(|b| !may_mark(**b)).count();
            out.push_str(rest.get(..end).unwrap_or_default());
            end
        } else {
            used
        };
        rest = rest.get(used..).unwrap_or_default();
    }
    out.trim().to_owned()
}

/// Whether something other than text can begin with this byte.
fn may_mark(byte: u8) -> bool {
    matches!(byte, b'`' | b'*' | b'~' | b'[' | b'!' | b'<' | b'\\')
}

fn code(rest: &str, out: &mut String) -> usize {
    let Some(end) = rest.get(1..).and_then(|r| r.find('`')) else {
        return 0;
    };
    out.push_str(rest.get(1..=end).unwrap_or_default());
    end + 2
}

fn stars(rest: &str, out: &mut String) -> usize {
    let run = rest.bytes().take_while(|&b| b == b'*').count();
    if run > 3
        && let Some(used) = mangled(rest, run)
    {
        out.push_str("____");
        return used;
    }
    if run > 3 {
        // A run of stars is a line or a mangled blank.
        out.push_str(rest.get(..run).unwrap_or_default());
        return run;
    }
    let before = out.chars().next_back();
    let after = rest.get(run..).and_then(|r| r.chars().next());
    let free = |c: Option<char>| c.is_none_or(char::is_whitespace);
    // `5 * 3` and `*.dump` keep their star.
    if run == 1 && (free(before) && (free(after) || after == Some('.'))) {
        return 0;
    }
    run
}

/// `****\_****`: a formatter took the ends of a rule to write on for bold. How long it is.
fn mangled(rest: &str, run: usize) -> Option<usize> {
    let inner = rest.get(run..)?;
    let rule = inner.find('*')?;
    let body = inner.get(..rule)?;
    let ruled = !body.is_empty() && body.bytes().all(|b| matches!(b, b'\\' | b'_'));
    let stars = inner
        .get(rule..)?
        .bytes()
        .take_while(|b| *b == b'*')
        .count();
    (ruled && stars > 3).then_some(run + rule + stars)
}

fn link(rest: &str, out: &mut String) -> usize {
    let start = usize::from(rest.starts_with('!'));
    let Some(inner) = rest.get(start..).and_then(|r| r.strip_prefix('[')) else {
        return 0;
    };
    let Some(close) = inner.find("](") else {
        return 0;
    };
    let (label, target) = (
        inner.get(..close).unwrap_or_default(),
        inner.get(close + 2..).unwrap_or_default(),
    );
    if label.contains(']') {
        return 0;
    }
    let Some(end) = target.find(')') else {
        return 0;
    };
    out.push_str(&plain(label));
    start + 1 + close + 2 + end + 1
}

/// HTML tags that people use for layout; anything else between `<` and `>` is a blank.
fn tag(rest: &str, out: &mut String) -> usize {
    let Some(end) = rest.find('>') else { return 0 };
    let inner = rest
        .get(1..end)
        .unwrap_or_default()
        .trim_matches('/')
        .trim();
    let name = inner
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let known = [
        "br", "b", "i", "u", "em", "strong", "code", "kbd", "sub", "sup", "p", "div", "span",
        "details", "summary", "a", "img", "center",
    ];
    if !known.contains(&name.as_str()) {
        return 0;
    }
    if name == "br" {
        out.push(' ');
    }
    end + 1
}

fn escaped(rest: &str, out: &mut String) -> usize {
    match rest.chars().nth(1) {
        Some(c) if c.is_ascii_punctuation() => {
            out.push(c);
            2
        }
        _ => 0,
    }
}

/// The first link into the same document: its label and its anchor.
#[must_use]
pub fn anchor(text: &str) -> Option<(&str, &str)> {
    let mut rest = text;
    while let Some(at) = rest.find("](#") {
        let label = rest.get(..at)?.rsplit('[').next()?;
        let target = rest.get(at + 3..)?;
        if let Some(end) = target.find(')') {
            return Some((label, target.get(..end)?));
        }
        rest = target;
    }
    None
}

/// The picture with which a line says that it is something that holds, or should.
#[must_use]
pub fn tick(text: &str) -> Option<&str> {
    ["✅", "☑️", "☑", "✔️", "✔", "✓"]
        .iter()
        .find_map(|m| text.strip_prefix(m))
        .map(str::trim_start)
}

/// A bold beginning and what follows it: `**Use when:** x`, `**Stop** (first)`.
///
/// The colon, inside or outside of the bold part, belongs to neither.
#[must_use]
pub fn lead(text: &str) -> Option<Lead> {
    let (inner, after) = ["**", "__"]
        .iter()
        .find_map(|m| text.strip_prefix(m)?.split_once(m))?;
    if inner.trim().is_empty() || inner.starts_with('_') {
        return None;
    }
    let after = after.trim_start();
    let colon = inner.trim_end().ends_with([':', '：']) || after.starts_with([':', '：']);
    Some(Lead {
        label: plain(inner.trim().trim_end_matches([':', '：']))
            .trim()
            .to_owned(),
        rest: after.trim_start_matches([':', '：']).trim().to_owned(),
        colon,
    })
}

/// A bold beginning.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lead {
    /// The bold words.
    pub label: String,
    /// What follows.
    pub rest: String,
    /// They were joined by a colon.
    pub colon: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_go_and_meaning_stays() {
        let pairs = [
            ("**Stop** the `api-worker`", "Stop the api-worker"),
            ("see [the part](#the-part) now", "see the part now"),
            (
                "keep snake_case, ____ and <host>",
                "keep snake_case, ____ and <host>",
            ),
            ("5 * 3, *.dump, *soft*", "5 * 3, *.dump, soft"),
            ("at ****\\_****, ****\\_\\_****", "at ____, ____"),
            ("one<br>two [X] [TIME]", "one two [X] [TIME]"),
        ];
        for (text, want) in pairs {
            assert_eq!(plain(text), want);
        }
    }

    #[test]
    fn a_lead_is_split_at_its_colon() {
        let lead = lead("**Use When:** it hurts").expect("a lead");
        assert_eq!(
            (lead.label.as_str(), lead.rest.as_str(), lead.colon),
            ("Use When", "it hurts", true)
        );
        let outside = super::lead("**Time**: 5 min").expect("a lead");
        assert_eq!(
            (outside.label.as_str(), outside.rest.as_str()),
            ("Time", "5 min")
        );
        assert!(super::lead("plain").is_none());
    }

    #[test]
    fn anchors_are_found() {
        assert_eq!(anchor("a [b](https://x) [c](#d-e) f"), Some(("c", "d-e")));
        assert_eq!(anchor("none"), None);
    }
}
