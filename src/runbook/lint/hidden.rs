//! Characters that a person cannot see: what reverses text anywhere, what hides in a command,
//! what commands a terminal.
//!
//! Many of these are ordinary in prose: emoji are joined by invisible characters, French has
//! spaces that are none to a shell, Hebrew needs marks. In prose only what has no honest use is
//! said.

use super::{Place, Review, codes, walk};
use crate::domain::plan::{Action, ActionKind};
use crate::script::hidden::{self, Hidden, HiddenKind};
use crate::script::{blanks, places};

/// Looks at the whole text, then at every command that may run.
pub fn check(review: &mut Review<'_>) {
    anywhere(review);
    let plan = review.plan;
    for action in walk::of_steps(plan).chain(walk::of_items(plan)) {
        if walk::is_runnable(action) && !action.code.is_ascii() {
            in_command(review, action);
            typographic(review, action);
        }
    }
}

fn anywhere(review: &mut Review<'_>) {
    let mut found = Vec::new();
    for (number, line) in review.source.lines() {
        if line
            .bytes()
            .all(|b| (b' '..=b'~').contains(&b) || b == b'\t')
        {
            continue;
        }
        for hidden in hidden::find(line) {
            let code = match hidden.kind {
                HiddenKind::Bidirectional if reverses(hidden.character) => &codes::BIDIRECTIONAL,
                HiddenKind::Control if hidden.character != '\u{c}' => &codes::CONTROL,
                HiddenKind::Tag if is_secret_text(hidden.character, line) => &codes::HIDDEN,
                _ => continue,
            };
            let end = hidden.offset + hidden.character.len_utf8();
            let place = review.source.bytes(number, hidden.offset, end);
            found.push((code, place, name(&hidden)));
            break;
        }
    }
    for (code, place, name) in found {
        review.say(code, place, format!("this line holds {name}"));
    }
}

/// It changes the order of what stands after it; the mere marks of a direction do not.
fn reverses(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Tag characters spell invisible words; only the flags of regions are made of them honestly.
fn is_secret_text(c: char, line: &str) -> bool {
    matches!(c, '\u{E0000}'..='\u{E007F}') && !line.contains('\u{1F3F4}')
}

fn name(hidden: &Hidden) -> String {
    let what = match hidden.kind {
        HiddenKind::Bidirectional => "a character that changes the direction of text",
        HiddenKind::ZeroWidth => "a character without width",
        HiddenKind::Tag => "an invisible tag character",
        HiddenKind::Control => "a control character",
        HiddenKind::OddSpace => "a space that is none to a shell",
    };
    format!("{what} (U+{:04X})", u32::from(hidden.character))
}

/// The first invisible character of a command that makes a difference to it.
fn in_command(review: &mut Review<'_>, action: &Action) {
    let masked = blanks::mask(&action.code, "bash");
    let places = (action.kind == ActionKind::Shell).then(|| places::scan(&masked, &[]));
    let bare = |at: usize| {
        places
            .as_ref()
            .is_none_or(|p| p.at(at) == places::Place::Bare)
    };
    let comment = |at: usize| {
        let before = action.code.get(..at).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default().trim_start();
        line.starts_with('#') || line.starts_with("--")
    };
    let matters = |h: &&Hidden| match h.kind {
        // These two are said of the text already.
        HiddenKind::Control => false,
        HiddenKind::Tag if is_secret_text(h.character, &action.code) => false,
        HiddenKind::Bidirectional => !reverses(h.character) && !comment(h.offset),
        HiddenKind::OddSpace => bare(h.offset) && !comment(h.offset),
        HiddenKind::ZeroWidth | HiddenKind::Tag => {
            !comment(h.offset) && !joins_picture(&action.code, h.offset)
        }
    };
    let found = hidden::find(&action.code);
    if let Some(first) = found.iter().find(matters) {
        let place = place_of(review, action, first);
        let message = format!("this command holds {}", name(first));
        review.say(&codes::HIDDEN, place, message);
    }
}

/// The first dash before an option, or quote around a word, that a word processor has put there.
fn typographic(review: &mut Review<'_>, action: &Action) {
    if action.kind != ActionKind::Shell || action.interpreter.is_some() {
        return;
    }
    let places = places::scan(&blanks::mask(&action.code, "bash"), &[]);
    let is_one = |at: usize, c: char| {
        let before = action.code.get(..at).and_then(|t| t.chars().next_back());
        let after = action.code.get(at + c.len_utf8()..).unwrap_or_default();
        let option = after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '-' || c == '–');
        let begins = before.is_none_or(|b| b.is_whitespace() || matches!(b, '=' | '–' | '-'));
        match c {
            '–' | '—' => begins && option,
            '“' | '”' | '‘' | '’' => true,
            _ => false,
        }
    };
    let mut found = action.code.char_indices();
    let found = found.find(|(at, c)| places.at(*at) == places::Place::Bare && is_one(*at, *c));
    if let Some((at, c)) = found {
        let line = line_with(&action.code, at);
        let whole = review.source.locate(action.span, line);
        let text = review.source.line(whole.line);
        let place = text.find(c).map_or(whole, |from| {
            review.source.bytes(whole.line, from, from + c.len_utf8())
        });
        let message = format!("{c} is a letter to a shell, not an option or a quote");
        review.say(&codes::TYPOGRAPHIC, place, message);
    }
}

