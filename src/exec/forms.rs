//! The encodings in which programs like to show a secret.
//!
//! Knows base64 wherever it falls in a group of three, hex, percent-encoding with what various
//! encoders keep, quoting for a shell, JSON and XML. Knows nothing about streams.

use std::fmt::Write;

/// Values shorter than this are not encoded, only looked for as they are.
const MIN_ENCODED: usize = 4;

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
    forms.push(hex(bytes));
    forms.push(hex(bytes).to_uppercase());
    for kept in ["-_.~", "-_.~!'()*", "-_.*", "-_.~/", "-_.~!'()*;,/?:@&=+$#"] {
        for lower in [false, true] {
            let escaped = percent(bytes, kept, lower);
            forms.push(escaped.replace("%20", "+"));
            forms.push(escaped);
        }
    }
    forms.extend(shell_forms(value));
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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
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

    #[test]
    fn the_password_of_an_address_is_looked_for_by_itself() {
        let found = |value| password_in(value).unwrap_or("none");
        assert_eq!(found("postgresql://ana:s3same@db:5432/shop?x=1"), "s3same");
        assert_eq!(found("postgresql://ana@db/shop"), "none");
        assert_eq!(found("https://host/a:b@c"), "none");
        assert!(forms_of("redis://:s3same@db").contains(&b"s3same".to_vec()));
    }
}
