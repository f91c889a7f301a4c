//! How a secret is referred to in a text, so that the text can be shown and stored.
//!
//! The reference is `${NAME}` wherever it stands: a shell expands it, and what sends SQL or a
//! request by itself puts the value in at the last moment ([`resolve`]). Inside of another
//! language a value is written in the way of that language, so each has a variable of its own
//! beside the plain one: `NAME__sql` holds the value as it stands between the quotes of a SQL
//! string.

use std::fmt::Write as _;

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
}

const FORMS: [Form; 5] = [
    Form::Plain,
    Form::Sql,
    Form::SqlEscaped,
    Form::Json,
    Form::Address,
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
        };
        format!("{plain}{form}")
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
            Self::Address => value.bytes().fold(String::new(), |mut out, byte| {
                if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                    out.push(char::from(byte));
                } else {
                    let _ = write!(out, "%{byte:02X}");
                }
                out
            }),
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

/// A text with the values of its references put in.
///
/// # Errors
/// The name of a variable that is not there, or whose value has a line end or another control
/// character; never the value.
pub fn resolve(text: &str, of: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let opener = format!("${{{PREFIX}");
    while let Some((before, after)) = rest.split_once(&opener) {
        out.push_str(before);
        let name = after.split_once('}');
        let known =
            name.filter(|(name, _)| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
        let Some((name, tail)) = known else {
            out.push_str(&opener);
            rest = after;
            continue;
        };
        let name = format!("{PREFIX}{name}");
        let value = of(&name).ok_or_else(|| format!("the secret {name} is not there"))?;
        if value.contains(char::is_control) {
            return Err(format!(
                "the secret {name} has a line end or another control character"
            ));
        }
        out.push_str(&value);
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::{Form, resolve, variable, variables};

    #[test]
    fn each_form_is_read_back_as_the_value() {
        let value = r#"a'b"c\d e"#;
        assert_eq!(Form::Sql.write(value), r#"a''b"c\d e"#);
        assert_eq!(Form::SqlEscaped.write(value), r#"a''b"c\\d e"#);
        assert_eq!(Form::Json.write(value), r#"a'b\"c\\d e"#);
        assert_eq!(Form::Address.write(value), "a%27b%22c%5Cd%20e");
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
}
