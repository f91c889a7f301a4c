//! Questions with a typed answer: opening them, typing, and what the answer comes to.

use super::sends;
use crate::app::TextInput;
use crate::app::guard;
use crate::app::key::Key;
use crate::app::layer::{Ask, LayerKind};
use crate::app::model::Model;
use crate::app::msg::{Choices, Request};
use crate::app::output::Sought;
use crate::app::purpose::{Outcome, Purpose};
use crate::domain::Command;
use crate::domain::event::ParameterValue;
use crate::domain::ids::ParameterName;
use crate::domain::plan::Parameter;

/// The word with which a file is replaced.
const REPLACE: &str = "replace";

/// Opens a question with what is known already.
pub(crate) fn open(model: &mut Model, purpose: Purpose) -> Vec<Request> {
    let text = initial(model, &purpose);
    open_with(model, purpose, &text)
}

/// Opens a question with a text already typed.
pub(crate) fn open_with(model: &mut Model, purpose: Purpose, text: &str) -> Vec<Request> {
    let mut ask = Ask {
        input: TextInput::with(text),
        options: purpose.presets().iter().map(|p| (*p).to_owned()).collect(),
        picked: None,
        numbered: String::new(),
        hint: String::new(),
        waiting: None,
        purpose,
    };
    let mut requests = Vec::new();
    match &ask.purpose {
        Purpose::SignOff => ask.hint = super::ways::at_the_close(&model.incident),
        Purpose::Complete => ask.hint = super::ways::at_the_end(&model.incident),
        Purpose::Ahead(to) => ask.hint = super::ways::left_open(&model.incident, to),
        Purpose::Save(saving) => ask.hint = saving.hint(&model.incident, &model.directory),
        Purpose::Replace(_, path) => {
            ask.hint = format!("{path}: “{REPLACE}” replaces it; or type another name.");
        }
        _ => {}
    }
    if matches!(ask.purpose, Purpose::Send(_)) {
        ask.hint.push_str(sends::HINT);
    }
    if let Purpose::Code(at) = &ask.purpose
        && model.incident.changed_text(at) == Some(text)
    {
        ask.hint
            .push_str("This is what ran last; the plan's own text is in the run box.");
    }
    if let Purpose::Parameter(name) | Purpose::Secret(name) = &ask.purpose {
        let parameter = model
            .incident
            .plan
            .parameters
            .iter()
            .find(|p| p.name == *name);
        if let Some(parameter) = parameter {
            ask.hint = hint(parameter);
            ask.options.extend(parameter.choices.iter().cloned());
            let elsewhere = parameter.pick_from.is_some() || !model.incident.attempts.is_empty();
            // A secret is not shown, so none is offered; and choices of the plan are all there are.
            if elsewhere && !parameter.secret && parameter.choices.is_empty() {
                ask.waiting = Some(name.clone());
                requests.push(Request::Choices(name.clone()));
            }
        }
    }
    model.open(LayerKind::Ask(ask));
    requests
}

/// What is said of a parameter before a value is typed.
fn hint(parameter: &Parameter) -> String {
    let source = parameter.secret_from.as_ref().filter(|_| parameter.secret);
    let enter = source.map(|source| {
        let from = source.described();
        format!("enter alone takes it from {from}; or type it")
    });
    let told = crate::domain::parameter::told(parameter);
    let help = Some(parameter.help.clone()).filter(|h| !h.is_empty());
    let lines: Vec<String> = [help, told, enter].into_iter().flatten().collect();
    lines.join("\n")
}

/// What is known of an answer before it is typed.
fn initial(model: &Model, purpose: &Purpose) -> String {
    match purpose {
        Purpose::Field(field) => {
            let entry = model.log.entries.iter().find(|e| e.field == *field);
            entry.map(|e| e.value.clone()).unwrap_or_default()
        }
        Purpose::Parameter(name) => {
            let filled = match model.incident.parameters.get(name) {
                Some(ParameterValue::Text(text)) => Some(text.clone()),
                Some(ParameterValue::Secret) | None => None,
            };
            let parameter = model
                .incident
                .plan
                .parameters
                .iter()
                .find(|p| p.name == *name);
            filled
                .or_else(|| parameter.and_then(|p| p.default.clone()))
                .unwrap_or_default()
        }
        Purpose::Send(whose) => sends::initial(&model.incident, whose),
        Purpose::Save(saving) => saving.name(&model.incident),
        Purpose::Environment => model.incident.environment.clone().unwrap_or_default(),
        Purpose::SignOff => model.incident.driver.name.clone(),
        _ => String::new(),
    }
}

