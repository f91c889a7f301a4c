//! The home screen: `backout` without a command. Reads what incidents there are and gives back
//! what was chosen; opening it is the caller's.

use std::io;

use ratatui::Terminal;
use tokio::sync::mpsc;

use super::input::{Arrived, Reader};
use super::keys::Input;
use super::options::Options;
use super::screen::Screen;
use super::signals::{Notice, Signals, stop_here};
use super::tty::Tty;
use crate::app::Key;
use crate::domain::Incident;
use crate::domain::ids::IncidentId;
use crate::domain::incident::AttemptState;
use crate::session::Home;
use crate::session::open::{driven_by, look};
use crate::tui::home::{HomeModel, HomeRow, draw};

/// What was chosen on the home screen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Chosen {
    /// To take up an incident.
    Resume(IncidentId),
    /// To practise.
    Practise,
    /// Nothing.
    Nothing,
}

/// Shows the home screen until something is chosen.
///
/// # Errors
/// Where standard input or output is no terminal, or the incidents cannot be listed.
pub fn home(home: &Home, options: Options) -> io::Result<Chosen> {
    let rows = rows(home).map_err(|error| io::Error::other(error.to_string()))?;
    let model = HomeModel {
        rows,
        ..HomeModel::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(choose(model, options))
}

async fn choose(mut model: HomeModel, options: Options) -> io::Result<Chosen> {
    let tty = Tty::take()?;
    let (mut reader, mut keys) = Reader::start(tty.reader()?)?;
    let mut terminal = Terminal::new(Screen::new(tty.writer()?, options.ability))?;
    let mut signals = Signals::listen()?;
    loop {
        terminal.draw(|frame| draw(frame, &model, options.theme()))?;
        let arrived = tokio::select! {
            biased;
            notice = signals.next() => match notice {
                Notice::HungUp | Notice::Terminate => return Ok(Chosen::Nothing),
                Notice::Resized | Notice::Continued => {
                    terminal.clear()?;
                    continue;
                }
                Notice::Stop => {
                    drop(reader);
                    tty.give_back();
                    stop_here();
                    tty.enter()?;
                    (reader, keys) = Reader::start(tty.reader()?)?;
                    terminal.clear()?;
                    continue;
                }
            },
            arrived = next(&mut keys) => arrived,
        };
        match arrived {
            Input::Gone => return Ok(Chosen::Nothing),
            Input::Key(Some(key), _) => {
                if let Some(chosen) = on_key(&mut model, key) {
                    return Ok(chosen);
                }
            }
            Input::Key(None, _) | Input::Paste(_) => {}
        }
    }
}

async fn next(keys: &mut mpsc::Receiver<Arrived>) -> Input {
    let arrived = keys.recv().await;
    arrived.map_or(Input::Gone, |arrived| arrived.input)
}

/// What a key does; gives what was chosen by it.
fn on_key(model: &mut HomeModel, key: Key) -> Option<Chosen> {
    let last = model.rows.len();
    model.said.clear();
    match key {
        Key::Char('j') | Key::Down => model.selected = (model.selected + 1).min(last),
        Key::Char('k') | Key::Up => model.selected = model.selected.saturating_sub(1),
        Key::Char('g') | Key::Home => model.selected = 0,
        Key::Char('G') | Key::End => model.selected = last,
        Key::PageDown => model.selected = (model.selected + 10).min(last),
        Key::PageUp => model.selected = model.selected.saturating_sub(10),
        Key::Char('p') => return Some(Chosen::Practise),
        Key::Char('q') | Key::Esc | Key::Ctrl('c') => return Some(Chosen::Nothing),
        Key::Enter => {
            return Some(match model.rows.get(model.selected) {
                Some(row) => Chosen::Resume(IncidentId::new(row.id.clone())),
                None => Chosen::Practise,
            });
        }
        _ => {}
    }
    None
}

/// The incidents, newest first; one that cannot be read is there with the reason.
fn rows(home: &Home) -> Result<Vec<HomeRow>, crate::session::HomeError> {
    let mut ids = home.incidents()?;
    ids.reverse();
    Ok(ids.into_iter().map(|id| row(home, &id)).collect())
}

fn row(home: &Home, id: &IncidentId) -> HomeRow {
    let driver = driven_by(&home.incident_dir(id));
    match look(home, id) {
        Ok((incident, _, _)) => of_incident(&incident, driver),
        Err(error) => HomeRow {
            id: id.to_string(),
            title: "cannot be read".to_owned(),
            state: error.to_string(),
            when: String::new(),
            wants: true,
            closed: false,
        },
    }
}

fn of_incident(incident: &Incident, driver: Option<String>) -> HomeRow {
    let unknown =
        |a: &crate::domain::incident::Attempt| matches!(a.state, AttemptState::Unknown(_));
    let unknown = incident.attempts.iter().any(unknown);
    let now = chrono::Utc::now();
    let due = incident.closed.is_none()
        && incident.plan.checklists.iter().any(|list| {
            incident.due_at(list).is_some_and(|due| due <= now) && !incident.is_complete(list)
        });
    let running = incident.attempts.iter().filter(|a| a.is_alive()).count();
    let state = match (&incident.closed, driver) {
        (Some(_), _) => "closed".to_owned(),
        (None, Some(driver)) => format!("driven by {driver}"),
        (None, None) if unknown => "an outcome is unknown".to_owned(),
        (None, None) if due => "a checkpoint is due".to_owned(),
        (None, None) if running > 0 => format!("{} · {running} running", incident.stage().name()),
        (None, None) => incident.stage().name().to_owned(),
    };
    HomeRow {
        id: incident.id.to_string(),
        title: incident.plan.title.clone(),
        state,
        when: incident.opened_at.wall.format("%Y-%m-%d %H:%M").to_string(),
        wants: unknown || due,
        closed: incident.closed.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Chosen, HomeModel, HomeRow, on_key};
    use crate::app::Key;

    #[test]
    fn enter_takes_up_the_selected_one_and_the_last_line_practises() {
        let row = HomeRow {
            id: "inc-1".to_owned(),
            title: "Shop".to_owned(),
            state: "Execute".to_owned(),
            when: "2026-11-20 14:03".to_owned(),
            wants: false,
            closed: false,
        };
        let mut model = HomeModel {
            rows: vec![row],
            ..HomeModel::default()
        };
        let chosen = on_key(&mut model, Key::Enter);
        assert_eq!(chosen, Some(Chosen::Resume("inc-1".into())));
        assert_eq!(on_key(&mut model, Key::Down), None);
        assert_eq!(on_key(&mut model, Key::Enter), Some(Chosen::Practise));
        assert_eq!(on_key(&mut model, Key::Char('q')), Some(Chosen::Nothing));
    }
}
