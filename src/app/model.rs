//! The model: the last acknowledged state and what the operator is looking at. Drawing reads it
//! and nothing else.

use std::sync::Arc;

use chrono::{DateTime, FixedOffset, Utc};

use super::guard::KeyGuard;
use super::layer::{Layer, LayerKind, Wanted};
use super::output::OutputView;
use super::rows::{Row, Target, rows};
use crate::domain::event::{Gate, Recorded};
use crate::domain::ids::{ActionRef, AttemptId};
use crate::domain::outline::{Entry, EntryState, Stage, Subject};
use crate::domain::{Incident, Present};
use crate::report;

/// A pane.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Pane {
    /// The flight plan.
    Plan,
    /// What is being done.
    Work,
    /// The output.
    Output,
    /// The incident log.
    Log,
}

impl Pane {
    /// All, in the order of `tab`.
    pub const ALL: [Pane; 4] = [Pane::Plan, Pane::Work, Pane::Output, Pane::Log];
}

/// Something said in the last line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Toast {
    /// What.
    pub text: String,
    /// It is a refusal or an error.
    pub bad: bool,
    /// Milliseconds at which it was said.
    pub since_ms: u64,
    /// The attempts whose ends it tells of, where it tells of such.
    pub ends: Vec<AttemptId>,
}

/// A run-on that is under way.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Running {
    /// What is still to run, in order.
    pub left: Vec<ActionRef>,
    /// The one that was started last.
    pub current: Option<ActionRef>,
    /// Stop after it.
    pub stopping: bool,
}

impl Running {
    /// Whether it goes on when an attempt at this action has ended.
    pub(super) fn waits_for(&self, at: &ActionRef) -> bool {
        self.current.as_ref() == Some(at)
    }
}

/// The cockpit.
#[allow(clippy::struct_excessive_bools)] // Independent facts about what is in view.
#[derive(Clone, Debug)]
pub struct Model {
    /// The last acknowledged state.
    pub incident: Arc<Incident>,
    /// Every event.
    pub records: Arc<Vec<Recorded>>,
    /// The time.
    pub now: DateTime<Utc>,
    /// The zone in which times are shown beside UTC.
    pub zone: FixedOffset,
    /// Milliseconds of the monotonic clock, of the last message.
    pub mono_ms: u64,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The flight plan.
    pub outline: Vec<Entry>,
    /// The rows of the work pane.
    pub rows: Vec<Row>,
    /// The incident log.
    pub log: report::log::Log,
    /// The focused pane.
    pub focus: Pane,
    /// The selected entry of the flight plan.
    pub entry: usize,
    /// The selected row of the work pane.
    pub row: usize,
    /// How far the log pane is scrolled; none follows the field that was filled last.
    pub log_scroll: Option<usize>,
    /// The output.
    pub output: OutputView,
    /// What is open, outermost first.
    pub layers: Vec<Layer>,
    /// Keys go to this running attempt.
    pub typing: Option<AttemptId>,
    /// This attempt gets the keys when it asks for something.
    pub asking: Option<AttemptId>,
    /// The focused pane has the whole screen.
    pub zoom: bool,
    /// Something said in the last line.
    pub toast: Option<Toast>,
    /// A run-on that is under way.
    pub running: Option<Running>,
    /// What is so at this moment and not on record.
    pub present: Present,
    /// The directory of the incident.
    pub incident_dir: String,
    /// The directory from which relative paths go.
    pub directory: String,
    /// What was found when the incident was taken up again, for the resume card.
    pub on_return: Vec<(String, String)>,
    /// The journal is being written.
    pub writing: bool,
    /// Where a run box is on its way to.
    pub preparing: bool,
    /// What opens once the acceptance of the runbook is on disk.
    pub accepting: Option<Wanted>,
    /// Once this attempt has been stopped, the end of the rollback is asked for.
    pub ending: Option<AttemptId>,
    /// Another way was just chosen: the cursor goes to it.
    pub taking: bool,
    /// The one procedure that there is was just chosen by the decision.
    pub chose_only: bool,
    /// Terminals attached, as far as it is known; 1 otherwise.
    pub terminals: u32,
    /// The cockpit is to be left.
    pub leaving: bool,
    /// What keeps a key that was meant for something else from acting.
    pub guard: KeyGuard,
}

