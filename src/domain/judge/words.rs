//! Words in an output: whether they are there, and whether the line that holds them says so.
//!
//! `healthy` in `healthy: no` is no health, and one process that is running says little beside
//! another that has crashed. Where a line may say the opposite, the verdict is left to a person.

use super::errors::reads_as_error;
use super::{Judgement, fellows, lacks, met, names, not_met, quote, unclear};

/// Words for a state that is as it should be: what stands beside one may say the opposite.
const STATES: &str = "ok okay healthy active running ready up success successful successfully succeeded complete completed done passed pass alive online connected available enabled started synced true yes pong normal green deployed restored reachable serving open valid operational stable finished";

/// Words that say that something went wrong.
pub(super) const FAULTS: &str = "fail fails failed failure failures failing error errors errored fatal panic critical crash crashed crashing crashloopbackoff errimagepull imagepullbackoff oomkilled denied refused unable cannot exception exceptions traceback corrupt corrupted invalid rejected aborted unreachable";

/// States on the way to another.
const BETWEEN: &str = "created launching stopping restoring modifying initial initializing connecting reconnecting rebooting upgrading updating provisioning deleting scaling scheduled queued idle closing joining leaving syncing recovering standby registering shutting-down partial warning";

/// Words that make less of a state that they stand before.
const LESS: &str = "partial partially almost nearly only would could may might dry simulated";

/// Words for a state that is not as it should be.
const AMISS: &str = "evicted down dead inactive unhealthy degraded timeout timeouts missing unavailable offline stopped killed lost notready nothing broken disconnected unknown pending terminating containercreating restarting exited backoff starting activating deactivating waiting draining disabled schedulingdisabled paused suspended progressing podinitializing invalidimagename createcontainererror createcontainerconfigerror runcontainererror errimageneverpull outofsync";

/// Of these, what comes before something is done: `stopped`, then `started`.
const BEFORE: &str = "stopped killed down offline disconnected nothing missing starting restarting waiting pending terminating disabled";

/// What is said of something that has been done, on a way with several lines.
const DONE: &str = "done complete completed success successful successfully succeeded finished";

/// Words after which nothing is said for sure.
pub(super) const WHETHER: &str =
    "whether if check checking verify verifying expect expected should must until";

/// Words that turn round what follows them.
pub(super) const NOT: &str = "not no non never 0 zero isnt arent wasnt werent dont doesnt didnt cant cannot wont without hardly nicht kein keine pas aucun sin nunca";

/// Values of a key that say that it holds, and that it does not.
const YES: &str = "true yes y ok on 1 up enabled passed pass success";
const NO: &str = "false no n off 0 none null nil failed fail down error inactive dead disabled stopped unknown never";

pub(super) fn listed(list: &str, word: &str) -> bool {
    list.split(' ').any(|w| w == word)
}

pub(super) fn is_bad_word(word: &str) -> bool {
    listed(FAULTS, word) || listed(AMISS, word)
}

/// The lines of an output without the names of a table's columns.
pub(super) fn data_lines(output: &str) -> impl Iterator<Item = &str> {
    let lines: Vec<&str> = output.lines().collect();
    let at = move |i: usize| lines.get(i).copied().unwrap_or_default();
    let heads = move |i: usize| {
        let below = at(i + 1).trim_start();
        // What only underlines has nothing below it.
        let under = at(i + 2).trim().is_empty();
        if !is_rule(below) || under || is_rule(at(i)) || at(i).trim().is_empty() {
            return false;
        }
        // In a frame the names stand between the first two rules; a rule ends the rows too.
        let above = i.checked_sub(1).map(&at).unwrap_or_default();
        let before = i.checked_sub(2).map(&at).unwrap_or_default();
        !below.starts_with('+') || is_rule(above) && !before.trim_start().starts_with('|')
    };
    let numbered = output.lines().enumerate();
    numbered.filter_map(move |(i, line)| (!heads(i)).then_some(line))
}

/// Whether a line is drawn under the names of columns.
pub(super) fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.contains("--") && line.chars().all(|c| matches!(c, '-' | '+' | '|' | ' '))
}

/// Letters and white space that do not count: case, runs of blanks, the quotes around a value.
pub(super) fn folded(text: &str) -> String {
    let plain: String = text
        .chars()
        .filter(|c| !matches!(c, '"' | '\'' | '`' | '’'))
        .collect();
    plain
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

/// How a line stands to the words that are wanted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Says {
    Nothing,
    Opposite,
    Unsure,
    So,
}

