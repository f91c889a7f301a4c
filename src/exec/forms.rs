//! The encodings in which programs like to show a secret.
//!
//! Knows base64 wherever it falls in a group of three and wherever its lines are broken, hex as
//! `od`, `xxd` and `openssl` group it, percent-encoding with what various encoders keep, quoting
//! for a shell, for Python, JSON and XML. Knows nothing about streams.

use std::fmt::Write;

/// Values shorter than this are not encoded, only looked for as they are.
const MIN_ENCODED: usize = 4;

/// Values longer than this, in bytes, are not looked for across the line breaks of base64: a
/// key file has lines of its own, and the number of forms grows with the length.
const MAX_WRAPPED: usize = 256;

/// The columns at which `base64` and `openssl` break their lines.
const WRAPS: [usize; 2] = [76, 64];

/// A value as it is and in every encoding that is looked for; of an address with a password in
/// it, the password too.
pub(super) fn forms_of(value: &str) -> Vec<Vec<u8>> {
    let mut forms = plain_forms_of(value);
    if let Some(password) = password_in(value) {
        forms.extend(plain_forms_of(password));
    }
    forms
}

fn plain_forms_of(value: &str) -> Vec<Vec<u8>> {
    let mut forms = vec![
        value.as_bytes().to_vec(),
        value.replace('\n', "\r\n").into_bytes(),
    ];
    if value.len() >= MIN_ENCODED {
        let encoded = encodings(value).into_iter();
        forms.extend(encoded.filter(|form| form.len() >= MIN_ENCODED));
    }
    forms
}

/// The password of `scheme://user:password@host`, unless it is too short to be told from chance.
pub(crate) fn password_in(value: &str) -> Option<&str> {
    let (_, rest) = value.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (user, _) = authority.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    (password.len() >= MIN_ENCODED).then_some(password)
}

fn encodings(value: &str) -> Vec<Vec<u8>> {
    let bytes = value.as_bytes();
    let mut forms = Vec::new();
    for shift in 0..3 {
        let standard = base64_inside(bytes, shift);
        forms.push(standard.replace('+', "-").replace('/', "_"));
        if bytes.len() <= MAX_WRAPPED {
            forms.extend(wrapped(&standard));
        }
        forms.push(standard);
    }
    for hex in hex_forms(bytes) {
        forms.push(hex.to_uppercase());
        forms.push(hex);
    }
    for kept in ["-_.~", "-_.~!'()*", "-_.*", "-_.~/", "-_.~!'()*;,/?:@&=+$#"] {
        for lower in [false, true] {
            let escaped = percent(bytes, kept, lower);
            forms.push(escaped.replace("%20", "+"));
            forms.push(escaped);
        }
    }
    forms.extend(shell_forms(value));
    forms.extend(python_forms(value));
    forms.extend(markup_forms(value));
    forms.into_iter().map(String::into_bytes).collect()
}

