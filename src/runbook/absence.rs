//! What should not be there: an output without anything in it, a search that finds nothing.
//!
//! A search says by its exit status what it has found, and its options say what that means. What
//! is “not empty” is the opposite of nothing.

use super::words;
use crate::domain::plan::{Compare, ExpectRule};

/// How an output without anything in it is called.
const NOTHING: &[&str] = &[
    "empty",
    "nothing",
    "no output",
    "empty output",
    "(empty)",
    "none",
    "(no output)",
    "空",
    "无输出",
    "出力なし",
    "없음",
    "vacío",
    "vazio",
    "vide",
    "leer",
    "vuoto",
    "пусто",
    "pusto",
    "boş",
    "فارغ",
];

/// How an output with something in it is called.
const SOMETHING: &[&str] = &[
    "not empty",
    "not be empty",
    "non-empty",
    "nonempty",
    "any output",
    "some output",
    "not blank",
    "not be blank",
];

/// Words that say that something is not there.
const WITHOUT: &[&str] = &[
    "no ", "0 ", "keine ", "kein ", "sin ", "sem ", "nenhum", "ningún", "pas de ", "aucun",
    "nessun", "нет ", "без ", "brak ", "没有", "无", "なし", "없", "لا ",
];

/// What of it is not there, behind “not”; anything else may be what should be there.
const NOT_THERE: &[&str] = &["found|present|there|listed|exist|shown|visible|running|in"];

/// Words that turn round what is said, or speak of more than one.
const TURNS: &[&str] = &[
    "all|every|each|both|or|no|not|without|never|none|alle|todos|toutes|cannot|neither|nor|except",
    "gone|absent|missing|removed|disappear|disappears|disappeared|vanished|vanishes|instead|longer",
    "other|different|differs|unlike|before|previously|formerly|unless|nicht|kein|keine|pas|sin",
];

/// Whether words turn round what stands in quotes among them, or ask for more than one such.
pub(super) fn turns_round(text: &str) -> bool {
    let lower = text.to_lowercase().replace('’', "'");
    let words = || lower.split(|c: char| !(c.is_alphanumeric() || c == '\''));
    words().any(|word| word.ends_with("n't") || words::each(TURNS).any(|turn| turn == word))
}

/// “No new errors” after a search for errors: the search finds nothing.
pub(super) fn rule(text: &str, command: &str) -> Option<ExpectRule> {
    let lower = text.to_lowercase();
    let bare = lower.trim_end_matches(['.', '。', '!']);
    if NOTHING.contains(&bare) {
        return Some(ExpectRule::Exactly(String::new()));
    }
    let begins = |word: &&str| bare.strip_prefix(*word).is_some_and(is_at_edge);
    if SOMETHING.iter().any(begins) {
        return Some(ExpectRule::Regex(r"\S".to_owned()));
    }
    if !is_negative(&lower) {
        return None;
    }
    let line = command.lines().last()?;
    let bare = without_quotes(line);
    // Behind one of these another command ends it.
    if [";", "||", "&&"].iter().any(|joint| bare.contains(joint)) {
        return None;
    }
    let mut stages = stages(line, &bare);
    let mut searched = shlex::split(stages.pop()?.trim())?;
    // `| grep -v grep` takes the search itself out of what it found.
    if searched == ["grep", "-v", "grep"]
        && let Some(before) = stages.pop()
    {
        searched = shlex::split(before.trim())?;
    }
    of_search(&searched)
}

fn is_at_edge(rest: &str) -> bool {
    !rest.starts_with(char::is_alphanumeric)
}

fn is_negative(lower: &str) -> bool {
    if WITHOUT.iter().any(|w| lower.starts_with(w)) {
        return true;
    }
    let not = lower
        .strip_prefix("not ")
        .or_else(|| lower.strip_prefix("not be "));
    let first = not.and_then(|rest| rest.split(|c: char| !c.is_alphanumeric()).next());
    first.is_some_and(|word| words::each(NOT_THERE).any(|w| w == word))
}

/// A line with what stands in quotes left blank, byte for byte.
fn without_quotes(line: &str) -> String {
    let mut open = None;
    let mut bare = String::with_capacity(line.len());
    for c in line.chars() {
        let shown = open.is_none() && !matches!(c, '"' | '\'');
        if open == Some(c) {
            open = None;
        } else if !shown && open.is_none() {
            open = Some(c);
        }
        if shown {
            bare.push(c);
        } else {
            bare.extend(std::iter::repeat_n(' ', c.len_utf8()));
        }
    }
    bare
}

/// The commands of a pipeline; `bare` is the line without what stands in quotes.
fn stages<'a>(line: &'a str, bare: &str) -> Vec<&'a str> {
    let mut from = 0;
    let mut stages = Vec::new();
    for (at, pipe) in bare.match_indices('|') {
        stages.extend(line.get(from..at));
        from = at + pipe.len();
    }
    stages.extend(line.get(from..));
    stages
}