/// The choices of a parameter have come.
pub(crate) fn take_choices(model: &mut Model, name: &ParameterName, choices: Choices) {
    let Some(LayerKind::Ask(ask)) = model.layers.last_mut().map(|l| &mut l.kind) else {
        return;
    };
    if ask.waiting.as_ref() != Some(name) {
        return;
    }
    ask.waiting = None;
    let mut said = Vec::new();
    if let Some(why) = choices.why_not {
        said.push(format!("its choices could not be had: {why}"));
    }
    if let Some((first, rest)) = choices.from.split_first() {
        let more = match rest.len() {
            0 => String::new(),
            1 => " and another one".to_owned(),
            more => format!(" and {more} others"),
        };
        said.push(format!("↓ picks from what “{first}”{more} printed"));
    }
    for text in said {
        if !ask.hint.is_empty() {
            ask.hint.push('\n');
        }
        ask.hint.push_str(&text);
    }
    ask.options = choices.values;
}

/// A key for the question.
pub(crate) fn on_key(model: &mut Model, key: Key) -> Vec<Request> {
    if key == Key::Enter && !guard::may_settle(model) {
        return Vec::new();
    }
    let Some(LayerKind::Ask(ask)) = model.layers.last_mut().map(|l| &mut l.kind) else {
        return Vec::new();
    };
    match key {
        Key::Enter => {
            let text = match ask.picked.and_then(|i| ask.options.get(i)) {
                Some(option) => option.clone(),
                None => ask.input.text().to_owned(),
            };
            let purpose = ask.purpose.clone();
            if text.is_empty()
                && let Purpose::Secret(name) = &purpose
                && has_source(model, name)
            {
                close_ask(model);
                return vec![Request::FetchSecret(name.clone())];
            }
            let Some(LayerKind::Ask(ask)) = model.layers.last_mut().map(|l| &mut l.kind) else {
                return Vec::new();
            };
            if text.trim().is_empty() && !ask.purpose.takes_nothing() {
                ask.hint = if matches!(purpose, Purpose::Parameter(_) | Purpose::Secret(_)) {
                    "a blank wants a value; esc leaves the question".into()
                } else if ask.options.is_empty() {
                    "the log needs a word here; esc leaves the question".into()
                } else {
                    "the log needs a word here: type it, or pick one with ↓; esc leaves".into()
                };
                return Vec::new();
            }
            answer(model, &purpose, &text)
        }
        Key::Down | Key::Tab => {
            ask.numbered.clear();
            let last = ask.options.len().checked_sub(1);
            ask.picked = last.map(|last| ask.picked.map_or(0, |p| (p + 1).min(last)));
            Vec::new()
        }
        Key::Up | Key::BackTab => {
            ask.numbered.clear();
            // The last one is often the newest.
            let last = ask.options.len().checked_sub(1);
            ask.picked = ask.picked.map_or(last, |p| p.checked_sub(1));
            Vec::new()
        }
        Key::Ctrl('e') if !ask.purpose.is_secret() => {
            ask.numbered.clear();
            let (purpose, text) = (ask.purpose.clone(), ask.input.text().to_owned());
            vec![Request::Edit(purpose, text)]
        }
        Key::Char(c @ '1'..='9') if takes_number(ask, c) => {
            ask.picked = c
                .to_digit(10)
                .and_then(|n| usize::try_from(n).ok())
                .map(|n| n - 1);
            ask.numbered.push(c);
            Vec::new()
        }
        key => {
            let digits = std::mem::take(&mut ask.numbered);
            if matches!(key, Key::Char(_)) {
                // The number was the beginning of a text.
                ask.input.insert(&digits);
            }
            if ask.input.key(key) {
                ask.picked = None;
            }
            Vec::new()
        }
    }
}

