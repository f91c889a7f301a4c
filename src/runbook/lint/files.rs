//! Links to local files that are not there.
//!
//! Whether a file is there is asked through the caller: this layer touches no disk. Only relative
//! links of the prose are asked about; what begins with `/` is another root on every forge.

use std::collections::BTreeMap;

use super::{Review, codes};
use crate::domain::plan::{Diagnostic, Plan};

/// One finding for each link whose file is not there. `is_there` is given the path as it is
/// written, without a heading behind it, and answers from the directory of the document.
#[must_use]
pub fn files(plan: &Plan, text: &str, is_there: &dyn Fn(&str) -> bool) -> Vec<Diagnostic> {
    let mut review = Review::of(plan, text);
    let mut known: BTreeMap<String, bool> = BTreeMap::new();
    let mut dead = Vec::new();
    let mut fence: Option<&str> = None;
    for (number, line) in review.source.lines() {
        let start = line.trim_start_matches([' ', '\t', '>']);
        let mark = ["```", "~~~"].into_iter().find(|m| start.starts_with(m));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            _ => {}
        }
        if fence.is_some() || mark.is_some() {
            continue;
        }
        for (from, to) in links(line) {
            let written = line.get(from..to).unwrap_or_default();
            let Some(path) = local(written) else { continue };
            let there = *known.entry(path.clone()).or_insert_with(|| is_there(&path));
            if !there {
                dead.push((review.source.bytes(number, from, to), path));
            }
        }
    }
    for (place, path) in dead {
        let message = format!("there is no {path} beside this document");
        review.say(&codes::DEAD_FILE, place, message);
    }
    review.sorted()
}

/// Where the targets of a line's links stand: `[label](target)` and `[label]: target`.
fn links(line: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut code = false;
    for (at, c) in line.char_indices() {
        if c == '`' {
            code = !code;
        }
        let after = line.get(at..).unwrap_or_default();
        if code || !after.starts_with("](") {
            continue;
        }
        let from = at + 2;
        let rest = line.get(from..).unwrap_or_default();
        let end = match rest.strip_prefix('<') {
            Some(inner) => inner.find('>').map(|n| n + 2),
            None => rest.find([')', ' ']),
        };
        if let Some(end) = end {
            found.push((from, from + end));
        }
    }
    let defined = line
        .trim_start()
        .strip_prefix('[')
        .and_then(|l| l.split_once("]:"));
    if let Some((label, target)) = defined.filter(|(l, _)| !l.starts_with('^') && !l.contains(']'))
        && !label.is_empty()
        && let Some(word) = target.split_whitespace().next()
        && let Some(from) = line.rfind(word)
    {
        found.push((from, from + word.len()));
    }
    found
}

/// The path of a link to a file beside the document.
fn local(target: &str) -> Option<String> {
    let target = target.trim_matches(['<', '>']);
    let path = target.split(['#', '?']).next().unwrap_or_default();
    // A scheme, a root of the forge, a heading of this document, a blank, a mail address.
    let other = path.is_empty()
        || path.starts_with('/')
        || path.contains([':', '{', '$', '[', '*', '@'])
        || path.contains("...")
        || target.starts_with("www.");
    // `path/to` and words without an ending are examples more often than files.
    let named = path.contains(['/', '.']);
    (!other && named).then(|| decoded(path))
}

/// `%20` and the like as the characters that they stand for.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).filter(|_| *first == b'%');
        let hex = hex.and_then(|h| u8::from_str_radix(std::str::from_utf8(h).ok()?, 16).ok());
        match hex {
            Some(byte) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::files;

    fn dead(text: &str) -> Vec<(u32, String)> {
        let plan = crate::runbook::read(text.as_bytes());
        let there = |path: &str| matches!(path, "docs/there.md" | "my file.md" | "./run.sh");
        let found = files(&plan, text, &there);
        found
            .iter()
            .map(|d| {
                let line = text.lines().nth(d.line as usize - 1).unwrap_or_default();
                let from = line.chars().skip(d.column as usize - 1);
                (d.line, from.take(d.width as usize).collect())
            })
            .collect()
    }

    #[test]
    fn a_link_to_a_file_that_is_not_there_is_said_where_it_stands() {
        let text = "# P\nSee [it](docs/there.md#top), [that](docs/gone.md \"Gone\") and ![x](<no pic.png>).\n[ref]: ../old.md\n";
        let said = dead(text);
        let words: Vec<(u32, &str)> = said.iter().map(|(l, w)| (*l, w.as_str())).collect();
        assert_eq!(
            words,
            [(2, "docs/gone.md"), (2, "<no pic.png>"), (3, "../old.md")]
        );
    }

    #[test]
    fn what_is_no_file_beside_the_document_is_not_asked_about() {
        for line in [
            "[a](https://x.test/a.md) [b](#top) [c](mailto:a@x.test) [d](/root/a.md)",
            "[a](my%20file.md) [b](./run.sh)",
            "`[a](gone.md)` is how a link is written",
            "```\n[a](gone.md)\n```",
            "- [ ] x (a.md)",
            "[^1]: a note.",
        ] {
            assert_eq!(dead(&format!("# P\n{line}\n")), [], "{line}");
        }
    }
}