/// What a search should come to that should find nothing; none where its options make that unclear.
fn of_search(words: &[String]) -> Option<ExpectRule> {
    let (program, rest) = words.split_first()?;
    let name = program.rsplit('/').next().unwrap_or(program);
    if !matches!(name, "grep" | "egrep" | "fgrep" | "zgrep" | "pgrep") {
        return None;
    }
    // The options that have a value, in the same word or in the next one.
    let valued = if name == "pgrep" {
        "uUgGPtsFd"
    } else {
        "ABCmefdD"
    };
    let mut pattern = None;
    let mut rule = None;
    let mut given = rest.iter();
    while let Some(word) = given.next() {
        let Some(option) = word.strip_prefix('-').filter(|o| !o.is_empty()) else {
            pattern = pattern.or(Some(word.clone()));
            continue;
        };
        if let Some(long) = option.strip_prefix('-') {
            match long.split('=').next()? {
                "count" => rule = Some(ExpectRule::Number(Compare::Equal, 0)),
                "quiet" | "silent" => rule = Some(ExpectRule::Exit(1)),
                "invert-match" | "files-without-match" => return None,
                "regexp" => pattern = long.split_once('=').map(|(_, p)| p.to_owned()),
                _ => {}
            }
            continue;
        }
        for (at, letter) in option.char_indices() {
            let joined = option.get(at + 1..).unwrap_or_default();
            match letter {
                'v' => return None,
                'L' if name != "pgrep" => return None,
                'c' => rule = Some(ExpectRule::Number(Compare::Equal, 0)),
                'q' => rule = Some(ExpectRule::Exit(1)),
                _ if valued.contains(letter) => {
                    let mut next = || given.next().map_or("", String::as_str);
                    let value = if joined.is_empty() { next() } else { joined };
                    if letter == 'e' {
                        pattern = Some(value.to_owned());
                    }
                    break;
                }
                _ => {}
            }
        }
    }
    let pattern = pattern?;
    Some(rule.unwrap_or_else(|| ExpectRule::Absent(vec![pattern])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn absent(pattern: &str) -> ExpectRule {
        ExpectRule::Absent(vec![pattern.to_owned()])
    }

    #[test]
    fn a_search_that_should_find_nothing_is_known_with_its_options() {
        let none = Some(ExpectRule::Number(Compare::Equal, 0));
        for (command, rule_of) in [
            ("grep ERROR app.log", Some(absent("ERROR"))),
            (
                "ps aux | grep '[c]heckout-worker'",
                Some(absent("[c]heckout-worker")),
            ),
            (
                "ps aux | grep worker | grep -v grep",
                Some(absent("worker")),
            ),
            ("grep -A 5 -i ERROR app.log", Some(absent("ERROR"))),
            (
                "tail -n 9 app.log | grep -iE 'panic|fatal'",
                Some(absent("panic|fatal")),
            ),
            ("grep -rne FATAL --include='*.log' .", Some(absent("FATAL"))),
            ("grep -l ERROR a.log b.log", Some(absent("ERROR"))),
            ("grep -c ERROR app.log", none.clone()),
            ("grep --count ERROR app.log", none),
            ("grep -q ERROR app.log", Some(ExpectRule::Exit(1))),
            ("grep -v INFO app.log", None),
            ("grep -L ERROR a.log", None),
            ("grep ERROR app.log || true", None),
            ("grep ERROR app.log; date", None),
            ("cat app.log", None),
        ] {
            assert_eq!(rule("no errors", command), rule_of, "{command}");
        }
    }

    #[test]
    fn what_is_not_empty_is_there() {
        let something = Some(ExpectRule::Regex(r"\S".to_owned()));
        for text in ["not empty", "Not be empty", "non-empty", "not empty."] {
            assert_eq!(rule(text, "ls | grep backup_"), something, "{text}");
        }
        for text in ["not commented out", "not the old one", "note the date"] {
            assert_eq!(rule(text, "grep feature_x config.yml"), None, "{text}");
        }
        assert_eq!(rule("not found", "ls | grep old"), Some(absent("old")));
        assert_eq!(
            rule("empty", "ls"),
            Some(ExpectRule::Exactly(String::new()))
        );
    }

    #[test]
    fn words_around_a_quote_may_turn_it_round() {
        for text in [
            "doesn't contain \"\"",
            "\"\" is gone",
            "no longer \"\"",
            "both \"\"",
        ] {
            assert!(turns_round(text), "{text}");
        }
        for text in ["contains \"\"", "status = \"\"", "the order is \"\""] {
            assert!(!turns_round(text), "{text}");
        }
    }
}