pub(super) fn contains(text: &str, output: &str) -> Judgement {
    let wanted = folded(text);
    if wanted.is_empty() {
        return unclear("the plan expects an empty text");
    }
    // `ls: cannot access 'backup_*': …` repeats what was looked for, and found nothing.
    let complains = |line: &str| complaint(line) && !complaint(&format!("x: {text}"));
    let lines = || data_lines(output).filter(|line| !complains(line));
    // `t` is how a table says `true`.
    let cell = |line: &str| match (line.trim(), wanted.as_str()) {
        ("t", "true" | "false") => "true".to_owned(),
        ("f", "true" | "false") => "false".to_owned(),
        _ => {
            let line = folded(line);
            names::shortened(&line, &wanted).unwrap_or(line)
        }
    };
    let best = lines().map(|line| (says(&cell(line), &wanted), line));
    // The first of the best.
    let best = best.reduce(|best, next| if next.0 > best.0 { next } else { best });
    match best {
        Some((Says::So, line)) => {
            let mut past = false;
            // `systemctl status` says the state, and below it what was so before.
            let is_status = |line: &str| folded(line).starts_with("active: ");
            let old = |other: &str| is_status(line) && !is_status(other);
            let other = data_lines(output).find(|other| {
                past |= std::ptr::eq(*other, line);
                !old(other) && speaks_against(&folded(other), &wanted, past)
            });
            let other = other.or_else(|| fellows::other(&wanted, line, output));
            if let Some(other) = other {
                return unclear(format!(
                    "it says {}, but also {}",
                    quote(line),
                    quote(other)
                ));
            }
            if is_state(&wanted) && is_page(output) {
                return unclear(format!("it says {} in a page of HTML", quote(line)));
            }
            met(quote(line))
        }
        Some((Says::Unsure, line)) => unclear(format!(
            "“{text}” stands in {}, which may mean something else",
            quote(line)
        )),
        Some((Says::Opposite, line)) => not_met(quote(line)),
        Some((Says::Nothing, _)) | None => in_several_lines(text, &wanted, output),
    }
}

/// A text of several lines; else there is at most a column with that name.
fn in_several_lines(text: &str, wanted: &str, output: &str) -> Judgement {
    if text.contains('\n') && places(&folded(output), wanted).next().is_some() {
        return met(quote(text.lines().next().unwrap_or_default()));
    }
    let heads = output
        .lines()
        .find(|line| says(&folded(line), wanted) == Says::So);
    match heads.filter(|line| !complaint(line)) {
        Some(line) => unclear(format!(
            "“{text}” is only the name of a column: {}",
            quote(line)
        )),
        None if let Some(line) = nearly(wanted, output) => unclear(format!(
            "“{text}” is only a part of a word in {}",
            quote(line)
        )),
        None => not_met(lacks(&quote(text), output)),
    }
}

/// A line with the words in a longer name, or a version without its `v`.
fn nearly<'a>(wanted: &str, output: &'a str) -> Option<&'a str> {
    let bare = wanted.strip_prefix('v').filter(|bare| is_version(bare));
    output.lines().filter(|line| !complaint(line)).find(|line| {
        let line = folded(line);
        let named = |(at, found): (usize, &str)| {
            line.get(at + found.len()..)
                .is_some_and(|after| after.starts_with('_'))
        };
        line.match_indices(wanted).any(named)
            || bare.is_some_and(|bare| says(&line, bare) == Says::So)
    })
}

/// What a line says of the words, at the place that says most.
fn says(line: &str, wanted: &str) -> Says {
    let mut found = places(line, wanted).peekable();
    if found.peek().is_none() {
        return Says::Nothing;
    }
    let state = is_state(wanted);
    let doubtful = state && (is_bad(line, wanted) || is_short(line));
    let each = found.map(|(before, after)| {
        if is_denied(before) {
            return Says::Opposite;
        }
        match value_of(after) {
            Some(value) if listed(NO, value) && state => return Says::Opposite,
            Some(value) if state && !is_yes(value) && value != wanted => return Says::Unsure,
            Some(_) | None => {}
        }
        let less = || tokens(before).any(|word| listed(LESS, word));
        let other = if state {
            doubtful || looks_denied(before) || less()
        } else {
            names::is_doubtful(before, after, wanted) || is_tracked(line, before)
        };
        if other || is_remark(line, wanted) {
            return Says::Unsure;
        }
        Says::So
    });
    each.max().unwrap_or(Says::Nothing)
}

/// Whether a line says the words as they are wanted.
pub(super) fn says_so(line: &str, wanted: &str) -> bool {
    says(line, wanted) == Says::So
}