impl Model {
    /// A cockpit on an incident.
    #[must_use]
    pub fn new(
        incident: Arc<Incident>,
        records: Arc<Vec<Recorded>>,
        now: DateTime<Utc>,
        zone: FixedOffset,
        size: (u16, u16),
    ) -> Self {
        let outline = incident.outline(now);
        let log = report::log::filled(&incident, &records, now, &zone);
        let mut model = Self {
            incident,
            records,
            now,
            zone,
            mono_ms: 0,
            size,
            outline,
            rows: Vec::new(),
            log,
            focus: Pane::Work,
            entry: 0,
            row: 0,
            log_scroll: None,
            output: OutputView::default(),
            layers: Vec::new(),
            typing: None,
            asking: None,
            zoom: false,
            toast: None,
            running: None,
            present: Present::default(),
            incident_dir: String::new(),
            directory: String::new(),
            on_return: Vec::new(),
            writing: false,
            preparing: false,
            accepting: None,
            ending: None,
            taking: false,
            chose_only: false,
            terminals: 1,
            leaving: false,
            guard: KeyGuard::default(),
        };
        model.go_to_stage(model.incident.stage());
        model
    }

    /// The selected entry of the flight plan.
    #[must_use]
    pub fn selected_entry(&self) -> Option<&Entry> {
        self.outline.get(self.entry)
    }

    /// Whether what is selected belongs to a procedure that is not the chosen one: to prepare, to
    /// verify, or what else the plan has.
    #[must_use]
    pub fn is_beside_the_path(&self) -> bool {
        self.selected_entry().is_some_and(|entry| {
            let procedure = matches!(
                entry.subject,
                Subject::Procedure(_) | Subject::Step(..) | Subject::Choose(_)
            );
            procedure && entry.stage != Stage::Execute
        })
    }

    /// What the selected row stands for.
    #[must_use]
    pub fn selected(&self) -> Target {
        self.rows
            .get(self.row)
            .map_or(Target::Nothing, |row| row.target.clone())
    }

    /// The innermost open thing.
    #[must_use]
    pub fn top(&self) -> Option<&Layer> {
        self.layers.last()
    }

    /// Opens something, from now on.
    pub fn open(&mut self, kind: LayerKind) {
        self.layers.push(Layer {
            kind,
            since_ms: self.mono_ms,
            scroll: 0,
            at_end: false,
        });
    }

    /// Holds what is open to what there is of it: it is never scrolled beyond its last line.
    pub fn hold_scroll(&mut self, most: usize) {
        if let Some(layer) = self.layers.last_mut() {
            layer.at_end = layer.scroll >= most && most > 0;
            layer.scroll = layer.scroll.min(most);
        }
    }

    /// Closes the innermost open thing.
    pub fn close(&mut self) {
        self.layers.pop();
    }

    /// Says something in the last line.
    pub fn say(&mut self, text: impl Into<String>, bad: bool) {
        self.toast = Some(Toast {
            text: text.into(),
            bad,
            since_ms: self.mono_ms,
            ends: Vec::new(),
        });
    }

    /// Says in the last line that an attempt has ended, with those that it tells of already; the
    /// words are `ends`'.
    pub(super) fn say_ended(&mut self, id: AttemptId) {
        let told = self.toast.take().map(|t| t.ends);
        let mut ends = told.unwrap_or_default();
        ends.push(id);
        self.toast = Some(Toast {
            text: String::new(),
            bad: true,
            since_ms: self.mono_ms,
            ends,
        });
    }

    /// The same where it must not be cut to the line: in a box, if the line is too short and
    /// nothing else is open.
    pub fn say_whole(&mut self, title: &str, text: String, bad: bool) {
        let room = usize::from(self.size.0);
        if self.layers.is_empty() && crate::term::width(&text) + 2 > room {
            self.open(LayerKind::Text {
                title: title.to_owned(),
                lines: vec![text],
            });
        } else {
            self.say(text, bad);
        }
    }

    /// The attempt that keys and stops are for: the one that is shown while it runs, else the one
    /// in the foreground, else what was last started beside the work.
    #[must_use]
    pub fn live(&self) -> Option<&crate::domain::incident::Attempt> {
        let incident = &self.incident;
        // What has ended and waits for room takes neither.
        let goes_on = |a: &&crate::domain::incident::Attempt| self.runs(a);
        let shown = self.output.attempt.and_then(|id| incident.attempt(id));
        shown
            .filter(goes_on)
            .or_else(|| incident.foreground().filter(goes_on))
            .or_else(|| incident.attempts.iter().rev().find(goes_on))
    }

