//! What a comment in a code block says: a number, an expectation, an alternative, a command that
//! was commented out.
//!
//! Works on the text of one comment, with or without its mark.

use super::known::reads_as_command;
use super::parse::parses;

/// Another way that a comment offers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alternative {
    /// The words before the command: `use tags` of `Or use tags: git tag -l`.
    pub label: String,
    /// The command, where the comment holds it.
    pub command: Option<String>,
}

/// Words that a number may follow: `Step 3`.
const NUMBERED: &[&str] = &[
    "step", "paso", "passo", "étape", "etape", "schritt", "шаг", "步骤", "第", "krok", "adım",
    "단계",
];

/// Words with which an expectation begins, as wholes.
const EXPECTING: &[&str] = &[
    "expected", "expects", "expect", "should", "must", "returns", "return", "prints", "print",
];

/// And those that a colon must follow.
const HEADING: &[&str] = &[
    "output",
    "result",
    "response",
    "answer",
    "ответ",
    "вывод",
    "результат",
    "ausgabe",
    "antwort",
    "sortie",
    "réponse",
    "salida",
    "respuesta",
    "saída",
    "resposta",
];

/// And those that a colon or a bracket must follow.
const OUTPUT: &[&str] = &["output", "sample output", "example output"];

/// And those that are enough as beginnings of words.
const BEGINNINGS: &[&str] = &[
    "→",
    "⇒",
    "✓",
    "✔",
    "✅",
    "=>",
    "->",
    "you should see",
    "look for",
    "verify that",
    "verify it",
    "verify output",
    "预期",
    "期望",
    "应",
    "輸出",
    "输出",
    "期待",
    "出力",
    "예상",
    "결과",
    "esperado",
    "respuesta esperada",
    "resultado",
    "debe",
    "attendu",
    "résultat",
    "doit",
    "erwartet",
    "sollte",
    "ожида",
    "должн",
    "oczekiwan",
    "beklenen",
    "saída esperada",
    "salida esperada",
    "sortie attendue",
    "deve",
    "risultato atteso",
    "atteso",
    "dovrebbe",
    "powin",
    "verwacht",
    "المتوقع",
    "النتيجة المتوقعة",
    "يجب",
    "kết quả mong đợi",
    "mong đợi",
];

/// And those that say so at the end, in languages that put their verb there.
const ENDINGS: &[&str] = &[
    "야 함",
    "야 한다",
    "야 합니다",
    "はず",
    "はずです",
    "されること",
    "であること",
    "ことを確認",
    "olmalı",
    "olmalıdır",
];

/// Words that offer another way.
const OR: &[&str] = &[
    "or",
    "alternatively",
    "alternative",
    "또는",
    "或者",
    "或",
    "または",
    "oder",
    "ou",
    "lub",
    "или",
    "o bien",
    "otherwise",
    "否则",
    "sonst",
    "sinon",
    "иначе",
];

/// Those of them that stand for what is done where the first way is not taken.
const OTHERWISE: &[&str] = &["otherwise", "否则", "sonst", "sinon", "иначе"];

/// What follows `word` (lower case) at the beginning of a text in any case.
pub(crate) fn after_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let mut rest = text.chars();
    for wanted in word.chars() {
        let found = rest.next()?;
        if found != wanted && !found.to_lowercase().eq(std::iter::once(wanted)) {
            return None;
        }
    }
    Some(rest.as_str())
}

/// As [`after_word`], where the word ends there.
fn after_whole_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    after_word(text, word)
        .filter(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// As [`after_whole_word`]; in scripts that put no spaces between words, whatever follows.
fn after_or<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let spaced = word.chars().any(|c| u32::from(c) < 0x2E80);
    if spaced {
        after_whole_word(text, word)
    } else {
        after_word(text, word)
    }
}

/// The text of a comment without `#`, `--` or `//` and the space after it.
fn bare(comment: &str) -> &str {
    let text = comment.trim();
    let text = text
        .strip_prefix("--")
        .or_else(|| text.strip_prefix("//"))
        .unwrap_or_else(|| text.trim_start_matches('#'));
    text.trim()
}

/// The number that a comment begins with: 3 of `# 3. Restart`, 2 of `# Step 2: Stop`.
#[must_use]
pub fn number_of(comment: &str) -> Option<u32> {
    let text = bare(comment);
    let text = NUMBERED
        .iter()
        .find_map(|word| after_word(text, word))
        .map_or(text, str::trim_start);
    let text = text.strip_prefix('#').unwrap_or(text);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at_checked(digits)?;
    let dash = || rest.trim_start().strip_prefix(['-', '–', '—']);
    let tail = rest
        .strip_prefix(['.', ')', ':', '：', '、', '步'])
        .or_else(|| rest.strip_prefix("단계"))
        .or_else(dash)?;
    // `1.5 GB` is an amount.
    let amount = tail.starts_with(|c: char| c.is_ascii_digit());
    ((1..=3).contains(&digits) && !amount)
        .then(|| number.parse().ok())
        .flatten()
}

