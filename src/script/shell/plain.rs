//! Commands that are plain beyond doubt: a program's name and words without a sign that means
//! anything to a shell.
//!
//! Most lines of most plans are such. They are read here, in one look, as the parser would read
//! them; everything else is the parser's.

use super::calls::{Call, Calls, Word};
use super::parse::MOST_LINES;

/// Words that are more than a program's name where a command begins.
const RESERVED: &[&str] = &[
    "always",
    "break",
    "case",
    "continue",
    "coproc",
    "declare",
    "do",
    "done",
    "elif",
    "else",
    "end",
    "esac",
    "exit",
    "export",
    "fi",
    "for",
    "foreach",
    "function",
    "if",
    "in",
    "let",
    "local",
    "nocorrect",
    "noglob",
    "readonly",
    "repeat",
    "return",
    "select",
    "then",
    "time",
    "typeset",
    "until",
    "while",
];

/// Whether a line is a plain command.
pub(super) fn is_plain_command(line: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b" _-./:@%+,=".contains(&b);
    let first = line.split(' ').find(|w| !w.is_empty()).unwrap_or_default();
    line.bytes().all(plain)
        && first.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '_'))
        && !first.contains(['=', '+', ','])
        && !RESERVED.contains(&first)
}

/// The plain commands of a text, if it holds nothing else but comments and blank lines.
fn commands(masked: &str) -> Option<Vec<&str>> {
    let mut found = Vec::new();
    for (number, line) in masked.lines().enumerate() {
        let text = line.trim_matches(' ');
        if number >= MOST_LINES {
            return None;
        }
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        if !is_plain_command(text) {
            return None;
        }
        found.push(text);
    }
    Some(found)
}

/// Whether a text whose blanks are masked holds plain commands and nothing else: it parses.
pub(super) fn is_plain(masked: &str) -> bool {
    commands(masked).is_some()
}

/// What a text calls whose blanks are masked, if it is plain.
pub(super) fn plain_calls(masked: &str) -> Option<Calls> {
    let calls = commands(masked)?.into_iter().map(|line| Call {
        words: line
            .split(' ')
            .filter(|w| !w.is_empty())
            .map(|text| Word {
                text: text.to_owned(),
                fixed: true,
                ..Word::default()
            })
            .collect(),
        ..Call::default()
    });
    Some(Calls {
        all: calls.collect(),
        ..Calls::default()
    })
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse_masked;
    use super::super::walk::walked;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_shell_would_make_more_of_is_not_plain() {
        for line in [
            "echo $x",
            "ls *",
            "a | b",
            "a; b",
            "a > b",
            "cd ~",
            "x=1",
            "x+=1",
            "for a in b",
            "a &",
            "'a'",
            "a {b,c}",
            "a [b]",
            "a (b)",
            "if a",
            "export a",
            "a\\",
            "a <b",
            "exit 1",
            "",
        ] {
            assert!(!is_plain_command(line), "{line}");
        }
        for line in [
            "git checkout v1.2",
            "./x.sh --env=prod",
            "/bin/x a,b",
            "npm ci",
            "a x=1",
        ] {
            assert!(is_plain_command(line), "{line}");
        }
    }

    fn lines() -> impl Strategy<Value = String> {
        const BEGIN: &str = "(if |do |a |./x |/usr/bin/y |git |9|_v |let |set |time |\\.|eval |exec |\
            source |trap |test |true |unset |wait |command |builtin |alias |printf |readarray |# |)";
        let line = format!("[ ]{{0,2}}{BEGIN}[a-z0-9 _./:@%+,=-]{{0,24}}");
        proptest::collection::vec(
            proptest::string::string_regex(&line).expect("a pattern"),
            1..4,
        )
        .prop_map(|lines| lines.join("\n"))
    }

    proptest! {
        /// What is read in one look is what the parser and the walk through its tree read.
        #[test]
        fn the_parser_reads_the_same(text in lines()) {
            if let Some(calls) = plain_calls(&text) {
                let text = format!("{text}\n");
                prop_assert!(parse_masked(&text).is_ok(), "{text}");
                prop_assert_eq!(Some(calls), walked(&text).ok());
            }
        }
    }
}
