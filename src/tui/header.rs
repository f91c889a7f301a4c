//! The header: which incident, how bad, how long, where in the flight, and whose production.

use chrono::{DateTime, TimeDelta, Utc};
use ratatui::style::Color;
use ratatui::text::{Line, Span};

use super::Theme;
use super::text::{cut, span, with_aside, with_long_aside};
use crate::app::Model;
use crate::app::rows::duration;
use crate::domain::event::Mode;
use crate::domain::outline::{Entry, EntryState, Stage, Subject};
use crate::term::width;

/// Under this many columns the header says it shorter.
const NARROW: usize = 100;

/// The two lines of the header.
pub(super) fn lines(model: &Model, theme: Theme, width: usize) -> Vec<Line<'static>> {
    vec![first(model, theme, width), second(model, theme, width)]
}

/// Whether this environment is one that must look like production.
pub(super) fn is_production(model: &Model) -> bool {
    let name = model
        .incident
        .environment
        .as_deref()
        .unwrap_or_default()
        .to_lowercase();
    model.incident.mode == Mode::Real && (name.starts_with("prod") || name == "live")
}

fn first(model: &Model, theme: Theme, width_all: usize) -> Line<'static> {
    let incident = &model.incident;
    let mut left = vec![Span::raw(" ")];
    left.extend(mode_badge(incident.mode, theme));
    left.extend(span(&id_in(incident.id.as_str(), width_all), theme.head()));
    left.push(Span::raw(" "));
    if let Some(severity) = incident.severity() {
        left.extend(span(
            &format!(" {} ", severity.name),
            theme.badge(Color::Red),
        ));
        left.push(Span::raw(" "));
    }
    let mut clocks = clocks(model, width_all);
    if let Some(beside) = beside(model, width_all) {
        clocks.0 = format!("{beside}  {}", clocks.0);
    }
    let used: usize = left.iter().map(Span::width).sum();
    let room = width_all.saturating_sub(used + width(&clocks.0) + 2);
    let mut title = incident.plan.title.clone();
    if let Some(procedure) = incident
        .procedure
        .as_ref()
        .and_then(|p| crate::domain::flight::find_procedure(&incident.plan, p))
    {
        title = format!("{title} · {}", procedure.title);
    }
    left.extend(cut(&title, room, ratatui::style::Style::new()));
    let style = if clocks.1 {
        theme.bad()
    } else {
        ratatui::style::Style::new()
    };
    let most = width_all * 3 / 5;
    with_long_aside(left, &format!("{} ", clocks.0), most, width_all, style)
}

/// An incident's id in the room there is: its end tells it from others best.
fn id_in(id: &str, width: usize) -> String {
    const TAIL: usize = 10;
    let length = id.chars().count();
    if width >= NARROW || length <= TAIL + 4 {
        return id.to_owned();
    }
    let tail: String = id.chars().skip(length - TAIL).collect();
    format!("…{tail}")
}

fn mode_badge(mode: Mode, theme: Theme) -> Vec<Span<'static>> {
    let text = match mode {
        Mode::Real => return Vec::new(),
        Mode::Drill => " DRILL ",
        Mode::DryRun => " DRY RUN ",
        Mode::Practice => " PRACTICE ",
    };
    vec![Span::styled(text, theme.badge(Color::Blue)), Span::raw(" ")]
}

/// The clocks, and whether one of them has run out.
fn clocks(model: &Model, width: usize) -> (String, bool) {
    let incident = &model.incident;
    let mut parts = Vec::new();
    let end = incident.closed.as_ref().map_or(model.now, |(at, _)| *at);
    let elapsed = span_of(end - incident.detected_at());
    let narrow = width < NARROW;
    parts.push(if narrow {
        elapsed
    } else {
        format!("elapsed {elapsed}")
    });
    let mut late = false;
    if let Some(deadline) = incident.deadline()
        && crate::report::started_at(incident).is_none()
        && incident.completed_at.is_none()
        && incident.closed.is_none()
    {
        // It says by when to start: what has started does not run late any further.
        late |= deadline < model.now;
        let name = if deadline < model.now {
            "start"
        } else {
            "start within"
        };
        parts.push(left_until(name, deadline, model.now));
    }
    if let Some(next) = crate::report::messages::next_update(incident, model.now) {
        late |= next < model.now;
        let name = if narrow { "update" } else { "next update" };
        parts.push(left_until(name, next, model.now));
    }
    if width < 80 {
        parts.truncate(2);
    }
    (parts.join(if narrow { "  " } else { "   " }), late)
}