fn has_source(model: &Model, name: &ParameterName) -> bool {
    let mut all = model.incident.plan.parameters.iter();
    all.any(|p| p.name == *name && p.secret_from.is_some())
}

/// Whether a digit picks one of the offered reasons: they are numbered, and nothing is typed yet.
/// Choices of a parameter are not: a value may begin with a digit.
fn takes_number(ask: &Ask, digit: char) -> bool {
    let number = digit
        .to_digit(10)
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(0);
    ask.input.text().is_empty()
        && !ask.purpose.presets().is_empty()
        && (1..=ask.options.len()).contains(&number)
}

/// An answer was given, here or in the editor.
pub(crate) fn answer(model: &mut Model, purpose: &Purpose, text: &str) -> Vec<Request> {
    if let Some(why) = pattern_problem(model, purpose, text) {
        if let Some(LayerKind::Ask(ask)) = model.layers.last_mut().map(|l| &mut l.kind) {
            ask.hint = why;
            ask.picked = None;
            ask.input = TextInput::with(text);
        }
        return Vec::new();
    }
    match purpose.answered(text, model.now) {
        Outcome::Command(command) => {
            close_ask(model);
            vec![Request::Submit(command)]
        }
        Outcome::Ask(next) => {
            close_ask(model);
            open(model, next)
        }
        Outcome::No(why) => {
            if let Some(LayerKind::Ask(ask)) = model.layers.last_mut().map(|l| &mut l.kind) {
                ask.hint = why;
            }
            Vec::new()
        }
        Outcome::Other => {
            close_ask(model);
            other(model, purpose, text)
        }
    }
}

fn close_ask(model: &mut Model) {
    if matches!(model.top().map(|l| &l.kind), Some(LayerKind::Ask(_))) {
        model.close();
    }
}

fn other(model: &mut Model, purpose: &Purpose, text: &str) -> Vec<Request> {
    match purpose {
        Purpose::Attach => vec![Request::Attach(text.trim().to_owned())],
        Purpose::Search => vec![Request::Search(Sought::Words(text.to_owned()))],
        Purpose::Save(saving) => vec![Request::Save {
            saving: *saving,
            path: text.trim().to_owned(),
            replace: false,
        }],
        Purpose::Replace(saving, path) => {
            let replace = text.trim() == REPLACE;
            let path = if replace { path } else { text.trim() };
            vec![Request::Save {
                saving: *saving,
                path: path.to_owned(),
                replace,
            }]
        }
        Purpose::Send(whose) => vec![Request::Send {
            whose: whose.clone(),
            opener: text.trim().to_owned(),
        }],
        Purpose::Secret(name) => vec![
            Request::KeepSecret(name.clone(), text.to_owned()),
            Request::Submit(Command::FillParameter {
                name: name.clone(),
                value: ParameterValue::Secret,
            }),
        ],
        Purpose::Code(at) => vec![Request::Prepare {
            at: at.clone(),
            edited: Some(text.to_owned()),
            purpose: crate::app::msg::BoxFor::Show,
        }],
        Purpose::Message(id) => {
            if let Some(LayerKind::Message {
                template,
                text: shown,
                ..
            }) = model.layers.last_mut().map(|l| &mut l.kind)
                && template == id
            {
                text.clone_into(shown);
            }
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// What is wrong with a parameter's value by the author's pattern, if anything.
fn pattern_problem(model: &Model, purpose: &Purpose, text: &str) -> Option<String> {
    let (Purpose::Parameter(name) | Purpose::Secret(name)) = purpose else {
        return None;
    };
    let parameter = model
        .incident
        .plan
        .parameters
        .iter()
        .find(|p| p.name == *name)?;
    if let Some(why) = crate::domain::parameter::misfit(parameter, text) {
        return Some(format!("the plan asks for something else: this {why}"));
    }
    let pattern = parameter.pattern.as_ref()?;
    let whole = regex::RegexBuilder::new(&format!("^(?:{pattern})$"))
        .size_limit(1 << 20)
        .build();
    match whole {
        Ok(whole) if whole.is_match(text) => None,
        Ok(_) => Some(format!("the plan wants it to look like {pattern}")),
        // A pattern that cannot be read is the author's slip and no reason to stop here.
        Err(_) => None,
    }
}
