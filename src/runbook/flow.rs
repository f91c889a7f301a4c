//! Prose as its author meant it: lines that were only broken for width are one sentence again.
//!
//! What was written on lines of its own stays so: leads, pictures, and what follows the end of a
//! sentence.

use super::inline::{lead, plain};

/// The logical lines of a paragraph, each with the number of its first line in it.
#[must_use]
pub fn lines(text: &str) -> Vec<(usize, String)> {
    let mut out: Vec<(usize, String)> = Vec::new();
    let mut before = "";
    for (at, line) in text.lines().enumerate() {
        match out.last_mut() {
            Some((_, open)) if !ends(before) && !begins(line) => {
                open.push(' ');
                open.push_str(line.trim_start());
            }
            _ => out.push((at, line.to_owned())),
        }
        before = line;
    }
    out
}

/// The whole text with its logical lines on lines of their own.
#[must_use]
pub fn joined(text: &str) -> String {
    let lines = lines(text);
    let mut out = String::with_capacity(text.len());
    for (_, line) in lines {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&line);
    }
    out
}

/// The line ends a sentence, or is a lead by itself.
fn ends(line: &str) -> bool {
    let text = line.trim_end().trim_end_matches(['*', '_', ')', '"', '）']);
    text.ends_with(['.', ':', '!', '?', ';', '。', '：', '！', '？'])
        || lead(line).is_some_and(|l| l.rest.is_empty())
}

/// The line begins something of its own.
fn begins(line: &str) -> bool {
    let text = line.trim_start();
    let sign = text.chars().next().is_some_and(|c| {
        !c.is_alphanumeric()
            && !c.is_ascii()
            && !matches!(c, '“' | '‘' | '«' | '（' | '「' | '–' | '—')
    });
    sign || lead(text).is_some_and(|l| l.colon || l.rest.is_empty())
}

/// How long a title may be before it is cut at the end of its first sentence.
const TITLE: usize = 120;

/// A title for what a text says, and what of it the title leaves out.
#[must_use]
pub fn title_of(text: &str) -> (String, String) {
    let words = plain(&text.lines().collect::<Vec<_>>().join(" "));
    let clean = |t: &str| t.trim().trim_end_matches([':', '：']).trim().to_owned();
    if words.chars().count() <= TITLE {
        return (clean(&words), String::new());
    }
    if let Some(end) = sentence_end(&words, TITLE) {
        let (head, rest) = words.split_at(end);
        return (
            clean(head.trim_end_matches(['.', '。'])),
            rest.trim().to_owned(),
        );
    }
    let cut: String = words.chars().take(TITLE - 12).collect();
    let head = cut.rsplit_once(' ').map_or(cut.as_str(), |(head, _)| head);
    (format!("{}…", head.trim_end_matches([',', ';'])), words)
}

/// Where the first sentence ends that is at most so many characters long.
fn sentence_end(words: &str, most: usize) -> Option<usize> {
    let limit = words
        .char_indices()
        .nth(most)
        .map_or(words.len(), |(at, _)| at);
    let bytes = words.as_bytes();
    words
        .char_indices()
        .take_while(|(at, _)| *at < limit)
        .find_map(|(at, c)| {
            let end = at + c.len_utf8();
            let wide = matches!(c, '。' | '！' | '？' | '：');
            let spaced = matches!(c, '.' | '!' | '?' | ':') && bytes.get(end) == Some(&b' ');
            let head = words.get(..at).unwrap_or_default();
            let short = ["e.g", "i.e", "etc", "vs", "z.B", "No"]
                .iter()
                .any(|w| head.ends_with(w));
            (wide || (spaced && !short && at >= 8)).then_some(end)
        })
}

/// The last sentence of a text, without what it says in brackets at its end: what leads on to
/// the block below.
#[must_use]
pub fn last_sentence(text: &str) -> &str {
    let mut rest = text.trim();
    while let Some(end) = sentence_end(rest, rest.chars().count()) {
        let Some(next) = rest.get(end..).map(str::trim).filter(|n| !n.is_empty()) else {
            break;
        };
        rest = next;
    }
    rest
}

/// A lead-in as what it says first and what names the block below: its last sentence, without
/// what that says in brackets at its end.
#[must_use]
pub fn leading(words: &str) -> (String, String) {
    const LEAD: usize = 120;
    if words.chars().count() < LEAD {
        return (String::new(), words.to_owned());
    }
    let last = last_sentence(words);
    let before = words.strip_suffix(last).unwrap_or_default().trim();
    let open = last.trim_end_matches([':', '：', ' ']);
    let bare = match open.strip_suffix(')').and_then(|o| o.rfind(" (")) {
        Some(at) if last.chars().count() >= LEAD => open.get(..at).unwrap_or(open),
        _ => last,
    };
    if bare.len() < last.len() {
        return (words.to_owned(), bare.to_owned());
    }
    (before.to_owned(), last.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_broken_for_width_are_one_sentence() {
        let got = lines(
            "Check the deployment for issues such\nas pods that crash.\nThen go on.\n**Time:** 5 min\n✅ done",
        );
        let texts: Vec<&str> = got.iter().map(|(_, t)| t.as_str()).collect();
        assert_eq!(
            texts,
            [
                "Check the deployment for issues such as pods that crash.",
                "Then go on.",
                "**Time:** 5 min",
                "✅ done"
            ]
        );
        assert_eq!(got[1].0, 2);
    }

    #[test]
    fn a_title_is_a_whole_sentence() {
        let (title, rest) = title_of("Push a commit like the one\nabove");
        assert_eq!(
            (title.as_str(), rest.as_str()),
            ("Push a commit like the one above", "")
        );
        let (title, rest) = title_of(
            "Create a new disk from the snapshot. Give it a name that tells who made it, what for, and\nin which zone it has to be when others look for it.",
        );
        assert_eq!(title, "Create a new disk from the snapshot");
        assert!(rest.starts_with("Give it a name"));
        let (title, rest) = title_of(&"word ".repeat(40));
        assert!(title.ends_with('…') && rest.len() > title.len());
    }

    #[test]
    fn the_last_sentence_leads_on() {
        assert_eq!(
            last_sentence("Log in first. Check the health of e.g. the nodes."),
            "Check the health of e.g. the nodes."
        );
        assert_eq!(last_sentence("Only one"), "Only one");
    }
}
