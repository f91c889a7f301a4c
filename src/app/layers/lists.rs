//! Things that are scrolled or picked from: texts, the help, the log, the palette.

use crate::app::key::Key;
use crate::app::layer::{Layer, LayerKind, PaletteEntry};
use crate::app::model::{Model, Pane};
use crate::app::msg::Request;
use crate::app::purpose::Purpose;
use crate::app::verbs::{TABLE, Verb};

/// A key for a text or the help: they only scroll.
pub(super) fn on_scroll_key(model: &mut Model, key: Key) {
    match key {
        Key::Char('j') => scroll(model, Key::Down),
        Key::Char('k') => scroll(model, Key::Up),
        Key::Char(' ') => scroll(model, Key::PageDown),
        Key::Char('g') => scroll(model, Key::Home),
        Key::Char('G') => scroll(model, Key::End),
        Key::Char('q') | Key::Enter => model.close(),
        key => scroll(model, key),
    }
}

/// Scrolls what is open, by the keys that mean nothing else anywhere.
pub(super) fn scroll(model: &mut Model, key: Key) {
    let page = usize::from(model.size.1.saturating_sub(6).max(1));
    let Some(Layer { scroll, .. }) = model.layers.last_mut() else {
        return;
    };
    *scroll = match key {
        Key::Down => scroll.saturating_add(1),
        Key::Up => scroll.saturating_sub(1),
        Key::PageDown => scroll.saturating_add(page),
        Key::PageUp => scroll.saturating_sub(page),
        Key::Home => 0,
        Key::End => usize::MAX,
        _ => *scroll,
    };
}

/// A key for the incident log.
pub(super) fn on_log_key(model: &mut Model, key: Key) -> Vec<Request> {
    let last = model.log.entries.len().saturating_sub(1);
    let page = usize::from(model.size.1.saturating_sub(8).max(1));
    let Some(LayerKind::Log { selected }) = model.layers.last_mut().map(|l| &mut l.kind) else {
        return Vec::new();
    };
    match key {
        Key::Down | Key::Char('j') => *selected = (*selected + 1).min(last),
        Key::Up | Key::Char('k') => *selected = selected.saturating_sub(1),
        Key::PageDown => *selected = (*selected + page).min(last),
        Key::PageUp => *selected = selected.saturating_sub(page),
        Key::Home | Key::Char('g') => *selected = 0,
        Key::End | Key::Char('G') => *selected = last,
        Key::Enter | Key::Char('e') => {
            let field = model.log.entries.get(*selected).map(|e| e.field.clone());
            if let Some(field) = field {
                return super::ask::open(model, Purpose::Field(field));
            }
        }
        Key::Char('u') => return vec![Request::Submit(crate::domain::Command::Undo)],
        Key::Char('x') => return vec![Request::Export],
        Key::Char('q') => model.close(),
        _ => {}
    }
    Vec::new()
}

/// What the palette offers for a text: every verb and every entry of the flight plan whose words
/// hold all that was typed.
#[must_use]
pub fn palette(model: &Model, typed: &str) -> Vec<(PaletteEntry, String, String)> {
    let words: Vec<String> = typed
        .to_lowercase()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let fits = |text: &str| {
        let text = text.to_lowercase();
        words.iter().all(|w| text.contains(w.as_str()))
    };
    let verbs = TABLE
        .iter()
        .filter(|r| !matches!(r.verb, Verb::Up | Verb::Down | Verb::Palette))
        .map(|r| {
            let key = r.keys.first().map(ToString::to_string).unwrap_or_default();
            (
                PaletteEntry::Verb(r.verb),
                format!("{} — {}", r.name, r.help),
                key,
            )
        });
    let entries = model.outline.iter().enumerate().map(|(i, e)| {
        (
            PaletteEntry::Entry(i),
            format!("go to {}", e.title),
            e.stage.name().to_owned(),
        )
    });
    verbs
        .chain(entries)
        .filter(|(_, text, _)| fits(text))
        .collect()
}

/// A key for the palette.
pub(super) fn on_palette_key(model: &mut Model, key: Key) -> Vec<Request> {
    let Some(LayerKind::Palette { text, selected }) = model.top().map(|l| &l.kind) else {
        return Vec::new();
    };
    let found = palette(model, text.text());
    let mut selected = (*selected).min(found.len().saturating_sub(1));
    match key {
        Key::Down => selected = (selected + 1).min(found.len().saturating_sub(1)),
        Key::Up => selected = selected.saturating_sub(1),
        Key::Enter => {
            let chosen = found.get(selected).map(|(entry, _, _)| entry.clone());
            model.close();
            return match chosen {
                Some(PaletteEntry::Verb(verb)) => crate::app::verbs_do::act(model, verb),
                Some(PaletteEntry::Entry(entry)) => {
                    model.select_entry(entry);
                    model.focus = Pane::Work;
                    Vec::new()
                }
                None => Vec::new(),
            };
        }
        key => {
            if let Some(LayerKind::Palette { text, selected }) =
                model.layers.last_mut().map(|l| &mut l.kind)
                && text.key(key)
            {
                *selected = 0;
            }
            return Vec::new();
        }
    }
    if let Some(LayerKind::Palette { selected: at, .. }) =
        model.layers.last_mut().map(|l| &mut l.kind)
    {
        *at = selected;
    }
    Vec::new()
}
