//! What must not stand in a document that a team shares: keys, tokens and passwords.
//!
//! Known forms of tokens are errors, passwords in the usual places are warnings. Examples,
//! variables and blanks are none. The value itself is never part of a message.

use std::sync::LazyLock;

use super::{Review, codes};
use crate::script::secret_names::is_secret_name;
use regex::{Regex, RegexSet};

/// Forms that are sure: what it is called, and what it looks like.
const TOKENS: &[(&str, &str)] = &[
    ("an AWS access key", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    ("a private key", r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    (
        "a GitHub token",
        r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})",
    ),
    ("a GitLab token", r"\bglpat-[A-Za-z0-9_-]{20,}"),
    ("a Slack token", r"\bxox[abeprs]-[0-9A-Za-z-]{20,}"),
    (
        "a Slack webhook",
        r"https://hooks\.slack\.com/services/T[0-9A-Z]{6,}/B[0-9A-Z]{6,}/[0-9A-Za-z]{20,}",
    ),
    ("a Stripe key", r"\b[rs]k_live_[0-9A-Za-z]{20,}"),
    ("a Google API key", r"\bAIza[0-9A-Za-z_-]{35}"),
    (
        "a SendGrid key",
        r"\bSG\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z_-]{43}",
    ),
    ("an npm token", r"\bnpm_[0-9A-Za-z]{36}\b"),
    (
        "a signed token (JWT)",
        r"\beyJ[0-9A-Za-z_-]{15,}\.eyJ[0-9A-Za-z_-]{15,}\.[0-9A-Za-z_-]{20,}",
    ),
    ("an API key", r"\bsk-(?:[a-z]+-)*[0-9A-Za-z_-]{32,}"),
];

static ANY: LazyLock<Option<RegexSet>> =
    LazyLock::new(|| RegexSet::new(TOKENS.iter().map(|(_, form)| form)).ok());

static EACH: LazyLock<Vec<Option<Regex>>> = LazyLock::new(|| {
    TOKENS
        .iter()
        .map(|(_, form)| Regex::new(form).ok())
        .collect()
});