/// Whether a comment says what a command should show.
#[must_use]
pub fn is_expectation(comment: &str) -> bool {
    let text = bare(comment);
    let before = |word: &&str, marks: &[char]| {
        after_word(text, word).is_some_and(|rest| rest.trim_start().starts_with(marks))
    };
    EXPECTING
        .iter()
        .any(|w| after_whole_word(text, w).is_some())
        || HEADING.iter().any(|w| before(w, &[':', '：']))
        || OUTPUT.iter().any(|w| before(w, &['(', ':', '：']))
        || BEGINNINGS.iter().any(|w| after_word(text, w).is_some()) && !is_order(text)
        || ends_as_expected(text)
        || says_what_should_be(text)
}

/// Whether a sentence says what should be seen: `All pods should be Running`, `You should see 3
/// rows`, `0 rows expected`. `This should be run on the host` asks for something.
#[must_use]
pub fn says_what_should_be(text: &str) -> bool {
    const WHO: &[&str] = &[
        "all", "both", "each", "every", "the", "this", "it", "you", "there", "output", "plan",
        "status", "result", "response", "no", "none", "count", "version", "query",
    ];
    const SHOW: &[&str] = &[
        "return", "show", "see", "say", "print", "display", "respond", "report", "output", "list",
        "read",
    ];
    const BE: &[&str] = &[
        "running",
        "ready",
        "healthy",
        "up",
        "active",
        "green",
        "empty",
        "online",
        "available",
        "true",
        "false",
        "gone",
        "down",
        "stopped",
        "inactive",
        "disabled",
        "enabled",
        "0",
        "zero",
        "no",
        "ok",
    ];
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| c.is_whitespace() || matches!(c, '`' | '"' | '*' | ',' | '.'))
        .filter(|word| !word.is_empty())
        .collect();
    if text.trim_end().ends_with(['?', ':']) || words.len() > 16 {
        return false;
    }
    if let [count, "row" | "rows" | "records", "expected"] = words.as_slice() {
        return count.bytes().all(|b| b.is_ascii_digit()) || *count == "no";
    }
    let should = words
        .iter()
        .position(|word| matches!(*word, "should" | "must"));
    let (Some(at), Some(first)) = (should, words.first()) else {
        return false;
    };
    let next = words.get(at + 1).copied().unwrap_or_default();
    let after = words.get(at + 2).copied().unwrap_or_default();
    let seen = SHOW.contains(&next) || next == "be" && BE.contains(&after);
    let asked =
        matches!(*first, "you") && matches!(next, "report" | "read" | "list" | "say" | "be");
    // `The caller should report it`: a person does.
    let who =
        WHO.contains(first) && at <= 5 && !(*first == "the" && matches!(next, "report" | "say"));
    seen && !asked && who
}

/// `→ Restore the copy` tells somebody to do something, where `→ Restored` says what is seen.
fn is_order(text: &str) -> bool {
    const ORDERS: &[&str] = &[
        "restore",
        "rebuild",
        "restart",
        "isolate",
        "run",
        "execute",
        "increase",
        "reduce",
        "stop",
        "start",
        "notify",
        "update",
        "check",
        "rotate",
        "remove",
        "delete",
        "create",
        "fix",
        "investigate",
        "contact",
        "call",
        "escalate",
        "roll",
        "revert",
        "copy",
        "open",
        "go",
        "login",
        "change",
        "inspect",
        "wait",
        "repeat",
        "verify",
        "confirm",
        "test",
    ];
    let rest = ["→", "⇒", "=>", "->"]
        .iter()
        .find_map(|a| text.strip_prefix(a));
    let first = rest.and_then(|r| r.split_whitespace().next());
    let several = rest.is_some_and(|r| r.split_whitespace().count() > 1);
    several && first.is_some_and(|f| ORDERS.contains(&f.to_lowercase().as_str()))
}

fn ends_as_expected(text: &str) -> bool {
    let text = text.trim_end_matches(['.', '。', ')', '）', ' ']);
    !text.is_ascii() && ENDINGS.iter().any(|w| text.ends_with(w))
}

/// The other way that a comment offers: `# Or: docker-compose restart`, `# Or use tags: git tag`.
#[must_use]
pub fn alternative(comment: &str) -> Option<Alternative> {
    let text = bare(comment);
    let rest = OR.iter().find_map(|word| after_or(text, word))?;
    let rest = rest.strip_prefix([':', ',']).unwrap_or(rest).trim();
    if rest.contains('\n') {
        return None;
    }
    if let Some(command) = commented_out(rest) {
        return Some(Alternative {
            label: String::new(),
            command: Some(command),
        });
    }
    let (label, tail) = rest.split_once(':').unwrap_or((rest, ""));
    Some(Alternative {
        label: label.trim().to_owned(),
        command: commented_out(tail),
    })
}