fn shell_forms(value: &str) -> [String; 3] {
    [
        value.replace('\'', r"'\''"),
        escape(value, |c| r#"$`"\"#.contains(c)),
        escape(value, |c| {
            !(c.is_alphanumeric() || "-_./:@%+=,".contains(c))
        }),
    ]
}

fn escape(value: &str, needs: impl Fn(char) -> bool) -> String {
    value.chars().fold(String::new(), |mut out, c| {
        if needs(c) {
            out.push('\\');
        }
        out.push(c);
        out
    })
}

fn markup_forms(value: &str) -> [String; 5] {
    let json = serde_json::Value::from(value).to_string();
    let json = json
        .trim_start_matches('"')
        .strip_suffix('"')
        .unwrap_or(&json)
        .to_owned();
    let xml = value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    [
        json.replace('/', r"\/"),
        ascii_json(&json),
        json,
        xml.replace('"', "&quot;").replace('\'', "&#39;"),
        xml.replace('"', "&quot;").replace('\'', "&apos;"),
    ]
}

fn ascii_json(json: &str) -> String {
    let mut out = String::new();
    for c in json.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

/// As Python shows a text and a row of bytes, between quotes of either kind.
fn python_forms(value: &str) -> Vec<String> {
    let mut forms = Vec::new();
    for quote in [Some('\''), None] {
        let mut text = String::new();
        let mut bytes = String::new();
        for c in value.chars() {
            let escaped = match c {
                '\\' => Some("\\\\"),
                '\n' => Some("\\n"),
                '\r' => Some("\\r"),
                '\t' => Some("\\t"),
                '\'' if quote == Some(c) => Some("\\'"),
                _ => None,
            };
            if let Some(escaped) = escaped {
                text.push_str(escaped);
                bytes.push_str(escaped);
                continue;
            }
            text.push(c);
            if c.is_ascii() {
                bytes.push(c);
            } else {
                for byte in c.to_string().bytes() {
                    let _ = write!(bytes, "\\x{byte:02x}");
                }
            }
        }
        forms.extend([text, bytes]);
    }
    forms
}

/// Base64 with its lines broken, from each column at which it may have begun.
fn wrapped(base64: &str) -> Vec<String> {
    let mut forms = Vec::new();
    for wrap in WRAPS {
        for first in 1..=wrap.min(base64.len().saturating_sub(1)) {
            for end in ["\r\n", "\n"] {
                let (head, mut rest) = base64.split_at(first);
                let mut form = head.to_owned();
                while !rest.is_empty() {
                    let (line, more) = rest.split_at(wrap.min(rest.len()));
                    form.push_str(end);
                    form.push_str(line);
                    rest = more;
                }
                forms.push(form);
            }
        }
    }
    forms
}

/// Hex in one piece, byte by byte with what is put between, and by twos from either side.
fn hex_forms(bytes: &[u8]) -> Vec<String> {
    let one = |byte: &u8| format!("{byte:02x}");
    let all: Vec<String> = bytes.iter().map(one).collect();
    let mut forms = vec![all.concat()];
    forms.extend([" ", ":", "\\x", ", 0x", ",0x"].map(|between| all.join(between)));
    for lone in [0, 1] {
        let (head, rest) = all.split_at(lone.min(all.len()));
        let pairs = rest.chunks(2).map(<[String]>::concat);
        let words: Vec<String> = head.iter().cloned().chain(pairs).collect();
        forms.push(words.join(" "));
    }
    forms
}

/// Percent-encoded, all but letters, digits and what is `kept`.
fn percent(bytes: &[u8], kept: &str, lower: bool) -> String {
    let mut out = String::new();
    for byte in bytes {
        let c = char::from(*byte);
        let _ = if c.is_ascii_alphanumeric() || (byte.is_ascii() && kept.contains(c)) {
            write!(out, "{c}")
        } else if lower {
            write!(out, "%{byte:02x}")
        } else {
            write!(out, "%{byte:02X}")
        };
    }
    out
}

/// The characters of the base64 form of `bytes` that do not depend on what stands before or
/// after them, when `shift` bytes of a group of three stand before.
fn base64_inside(bytes: &[u8], shift: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    let (mut bits, mut count) = (0_u32, shift * 8);
    let mut at = 0;
    let first = (shift * 8).div_ceil(6);
    while count >= 6 {
        count -= 6;
        at += 1;
    }
    for byte in bytes {
        bits = ((bits << 8) | u32::from(*byte)) & 0xffff;
        count += 8;
        while count >= 6 {
            count -= 6;
            let index = (bits >> count) & 63;
            if at >= first {
                out.push(char::from(ALPHABET[index as usize]));
            }
            at += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a program prints of a text that it is given.
    fn printed(program: &str, arguments: &[&str], text: &str) -> String {
        use std::io::Write as _;
        use std::process::{Command, Stdio};
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin.write_all(text.as_bytes()).expect("written");
        drop(stdin);
        let printed = child.wait_with_output().expect("ended").stdout;
        String::from_utf8_lossy(&printed).into_owned()
    }

    fn known(value: &str, output: &str) -> bool {
        let found = |form: &Vec<u8>| memchr::memmem::find(output.as_bytes(), form).is_some();
        forms_of(value).iter().any(found)
    }

    #[test]
    fn python_shows_it_in_no_form_that_is_not_known() {
        let show = "import sys; t = sys.stdin.read(); print([t]); print([t.encode()])";
        for value in [
            "s3cr'et\"pass",
            "s3cr'et",
            "s3\\n\tcr\"et",
            "p\u{e4}ss'w\"ord",
        ] {
            let output = printed("python3", &["-c", show], value);
            for line in output.lines() {
                assert!(known(value, line), "{line}");
            }
        }
    }

    #[test]
    fn hex_is_known_however_it_is_grouped() {
        let value = "hunter2-x";
        for before in ["", "a"] {
            let text = format!("{before}{value}");
            let bytes = printed("od", &["-An", "-tx1", "-v"], &text);
            assert!(known(value, &bytes), "{bytes}");
        }
        assert!(known(value, "00: 6875 6e74 6572 322d 78"));
        assert!(known(value, "00: 6168 756e 7465 7232 2d78"));
        assert!(known(value, "68:75:6E:74:65:72:32:2D:78"));
        assert!(known(value, r"\x68\x75\x6e\x74\x65\x72\x32\x2d\x78"));
        assert!(!known(value, "68 75 6e 74 65 72 32 2d 79"));
    }

    #[test]
    fn base64_is_known_wherever_its_lines_are_broken() {
        let value = "s3cret/of-twenty.one?";
        for before in 0..120 {
            let text = format!("{}{value} and more", "x".repeat(before));
            let output = printed("base64", &[], &text);
            assert!(known(value, &output), "{before}: {output}");
        }
    }

    #[test]
    fn the_password_of_an_address_is_looked_for_by_itself() {
        let found = |value| password_in(value).unwrap_or("none");
        assert_eq!(found("postgresql://ana:s3same@db:5432/shop?x=1"), "s3same");
        assert_eq!(found("postgresql://ana@db/shop"), "none");
        assert_eq!(found("https://host/a:b@c"), "none");
        assert!(forms_of("redis://:s3same@db").contains(&b"s3same".to_vec()));
    }
}
