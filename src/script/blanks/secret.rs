//! How a secret is referred to in a text, so that the text can be shown and stored.
//!
//! The reference is `${NAME}` wherever it stands: a shell expands it, and what sends SQL or a
//! request by itself puts the value in at the last moment ([`resolve`]). Inside of another
//! language a value is written in the way of that language, so each has a variable of its own
//! beside the plain one: `NAME__sql` holds the value as it stands between the quotes of a SQL
//! string.

use std::fmt::Write as _;

use super::address::percent;

/// What every such variable begins with.
pub const PREFIX: &str = "BACKOUT_SECRET_";

/// How a value is written where it is referred to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Form {
    /// As it is.
    Plain,
    /// Inside `'…'` of SQL.
    Sql,
    /// Inside `'…'` of SQL where a backslash escapes.
    SqlEscaped,
    /// Inside a JSON string.
    Json,
    /// Inside an address.
    Address,
    /// As `user:password` of an address.
    Login,
    /// In the path of an address.
    Path,
    /// As a value of a connection string, with the quotes that it needs.
    Conninfo,
    /// Inside `'…'` of a connection string.
    ConninfoText,
}

const FORMS: [Form; 9] = [
    Form::Plain,
    Form::Sql,
    Form::SqlEscaped,
    Form::Json,
    Form::Address,
    Form::Login,
    Form::Path,
    Form::Conninfo,
    Form::ConninfoText,
];

impl Form {
    /// The variable that holds a value in this form, from that of the plain one.
    #[must_use]
    pub fn variable(self, plain: &str) -> String {
        let form = match self {
            Self::Plain => "",
            Self::Sql => "__sql",
            Self::SqlEscaped => "__sql_escaped",
            Self::Json => "__json",
            Self::Address => "__url",
            Self::Login => "__login",
            Self::Path => "__path",
            Self::Conninfo => "__conninfo",
            Self::ConninfoText => "__conninfo_text",
        };
        format!("{plain}{form}")
    }

    /// Whether it has nothing but letters, digits and signs that mean nothing in a text of SQL or
    /// JSON.
    pub(super) fn is_encoded(self) -> bool {
        matches!(self, Self::Address | Self::Login | Self::Path)
    }

    fn write(self, value: &str) -> String {
        match self {
            Self::Plain => value.to_owned(),
            Self::Sql => value.replace('\'', "''"),
            Self::SqlEscaped => value.replace('\\', r"\\").replace('\'', "''"),
            Self::Json => {
                let quoted = serde_json::Value::from(value).to_string();
                let inside = quoted.strip_prefix('"').and_then(|q| q.strip_suffix('"'));
                inside.unwrap_or_default().to_owned()
            }
            Self::Address => percent(value, "-_.~"),
            Self::Login => percent(value, "-_.~:"),
            Self::Path => percent(value, "-_.~/:@!$&()*+,;="),
            Self::Conninfo => format!("'{}'", Self::ConninfoText.write(value)),
            Self::ConninfoText => value.replace('\\', r"\\").replace('\'', r"\'"),
        }
    }
}

/// The variable that holds the secret of a blank, in capitals. A character that cannot stand in a
/// variable's name is written as its number, with a small `u` and six digits, so that two names
/// never share a variable, nor a name that of another one's form.
#[must_use]
pub fn variable(name: &str) -> String {
    let mut out = PREFIX.to_owned();
    for character in name.chars() {
        match character {
            'a'..='z' | '0'..='9' | '_' => out.push(character.to_ascii_uppercase()),
            c => {
                let _ = write!(out, "u{:06x}", u32::from(c));
            }
        }
    }
    out
}

/// Whether a variable holds a secret as it is, and not in the way of some language.
#[must_use]
pub fn is_whole(variable: &str) -> bool {
    let form = |f: &Form| *f != Form::Plain && variable.ends_with(&f.variable(""));
    !(variable.starts_with(PREFIX) && FORMS.iter().any(form))
}

/// The variables that a text needs for a secret whose plain one is `plain`: that one always, and
/// the other forms that the text refers to.
#[must_use]
pub fn variables(plain: &str, value: &str, text: &str) -> Vec<(String, String)> {
    let needed = |form: &Form| {
        *form == Form::Plain || text.contains(&format!("${{{}}}", form.variable(plain)))
    };
    let forms = FORMS.into_iter().filter(needed);
    forms
        .map(|form| (form.variable(plain), form.write(value)))
        .collect()
}

/// A part of a text.
enum Part<'t> {
    Text(&'t str),
    /// A reference to a secret, by the name of its variable.
    Reference(&'t str),
}

/// The references of a text, and what stands between them.
fn parts(text: &str) -> Vec<Part<'_>> {
    let opener = format!("${{{PREFIX}");
    let mut out = Vec::new();
    let (mut begun, mut from) = (0, 0);
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(&opener)) {
        let at = from + at;
        let after = text.get(at + 2..).unwrap_or_default();
        from = at + opener.len();
        let name = after.split_once('}').map(|(name, _)| name);
        let plain = |name: &&str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if let Some(name) = name.filter(plain) {
            out.push(Part::Text(text.get(begun..at).unwrap_or_default()));
            out.push(Part::Reference(name));
            from = at + "${}".len() + name.len();
            begun = from;
        }
    }
    out.push(Part::Text(text.get(begun..).unwrap_or_default()));
    out
}