    /// Whether an attempt runs: not one that has ended and whose result waits for room.
    #[must_use]
    pub fn runs(&self, attempt: &crate::domain::incident::Attempt) -> bool {
        attempt.is_alive() && !self.present.has_ended(attempt.intent.attempt)
    }

    /// Takes the next acknowledged state.
    pub fn take(&mut self, incident: Arc<Incident>, records: Arc<Vec<Recorded>>) {
        let kept = self.selected_entry().map(|e| e.subject.clone());
        let target = self.selected();
        self.incident = incident;
        self.records = records;
        self.refresh();
        if let Some(subject) = kept {
            self.select_subject(&subject);
        }
        self.select_target(&target);
    }

    /// Derives again what is shown from the state and the time.
    pub fn refresh(&mut self) {
        self.outline = self.incident.outline(self.now);
        super::rows::say_ended_in_plan(&mut self.outline, &self.incident, &self.present);
        self.entry = self.entry.min(self.outline.len().saturating_sub(1));
        self.log = report::log::filled(&self.incident, &self.records, self.now, &self.zone);
        self.derive_rows();
    }

    fn derive_rows(&mut self) {
        self.rows = match self.outline.get(self.entry) {
            Some(entry) => rows(&self.incident, &entry.subject),
            None => Vec::new(),
        };
        super::rows::probes::add(&mut self.rows, &self.incident, &self.present);
        super::rows::say_ended(&mut self.rows, &self.incident, &self.present);
        self.row = self.row.min(self.rows.len().saturating_sub(1));
        if !self.rows.get(self.row).is_some_and(Row::is_selectable) {
            self.row = self.rows.iter().position(Row::is_selectable).unwrap_or(0);
        }
    }

    /// Selects an entry of the flight plan by its position.
    pub fn select_entry(&mut self, entry: usize) {
        let entry = entry.min(self.outline.len().saturating_sub(1));
        if entry != self.entry {
            self.entry = entry;
            self.row = 0;
        }
        self.derive_rows();
        self.select_open_row();
    }

    /// Selects the entry about a subject, if there is one.
    pub fn select_subject(&mut self, subject: &Subject) -> bool {
        let Some(entry) = self.outline.iter().position(|e| e.subject == *subject) else {
            return false;
        };
        if entry != self.entry {
            self.entry = entry;
            self.row = 0;
        }
        self.derive_rows();
        true
    }

    /// Selects the row that stands for a target, if there is one.
    pub fn select_target(&mut self, target: &Target) {
        if let Some(row) = self.rows.iter().position(|r| r.target == *target) {
            self.row = row;
        }
    }

    /// Selects the first row that is still to be done.
    pub fn select_open_row(&mut self) {
        self.select_open_row_after(0);
    }

    /// Selects the next row that is still to be done, from a row on, and then from the first.
    pub fn select_open_row_after(&mut self, from: usize) {
        use super::rows::Sign;
        // What runs beside the work is not what the work waits for.
        let beside = |r: &Row| match &r.target {
            Target::Action(at) => {
                let last = self.incident.attempts_at(at).last();
                last.is_some_and(|a| a.is_alive() && a.intent.monitor)
            }
            _ => false,
        };
        let open = |r: &Row| {
            r.is_selectable()
                && !beside(r)
                && matches!(
                    r.sign,
                    Sign::Open
                        | Sign::Unticked
                        | Sign::Judge
                        | Sign::Failed
                        | Sign::Unknown
                        | Sign::Running
                )
        };
        let all = || self.rows.iter().enumerate();
        let after = all().skip(from).find(|(_, r)| open(r));
        if let Some((row, _)) = after.or_else(|| all().find(|(_, r)| open(r))) {
            self.row = row;
        }
    }

    /// The row that many selectable rows away, as far as there are any.
    pub(super) fn next_row(&self, by: i64) -> usize {
        let rows = self.rows.iter().enumerate();
        let selectable: Vec<usize> = rows
            .filter(|(_, row)| row.is_selectable())
            .map(|(i, _)| i)
            .collect();
        let Some(here) = selectable.iter().position(|i| *i == self.row) else {
            return selectable.first().copied().unwrap_or(0);
        };
        let there = moved(here, by, selectable.len().saturating_sub(1));
        selectable.get(there).copied().unwrap_or(self.row)
    }