/// Whether a word is a state that is as it should be.
pub(super) fn is_good(word: &str) -> bool {
    listed(STATES, word) || listed(YES, word)
}

/// Whether words are a state, good or bad.
pub(super) fn is_known_state(words: &str) -> bool {
    let lists = [STATES, BETWEEN, YES, NO, "t f"];
    let known = |word: &str| is_bad_word(word) || lists.iter().any(|list| listed(list, word));
    let word = |c: char| !(c.is_alphanumeric() || c == '-');
    is_state(words)
        || words.split(word).filter(|w| !w.is_empty()).all(known) && tokens(words).next().is_some()
}

/// Whether an output is a page for a browser.
fn is_page(output: &str) -> bool {
    let lower = output.to_lowercase();
    lower.contains("<html") || lower.contains("<!doctype")
}

/// `## main...origin/main`: the first is the branch, the second is what it follows.
fn is_tracked(line: &str, before: &str) -> bool {
    line.starts_with("## ") && before != "## "
}

/// Whether a line says the words with a word between them that turns them round: `service is not
/// running`.
fn is_negated(line: &str, wanted: &str) -> bool {
    let said: Vec<&str> = tokens(line).filter(|word| !listed(NOT, word)).collect();
    let words: Vec<&str> = tokens(wanted).collect();
    words.len() > 1
        && places(line, wanted).next().is_none()
        && tokens(line).any(|word| listed(NOT, word))
        && said.windows(words.len()).any(|some| some == words)
}

/// Whether another line says that not all is as one says, which it is past or not.
fn speaks_against(line: &str, wanted: &str, past: bool) -> bool {
    if is_negated(line, wanted) {
        return true;
    }
    let last = tokens(wanted).next_back().unwrap_or_default();
    let done = last.ends_with("ed") || listed(DONE, last);
    let own = |word: &str| done && !past && listed(BEFORE, word);
    if is_state(wanted) {
        return is_bad_but(line, wanted, own)
            || is_short(line)
            || says(line, wanted) == Says::Opposite
            || wanted == "yes" && is_no(line);
    }
    // A whole row, or a sentence, that ends with a state.
    if listed(STATES, last) && (is_bad_but(line, wanted, own) || is_short(line)) {
        return true;
    }
    // What several words say is not so where something went wrong beside it.
    let several = tokens(wanted).nth(1).is_some() && !tokens(wanted).any(is_bad_word);
    let own_line = places(line, wanted).next().is_some();
    if several && !own_line && (reads_as_error(line) || last == "yes" && is_no(line)) {
        return true;
    }
    // Another value of the same setting.
    let name = wanted.split_once('=').map(|(name, _)| name);
    let set = name.and_then(|name| line.trim().strip_prefix(name)?.strip_prefix('='));
    let planned = wanted.starts_with("no ") && plans(line);
    planned || set.is_some() && line.trim() != wanted
}

/// `Plan: 1 to add, 0 to change, 4 to destroy.`
fn plans(line: &str) -> bool {
    let words: Vec<&str> = tokens(line).collect();
    words.contains(&"plan")
        && words.windows(3).any(|three| {
            matches!(three, [count, "to", "add" | "change" | "destroy" | "import"]
                if count.parse::<u64>().is_ok_and(|count| count > 0))
        })
}

/// Whether a line ends with a value that says no: `Replica_SQL_Running: No`.
fn is_no(line: &str) -> bool {
    let value = line.rsplit_once([':', '=']).map(|(_, value)| value.trim());
    value == Some("no")
}

/// Whether a row counts fewer than there are to be: `0/1`, in `shop-1  0/1  Running`, or `1 of 3`.
/// `Step 1/3` counts something else.
fn is_short(line: &str) -> bool {
    const PARTS: &str = "step stage phase page part attempt try";
    let number = |text: &str| {
        let text = text.rsplit(':').next().unwrap_or_default();
        // A date has leading zeros.
        let plain = text == "0" || !text.starts_with(['0', '+']);
        text.parse::<u32>().ok().filter(|_| plain)
    };
    let fewer = |have: &str, all: &str| matches!((number(have), number(all)), (Some(have), Some(all)) if have < all && all <= 20);
    let mut before = "";
    line.split_whitespace().any(|word| {
        let said = std::mem::replace(&mut before, word);
        let ratio = word.split_once('/');
        !listed(PARTS, &said.to_lowercase()) && ratio.is_some_and(|(have, all)| fewer(have, all))
    }) || {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.windows(4).any(|w| {
            matches!(w, [what, have, "of", all] if !listed(PARTS, &what.to_lowercase()) && fewer(have, all))
        }) || matches!(words.as_slice(), [have, "of", all, ..] if fewer(have, all))
    }
}