/// What runs beside the work: how many, and the last of them that the room has place for.
fn beside(model: &Model, width_all: usize) -> Option<String> {
    let titles: Vec<&str> = model
        .incident
        .monitors()
        .filter(|attempt| model.runs(attempt))
        .map(|attempt| attempt.intent.title.as_str())
        .collect();
    let last = crate::term::truncate(titles.last()?, width_all / 5);
    Some(format!("{} beside: {last}", titles.len()))
}

fn span_of(delta: TimeDelta) -> String {
    duration(u64::try_from(delta.num_milliseconds()).unwrap_or(0))
}

fn left_until(name: &str, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    if at < now {
        format!("{name} {} OVER", span_of(now - at))
    } else {
        format!("{name} {}", span_of(at - now))
    }
}

/// Whether an entry of a stage that lies behind was left open: no stage is done over it.
fn leaves_open(entry: &Entry) -> bool {
    let parts_open = entry.progress.0 < entry.progress.1;
    let open = match entry.subject {
        Subject::Triage => true,
        Subject::Checklist(_) => parts_open,
        Subject::Step(..) => parts_open && entry.stage == Stage::Execute,
        _ => false,
    };
    let done = matches!(
        entry.state,
        EntryState::Done
            | EntryState::DoneUnjudged
            | EntryState::Waived
            | EntryState::NotApplicable
    );
    open && !done
}

fn second(model: &Model, theme: Theme, width_all: usize) -> Line<'static> {
    let incident = &model.incident;
    let present = incident.stage();
    let mut left = vec![Span::raw(" ")];
    let shown = model.selected_entry().map(|e| e.stage);
    for (number, stage) in (1..).zip(Stage::ALL) {
        let entries = model.outline.iter().filter(|e| e.stage == stage);
        let broken = entries.clone().any(|e| {
            matches!(
                e.state,
                EntryState::Failed | EntryState::Unknown | EntryState::Due
            )
        });
        let mut style = if stage == present {
            theme.head()
        } else {
            theme.dim()
        };
        if broken {
            style = theme.bad();
        }
        if shown == Some(stage) {
            style = style.add_modifier(ratatui::style::Modifier::UNDERLINED);
        }
        // Nothing was done where there is nothing to do.
        let any = entries.clone().next().is_some();
        let done = if stage < present && any && !entries.clone().any(leaves_open) {
            theme.sign(crate::app::rows::Sign::Done).0
        } else {
            ""
        };
        let name = if width_all < 72 {
            stage.name().get(..3).unwrap_or_default()
        } else {
            stage.name()
        };
        left.push(Span::styled(format!("{number} {name}"), style));
        left.push(Span::raw(format!(
            "{}{done}  ",
            if done.is_empty() { "" } else { " " }
        )));
    }
    let environment = incident
        .environment
        .as_deref()
        .unwrap_or("environment not named");
    let host = &incident.driver.host;
    let driver = &incident.driver.name;
    // Where it is narrow, the stages stay whole and what is said beside them gets shorter.
    let room = width_all.saturating_sub(left.iter().map(Span::width).sum::<usize>() + 1);
    let mut who = vec![
        format!("{environment} · {host} · {driver} "),
        format!("{environment} · {host} "),
    ];
    if incident.environment.is_none() {
        who.push(format!("environment? · {host} "));
        // That it has no name says less than which machine it is.
        who.push(format!("{host} "));
    }
    let who = who
        .into_iter()
        .find(|who| crate::term::width(who) <= room)
        .unwrap_or_else(|| crate::term::truncate(&format!("{environment} "), room).into_owned());
    let style = if is_production(model) {
        theme.badge(Color::Red)
    } else {
        theme.dim()
    };
    with_aside(left, &who, width_all, style)
}
