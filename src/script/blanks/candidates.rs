//! Every stretch of text that is written like a blank, before its surroundings are looked at.
//!
//! Purely by spelling; `lookalikes` then says which of them are something else. Matched by hand in
//! one pass: a plan asks this of every block several times, and patterns over all letters of the
//! world would take longer to build than most plans take to read.

use std::ops::Range;

use super::{Kind, fillers};

/// A stretch written like a blank.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Candidate {
    /// The bytes.
    pub range: Range<usize>,
    /// The bytes without the marks around them.
    pub inside: Range<usize>,
    /// By its marks.
    pub kind: Kind,
}

/// So many characters at most stand between the marks of a blank.
const LONGEST: usize = 80;
/// And so many between braces.
const LONGEST_IN_BRACES: usize = 60;

/// Everything written like a blank, in order; where two overlap, the one that begins first, and
/// of those the longer.
pub(super) fn candidates(code: &str, keep: impl Fn(&Candidate) -> bool) -> Vec<Candidate> {
    crate::script::work::done(code.len());
    let mut all = written(code);
    all.retain(|candidate| keep(candidate));
    all.sort_by_key(|c| (c.range.start, usize::MAX - c.range.end));
    let mut end = 0;
    all.retain(|candidate| {
        let apart = candidate.range.start >= end;
        if apart {
            end = candidate.range.end;
        }
        apart
    });
    all
}

/// Everything that one of the spellings fits; of one spelling, no two overlap.
fn written(code: &str) -> Vec<Candidate> {
    let mut found = Vec::new();
    // Up to where a spelling without marks has been used up.
    let (mut dates, mut shouts, mut yours, mut runs, mut fills) = (0, 0, 0, 0, 0);
    for (at, byte) in code.bytes().enumerate() {
        match byte {
            b'{' => found.extend(mustache(code, at).or_else(|| brace(code, at))),
            b'<' => found.extend(angle(code, at)),
            b'[' => found.extend(bracket(code, at)),
            b'$' => found.extend(dashed(code, at)),
            b'/' => found.extend(colon(code, at)),
            _ => {}
        }
        if matches!(
            byte,
            b'_' | b'?' | b'X' | b'x' | b'C' | b'R' | b'F' | b'P' | b'I' | b'T'
        ) && at >= fills
            && let Some(end) = fillers::unmarked(code, at)
        {
            found.push(Candidate {
                range: at..end,
                inside: at..end,
                kind: Kind::Filler,
            });
            fills = end;
        }
        if matches!(byte, b'Y' | b'H')
            && at >= dates
            && let Some(end) = date(code, at)
        {
            found.push(shouted(at, end));
            dates = end;
        }
        if matches!(byte, b'A'..=b'Z' | b'v')
            && at >= shouts
            && let Some(end) = numbered(code, at, &mut runs).or_else(|| version(code, at))
        {
            found.push(shouted(at, end));
            shouts = end;
        }
        if matches!(byte, b'Y' | b'y')
            && at >= yours
            && let Some(end) = your(code, at)
        {
            found.push(shouted(at, end));
            yours = end;
        }
    }
    found
}

fn shouted(start: usize, end: usize) -> Candidate {
    Candidate {
        range: start..end,
        inside: start..end,
        kind: Kind::Shouted,
    }
}

fn rest(code: &str, at: usize) -> &str {
    code.get(at..).unwrap_or("")
}

/// What stands between a mark of `width` bytes at `at` and the first of `stops`, where that is
/// `close`, as a range of the code.
fn between(
    code: &str,
    at: usize,
    width: usize,
    close: char,
    stop: impl Fn(char) -> bool,
) -> Option<Range<usize>> {
    let start = at + width;
    // Four bytes a character at most, and the mark that ends it.
    let length = rest(code, start)
        .char_indices()
        .take(LONGEST + 64)
        .find(|(_, c)| *c == close || stop(*c))
        .filter(|(_, c)| *c == close)?
        .0;
    Some(start..start + length)
}

/// `{{ version }}`
fn mustache(code: &str, at: usize) -> Option<Candidate> {
    if !rest(code, at).starts_with("{{") {
        return None;
    }
    let body = between(code, at, 2, '}', |c| matches!(c, '{' | '\n'))?;
    if !rest(code, body.end).starts_with("}}") {
        return None;
    }
    let blank = [' ', '\t'];
    let text = code.get(body.clone())?;
    let lead = text.strip_prefix('-').unwrap_or(text);
    let lead = lead.trim_start_matches(blank);
    let start = body.end - lead.len();
    let word = lead.strip_suffix('-').unwrap_or(lead);
    let word = word.trim_end_matches(blank);
    let fits = !word.is_empty() && word.chars().count() <= LONGEST_IN_BRACES;
    fits.then(|| Candidate {
        range: at..body.end + 2,
        inside: start..start + word.len(),
        kind: Kind::Mustache,
    })
}

