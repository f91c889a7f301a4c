//! The table of everything an operator can do, with its keys: the one source of the keymap, the
//! hints, the help, the palette and the README's list.
//!
//! One key, one meaning, wherever it acts. A test holds it free of clashes.

use super::key::Key;

/// Something an operator can do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Verb {
    /// Go to a stage, 1 to 5.
    Stage(u8),
    /// Move down.
    Down,
    /// Move up.
    Up,
    /// Move to the start.
    Top,
    /// Move to the end.
    Bottom,
    /// Move a page down.
    PageDown,
    /// Move a page up.
    PageUp,
    /// Next pane.
    NextPane,
    /// Previous pane.
    PrevPane,
    /// Tick.
    Tick,
    /// Take back the last tick or text.
    Undo,
    /// Open the selected thing.
    Open,
    /// Run, in an open run box.
    Run,
    /// The box for running on.
    RunOn,
    /// Stop a run-on after the current action.
    StopAfter,
    /// The decision menu.
    Decide,
    /// An approval.
    Approve,
    /// The mark menu.
    Mark,
    /// Type into the running action.
    Input,
    /// Stop the running action.
    Interrupt,
    /// Zoom the pane.
    Zoom,
    /// Follow the tail.
    Follow,
    /// Select lines.
    Select,
    /// Pin the selection.
    Pin,
    /// Copy.
    Copy,
    /// A note.
    Note,
    /// Attach a path or an address.
    Attach,
    /// Edit the selected thing.
    Edit,
    /// Messages.
    Messages,
    /// The whole incident log.
    Log,
    /// The timeline.
    Timeline,
    /// What the plan says beside its flight.
    Plan,
    /// The resume card.
    Card,
    /// Search in the pane.
    Search,
    /// The next hit.
    NextHit,
    /// The previous hit.
    PrevHit,
    /// The first error in the output.
    FirstError,
    /// Save the output.
    Save,
    /// Export.
    Export,
    /// The menu of this place.
    Menu,
    /// The palette.
    Palette,
    /// Help.
    Help,
    /// Close the innermost thing, or leave.
    Back,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What it does.
    pub verb: Verb,
    /// Its keys; the first is the one that is shown.
    pub keys: &'static [Key],
    /// In one or two words, for the hints.
    pub name: &'static str,
    /// In a sentence, for the help.
    pub help: &'static str,
}

use Key::{BackTab, Char, Ctrl, End, Enter, Esc, Home, Tab};

const fn row(verb: Verb, keys: &'static [Key], name: &'static str, help: &'static str) -> Row {
    Row {
        verb,
        keys,
        name,
        help,
    }
}

