//! In which form a secret is referred to at a place, or what is to be done where it cannot be.

use super::nested::in_json_string;
use super::secret::Form;
use crate::script::places::Place;

/// A form of a secret, and whether the reference brings the quotes of SQL along.
pub(super) struct SecretForm {
    pub(super) form: Form,
    pub(super) quotes: bool,
}

impl SecretForm {
    pub(super) fn of(form: Form) -> Self {
        Self {
            form,
            quotes: false,
        }
    }

    /// The form where it is a part of an address or a connection string as well.
    pub(super) fn within(self, spot: Option<Form>) -> Result<Self, String> {
        match spot {
            None => Ok(self),
            Some(spot) if self.form == Form::Plain || spot.is_encoded() => {
                Ok(Self { form: spot, ..self })
            }
            Some(_) => Err(CONNINFO_INSIDE.to_owned()),
        }
    }

    pub(super) fn reference(&self, plain: &str) -> String {
        let reference = format!("${{{}}}", self.form.variable(plain));
        if self.quotes {
            format!("'{reference}'")
        } else {
            reference
        }
    }
}

pub(super) const NO_REFERENCE: &str = "a secret can only stand in a word, in quotes or in a heredoc of a \
                            shell command, in a string of SQL, and in a request";
pub(super) const QUOTED_HEREDOC: &str = "the quotes around the heredoc's word keep the secret out: take them \
                              off, with a backslash before each other $ and backtick of the text";
const CONNINFO_INSIDE: &str = "a secret in a connection string within another text: write it as                                an address, postgresql://user:<password>@host/dbname";
pub(super) const UNQUOTED_SQL: &str =
    "a secret stands in SQL as a string: put single quotes around it";

/// Why a secret cannot be put into a program's text, and what to do.
pub(super) fn in_program(program: &str) -> String {
    if program == "ssh" {
        return "a secret cannot stand in words that ssh gives to another shell: let the command \
                there read it from its input, or take it from a file there"
            .to_owned();
    }
    format!(
        "a secret cannot stand in a program's text ({program}): give it to the program as a \
         variable before it, `SECRET=<blank> {program} …`, and use $SECRET in the text"
    )
}

/// How a secret is written in a request: in its address, in a header, in a JSON string of its
/// body, or anywhere else in the body.
pub(super) fn request_form(before: &str, code: &str) -> Result<Form, String> {
    let ends_line = |line: &&str| !line.trim().is_empty();
    let first = code.lines().find(ends_line).unwrap_or_default();
    let in_address = code
        .find(first)
        .is_some_and(|at| before.len() < at + first.len());
    if in_address {
        return Ok(Form::Address);
    }
    let Some((_, body)) = before.split_once("\n\n") else {
        return Ok(Form::Plain);
    };
    let whole = code.split_once("\n\n").map_or("", |(_, body)| body);
    let json = whole.trim_start().starts_with(['{', '[']);
    match json {
        false => Ok(Form::Plain),
        true if in_json_string(body, Place::Bare) => Ok(Form::Json),
        true => Err("put quotes around it in the JSON text".to_owned()),
    }
}
