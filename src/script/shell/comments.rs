//! What a comment in a code block says: a number, an expectation, an alternative, a command that
//! was commented out.
//!
//! Works on the text of one comment, with or without its mark.

use std::sync::LazyLock;

use regex::Regex;

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

static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?i:(?:step|paso|passo|étape|etape|schritt|шаг|步骤|第|krok|adım|단계)\s*)?#?(\d{1,3})(?:[.):：、]|\s*[-–—]|步|단계)(?:\s|$|\D)")
        .ok()
});

static EXPECTATION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^(?i)(?:[→⇒✓✔✅]|=>|->",
        r"|expect(?:ed|s)?\b|should\b|must\b|returns?\b|output\s*:|(?:sample |example )?output\b\s*(?:\(|:)",
        r"|result\s*:|you should see|look for|verify (?:that|it|output)|response\s*:|prints?\b",
        r"|预期|期望|应|輸出|输出|期待|出力|예상|결과|esperado|respuesta esperada|resultado|debe",
        r"|attendu|résultat|doit|erwartet|sollte|ожида|должн|oczekiwan|beklenen|saída esperada|deve)",
    ))
    .ok()
});

static ALTERNATIVE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?i)(?:or|alternatively|alternative|또는|或者?|または|oder|ou|lub|или|o bien)\b[:,]?\s*(.*)$")
        .ok()
});

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
    let captures = NUMBER.as_ref()?.captures(bare(comment))?;
    captures.get(1)?.as_str().parse().ok()
}

/// Whether a comment says what a command should show.
#[must_use]
pub fn is_expectation(comment: &str) -> bool {
    EXPECTATION
        .as_ref()
        .is_some_and(|pattern| pattern.is_match(bare(comment)))
}

/// The other way that a comment offers: `# Or: docker-compose restart`, `# Or use tags: git tag`.
#[must_use]
pub fn alternative(comment: &str) -> Option<Alternative> {
    let captures = ALTERNATIVE.as_ref()?.captures(bare(comment))?;
    let rest = captures.get(1)?.as_str().trim();
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

/// The command of a comment that is a command commented out, and not a sentence.
#[must_use]
pub fn commented_out(text: &str) -> Option<String> {
    let command = bare(text);
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
    }
}
