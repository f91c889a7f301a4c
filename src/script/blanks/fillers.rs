//! Blanks without a word that names what belongs there: `____`, `???`, `XXX`, `TBD`, `<...>`,
//! `[FILL IN]`, `<value>`.
//!
//! Each of them is a blank of its own: two that read alike have nothing in common but that their
//! author left them open, and one value for both would be a wrong one in one of the places.

use super::normalise;

/// Words that stand for "put something here", in normalised form.
const NOTHING: &[&str] = &[
    "value",
    "values",
    "your_value",
    "your_value_here",
    "value_here",
    "a_value",
    "some_value",
    "the_value",
    "placeholder",
    "todo",
    "to_do",
    "tbd",
    "tbc",
    "tba",
    "fixme",
    "foo",
    "bar",
    "baz",
    "something",
    "something_here",
    "anything",
    "whatever",
    "insert",
    "insert_here",
    "insert_value",
    "insert_value_here",
    "put_here",
    "enter_here",
    "enter_value",
    "here",
    "blank",
    "replace",
    "replace_me",
    "replaceme",
    "replace_this",
    "change",
    "change_me",
    "changeme",
    "change_this",
    "edit_me",
    "fill",
    "fill_in",
    "fill_me",
    "fill_me_in",
    "fillme",
    "fill_here",
    "fill_in_here",
    "fill_out",
    "to_fill",
    "to_fill_in",
    "to_be_filled",
    "to_be_filled_in",
    "to_be_defined",
    "to_be_determined",
    "to_be_done",
    "fill_this",
    "fill_this_in",
    "complete",
    "complete_me",
    "thing",
    "stuff",
    "example",
    "dummy",
    "sample",
    "param",
    "parameter",
    "arg",
    "argument",
    "var",
    "variable",
    "string",
    "text",
    "any",
    "none",
    "empty",
    "unknown",
    "n_a",
    "preencher",
    "a_preencher",
    "preencha",
    "preencha_aqui",
    "preencher_aqui",
    "completar",
    "rellenar",
    "por_rellenar",
    "a_rellenar",
    "rellene",
    "valor",
    "por_definir",
    "a_definir",
    "pendiente",
    "ausfüllen",
    "bitte_ausfüllen",
    "auszufüllen",
    "einsetzen",
    "eintragen",
    "hier_einsetzen",
    "wert",
    "platzhalter",
    "à_remplir",
    "a_remplir",
    "remplir",
    "à_compléter",
    "a_completer",
    "compléter",
    "à_définir",
    "valeur",
    "compilare",
    "da_compilare",
    "inserire",
    "da_definire",
    "valore",
    "invullen",
    "in_te_vullen",
    "waarde",
    "uzupełnić",
    "uzupełnij",
    "do_uzupełnienia",
    "wypełnić",
    "wartość",
    "doldur",
    "doldurun",
    "değer",
    "заполнить",
    "вписать",
    "вставить",
    "указать",
    "значение",
    "填写",
    "待填写",
    "待定",
    "待补充",
    "请填写",
    "填入",
    "值",
    "記入",
    "要記入",
    "未定",
    "値",
    "입력",
    "작성",
    "미정",
    "값",
];

/// Capitals that stand for it without marks.
const CAPITALS: &[&str] = &[
    "CHANGEME",
    "CHANGE_ME",
    "CHANGE-ME",
    "REPLACEME",
    "REPLACE_ME",
    "REPLACE-ME",
    "FILL_ME_IN",
    "FILL_IN",
    "FILLME",
    "FILL_ME",
    "FILL-IN",
    "PLACEHOLDER",
    "INSERT_HERE",
    "TBD",
    "TBC",
    "TODO",
    "FIXME",
];

/// Whether a blank's normalised name says nothing about what belongs there.
#[must_use]
pub fn names_nothing(name: &str) -> bool {
    let name = name.to_lowercase();
    let name = name.trim_matches('_');
    let mut letters = name.chars();
    let first = letters.next();
    let single = letters.clone().next().is_none();
    // A letter of Latin says nothing; one character of Chinese may be a word.
    let one_letter = single && first.is_none_or(|c| c.is_ascii());
    let repeated = !single && letters.all(|c| Some(c) == first);
    one_letter || repeated || NOTHING.contains(&name)
}

/// Whether the inside of marks is nothing but dots, dashes to write on or question marks.
pub(super) fn is_dots(inside: &str) -> bool {
    let inside = inside.trim();
    let all = |wanted: char| inside.chars().all(|c| c == wanted);
    let count = inside.chars().count();
    (count >= 2 && (all('.') || all('_') || all('?'))) || (count >= 1 && (all('…') || all('?')))
}

/// Whether the inside of marks is worded as "put something here"; letters and digits alone say
/// nothing of that kind.
pub(super) fn asks(inside: &str) -> bool {
    let name = normalise(inside);
    NOTHING.contains(&name.as_str())
        || (name.chars().count() > 2 && names_nothing(&name) && name.starts_with('x'))
}

/// The end of a blank without marks that begins here: `____`, `???`, `XXX`, `CHANGEME`.
pub(super) fn unmarked(code: &str, at: usize) -> Option<usize> {
    let text = code.get(at..)?;
    let first = text.bytes().next()?;
    let run = text.bytes().take_while(|b| *b == first).count();
    let length = match first {
        b'_' | b'?' | b'X' | b'x' if run >= 3 => run,
        b'C' | b'R' | b'F' | b'P' | b'I' | b'T' => {
            let word = |w: &&&str| text.starts_with(**w);
            CAPITALS.iter().filter(word).map(|w| w.len()).max()?
        }
        _ => return None,
    };
    let before = code.get(..at)?.chars().next_back();
    let after = text.get(length..)?.chars().next();
    let apart = before.is_none_or(|c| c.is_whitespace() || "\"'=/:@,([".contains(c))
        && after.is_none_or(|c| c.is_whitespace() || "\"'/:@,.;)]&|".contains(c));
    let capitals = !matches!(first, b'_' | b'?' | b'X' | b'x');
    let apart = apart && !(capitals && after.is_some_and(|c| "./".contains(c)));
    // A long line to write on may be glued to what it belongs to: `backup_____.sql`.
    let written_on = first == b'_' && run >= 4 && before != Some('$');
    let named_after = text.get(length..)?.starts_with(char::is_alphanumeric);
    (apart || written_on && !named_after).then_some(at + length)
}

#[cfg(test)]
mod tests {
    use super::{is_dots, names_nothing};

    #[test]
    fn what_names_nothing_is_told_from_what_names_something() {
        for name in [
            "",
            "x",
            "n",
            "xxx",
            "value",
            "fill_in",
            "preencher",
            "tbd",
            "à_remplir",
            "填写",
            "changeme",
        ] {
            assert!(names_nothing(name), "{name}");
        }
        for name in [
            "id",
            "pod_name",
            "version",
            "host",
            "incident_xxx",
            "待",
            "new_value",
            "release",
        ] {
            assert!(!names_nothing(name), "{name}");
        }
    }

    #[test]
    fn dots_and_lines_ask_for_something() {
        for inside in ["...", "…", "___", " ??? ", "?"] {
            assert!(is_dots(inside), "{inside}");
        }
        for inside in ["", ".", "_", "a", "..a"] {
            assert!(!is_dots(inside), "{inside}");
        }
    }
}