    /// The row of the item below, past the checks of this one; the row below where there is none.
    pub(super) fn next_item(&self) -> usize {
        let mut below = self.rows.iter().enumerate().skip(self.row + 1);
        let item = below.find(|(_, r)| matches!(r.target, Target::Item(_)));
        item.map_or_else(|| self.next_row(1), |(row, _)| row)
    }

    /// Goes to a stage: its first entry that is to be done now, then one that is not due yet. From
    /// one of which nothing more can be done at present, to the one after it. False where the
    /// stage has no entry.
    pub fn go_to_stage(&mut self, stage: Stage) -> bool {
        // In a flight that is on its way, what is next may be a checkpoint inside a step.
        if stage == Stage::Execute
            && self.incident.procedure.is_some()
            && self.incident.next_place().is_some()
        {
            self.go_to_next();
            if self.selected_entry().map(|e| e.stage) == Some(stage) {
                return true;
            }
        }
        let of_stage: Vec<usize> = (0..self.outline.len())
            .filter(|i| self.outline.get(*i).is_some_and(|e| e.stage == stage))
            .collect();
        let is = |i: usize, holds: fn(&Entry) -> bool| self.outline.get(i).is_some_and(holds);
        let mut to_do: Vec<usize> = of_stage.iter().copied().filter(|i| is(*i, waits)).collect();
        to_do.sort_by_key(|i| is(*i, |e| e.state == EntryState::Later));
        let done_with = |e: &Entry| e.state == EntryState::Later || e.subject == Subject::Log;
        let here = to_do.iter().position(|i| *i == self.entry);
        let next = match here {
            Some(at) if is(self.entry, done_with) => to_do.get(at + 1).or(to_do.first()),
            _ => to_do.first(),
        };
        let Some(entry) = next.or(of_stage.first()).copied() else {
            return false;
        };
        self.entry = entry;
        self.row = 0;
        self.derive_rows();
        self.select_open_row();
        true
    }

    /// Goes to what is next on the path, wherever it is.
    pub fn go_to_next(&mut self) {
        let Some(at) = self.incident.next_place() else {
            // A checkpoint at the end of the procedure comes before its mark.
            let open = self.incident.open_checkpoints();
            let open = open.first().map(|l| Subject::Checklist(l.id.clone()));
            if open.is_none_or(|checkpoint| !self.select_subject(&checkpoint)) {
                self.select_subject(&Subject::CompleteMark);
            }
            self.select_open_row();
            return;
        };
        // A checkpoint that stands before it comes first.
        let gate = self
            .incident
            .gates_before(&at)
            .into_iter()
            .find_map(|gate| match gate {
                Gate::Checklist(id) => Some(Subject::Checklist(id)),
                Gate::Decision
                | Gate::Approval
                | Gate::Order(_)
                | Gate::Backup(_)
                | Gate::Stale(..) => None,
            });
        if let Some(checkpoint) = gate
            && self.select_subject(&checkpoint)
        {
            self.select_open_row();
            return;
        }
        self.go_to_action(&at);
    }

    /// Goes to the entry and the row of an action on the path.
    pub fn go_to_action(&mut self, at: &ActionRef) {
        let steps: Vec<usize> = (0..self.outline.len())
            .filter(|i| {
                self.outline
                    .get(*i)
                    .is_some_and(|e| matches!(e.subject, Subject::Step(..) | Subject::Checklist(_)))
            })
            .collect();
        for entry in steps {
            let Some(subject) = self.outline.get(entry).map(|e| &e.subject) else {
                continue;
            };
            let target = Target::Action(at.clone());
            if rows(&self.incident, subject)
                .iter()
                .any(|r| r.target == target)
            {
                self.entry = entry;
                self.derive_rows();
                self.select_target(&target);
                return;
            }
        }
    }
}

/// Whether an entry of the flight plan is still to be done.
fn waits(entry: &Entry) -> bool {
    // A message may always be sent, and no stage waits for one.
    !matches!(entry.subject, Subject::Procedure(_) | Subject::Messages)
        && !matches!(
            entry.state,
            EntryState::Done
                | EntryState::DoneUnjudged
                | EntryState::Waived
                | EntryState::NotApplicable
        )
}

/// So far from an index, within its bounds.
pub(super) fn moved(from: usize, by: i64, last: usize) -> usize {
    let by_abs = usize::try_from(by.unsigned_abs()).unwrap_or(usize::MAX);
    if by < 0 {
        from.saturating_sub(by_abs)
    } else {
        from.saturating_add(by_abs).min(last)
    }
}
