//! The text that a command gets as its input, where it can be seen: by heredoc, by here-string, or
//! from a command before it in the pipe that prints just that.

use super::calls::{Call, Word};

/// A text that is somebody's input.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Fed {
    /// The text; what is only known when it runs stands in it as written.
    pub text: String,
    /// Nothing more than this comes.
    pub whole: bool,
}

/// The text that a call gets, if it can be seen.
pub(super) fn fed(call: &Call) -> Option<Fed> {
    if let Some(text) = &call.input {
        return Some(Fed {
            text: text.clone(),
            whole: true,
        });
    }
    call.piped.as_deref().and_then(printed)
}

/// What a call prints, if its words say so.
pub(super) fn printed(call: &Call) -> Option<Fed> {
    let words = call.words.get(1..).unwrap_or_default();
    let text = match call.program()? {
        "echo" => {
            let options = |w: &&Word| matches!(w.text.as_str(), "-e" | "-n" | "-E" | "-ne" | "-en");
            let said: Vec<&str> = words
                .iter()
                .skip_while(options)
                .map(|w| w.text.as_str())
                .collect();
            escapes(&said.join(" "))
        }
        "printf" => {
            let said = words.iter().skip_while(|w| w.text == "--");
            let said: Vec<&str> = said.map(|w| w.text.as_str()).collect();
            let (format, values) = said.split_first()?;
            formatted(&escapes(format), values)
        }
        "cat" if words.iter().all(|w| w.text == "-") => {
            return call.input.clone().map(|text| Fed { text, whole: true });
        }
        _ => return None,
    };
    Some(Fed {
        text,
        whole: words.iter().all(|w| w.fixed),
    })
}

/// One call that prints what these print one after the other: what a group of commands gives to
/// the next in a pipe. None where none of them is seen to print.
pub(super) fn group(calls: &[Call]) -> Option<Call> {
    let seen: Vec<Option<Fed>> = calls.iter().map(printed).collect();
    let fixed = seen.iter().all(|p| p.as_ref().is_some_and(|p| p.whole));
    let texts: Vec<String> = seen.into_iter().flatten().map(|p| p.text).collect();
    let word = |text: String, fixed: bool| Word {
        text,
        fixed,
        ..Word::default()
    };
    let words = vec![word("echo".to_owned(), true), word(texts.join("\n"), fixed)];
    (!texts.is_empty()).then(|| Call {
        words,
        ..Call::default()
    })
}

/// Whether a call hands on what it gets, as it is.
pub(super) fn hands_on(call: &Call) -> bool {
    match call.program() {
        Some("tee") => true,
        Some("cat" | "pv") => call.words.len() == 1 && call.reads.is_empty(),
        _ => false,
    }
}

/// `\n` and `\t` as what they stand for.
fn escapes(text: &str) -> String {
    text.replace("\\n", "\n").replace("\\t", "\t")
}

/// A format with its values, again and again while there are any.
fn formatted(format: &str, values: &[&str]) -> String {
    let mut text = String::new();
    let mut values = values.iter();
    loop {
        let mut taken = false;
        let mut rest = format;
        while let Some((before, after)) = rest.split_once('%') {
            text.push_str(before);
            let flags = after.trim_start_matches(|c: char| c.is_ascii_digit() || "-+.".contains(c));
            if flags.starts_with(['s', 'd', 'i', 'q', 'b', 'u', 'x', 'f']) {
                text.push_str(values.next().copied().unwrap_or_default());
                taken = true;
                rest = flags.get(1..).unwrap_or_default();
            } else {
                text.push('%');
                rest = after.strip_prefix('%').unwrap_or(after);
            }
        }
        text.push_str(rest);
        if !taken || values.as_slice().is_empty() {
            return text;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::calls::calls;
    use super::*;

    fn of_last(code: &str) -> Option<(String, bool)> {
        let found = calls(code).expect("shell");
        let fed = fed(found.all.last().expect("a call"))?;
        Some((fed.text.trim_end().to_owned(), fed.whole))
    }

    #[test]
    fn what_comes_in_is_seen() {
        for (code, want) in [
            ("a <<E\nx y\nE\n", Some(("x y", true))),
            ("a <<< 'x y'", Some(("x y", true))),
            ("echo -n x 'y z' | a", Some(("x y z", true))),
            ("echo \"x $y\" | a", Some(("x $y", false))),
            ("printf 'x\\ny\\n' | a", Some(("x\ny", true))),
            ("printf '%s %s\\n' 1 2 3 4 | a", Some(("1 2\n3 4", true))),
            ("cat <<E | a\nx\nE\n", Some(("x", true))),
            ("echo x | tee f | a", Some(("x", true))),
            ("{ echo x; echo y; } | a", Some(("x\ny", true))),
            ("(echo x; b) | a", Some(("x", false))),
            (
                "for i in 1 2; do echo \"x $i\"; done | a",
                Some(("x $i", false)),
            ),
            ("echo x | sed s/x/y/ | a", None),
            ("cat f | a", None),
            ("(b; c) | a", None),
            ("a < f", None),
        ] {
            let want = want.map(|(text, whole)| (text.to_owned(), whole));
            assert_eq!(of_last(code), want, "{code}");
        }
    }
}