/// Whether a comment heads what is done where the way before it is not taken: `# otherwise:`.
#[must_use]
pub fn is_otherwise(comment: &str) -> bool {
    OTHERWISE
        .iter()
        .any(|word| after_or(bare(comment), word).is_some())
}

/// The command of a comment that is a command commented out, and not a sentence.
#[must_use]
pub fn commented_out(text: &str) -> Option<String> {
    let command = bare(text);
    // The prompt of a console: `>> Redis.new.ping` would make a file of that name.
    if command.starts_with('>') {
        return None;
    }
    let sql = [
        "SELECT ",
        "DELETE ",
        "UPDATE ",
        "INSERT ",
        "DROP ",
        "TRUNCATE ",
        "ALTER ",
        "CREATE ",
    ];
    if command.ends_with(';') && sql.iter().any(|word| command.starts_with(word)) {
        return Some(command.to_owned());
    }
    (reads_as_command(command) && parses(command).is_ok()).then(|| command.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_should_be_seen_is_told_from_what_should_be_done() {
        for said in [
            "All pods should be Running",
            "You should see 3 pods in `Running` state.",
            "Both should return 0 rows",
            "Plan should show no changes",
            "0 rows expected",
        ] {
            assert!(says_what_should_be(said), "{said}");
        }
        for said in [
            "This should be run on the host",
            "You should be on the main branch",
            "The on-call engineer should report it",
            "Should it be stopped?",
            "The service should be restarted",
            "All teams should stop deploying",
        ] {
            assert!(!says_what_should_be(said), "{said}");
        }
    }

    #[test]
    fn what_stands_behind_the_prompt_of_a_console_is_no_command() {
        assert!(commented_out("# redis-cli ping").is_some());
        for text in ["# >> Cache.new.ping", "# > db.stats()", "# >>> shop.sync()"] {
            assert_eq!(commented_out(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_read_in_their_usual_spellings() {
        for (text, number) in [
            ("# 1. Stop", Some(1)),
            ("# 12) Stop", Some(12)),
            ("# Step 2: Connect", Some(2)),
            ("-- 3. Drop", Some(3)),
            ("# Paso 4: parar", Some(4)),
            ("# 1、停止", Some(1)),
            ("# 30 minutes later", None),
            ("# 1.5 GB are needed", None),
            ("# v1. is old", None),
        ] {
            assert_eq!(number_of(text), number, "{text}");
        }
    }

    #[test]
    fn expectations_are_told_from_titles() {
        for text in [
            "# Expected: 200 OK",
            "-- Should return 0 rows",
            "# → PONG",
            "# 예상 결과: x",
            "# Output:",
        ] {
            assert!(is_expectation(text), "{text}");
        }
        for text in [
            "# Verify rollback",
            "# Check output files",
            "# 1. Expected window",
            "# → Restore the copy",
        ] {
            assert!(!is_expectation(text), "{text}");
        }
    }

    #[test]
    fn commands_are_told_from_sentences() {
        for (text, command) in [
            ("# DROP TABLE a CASCADE;", Some("DROP TABLE a CASCADE;")),
            ("# cd ~/skyputh-vpn", Some("cd ~/skyputh-vpn")),
            ("# docker-compose restart", Some("docker-compose restart")),
            ("# find commit before the feature", None),
            ("# Restart the backend", None),
            ("# make sure backups exist", None),
            ("# cat the file and check it", None),
            ("# watch logs for 24 hours", None),
            ("# (Cloudflare, etc.)", None),
            ("# or", None),
        ] {
            assert_eq!(commented_out(text).as_deref(), command, "{text}");
        }
    }

    #[test]
    fn alternatives_carry_their_command() {
        let with = |text: &str| alternative(text).map(|a| (a.label, a.command));
        let some = |label: &str, command: &str| Some((label.to_owned(), Some(command.to_owned())));
        assert_eq!(
            with("# Or: git checkout v1.2.3"),
            some("", "git checkout v1.2.3")
        );
        assert_eq!(
            with("# Or use tags: git tag -l"),
            some("use tags", "git tag -l")
        );
        assert_eq!(
            with("# Or static hosting:"),
            Some(("static hosting".to_owned(), None))
        );
        assert_eq!(with("# Order the files"), None);
        assert!(with("# 或仅备份数据").is_some() && with("# otherwise:").is_some());
        assert!(is_otherwise("# Otherwise, by hand") && !is_otherwise("# or by hand"));
    }
}
