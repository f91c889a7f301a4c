//! The output pane in the operator's language: what its keys ask for, and what is said of them.

use super::screens_tests::Cockpit;
use crate::app::output::{OutputView, Scroll, SearchState, Selected, Selecting, Sought};
use crate::app::saving::Saving;
use crate::app::{Key, Msg, Pane, Request, update};
use crate::domain::event::Confirmation;
use crate::domain::fixture::{Flight, plan};
use crate::domain::ids::AttemptId;

/// A cockpit whose action has failed, with its output in view.
fn failed() -> Cockpit {
    let mut flight = Flight::ready(plan());
    flight
        .start("look", Confirmation::ReadOnly)
        .expect("starts");
    flight.ends(3, "");
    let mut cockpit = Cockpit::on(flight, (100, 30));
    cockpit.model.output = OutputView {
        attempt: Some(AttemptId(1)),
        first: Some(1),
        total: 30,
        ..OutputView::default()
    };
    cockpit.model.go_to_action(&"look".into());
    cockpit
}

#[test]
fn the_first_error_is_asked_for_from_anywhere_and_told() {
    let mut nothing = Cockpit::on(Flight::ready(plan()), (100, 30));
    assert_eq!(nothing.press(Key::Char('!')), []);
    nothing.sees("nothing has run yet");

    let mut cockpit = failed();
    let asked = [Request::Show(AttemptId(1)), Request::Search(Sought::Errors)];
    assert_eq!(cockpit.press(Key::Char('!')), asked);
    assert_eq!(cockpit.model.focus, Pane::Output);
    let state = |hits: usize, complete| {
        Some(SearchState {
            wanted: Sought::Errors,
            at: hits.min(1),
            hits,
            complete,
        })
    };
    cockpit.model.output.search = state(3, true);
    cockpit.sees("error 1 of 3");
    cockpit.sees("ctrl-n next hit");
    cockpit.model.output.search = state(0, false);
    cockpit.sees("looking for errors…");
    cockpit.model.output.search = state(0, true);
    cockpit.sees("no line reads as an error");
    // Where there are no frames it is told too.
    cockpit.keys("z");
    cockpit.sees("no line reads as an error");
}

#[test]
fn a_selection_moves_by_lines_and_pages_and_goes_where_it_is_sent() {
    let mut cockpit = failed();
    assert_eq!(
        cockpit.press(Key::Char('v')),
        [Request::Select(Selecting::Toggle)]
    );
    assert_eq!(
        cockpit.press(Key::PageUp),
        [Request::Scroll(Scroll::Pages(-1))]
    );
    cockpit.model.output.selected = Some(Selected {
        rows: 0..1,
        first: 4,
        lines: 3,
    });
    cockpit.sees("3 lines selected");
    for (key, wanted) in [
        (Key::Char('j'), Selecting::By(1)),
        (Key::PageUp, Selecting::Pages(-1)),
        (Key::Char('g'), Selecting::Top),
        (Key::Char('G'), Selecting::Bottom),
        (Key::Esc, Selecting::Nothing),
        (Key::Tab, Selecting::Nothing),
    ] {
        cockpit.model.focus = Pane::Output;
        assert_eq!(cockpit.press(key), [Request::Select(wanted)], "{key}");
    }
    assert_eq!(cockpit.press(Key::Char('y')), [Request::CopySelected]);
    assert_eq!(cockpit.press(Key::Char('p')), [Request::PinSelected]);
    assert_eq!(cockpit.press(Key::Char('s')), []);
    cockpit.sees("Save these 3 lines to which file?");
    let asked = cockpit.press(Key::Enter);
    let saving = Saving {
        attempt: AttemptId(1),
        lines: Some((4, 6)),
    };
    assert!(
        matches!(asked.as_slice(), [Request::Save { saving: s, replace: false, path }]
            if *s == saving && path.ends_with("-0001-git-tag.log")),
        "{asked:?}"
    );
}

#[test]
fn a_file_that_is_there_is_replaced_by_a_word_and_never_by_enter() {
    let mut cockpit = failed();
    cockpit.press(Key::Char('s'));
    cockpit.sees("Save the output of 0001");
    cockpit.press(Key::Esc);
    let saving = Saving {
        attempt: AttemptId(1),
        lines: None,
    };
    let path = "/srv/a.log".to_owned();
    let clock = cockpit.clock();
    update(&mut cockpit.model, Msg::Taken(saving, path.clone()), clock);
    cockpit.sees("There is a file of that name");
    assert_eq!(cockpit.press(Key::Enter), []);
    cockpit.sees("a file wants a name");
    for c in "replace".chars() {
        cockpit.press(Key::Char(c));
    }
    let asked = Request::Save {
        saving,
        path,
        replace: true,
    };
    assert_eq!(cockpit.press(Key::Enter), [asked]);
}