/// A text with the values of its references put in.
///
/// # Errors
/// The name of a variable that is not there, or whose value has a line end or another control
/// character; never the value.
pub fn resolve(text: &str, of: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    for part in parts(text) {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Reference(name) => {
                let value = of(name).ok_or_else(|| format!("the secret {name} is not there"))?;
                if value.contains(char::is_control) {
                    return Err(format!(
                        "the secret {name} has a line end or another control character"
                    ));
                }
                out.push_str(&value);
            }
        }
    }
    Ok(out)
}

/// Where a character of the resolved text stands in the text with its references: within a value
/// it is where the reference begins. Both are counted in characters, from 0.
#[must_use]
pub fn unresolved(text: &str, at: usize, of: impl Fn(&str) -> Option<String>) -> usize {
    let (mut written, mut resolved) = (0, 0);
    for part in parts(text) {
        let (long, became) = match part {
            Part::Text(text) => (text.chars().count(), text.chars().count()),
            Part::Reference(name) => {
                let value = of(name).map_or(0, |value| value.chars().count());
                ("${}".len() + name.len(), value)
            }
        };
        if at < resolved + became {
            let within = if matches!(part, Part::Text(_)) {
                at - resolved
            } else {
                0
            };
            return written + within;
        }
        written += long;
        resolved += became;
    }
    written + (at - resolved)
}

#[cfg(test)]
mod tests {
    use super::{Form, resolve, unresolved, variable, variables};

    #[test]
    fn each_form_is_read_back_as_the_value() {
        let value = r#"a'b"c\d e"#;
        assert_eq!(Form::Sql.write(value), r#"a''b"c\d e"#);
        assert_eq!(Form::SqlEscaped.write(value), r#"a''b"c\\d e"#);
        assert_eq!(Form::Json.write(value), r#"a'b\"c\\d e"#);
        assert_eq!(Form::Address.write(value), "a%27b%22c%5Cd%20e");
        assert_eq!(Form::Login.write("ana:p@s"), "ana:p%40s");
        assert_eq!(Form::Path.write("T0/b?c d"), "T0/b%3Fc%20d");
        assert_eq!(Form::Conninfo.write(value), r#"'a\'b"c\\d e'"#);
        assert_eq!(Form::ConninfoText.write("a'b"), r"a\'b");
    }

    #[test]
    fn no_two_names_share_a_variable() {
        assert_eq!(variable("db_password"), "BACKOUT_SECRET_DB_PASSWORD");
        let names = [
            "пароль",
            "секрет",
            "é",
            "u00e9",
            "u0000e9",
            "pw",
            "pw__sql",
            "pw_é",
            "pw_e",
        ];
        let mut held: Vec<String> = names.map(variable).into();
        held.extend(names.map(|name| Form::Sql.variable(&variable(name))));
        held.sort_unstable();
        held.dedup();
        assert_eq!(held.len(), 2 * names.len());
    }

    #[test]
    fn a_form_is_given_to_what_refers_to_it() {
        let plain = variable("pw");
        let names = |text: &str| -> Vec<String> {
            let given = variables(&plain, "x'y", text);
            given.into_iter().map(|(name, _)| name).collect()
        };
        assert_eq!(names("echo"), [plain.as_str()]);
        let sql = Form::Sql.variable(&plain);
        assert_eq!(names(&format!("'${{{sql}}}'")), [plain.clone(), sql]);
    }

    #[test]
    fn a_reference_gets_its_value_and_nothing_else_does() {
        let of = |name: &str| (name == "BACKOUT_SECRET_PW").then(|| "${X}".to_owned());
        let put = |text: &str| resolve(text, of);
        assert_eq!(
            put("a ${BACKOUT_SECRET_PW} ${HOME} b").as_deref(),
            Ok("a ${X} ${HOME} b")
        );
        assert!(put("${BACKOUT_SECRET_OTHER}").is_err());
        assert_eq!(
            put("${BACKOUT_SECRET_PW:-x}").as_deref(),
            Ok("${BACKOUT_SECRET_PW:-x}")
        );
        let broken = resolve("${BACKOUT_SECRET_PW}", |_| Some("a\nX: y".to_owned()));
        assert!(broken.is_err());
    }

    #[test]
    fn a_place_in_what_was_sent_is_found_in_what_was_written() {
        let of = |name: &str| {
            Some(
                if name.ends_with("_A") {
                    "é"
                } else {
                    "long value"
                }
                .to_owned(),
            )
        };
        let text = "x ${BACKOUT_SECRET_A} y ${BACKOUT_SECRET_B} z";
        let sent = resolve(text, of).unwrap();
        for word in ["x", " y", "z"] {
            let chars = |text: &str| text.split_once(word).unwrap().0.chars().count();
            assert_eq!(unresolved(text, chars(&sent), of), chars(text), "{word:?}");
        }
        let within = sent.split_once("value").unwrap().0.chars().count();
        assert_eq!(
            unresolved(text, within, of),
            text.find("${BACKOUT_SECRET_B").unwrap()
        );
        assert_eq!(
            unresolved(text, sent.chars().count(), of),
            text.chars().count()
        );
    }
}
