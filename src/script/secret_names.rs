//! Which names say that what they hold must not be shown or written down.
//!
//! One answer for the blanks of a plan, for what a plan spells out, and for variables of the
//! environment that would be shown. Judged by whole words: `compat`, `path` and `author` are none.

/// Words that say it wherever they stand in a name, beside those of [`ENDINGS`].
const ALWAYS: &[&str] = &[
    "passwords",
    "passcode",
    "pass",
    "pw",
    "credential",
    "cred",
    "creds",
    "contraseña",
    "passwort",
    "kennwort",
    "senha",
    "jwt",
    "bearer",
];

/// Words that say it unless the name is of something about them.
const UNLESS_ABOUT: &[&str] = &["cookie", "cookies", "pat", "dsn", "webhook", "otp", "totp"];

/// What a name is of that is only about a secret, as its last word.
const ABOUT: &[&str] = &[
    "name", "names", "file", "path", "dir", "domain", "host", "port", "mode", "method", "type",
    "ttl", "age", "length", "policy", "count", "service", "server", "id", "version", "enabled",
    "status", "timeout", "retries", "channel", "event", "events",
];

/// And those that a word may also end with, when the words of a name are written in one:
/// `pgpassword`.
const ENDINGS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "secretkey",
    "accesskey",
    "privatekey",
    "credentials",
    "pwd",
];

/// What stands before `pass` and `pw` in one word; `bypass` and `compass` are other words.
const WHOSE: &[&str] = &[
    "ssh",
    "db",
    "root",
    "user",
    "admin",
    "my",
    "pg",
    "mysql",
    "postgres",
    "redis",
    "sql",
    "ldap",
    "smtp",
    "imap",
    "mail",
    "http",
    "ftp",
    "sftp",
    "key",
    "store",
    "keystore",
    "truststore",
    "sudo",
    "su",
    "api",
    "app",
    "vault",
    "wifi",
    "rabbit",
    "mongo",
    "proxy",
    "deploy",
    "svc",
];

/// What a key opens; `cache_key` and `primary_key` open nothing.
const KEYS: &[&str] = &[
    "api",
    "private",
    "access",
    "secret",
    "encryption",
    "signing",
    "auth",
    "master",
    "account",
    "storage",
    "license",
    "hmac",
    "jwt",
    "deploy",
    "service",
    "stripe",
    "sendgrid",
    "datadog",
    "dd",
    "pagerduty",
    "opsgenie",
    "grafana",
    "newrelic",
    "openai",
    "anthropic",
    "aws",
    "azure",
    "gcp",
    "github",
    "gitlab",
    "slack",
    "twilio",
    "mailgun",
    "algolia",
    "sentry",
    "shared",
    "session",
    "cookie",
    "integration",
    "ingest",
    "app",
    "client",
];

/// What an address leads to that often has a password in it.
const STORES: &[&str] = &[
    "database",
    "db",
    "redis",
    "mongo",
    "mongodb",
    "postgres",
    "postgresql",
    "pg",
    "mysql",
    "amqp",
    "rabbitmq",
    "broker",
    "jdbc",
    "webhook",
    "connection",
];

/// Whether what has this name must not be shown or written down.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    // Where one is, and where one was; no password in capitals is called so.
    if matches!(name, "PWD" | "OLDPWD") {
        return false;
    }
    let words = words(name);
    let Some(last) = words.last() else {
        return false;
    };
    let about = words.len() > 1 && ABOUT.contains(&last.as_str());
    words.iter().any(|word| is_secret_word(word))
        || !about
            && words
                .iter()
                .any(|word| UNLESS_ABOUT.contains(&word.as_str()))
        || last == "auth"
        || pairs(&words).any(is_secret_pair)
}

fn pairs(words: &[String]) -> impl Iterator<Item = (&str, &str)> {
    let next = words.iter().skip(1);
    words
        .iter()
        .zip(next)
        .map(|(a, b)| (a.as_str(), b.as_str()))
}

fn is_secret_pair(pair: (&str, &str)) -> bool {
    match pair {
        (whose, "key") => KEYS.contains(&whose),
        (store, "url" | "uri") => STORES.contains(&store),
        ("connection" | "conn", "string" | "str") => true,
        _ => false,
    }
}

fn is_secret_word(word: &str) -> bool {
    let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let of_somebody = |ending: &str| {
        word.strip_suffix(ending)
            .is_some_and(|whose| WHOSE.contains(&whose))
    };
    let is_cwd = matches!(word, "oldpwd");
    ALWAYS.contains(&word)
        || !is_cwd && ENDINGS.iter().any(|ending| word.ends_with(ending))
        || of_somebody("pass")
        || of_somebody("pw")
}

/// The words of a name, in lower case: parted by anything but letters and digits, and where a
/// capital follows a small letter.
fn words(name: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut small = false;
    for c in name.chars() {
        let begins = !c.is_alphanumeric() || small && c.is_uppercase();
        if begins && out.last().is_some_and(|word| !word.is_empty()) {
            out.push(String::new());
        }
        small = c.is_lowercase();
        if let Some(word) = out.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
    }
    out.retain(|word| !word.is_empty());
    out
}

#[cfg(test)]
mod tests {
    use super::is_secret_name;

    #[test]
    fn a_name_that_says_it_is_known_in_every_spelling() {
        for name in [
            "PGPASSWORD",
            "pgpassword",
            "REDIS_AUTH",
            "BASIC_AUTH",
            "JWT",
            "BEARER",
            "DEPLOY_PW",
            "root_pw",
            "CREDS",
            "PAT",
            "GITHUB_PAT",
            "COOKIE",
            "SLACK_WEBHOOK_URL",
            "SENTRY_DSN",
            "SSHPASS",
            "MYSQL_PWD",
            "db_password",
            "dbPassword",
            "password2",
            "API_KEY",
            "apiKey",
            "AWS_SECRET_ACCESS_KEY",
            "DATABASE_URL",
            "MONGODB_URI",
            "connection-string",
            "pwd",
            "STRIPE_KEY",
            "rootpw",
            "dbpass",
            "contraseña",
            "secret",
            "accessToken",
            "ENCRYPTION_KEY",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn a_name_that_only_looks_like_it_is_none() {
        for name in [
            "compat",
            "patch",
            "path",
            "author",
            "AUTH_URL",
            "auth_service",
            "bypass",
            "compass",
            "passenger",
            "PWD",
            "OLDPWD",
            "cache_key",
            "primary_key",
            "keyboard",
            "monkey",
            "pattern",
            "cookie_domain",
            "webhook_id",
            "app_url",
            "staging_url",
            "tokenizer",
            "authority",
            "credit",
            "credo",
            "PATH",
            "host",
            "spawn",
            "",
            "__",
            "dispatch",
            "public_key",
            "key",
            "repo_url",
            "passed",
            "sha",
            "commit",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
