//! Output that an author pasted between the commands of a block, below a comment that says so.
//!
//! What a command printed, and what somebody typed at its questions, is nothing to run. It is set
//! apart before the block is read as shell; the lines keep their numbers.

use std::borrow::Cow;

use super::expect;
use super::words::says_any;
use crate::domain::plan::{ExpectRule, Expectation};
use crate::script::shell;

/// What a command printed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Output {
    /// Line of the comment that announces it, in the block, from 0.
    pub line: u32,
    /// Its last line.
    pub last: u32,
    /// The lines below the comment.
    pub text: String,
}

/// The block with the output below its commands replaced by empty lines, and that output.
#[must_use]
pub fn set_apart(code: &str) -> (Cow<'_, str>, Vec<Output>) {
    let mut found: Vec<Output> = Vec::new();
    if !code.contains(":\n") && !code.contains("：\n") {
        return (Cow::Borrowed(code), found);
    }
    let mut quiet: Vec<&str> = Vec::new();
    let mut marker: Option<usize> = None;
    let mut commands = false;
    for (at, line) in code.lines().enumerate() {
        let text = line.trim();
        let above = marker.filter(|m| begins(*m, at, text, &found));
        match above {
            Some(m) => {
                add(&mut found, m, at, line);
                quiet.push("");
            }
            None => {
                commands |= !text.is_empty() && !text.starts_with('#');
                marker = (commands && announces(text)).then_some(at);
                quiet.push(line);
            }
        }
    }
    if found.is_empty() {
        return (Cow::Borrowed(code), found);
    }
    (Cow::Owned(quiet.join("\n")), found)
}

/// Whether a line below a comment that announces output is output.
fn begins(marker: usize, at: usize, text: &str, found: &[Output]) -> bool {
    if text.is_empty() || text.starts_with('#') {
        return false;
    }
    let goes_on = found
        .last()
        .is_some_and(|o| o.line as usize == marker && o.last as usize + 1 == at);
    // A comment may as well be the title of the command below it.
    goes_on || (marker + 1 == at && !is_command(text))
}

fn is_command(text: &str) -> bool {
    shell::looks_like_shell(text) || shell::looks_like_sql(text)
}

fn announces(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|comment| {
        comment.trim_end().ends_with([':', '：']) && shell::is_expectation(comment)
    })
}

fn add(found: &mut Vec<Output>, marker: usize, at: usize, line: &str) {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    match found.last_mut().filter(|o| o.line == number(marker)) {
        Some(output) => {
            output.text.push('\n');
            output.text.push_str(line);
            output.last = number(at);
        }
        None => found.push(Output {
            line: number(marker),
            last: number(at),
            text: line.to_owned(),
        }),
    }
}

/// Whether lines are data beyond doubt, whatever the label of their block says: lines of a log,
/// names of images, settings. The shell would take the first word of each for a program.
#[must_use]
pub fn is_data(code: &str) -> bool {
    let mut lines = code
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
        .peekable();
    let Some(&first) = lines.peek() else {
        return false;
    };
    if is_stamped(first) {
        return lines.all(is_stamped);
    }
    if is_image(first) {
        return lines.all(is_image);
    }
    is_setting(first) && lines.all(|l| l.starts_with("- ") || is_setting(l))
}

/// `2031-05-04 10:30:00 | …`, `[2031-05-04 …`
fn is_stamped(line: &str) -> bool {
    let line = line.strip_prefix('[').unwrap_or(line).as_bytes();
    let shape = b"0000-00-00";
    let fits = |(have, want): (&u8, &u8)| {
        if *want == b'0' {
            have.is_ascii_digit()
        } else {
            have == want
        }
    };
    line.len() > shape.len() && line.iter().zip(shape).all(fits)
}

/// `registry/app:1.2.3`
fn is_image(line: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    line.split_once(':').is_some_and(|(name, tag)| {
        name.contains('/')
            && name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.chars().all(plain)
            && !tag.is_empty()
            && tag.chars().all(plain)
            && !tag.contains('/')
    })
}

/// `services:`, `image: app:1.2.3`
fn is_setting(line: &str) -> bool {
    let line = line.strip_prefix("- ").unwrap_or(line);
    let word = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    line.split_once(':').is_some_and(|(key, value)| {
        key.starts_with(|c: char| c.is_ascii_alphabetic())
            && key.chars().all(word)
            && (value.is_empty() || value.starts_with(' '))
    })
}

/// Whether a program asked something in its output and was answered.
#[must_use]
pub fn holds_an_answer(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
    lines.windows(2).any(|pair| match pair {
        [question, answer] => asks(question) && !asks(answer) && words(answer) <= 6,
        _ => false,
    })
}

fn words(line: &str) -> usize {
    line.split_whitespace().count()
}

fn asks(line: &str) -> bool {
    let lower = line.trim_end().to_lowercase();
    let choice = ["[y/n]", "(y/n)", "(yes/no)", "[yes/no]"];
    choice.iter().any(|m| lower.contains(m))
        || words(line) >= 3 && lower.ends_with([':', '?', '：', '？'])
}

/// What sample output states under the words that announce it. An example holds names and
/// addresses of its own: whether something is like it, a person sees.
#[must_use]
pub fn shown(said: &str, sample: &str) -> Expectation {
    const EXAMPLE: &[&str] = &[
        "example|sample|typical|for instance|beispiel|ejemplo|exemple|exemplo|esempio|voorbeeld|örnek",
        "示例|例|пример|przykład|예시",
    ];
    let mut shown = expect::of_sample(sample, None, None);
    if says_any(said, EXAMPLE) {
        shown.rule = ExpectRule::Person;
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::is_data;

    #[test]
    fn data_is_told_from_commands() {
        for data in [
            "2031-05-04 10:30:00 | 2.0.1 | OK\n2031-05-03 09:00:00 | 2.0.0 | OK",
            "# names\nshop/web:2.0.1\nshop/web:latest",
            "services:\n  web:\n    image: shop/web:2.0.0 # the old one\n    ports:\n      - \"80:80\"",
        ] {
            assert!(is_data(data), "{data}");
        }
        for code in [
            "docker pull shop/web:2.0.1",
            "./run:it",
            ": > log",
            "http://localhost:80/x",
            "date 2031-05-04",
            "services:\nls",
            "# only words",
        ] {
            assert!(!is_data(code), "{code}");
        }
    }
}