/// The table.
pub const TABLE: &[Row] = &[
    row(
        Verb::Open,
        &[Enter],
        "open",
        "open the selected thing; runs it only if it only reads",
    ),
    row(
        Verb::Run,
        &[Char('r')],
        "run",
        "run what an open run box shows; nowhere else",
    ),
    row(
        Verb::RunOn,
        &[Char('R')],
        "run on…",
        "the box for running on to the next hold point",
    ),
    row(
        Verb::StopAfter,
        &[Char('.')],
        "stop after this",
        "end a run-on after the current action",
    ),
    row(
        Verb::Tick,
        &[Char(' ')],
        "tick",
        "tick or untick a trigger or an item",
    ),
    row(
        Verb::Undo,
        &[Char('u')],
        "undo",
        "take back the last tick or text",
    ),
    row(
        Verb::Decide,
        &[Char('d')],
        "decide…",
        "roll back, fix forward, monitor; severity by hand",
    ),
    row(
        Verb::Approve,
        &[Char('a')],
        "approval…",
        "record who approved, as what, and how",
    ),
    row(
        Verb::Mark,
        &[Char('m')],
        "mark…",
        "done by hand, skipped, failed, judged, waived… with a reason",
    ),
    row(
        Verb::Edit,
        &[Char('e')],
        "edit…",
        "a parameter, a log field, a command before it runs",
    ),
    row(
        Verb::Input,
        &[Char('i')],
        "type into it",
        "type into the running action; ctrl-] comes back",
    ),
    row(
        Verb::Interrupt,
        &[Ctrl('c')],
        "stop…",
        "stop the running action: interrupt, terminate, kill",
    ),
    row(
        Verb::Note,
        &[Char('n')],
        "note",
        "write a note with the time",
    ),
    row(
        Verb::Attach,
        &[Char('A')],
        "attach",
        "attach a path (with its hash) or an address",
    ),
    row(
        Verb::Messages,
        &[Char('c')],
        "message…",
        "a message, filled from the incident",
    ),
    row(
        Verb::Log,
        &[Char('L')],
        "log",
        "the whole incident log, field by field",
    ),
    row(
        Verb::Timeline,
        &[Char('t')],
        "timeline",
        "everything that happened, in order",
    ),
    row(
        Verb::Plan,
        &[Char('P')],
        "people, text",
        "whom to call, and what else the plan says",
    ),
    row(
        Verb::Card,
        &[Char('b')],
        "resume card",
        "what was last, what runs, what is unknown, what is next",
    ),
    row(
        Verb::Export,
        &[Char('x')],
        "export",
        "write the log, the timeline and the evidence list to files",
    ),
    row(Verb::Search, &[Char('/')], "search", "search in the output"),
    row(
        Verb::FirstError,
        &[Char('!')],
        "first error",
        "go to the first line of the output that reads as an error",
    ),
    row(
        Verb::NextHit,
        &[Ctrl('n')],
        "next hit",
        "go to the next hit, or the next error",
    ),
    row(
        Verb::PrevHit,
        &[Ctrl('p')],
        "previous hit",
        "go to the previous hit, or the previous error",
    ),
    row(
        Verb::Follow,
        &[Char('f')],
        "follow",
        "follow the tail of the output",
    ),
    row(
        Verb::Zoom,
        &[Char('z')],
        "zoom",
        "the focused pane on the whole screen, without borders",
    ),
    row(
        Verb::Select,
        &[Char('v')],
        "select",
        "select lines of the output",
    ),
    row(
        Verb::Pin,
        &[Char('p')],
        "pin",
        "pin the selected lines to the log",
    ),
    row(
        Verb::Copy,
        &[Char('y')],
        "copy",
        "copy the selection or the filled command",
    ),
    row(
        Verb::Save,
        &[Char('s')],
        "save…",
        "write the output, or the selection, to a file; .cast records",
    ),
    row(
        Verb::Menu,
        &[Char('o')],
        "menu",
        "change procedure, environment, time of detection, close",
    ),
    row(
        Verb::Stage(1),
        &[Char('1')],
        "triage",
        "go to stage 1, Triage",
    ),
    row(
        Verb::Stage(2),
        &[Char('2')],
        "prepare",
        "go to stage 2, Prepare",
    ),
    row(
        Verb::Stage(3),
        &[Char('3')],
        "execute",
        "go to stage 3, Execute",
    ),
    row(
        Verb::Stage(4),
        &[Char('4')],
        "verify",
        "go to stage 4, Verify",
    ),
    row(
        Verb::Stage(5),
        &[Char('5')],
        "close",
        "go to stage 5, Close",
    ),
    row(Verb::Down, &[Char('j'), Key::Down], "down", "move down"),
    row(Verb::Up, &[Char('k'), Key::Up], "up", "move up"),
    row(Verb::Top, &[Char('g'), Home], "top", "move to the start"),
    row(Verb::Bottom, &[Char('G'), End], "bottom", "move to the end"),
    row(
        Verb::PageDown,
        &[Key::PageDown],
        "page down",
        "move a page down",
    ),
    row(Verb::PageUp, &[Key::PageUp], "page up", "move a page up"),
    row(
        Verb::NextPane,
        &[Tab, Key::Right],
        "next pane",
        "go to the next pane",
    ),
    row(
        Verb::PrevPane,
        &[BackTab, Key::Left],
        "previous pane",
        "go to the previous pane",
    ),
    row(
        Verb::Palette,
        &[Char(':')],
        "palette",
        "find anything by name",
    ),
    row(Verb::Help, &[Char('?')], "help", "this help"),
    row(
        Verb::Back,
        &[Esc, Char('q')],
        "back",
        "close the innermost thing; on the bare cockpit q leaves",
    ),
];

/// The verb of a key on the bare cockpit.
#[must_use]
pub fn verb_of(key: Key) -> Option<Verb> {
    TABLE
        .iter()
        .find(|row| row.keys.contains(&key))
        .map(|row| row.verb)
}

/// The row of a verb.
#[must_use]
pub fn row_of(verb: Verb) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.verb == verb)
}

#[cfg(test)]
mod tests {
    use super::TABLE;
    use std::collections::BTreeMap;

    #[test]
    fn one_key_has_one_meaning() {
        let mut seen = BTreeMap::new();
        for row in TABLE {
            for key in row.keys {
                let before = seen.insert(key.to_string(), row.name);
                assert!(
                    before.is_none(),
                    "{key} is {} and {}",
                    before.unwrap_or(""),
                    row.name
                );
            }
        }
    }

    #[test]
    fn every_row_can_be_read() {
        for row in TABLE {
            assert!(
                !row.keys.is_empty() && !row.name.is_empty() && row.help.len() < 70,
                "{row:?}"
            );
        }
    }
}