/// `<host>`
fn angle(code: &str, at: usize) -> Option<Candidate> {
    let inside = between(code, at, 1, '>', |c| "<\n|&;$`\"\\{}=@".contains(c))?;
    let text = code.get(inside.clone())?;
    let named = text.starts_with(char::is_alphabetic) && text.chars().count() <= LONGEST;
    let fits = named || fillers::is_dots(text);
    fits.then(|| marked(at, inside, Kind::Angle))
}

/// `[STABLE_COMMIT]`
fn bracket(code: &str, at: usize) -> Option<Candidate> {
    let inside = between(code, at, 1, ']', |c| matches!(c, '[' | '\n'))?;
    let text = code.get(inside.clone())?;
    let named =
        text.starts_with(char::is_alphabetic) && (2..=LONGEST).contains(&text.chars().count());
    if named || (text != "?" && fillers::is_dots(text)) {
        return Some(marked(at, inside, Kind::Bracket));
    }
    let end = inside.end + 1;
    let inside = inside.start + 1..inside.end.checked_sub(1)?;
    let fits = is_shouted_apart(code, at, text) && code.get(inside.clone()).is_some();
    fits.then_some(Candidate {
        range: at..end,
        inside,
        kind: Kind::Bracket,
    })
}

/// `[ FILL IN ]` among the arguments of a command: capitals with a space on both sides. Where a
/// command begins, `[ A ]` is a test.
fn is_shouted_apart(code: &str, at: usize, text: &str) -> bool {
    let Some(words) = text.strip_prefix(' ').and_then(|t| t.strip_suffix(' ')) else {
        return false;
    };
    let shouted =
        |c: char| c.is_uppercase() || matches!(c, ' ' | '_' | '-' | '/') || c.is_ascii_digit();
    let letters = words
        .chars()
        .take(LONGEST + 1)
        .filter(|c| c.is_alphabetic());
    let spelled = words.starts_with(char::is_alphabetic)
        && words.len() <= LONGEST
        && letters.count() >= 3
        && words.chars().all(shouted);
    if !spelled {
        return false;
    }
    let before = code.get(..at).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default().trim_end();
    let last = line.split_whitespace().next_back().unwrap_or_default();
    let begins = matches!(
        last,
        "" | "if" | "elif" | "while" | "until" | "then" | "do" | "else" | "!"
    ) || last.ends_with(['&', '|', ';', '(', '{']);
    !begins
}

/// `{week_id}`
fn brace(code: &str, at: usize) -> Option<Candidate> {
    let inside = between(code, at, 1, '}', |c| {
        !(c.is_alphanumeric() || matches!(c, '_' | '-'))
    })?;
    let text = code.get(inside.clone())?;
    let fits = text.starts_with(char::is_alphabetic) && text.chars().count() <= LONGEST_IN_BRACES;
    fits.then(|| marked(at, inside, Kind::Brace))
}

fn marked(at: usize, inside: Range<usize>, kind: Kind) -> Candidate {
    Candidate {
        range: at..inside.end + 1,
        inside,
        kind,
    }
}

/// `${name-with-dash}`
fn dashed(code: &str, at: usize) -> Option<Candidate> {
    let body = rest(code, at).strip_prefix("${")?;
    let length = body
        .bytes()
        .take_while(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        .count();
    let text = body.get(..length)?;
    let closed = body.get(length..)?.starts_with('}');
    let word = |part: &str| part.starts_with(|c: char| c.is_ascii_lowercase());
    let fits = closed && text.contains('-') && text.split('-').all(word);
    let inside = at + 2..at + 2 + length;
    fits.then(|| Candidate {
        range: at..inside.end + 1,
        inside,
        kind: Kind::Brace,
    })
}

/// `:id` after a slash.
fn colon(code: &str, at: usize) -> Option<Candidate> {
    let name = rest(code, at).strip_prefix("/:")?;
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let end = at + 2 + run(name, |b| b.is_ascii_alphanumeric() || b == b'_');
    Some(Candidate {
        range: at + 1..end,
        inside: at + 2..end,
        kind: Kind::Colon,
    })
}

fn run(text: &str, fits: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|b| fits(*b)).count()
}

/// The text without `word` and one of `marks`, which may be missing, in front of it.
fn after<'a>(text: &'a str, marks: &[char], word: &str) -> Option<&'a str> {
    text.strip_prefix(marks).unwrap_or(text).strip_prefix(word)
}

