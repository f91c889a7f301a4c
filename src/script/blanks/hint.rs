//! What the words around a blank say of it: the flag or the name before it, where the blank itself
//! says nothing. `-n ____` of kubectl wants a namespace.
//!
//! Only for people: the hint names a question and is in its help. Nothing is filled by it.

use std::ops::Range;

use super::normalise;

/// What stands before a blank.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Hint {
    /// One word for it, normalised: `namespace`; empty where there is none.
    pub word: String,
    /// Where it stands, in words: `after -n`; empty where there is nothing before it.
    pub after: String,
}

/// What short flags of well-known programs mean.
const FLAGS: &[(&str, &str, &str)] = &[
    ("kubectl helm oc k9s stern", "-n", "namespace"),
    ("kubectl oc stern", "-c", "container"),
    ("kubectl oc stern", "-l", "selector"),
    (
        "psql pg_dump pg_restore mysql mysqldump redis-cli createdb dropdb mongosh",
        "-h",
        "host",
    ),
    ("psql pg_dump pg_restore createdb dropdb", "-U", "user"),
    ("psql pg_dump pg_restore", "-d", "database"),
    ("psql pg_dump pg_restore", "-t", "table"),
    ("psql pg_dump pg_restore redis-cli ssh", "-p", "port"),
    ("mysql mysqldump", "-P", "port"),
    ("mysql mysqldump docker podman sshpass", "-p", "password"),
    ("redis-cli", "-a", "password"),
    ("redis-cli", "-n", "database"),
    ("mysql mysqldump curl docker podman", "-u", "user"),
    ("ssh scp rsync sftp", "-i", "key_file"),
    ("ssh", "-l", "user"),
    ("scp sftp", "-P", "port"),
    ("docker podman", "-t", "tag"),
    ("docker podman", "-e", "environment"),
    ("git", "-b", "branch"),
    ("git", "-C", "directory"),
    ("curl wget", "-o", "output_file"),
    ("curl", "-X", "method"),
    ("systemctl journalctl", "-u", "unit"),
    ("kill pkill", "-s", "signal"),
];

/// What the code before a blank says of it.
#[must_use]
pub fn hint(code: &str, at: &Range<usize>) -> Hint {
    let before = without_blanks(code, at.start);
    let before = before.as_str();
    let statement = before
        .rsplit(['|', ';', '&', '\n'])
        .next()
        .unwrap_or_default();
    // A continued command begins further up.
    let program = program_of(before);
    let word = statement
        .rsplit(|c: char| c.is_whitespace())
        .next()
        .unwrap_or_default();
    let after = code.get(at.end..).unwrap_or_default();
    if word.contains("://") && word.ends_with(':') && after.starts_with('@') {
        return said("password", "after the user of the address");
    }
    if let Some(hint) = glued(word) {
        return hint;
    }
    let earlier = statement.strip_suffix(word).unwrap_or_default().trim_end();
    let Some(last) = earlier.split_whitespace().next_back() else {
        return Hint::default();
    };
    let shown = last.trim_matches(['"', '\'', '(', ',']);
    if shown.contains("___") {
        return Hint::default();
    }
    if let Some(flag) = shown.strip_prefix("--") {
        return said(&normalise(flag), &format!("after {shown}"));
    }
    if shown.starts_with('-') && shown.len() == 2 {
        let known = |(programs, flag, _): &&(&str, &str, &str)| {
            *flag == shown && programs.split(' ').any(|p| p == program)
        };
        let means = FLAGS.iter().find(known).map_or("", |(.., means)| *means);
        return said(means, &format!("after {shown}"));
    }
    if matches!(shown, "=" | "<" | ">" | "<=" | ">=" | "<>" | "!=") {
        let words = earlier.trim_end_matches(['=', '<', '>', '!', ' ']);
        let name = words.split_whitespace().next_back().unwrap_or_default();
        return said(&short(name), &format!("after {name} {shown}"));
    }
    let alone = earlier == last;
    let word = if alone { String::new() } else { short(shown) };
    said(&word, &format!("after {shown}"))
}

/// `deploy/____`, `--tag=____`, `NAME=____`, `ana@____`.
fn glued(word: &str) -> Option<Hint> {
    let open = word.trim_end_matches(['"', '\'']);
    let rest = open.strip_suffix(['=', ':', '/', '@', '-', '_'])?;
    if rest.is_empty() || rest.contains("___") {
        return None;
    }
    if open.ends_with("://") || (open.ends_with('@') && !rest.is_empty()) {
        return Some(said("host", &format!("after {open}")));
    }
    if open.contains("://") {
        return Some(said("", &format!("after {open}")));
    }
    let name = rest.rsplit(['/', ':', '@', '=', ',', '"', '\'']).next()?;
    let name = short(name.trim_start_matches('-'));
    (!name.is_empty()).then(|| said(&name, &format!("after {open}")))
}

/// The code up to a place, earlier blanks that name nothing as lines to write on.
fn without_blanks(code: &str, end: usize) -> String {
    let mut text = String::new();
    let mut at = 0;
    let found = super::find(code, "");
    let nameless = found.iter().filter(|b| b.names_nothing());
    for blank in nameless.take_while(|b| b.range.end <= end) {
        text.push_str(code.get(at..blank.range.start).unwrap_or_default());
        text.push_str("___");
        at = blank.range.end;
    }
    text.push_str(code.get(at..end).unwrap_or_default());
    text
}