static PASSWORD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    // In an address, in an assignment, in an option, in a header.
    Regex::new(
        r#"(?x)
        [a-z][a-z0-9+.-]*:// [^\s:/@"'`]+ : (?P<a> [^\s:/@"'`]{3,} ) @
        | (?P<name> \b [A-Za-z] [A-Za-z0-9_]* ) = ["']? (?P<b> [^\s"'`;&|<>]{6,} )
        | (?i: --password | --passwd | --token | --api-key ) (?: = | \s+ ) ["']? (?P<c> [^\s"'`;&|-] [^\s"'`;&|]{4,} )
        | (?i: Authorization ) : \s* (?: Bearer | Basic | token ) \s+ (?P<d> [A-Za-z0-9._+/=-]{12,} )
        "#,
    )
    .ok()
});

/// Looks at every line.
pub fn check(review: &mut Review<'_>) {
    let mut found = Vec::new();
    for (number, line) in review.source.lines() {
        if let Some((name, from, to)) = token(line) {
            let place = review.source.bytes(number, from, to);
            found.push((&codes::SECRET, place, format!("this looks like {name}")));
        } else if let Some((from, to)) = password(line) {
            let place = review.source.bytes(number, from, to);
            let message = "a password or token is written out here".to_owned();
            found.push((&codes::PASSWORD, place, message));
        }
    }
    for (code, place, message) in found {
        review.say(code, place, message);
    }
}

fn token(line: &str) -> Option<(&'static str, usize, usize)> {
    let first = ANY.as_ref()?.matches(line).iter().next()?;
    let (name, _) = TOKENS.get(first)?;
    let hit = EACH.get(first)?.as_ref()?.find(line)?;
    let example = hit.as_str().to_uppercase();
    let fake =
        example.contains("EXAMPLE") || example.contains("XXXX") || example.contains("0000000");
    (!fake).then(|| (*name, hit.start(), hit.end()))
}

fn password(line: &str) -> Option<(usize, usize)> {
    // What all the forms have in common; most lines have none of it.
    if !line.contains(['=', '@']) && !line.contains("--") && !line.contains("uthorization") {
        return None;
    }
    let pattern = PASSWORD.as_ref()?;
    let mut from = 0;
    while let Some(captures) = pattern.captures_at(line, from) {
        let named = captures.name("name").map(|name| name.as_str());
        let of_store = captures.name("name").is_some_and(|name| {
            // The option says which secret of a store is meant.
            name.as_str() == "secret" && line.get(..name.start()).is_some_and(|b| b.ends_with('-'))
        });
        if named.is_none_or(is_secret_name) && !of_store {
            let value = ["a", "b", "c", "d"].iter().find_map(|g| captures.name(g))?;
            return is_real(value.as_str()).then(|| (value.start(), value.end()));
        }
        // What is assigned may hold one itself.
        from = captures.name("name").map_or(line.len(), |name| name.end());
    }
    None
}

/// No variable, no blank, no example: a value that opens something.
fn is_real(value: &str) -> bool {
    const FAKE: &[&str] = &[
        "password",
        "passwd",
        "pass",
        "secret",
        "changeme",
        "change",
        "example",
        "your",
        "dummy",
        "placeholder",
        "postgres",
        "admin",
        "root",
        "user",
        "test",
        "token",
        "redacted",
        "hidden",
        "null",
        "none",
        "true",
        "false",
        "yes",
        "prompt",
        "file",
        "env",
        "stdin",
    ];
    let lower = value.to_lowercase();
    let fake = FAKE
        .iter()
        .any(|f| lower.starts_with(f) || lower.ends_with(f));
    let open = value.contains([
        '$', '<', '>', '{', '}', '[', ']', '(', '*', '…', '%', '/', '\\',
    ]) || lower.contains("xxx")
        || lower.contains("...")
        || lower.contains("___");
    // A word is a name or an example; what opens something has more than one kind of character.
    let kinds = [
        value.bytes().any(|b| b.is_ascii_lowercase()),
        value.bytes().any(|b| b.is_ascii_uppercase()),
        value.bytes().any(|b| b.is_ascii_digit()),
        value.bytes().any(|b| b.is_ascii_punctuation()),
    ];
    !fake && !open && kinds.iter().filter(|k| **k).count() >= 2
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NONE, at, underlined};
    use super::*;

    fn line(text: &str) -> String {
        format!("# P\n\n{text}\n")
    }

    /// In two parts, so that this file holds nothing that looks like one.
    fn key() -> String {
        format!("AKIA{}", "ABCDEFGH12345678")
    }

    #[test]
    fn tokens_of_known_forms_are_errors() {
        let text = line(&format!("aws configure set aws_access_key_id {}", key()));
        assert_eq!(underlined(&text, "secret"), [key()]);
        let slack = line(&format!("export T=xoxb-{}", "123456789012-abcdefABCDEF"));
        assert_eq!(at(&slack, "secret"), [3]);
        let example = line(&format!("AKIA{}", "IOSFODNN7EXAMPLE"));
        assert_eq!(at(&example, "secret"), NONE);
    }

    #[test]
    fn the_value_is_in_no_message() {
        let text = line(&key());
        let plan = crate::runbook::read(text.as_bytes());
        let found = super::super::check(&plan, &text);
        assert!(found.iter().any(|d| d.code == "secret"));
        assert!(found.iter().all(|d| !d.message.contains(&key())));
    }

    #[test]
    fn passwords_in_the_usual_places_are_warnings() {
        for (text, value) in [
            ("psql postgres://shop:Tr0ub4dor@db/shop", "Tr0ub4dor"),
            ("PGPASSWORD=s3cr-9x psql -h db", "s3cr-9x"),
            ("A=1 DEPLOY_PW=s3cr-9x ./deploy", "s3cr-9x"),
            ("SSHPASS=s3cr-9x sshpass -e ssh h", "s3cr-9x"),
            ("U=postgres://shop:Tr0ub4dor@db/shop", "Tr0ub4dor"),
            ("mysqldump --password=hunter2x shop", "hunter2x"),
            (
                "curl -H 'Authorization: Bearer a1B2c3D4e5F6g7'",
                "a1B2c3D4e5F6g7",
            ),
        ] {
            assert_eq!(
                underlined(&line(text), "password-in-text"),
                [value],
                "{text}"
            );
        }
    }

    #[test]
    fn blanks_variables_and_examples_are_none() {
        for text in [
            "psql postgres://shop:$DB_PASS@db/shop",
            "psql postgresql://user:password@localhost/db",
            "PGPASSWORD=<password> psql",
            "PGPASSWORD=\"$PGPASSWORD\" psql",
            "mysqldump --password shop",
            "docker login --password-stdin",
            "curl -H \"Authorization: Bearer $TOKEN\"",
            "curl -H 'Authorization: Bearer YOUR_TOKEN_HERE'",
            "API_KEY=your-api-key-1",
            "gcloud secrets versions enable 1 --secret=shop-db-1",
            "CACHE_KEY=session-4711 AUTH_METHOD=kerberos",
            "see https://host:8080/a@b",
            "git@github.com:shop/shop.git",
        ] {
            assert_eq!(at(&line(text), "password-in-text"), NONE, "{text}");
        }
        assert!(!is_real("password123"));
    }
}
