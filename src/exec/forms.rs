//! The encodings in which programs like to show a secret.
//!
//! Knows base64 wherever it falls in a group of three, hex as `od`, `xxd`, `hexdump` and `openssl`
//! group it within a line, percent-encoding with what various encoders keep, quoting for a shell,
//! for Python, JSON and XML. Knows nothing about streams, nor about line breaks.

use std::fmt::Write;

/// Values shorter than this are not encoded, only looked for as they are.
const MIN_ENCODED: usize = 4;

/// Bytes in a line of a dump, and those before its gap.
const DUMPED: usize = 16;

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
        forms.push(standard);
    }
    for hex in hex_forms(bytes) {
        forms.push(hex.to_uppercase());
        forms.push(hex);
    }
    forms.push(characters(bytes));
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

fn markup_forms(value: &str) -> Vec<String> {
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
    let mut forms = vec![json.replace('/', r"\/"), ascii_json(&json)];
    // A text of JSON as a string of another one.
    forms.push(escape(&json, |c| c == '\\' || c == '"'));
    forms.push(json);
    for double in ["&quot;", "&#34;", "\""] {
        for single in ["&#39;", "&apos;", "&#x27;", "&#039;", "'"] {
            forms.push(xml.replace('"', double).replace('\'', single));
        }
    }
    forms
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

/// As `od -c` shows it within a line.
fn characters(bytes: &[u8]) -> String {
    let shown = bytes.iter().map(|byte| match byte {
        b'\n' => "  \\n".to_owned(),
        b'\t' => "  \\t".to_owned(),
        b'\r' => "  \\r".to_owned(),
        b' '..=b'~' => format!("   {}", char::from(*byte)),
        other => format!(" {other:03o}"),
    });
    shown.collect()
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
    // `hexdump -C` has a gap in the middle of its line.
    if all.len() <= DUMPED {
        let gaps = (1..all.len()).filter_map(|gap| all.split_at_checked(gap));
        forms.extend(gaps.map(|(left, right)| format!("{}  {}", left.join(" "), right.join(" "))));
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
    fn a_dump_of_one_line_and_texts_within_texts_are_known() {
        let value = "hunter2-x'<\"";
        for before in ["", "a", "abc"] {
            let text = format!("{before}{value}");
            let shown = printed("od", &["-An", "-c"], &text);
            assert!(known(value, &shown), "{shown}");
        }
        assert!(known(
            "hunter2-x",
            "00  61 68 75 6e 74 65 72  32 2d 78  |ahunter2-|"
        ));
        assert!(known(value, "hunter2-x&#x27;&lt;&quot;"));
        assert!(known(value, "hunter2-x&#39;&lt;&#34;"));
        assert!(known(value, r#"{"a":"{\"b\":\"hunter2-x'<\\\"\"}"}"#));
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