/// The end of `YYYY-MM-DD`, `YYYYMMDD_HHMMSS`, `HH:MM` and the like.
fn date(code: &str, at: usize) -> Option<usize> {
    let text = rest(code, at);
    let left = match text.strip_prefix("YYYY") {
        Some(year) => {
            let month = after(year, &['-', '_', '/', '.'], "MM")?;
            let day = after(month, &['-', '_', '/', '.'], "DD")?;
            let hour = after(day, &['-', '_', 'T', ' '], "HH");
            let minute = hour.and_then(|h| after(h, &['-', ':', '_'], "MM"));
            let second = minute.and_then(|m| after(m, &['-', ':', '_'], "SS"));
            second.or(minute).unwrap_or(day)
        }
        None => {
            let minute = text.strip_prefix("HH:MM")?;
            minute.strip_prefix(":SS").unwrap_or(minute)
        }
    };
    Some(code.len() - left.len())
}

/// The end of `INCIDENT-XXX`. `failed` is where the last run of capitals ended that was none, so
/// that no run is looked through twice.
fn numbered(code: &str, at: usize, failed: &mut usize) -> Option<usize> {
    let text = rest(code, at);
    if at < *failed || !text.starts_with(|c: char| c.is_ascii_uppercase()) {
        return None;
    }
    let word = run(text, |b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let tail = text.get(word..)?.strip_prefix(['-', '_']);
    let crosses = tail.map_or(0, |t| run(t, |b| b == b'X'));
    if crosses < 2 {
        *failed = at + word;
        return None;
    }
    Some(at + word + 1 + crosses)
}

/// The end of `vX.Y.Z`.
fn version(code: &str, at: usize) -> Option<usize> {
    let text = rest(code, at);
    let number = text.strip_prefix('v').unwrap_or(text);
    let minor = number.strip_prefix("X.Y")?;
    let left = minor.strip_prefix(".Z").unwrap_or(minor);
    Some(code.len() - left.len())
}

/// The end of `your-bucket`, `YOUR_API_KEY`.
fn your(code: &str, at: usize) -> Option<usize> {
    let text = rest(code, at);
    let small = text.starts_with("your");
    let mut left = text
        .strip_prefix("your")
        .or_else(|| text.strip_prefix("YOUR"))?;
    let mut words = 0;
    while let Some(word) = left.strip_prefix(['-', '_']) {
        let length = run(word, |b| {
            b.is_ascii_digit()
                || if small {
                    b.is_ascii_lowercase()
                } else {
                    b.is_ascii_uppercase()
                }
        });
        if length == 0 {
            break;
        }
        words += 1;
        left = word.get(length..)?;
    }
    (words > 0).then(|| code.len() - left.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(code: &str) -> Vec<(&str, &str)> {
        candidates(code, |_| true)
            .into_iter()
            .map(|c| (&code[c.range], &code[c.inside]))
            .collect()
    }

    #[test]
    fn every_spelling_is_found_with_its_inside() {
        for (code, inside) in [
            ("{{- version -}}", "version"),
            ("{{ a-b }}", "a-b"),
            ("<nom d'hôte>", "nom d'hôte"),
            ("[STABLE_COMMIT]", "STABLE_COMMIT"),
            ("[ FILL IN ]", "FILL IN"),
            ("[ À REMPLIR ]", "À REMPLIR"),
            ("{周_id}", "周_id"),
            ("${name-with-dash}", "name-with-dash"),
            ("YYYY-MM-DD HH:MM:SS", "YYYY-MM-DD HH:MM:SS"),
            ("YYYYMMDD_HHMM", "YYYYMMDD_HHMM"),
            ("HH:MM", "HH:MM"),
            ("INCIDENT-XXX", "INCIDENT-XXX"),
            ("vX.Y.Z", "vX.Y.Z"),
            ("your-own_bucket", "your-own_bucket"),
            ("YOUR_API_KEY", "YOUR_API_KEY"),
        ] {
            let padded = format!("a {code} b");
            assert_eq!(spelled(&padded), [(code, inside)], "{code}");
        }
        assert_eq!(spelled("/api/:id/x"), [(":id", "id")]);
    }

    #[test]
    fn what_is_cut_short_or_too_long_is_none() {
        let long = format!("<{}>", "a".repeat(81));
        for code in [
            "<1>", "<a\n>", "<a=b>", "[x]", "[a\nb]", "{}", "{a b}", "{{}}", "/:1", "YYYY-MM",
            "[ ]", "[ X ]", "[ OK ]", "[ -f A ]", "[ Ja ]", "HH-MM", "A-X", "X.Z", "your-",
            "YOUR_x", &long,
        ] {
            assert_eq!(spelled(code), [], "{code}");
        }
    }

    #[test]
    fn those_of_one_spelling_do_not_overlap() {
        assert_eq!(spelled("A-XX-XX"), [("A-XX", "A-XX")]);
        assert_eq!(spelled("{{{a}}}"), [("{{a}}", "a")]);
        assert_eq!(spelled("your-your-x"), [("your-your-x", "your-your-x")]);
    }
}