/// The line that holds a byte.
fn line_with(code: &str, at: usize) -> &str {
    let start = code
        .get(..at)
        .and_then(|t| t.rfind('\n'))
        .map_or(0, |n| n + 1);
    let rest = code.get(start..).unwrap_or_default();
    rest.lines().next().unwrap_or_default()
}

/// Pictures are joined and varied by invisible characters.
fn joins_picture(code: &str, at: usize) -> bool {
    let before = code.get(..at).and_then(|t| t.chars().next_back());
    before.is_some_and(|c| u32::from(c) >= 0x2190)
}

fn place_of(review: &Review<'_>, action: &Action, hidden: &Hidden) -> Place {
    let line = action.code.lines().nth(hidden.line as usize - 1);
    let line = line.unwrap_or_default();
    let whole = review.source.locate(action.span, line);
    let text = review.source.line(whole.line);
    match text.find(hidden.character) {
        Some(at) => review
            .source
            .bytes(whole.line, at, at + hidden.character.len_utf8()),
        None => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NONE, at, underlined};

    fn plan(command: &str) -> String {
        format!("# P\n## Rollback\n```bash\n{command}\n```\n")
    }

    #[test]
    fn text_that_is_turned_around_is_an_error_anywhere() {
        let text = "# P\n\nHarmless \u{202E}prose\n\n## Rollback\n```bash\nls\n```\n";
        assert_eq!(underlined(text, "bidirectional-character"), ["\u{202E}"]);
        let marked = text.replace('\u{202E}', "\u{200F}");
        assert_eq!(at(&marked, "bidirectional-character"), NONE);
    }

    #[test]
    fn what_hides_in_a_command_is_an_error() {
        for hidden in ["\u{200B}", "\u{00A0}", "\u{E0041}"] {
            let text = plan(&format!("ls\nrm{hidden} -f x"));
            assert_eq!(
                underlined(&text, "hidden-character"),
                [hidden],
                "{hidden:?}"
            );
        }
        for fine in [
            "echo \"Terminé\u{00A0}!\"",
            "# Prêt\u{00A0}?\nls",
            "echo '👩\u{200D}🔧 ✔\u{FE0F}'",
            "echo café",
        ] {
            assert_eq!(at(&plan(fine), "hidden-character"), NONE, "{fine:?}");
        }
        assert_eq!(
            at("# P\n\nVoilà\u{00A0}: un plan\n", "hidden-character"),
            NONE
        );
    }

    #[test]
    fn dashes_and_quotes_of_typography_are_said() {
        for (command, odd) in [
            ("rm –rf x", "–"),
            ("echo “done”", "“"),
            ("git log —oneline", "—"),
        ] {
            assert_eq!(underlined(&plan(command), "typographic-character"), [odd]);
        }
        for fine in [
            "echo 'stop – then start'",
            "ls # – a list",
            "echo \"it’s done\"",
            "echo a – b",
        ] {
            assert_eq!(at(&plan(fine), "typographic-character"), NONE, "{fine}");
        }
    }

    #[test]
    fn what_commands_a_terminal_is_said() {
        assert_eq!(at("# P\n\nred \x1b[31mtext\n", "control-character"), [3]);
        assert_eq!(at("# P\n\ttabs and ünïcode\n", "control-character"), NONE);
    }
}