pub(super) fn tokens(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
}

fn is_state(wanted: &str) -> bool {
    let few = tokens(wanted).nth(3).is_none();
    let last = tokens(wanted).next_back();
    few && last.is_some_and(|word| listed(STATES, word)) && !tokens(wanted).any(is_bad_word)
}

/// Whether the word directly in front turns round what follows: `not ready`, `non-healthy`.
pub(super) fn is_denied(before: &str) -> bool {
    let joined = before.trim_end_matches([' ', '-', '_']);
    let word = tokens(joined)
        .next_back()
        .filter(|word| joined.ends_with(word));
    // `1.0 running` ends with a 0 that is none.
    let whole = |word: &str| {
        let rest = joined.strip_suffix(word).unwrap_or_default();
        !rest.ends_with(['.', ',', '-', '_', '/', ':'])
    };
    word.is_some_and(|word| listed(NOT, word) && whole(word))
}

/// Whether a word shortly in front may: `not yet ready`, `not all nodes ready`.
fn looks_denied(before: &str) -> bool {
    tokens(before)
        .rev()
        .take(4)
        .any(|word| word != "0" && listed(NOT, word))
}

/// What stands behind a name: `: no`, `=false`.
fn behind_name(after: &str) -> Option<&str> {
    let value = after.trim_start().strip_prefix([':', '='])?;
    Some(value.trim_start_matches([' ', '=']))
}

/// The value, where the words are the name of one: `healthy: no`, `success=false`.
fn value_of(after: &str) -> Option<&str> {
    let value = behind_name(after)?;
    let end = value.find(|c: char| c.is_whitespace() || ",};]|".contains(c));
    let value = value.get(..end.unwrap_or(value.len()))?;
    Some(value).filter(|value| !value.is_empty())
}

/// Whether a value says that there is some of it: `true`, `ok`, `12`.
fn is_yes(value: &str) -> bool {
    listed(YES, value) || value.parse::<u64>().is_ok_and(|count| count > 0)
}

fn is_version(wanted: &str) -> bool {
    let number = wanted.strip_prefix('v').unwrap_or(wanted);
    number.starts_with(|c: char| c.is_ascii_digit())
        && number.ends_with(|c: char| c.is_ascii_digit())
        && number.contains('.')
}

/// Whether a line says that something is not as it should be. `errors: 0` and `no errors` do not.
pub(super) fn is_bad(line: &str, wanted: &str) -> bool {
    is_bad_but(line, wanted, |_| false)
}

fn is_bad_but(line: &str, wanted: &str, excused: impl Fn(&str) -> bool) -> bool {
    let own = |word: &str| excused(word) || tokens(wanted).any(|own| own == word);
    words_of(line).any(|(before, word, after)| {
        if !is_bad_word(word) || own(word) {
            return false;
        }
        let value = || value_of(after).unwrap_or_default();
        let none = is_denied(before)
            || holds_nothing(after)
            || word == "exited" && after.trim_start().starts_with("(0)");
        let limit =
            word.starts_with("timeout") && value().starts_with(|c: char| c.is_ascii_digit());
        let name = !word.starts_with("crash") && is_in_name(before, after);
        // A column of its own: what is not watched runs all the same.
        let cell = word == "disabled"
            && before.trim_end().ends_with('│')
            && after.trim_start().starts_with('│');
        let name = name || cell;
        !none && !limit && !name
    })
}

/// The words of a line, each between what stands before it and what stands behind it.
pub(super) fn words_of(line: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    let mut past = 0;
    tokens(line).filter_map(move |word| {
        let start = past + line.get(past..)?.find(word)?;
        past = start + word.len();
        Some((line.get(..start)?, word, line.get(past..)?))
    })
}

/// Whether a word is a part of a name: `error-handler`, `/error`, `public.errors`.
pub(super) fn is_in_name(before: &str, after: &str) -> bool {
    let joint = |c: char| matches!(c, '-' | '_' | '/' | '.' | '@');
    let mut behind = after.chars();
    let goes_on = behind.next().is_some_and(|c| c != '/' && joint(c))
        && behind.next().is_some_and(char::is_alphanumeric);
    let mut ahead = before.chars().rev();
    let first = ahead.next();
    let comes = first == Some('/')
        || first.is_some_and(joint) && ahead.next().is_some_and(char::is_alphanumeric);
    goes_on || comes
}

/// Whether a line is a setting that is taken out of its file, where one is wanted.
fn is_remark(line: &str, wanted: &str) -> bool {
    wanted.contains('=') && line.starts_with('#') && !wanted.starts_with('#')
}