fn said(word: &str, after: &str) -> Hint {
    Hint {
        word: word.to_owned(),
        after: after.to_owned(),
    }
}

/// A word as a name, where it is not too long for one.
fn short(word: &str) -> String {
    let name = normalise(word);
    if name.chars().count() <= 24 && name.starts_with(char::is_alphabetic) {
        name
    } else {
        String::new()
    }
}

/// The program of the command that a text ends in, continuation lines taken together.
fn program_of(before: &str) -> &str {
    let mut start = before.len();
    loop {
        let head = before.get(..start).unwrap_or_default();
        let Some(line_end) = head.rfind('\n') else {
            start = 0;
            break;
        };
        let joined = before
            .get(..line_end)
            .is_some_and(|b| b.trim_end().ends_with('\\'));
        if !joined {
            start = line_end + 1;
            break;
        }
        start = line_end;
    }
    let statement = before.get(start..).unwrap_or_default();
    let command = statement.rsplit(['|', ';', '&']).next().unwrap_or_default();
    let mut words = command.split_whitespace().filter(|w| {
        !w.contains('=') && !matches!(*w, "sudo" | "time" | "exec" | "env" | "nohup" | "\\")
    });
    let word = words.next().unwrap_or_default();
    word.rsplit('/').next().unwrap_or_default()
}

/// The line of the code on which a blank stands, every blank that names nothing as `___` and the
/// asked one between marks, at most `most` characters long.
#[must_use]
pub fn shown(code: &str, lang: &str, asked: &Range<usize>, most: usize) -> String {
    let start = code
        .get(..asked.start)
        .and_then(|b| b.rfind('\n'))
        .map_or(0, |n| n + 1);
    let end = code
        .get(asked.end..)
        .and_then(|r| r.find('\n'))
        .map_or(code.len(), |n| asked.end + n);
    let mut text = String::new();
    let mut at = start;
    for blank in super::find(code, lang) {
        let inside = blank.range.start >= at && blank.range.end <= end;
        if !inside || !blank.names_nothing() {
            continue;
        }
        text.push_str(code.get(at..blank.range.start).unwrap_or_default());
        text.push_str(if blank.range == *asked {
            "▶___◀"
        } else {
            "___"
        });
        at = blank.range.end;
    }
    text.push_str(code.get(at..end).unwrap_or_default());
    cut(text.trim(), most)
}

/// At most so many characters, with the asked place among them.
fn cut(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    let asked = text.chars().position(|c| c == '▶').unwrap_or(0);
    let from = asked.saturating_sub(most * 2 / 3).min(count - most);
    let kept: String = text.chars().skip(from).take(most).collect();
    let head = if from > 0 { "…" } else { "" };
    let tail = if from + most < count { "…" } else { "" };
    format!("{head}{}{tail}", kept.trim())
}

#[cfg(test)]
mod tests {
    use super::super::find;
    use super::{hint, shown};

    fn said(code: &str, lang: &str) -> Vec<(String, String)> {
        let blanks = find(code, lang);
        let nameless = blanks.iter().filter(|b| b.names_nothing());
        nameless
            .map(|b| {
                let hint = hint(code, &b.range);
                (hint.word, hint.after)
            })
            .collect()
    }

    #[test]
    fn the_words_before_a_blank_say_what_it_is() {
        for (code, lang, word, after) in [
            (
                "kubectl -n [FILL IN] get pods",
                "bash",
                "namespace",
                "after -n",
            ),
            (
                "sudo kubectl \\\n  -n ____ get pods",
                "bash",
                "namespace",
                "after -n",
            ),
            ("psql -h XXX", "bash", "host", "after -h"),
            ("tool -h XXX", "bash", "", "after -h"),
            (
                "helm rollback shop --namespace=<...>",
                "bash",
                "namespace",
                "after --namespace=",
            ),
            ("export TOKEN=\"<value>\"", "bash", "token", "after TOKEN="),
            (
                "kubectl rollout undo deploy/____",
                "bash",
                "deploy",
                "after deploy/",
            ),
            ("ssh ana@???", "bash", "host", "after ana@"),
            (
                "psql postgres://shop:xxxx@db/shop",
                "bash",
                "password",
                "after the user of the address",
            ),
            (
                "DELETE FROM t WHERE order_id = <x>",
                "sql",
                "order_id",
                "after order_id =",
            ),
            ("SELECT * FROM ____", "sql", "from", "after FROM"),
            ("touch rel-[FILL IN]", "bash", "rel", "after rel-"),
            ("____", "bash", "", ""),
        ] {
            let want = [(word.to_owned(), after.to_owned())];
            assert_eq!(said(code, lang), want, "{code}");
        }
    }

    #[test]
    fn the_asked_place_stays_in_view() {
        let code = format!("a\nkubectl {} -n ____ x ____\nb", "-v ".repeat(60));
        let blanks = find(&code, "bash");
        let text = shown(&code, "bash", &blanks[0].range, 60);
        assert!(
            text.starts_with('…') && text.contains("-n ▶___◀ x ___"),
            "{text}"
        );
    }
}