/// Whether what stands behind a name says that there is none of it: `: 0`, `": []`, `=null`.
pub(super) fn holds_nothing(after: &str) -> bool {
    let Some(behind) = behind_name(after) else {
        return false;
    };
    let empty = [",", "}", "[]", "{}"]
        .iter()
        .any(|mark| behind.starts_with(mark));
    let none = value_of(after).is_some_and(|value| {
        let zero = value.trim_end_matches('%').parse() == Ok(0.0);
        let said = matches!(value, "none" | "null" | "nil" | "false" | "no");
        zero || said && !begins_sentence(behind, value)
    });
    empty || none
}

/// Whether a value is only the first word of what is said: `error: no space left on device`, and
/// not `error: no` or `errors: none, warnings: 2`.
fn begins_sentence(behind: &str, value: &str) -> bool {
    let rest = behind.strip_prefix(value).unwrap_or_default();
    let next = rest.split_whitespace().next().unwrap_or_default();
    let joined = rest.starts_with(' ') && next.starts_with(char::is_alphanumeric);
    joined && !next.ends_with(':') && !next.contains('=')
}

/// What stands before and behind the words, wherever they stand as words: `ok` is not found in
/// `broken`, nor `healthy` in `unhealthy`. Words that end in `_` ask for a beginning: `backup_` is
/// found in `backup_20310412`.
pub(super) fn places<'a>(
    line: &'a str,
    words: &'a str,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let closed = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    line.match_indices(words).filter_map(move |(start, found)| {
        let (before, after) = (line.get(..start)?, line.get(start + found.len()..)?);
        let joined_before = is_word(before.chars().next_back()) && closed(found.chars().next());
        let joined_after = is_word(after.chars().next()) && closed(found.chars().next_back());
        (!joined_before && !joined_after).then_some((before, after))
    })
}

/// Whether a line is a program's own complaint that what it should read is not there, or could not
/// be asked: `tail: cannot open 'app.log' for reading: No such file or directory`.
pub(super) fn complaint(line: &str) -> bool {
    const ENDS: &[&str] = &[
        "no such file or directory",
        "permission denied",
        "command not found",
        "connection refused",
        "connection timed out",
        "no route to host",
        "name or service not known",
        "not found",
        "access denied",
    ];
    const BEGINS: &[&str] = &[
        "error response from daemon",
        "error from server",
        "curl: (",
        "psql: error",
        "mysql: [",
        "ssh: connect to",
        "ssh: could not",
        "kex_exchange_identification",
        "could not connect to redis",
        "the connection to the server",
        "cannot connect to the docker daemon",
    ];
    let line = line.trim().trim_matches(['"', '\'', '`']).to_lowercase();
    let refused = line
        .strip_prefix("error ")
        .and_then(|rest| rest.split_once(' '));
    let refused = refused.is_some_and(|(number, rest)| {
        number.len() == 4 && number.bytes().all(|b| b.is_ascii_digit()) && rest.starts_with('(')
    });
    if refused || BEGINS.iter().any(|begin| line.starts_with(begin)) {
        return true;
    }
    let named = line.split_once(": ");
    named.is_some_and(|(program, why)| {
        !program.contains(char::is_whitespace) && ENDS.iter().any(|end| why.ends_with(end))
    })
}

/// What a search for these words should not have found. Its exit status says what it found: 0 that
/// there was something, 1 that there was nothing.
pub(super) fn absent(words: &[String], output: &str, exit: Option<i32>) -> Judgement {
    let words: Vec<String> = words.iter().map(|w| w.to_lowercase()).collect();
    let bad = output.lines().find(|line| {
        let line = line.to_lowercase();
        words
            .iter()
            .any(|w| !w.is_empty() && line.contains(w.as_str()))
    });
    if let Some(line) = bad {
        return not_met(quote(line));
    }
    if let Some(line) = output.lines().find(|line| complaint(line)) {
        return unclear(quote(line));
    }
    let searched = words.join("”, “");
    match exit {
        Some(0) => {
            let found = output.lines().rfind(|line| !line.trim().is_empty());
            not_met(match found {
                Some(line) => format!("its search found something: {}", quote(line)),
                None => "its search found something (it ended with 0)".to_owned(),
            })
        }
        Some(1) => met(format!(
            "its search for “{searched}” found nothing (it ended with 1)"
        )),
        Some(code) => unclear(format!(
            "it ended with {code}, so its silence proves nothing"
        )),
        None => unclear("it did not end by itself, so its silence proves nothing"),
    }
}
