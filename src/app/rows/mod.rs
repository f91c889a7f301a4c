//! The rows of the work pane: what is to be done for the selected entry of the flight plan, as
//! things that can be selected and acted on.

mod actions;
mod beside;
mod ended;
mod finish;
mod harm;
mod lists;
mod places;
pub(in crate::app) mod probes;
mod triage;
mod verdicts;
mod warned;

use actions::step_rows;
pub use actions::{duration, is_runnable};
use beside::monitor_rows;
pub use beside::time_box;
pub(in crate::app) use ended::{say_ended, say_ended_in_plan};
use finish::{complete, sign_off};
use lists::checklist;
pub use lists::reasons;
pub use triage::decision_word;
use triage::triage;
pub use verdicts::{kept, same_command};
use warned::warned;

use crate::domain::event::Gate;
use crate::domain::flight::{self};
use crate::domain::ids::{
    ActionRef, ChoiceId, ItemId, ProcedureId, QuestionId, TemplateId, TriggerId,
};
use crate::domain::incident::Incident;
use crate::domain::outline::Subject;
use crate::domain::plan::{ActionKind, Danger, Phase, Plan, Procedure, TemplateKind};

/// What a row stands for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Target {
    /// Text only: it cannot be selected.
    Nothing,
    /// A trigger.
    Trigger(TriggerId),
    /// A decision question.
    Question(QuestionId),
    /// The decision.
    Decision,
    /// The approval.
    Approval,
    /// An item of a checklist.
    Item(ItemId),
    /// An action at its place.
    Action(ActionRef),
    /// A procedure that may be chosen.
    Procedure(ProcedureId),
    /// One of several parts or steps.
    Option(ChoiceId, String),
    /// A gate that may be passed.
    Gate(Gate),
    /// The mark that the rollback is complete.
    Complete,
    /// A message.
    Message(TemplateId),
    /// The incident log.
    Log,
    /// The sign-off.
    SignOff,
}

/// How a row stands, for its sign and colour.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Sign {
    /// None.
    None,
    /// Not done.
    Open,
    /// A box that is not ticked.
    Unticked,
    /// A box that is ticked.
    Ticked,
    /// Done and judged, or a person said so.
    Done,
    /// Sensed by its check.
    Sensed,
    /// It ran; nothing to judge it by.
    Ran,
    /// A person is to judge.
    Judge,
    /// Failed, or disagrees.
    Failed,
    /// Not known.
    Unknown,
    /// Running.
    Running,
    /// Passed over with a reason.
    Waived,
    /// Does not apply, or another alternative is chosen.
    OffPath,
}

/// The tone of a line below a row.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Tone {
    /// As it is.
    Plain,
    /// In the background.
    Dim,
    /// Code.
    Code,
    /// Worth a look.
    Warning,
    /// Dangerous.
    Danger,
    /// Good.
    Good,
    /// Bad.
    Bad,
    /// For a person to judge.
    Judge,
}

/// A row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// What it stands for.
    pub target: Target,
    /// How it stands.
    pub sign: Sign,
    /// Its text.
    pub text: String,
    /// At the right edge: a time, a level, a count.
    pub aside: String,
    /// Lines below it.
    pub below: Vec<(Tone, String)>,
    /// How deep it is indented.
    pub depth: u8,
}

impl Row {
    fn new(target: Target, sign: Sign, text: impl Into<String>) -> Self {
        Self {
            target,
            sign,
            text: text.into(),
            aside: String::new(),
            below: Vec::new(),
            depth: 0,
        }
    }

    fn text(text: impl Into<String>) -> Self {
        Self::new(Target::Nothing, Sign::None, text)
    }

    /// Whether it can be selected.
    #[must_use]
    pub fn is_selectable(&self) -> bool {
        self.target != Target::Nothing
    }
}

/// The rows for a subject.
#[must_use]
pub fn rows(incident: &Incident, subject: &Subject) -> Vec<Row> {
    let plan = &incident.plan;
    match subject {
        Subject::Triage => triage(incident),
        Subject::Checklist(id) => flight::find_checklist(plan, id)
            .map(|list| checklist(incident, list))
            .unwrap_or_default(),
        Subject::Procedure(id) => flight::find_procedure(plan, id)
            .map(|p| overview(incident, p))
            .unwrap_or_default(),
        Subject::Step(root, step) => {
            let path = flight::path(plan, root, &incident.chosen);
            flight::steps(&path)
                .into_iter()
                .find(|s| s.step.id == *step)
                .map(|s| step_rows(incident, s))
                .unwrap_or_default()
        }
        Subject::Choose(choice) => options(plan, choice),
        Subject::ChooseProcedure => procedures(incident),
        Subject::CompleteMark => complete(incident),
        Subject::Messages => messages(plan),
        Subject::Log => vec![Row::new(Target::Log, Sign::None, "Open the incident log")],
        Subject::SignOff => sign_off(incident),
        Subject::Beside => beside(),
        Subject::Monitor(id) => monitor_rows(incident, *id),
        Subject::Probe(id) => probes::rows(incident, *id),
    }
}

fn beside() -> Vec<Row> {
    [
        "The plan holds these besides its rollback: lists for other times, drills, help for when",
        "something else goes wrong.",
        "They can be opened and used like the rest; no stage waits for them.",
    ]
    .map(Row::text)
    .into()
}

fn overview(incident: &Incident, procedure: &Procedure) -> Vec<Row> {
    let mut rows = Vec::new();
    if !procedure.use_when.is_empty() {
        rows.push(Row::text(format!("Use when: {}", procedure.use_when)));
    }
    for line in procedure.text.lines().filter(|l| !l.trim().is_empty()) {
        rows.push(Row::text(line.to_owned()));
    }
    if incident.procedure.as_ref() == Some(&procedure.id)
        && let Some(kept) = kept(incident)
    {
        let mut row = Row::text(format!("Of the procedure before, {kept}"));
        row.sign = Sign::Ran;
        rows.push(row);
    }
    let path = flight::path(&incident.plan, &procedure.id, &incident.chosen);
    for leg in &path {
        match leg {
            flight::Leg::Step(step) => {
                rows.extend(step_head(procedure, step));
                rows.extend(step_rows(incident, step));
            }
            flight::Leg::Choose { choice, .. } => rows.extend(options(&incident.plan, choice)),
        }
    }
    rows
}

/// The title of a step among others, where nothing below it says the same.
fn step_head(procedure: &Procedure, step: &flight::FlightStep<'_>) -> Option<Row> {
    let title = &step.step.title;
    let said = step
        .places
        .first()
        .is_some_and(|p| p.action.label() == *title);
    let own = *title == procedure.title;
    (!said && !own && !title.is_empty()).then(|| Row::text(format!("{title}:")))
}

fn options(plan: &Plan, choice: &ChoiceId) -> Vec<Row> {
    let mut rows = vec![Row::text("Choose one; the others are left out.")];
    let option = |id: &str, title: &str, say: &str| {
        let target = Target::Option(choice.clone(), id.to_owned());
        let mut row = Row::new(target, Sign::Open, title);
        if !say.is_empty() {
            row.below.push((Tone::Dim, say.to_owned()));
        }
        row
    };
    for procedure in &plan.procedures {
        if procedure.choice.as_ref() == Some(choice) {
            rows.push(option(
                procedure.id.as_str(),
                &procedure.title,
                &procedure.use_when,
            ));
        }
        let steps = procedure.steps.iter().filter(|s| {
            s.choice.as_ref() == Some(choice) && s.branch.as_ref().is_none_or(|b| *b == s.id)
        });
        rows.extend(steps.map(|s| option(s.id.as_str(), &s.title, "")));
    }
    rows
}

fn procedures(incident: &Incident) -> Vec<Row> {
    let plan = &incident.plan;
    let mut rows = Vec::new();
    let offered = |p: &&Procedure| p.phase == Phase::Execute && !p.off_path && p.parent.is_none();
    for procedure in plan.procedures.iter().filter(offered) {
        rows.push(procedure_row(incident, procedure));
        let parts = plan
            .procedures
            .iter()
            .filter(|p| p.parent.as_ref() == Some(&procedure.id));
        let parts: Vec<&Procedure> = parts.filter(|p| !p.off_path).collect();
        // A heading without steps of its own only gathers its parts: each can be flown alone. One
        // part alone is the whole of it, and nothing else to choose.
        if procedure.steps.is_empty() && parts.len() > 1 {
            for part in parts {
                let mut row = procedure_row(incident, part);
                row.depth = 1;
                rows.push(row);
            }
        }
    }
    if rows.is_empty() {
        rows.push(Row::text(
            "This plan has no rollback procedure that could be recognised.",
        ));
        rows.push(Row::text(
            "Its text is under “P”; its commands, if any, are in the lists.",
        ));
    }
    rows
}

fn procedure_row(incident: &Incident, procedure: &Procedure) -> Row {
    let chosen = incident.procedure.as_ref() == Some(&procedure.id);
    let sign = if chosen { Sign::Done } else { Sign::Open };
    let target = Target::Procedure(procedure.id.clone());
    let mut row = Row::new(target, sign, procedure.title.clone());
    row.aside = procedure.estimate.map(estimate).unwrap_or_default();
    if !procedure.use_when.is_empty() {
        row.below
            .push((Tone::Dim, format!("use when {}", procedure.use_when)));
    }
    row.below.extend(warned(&procedure.text));
    let path = flight::path(&incident.plan, &procedure.id, &incident.chosen);
    let steps = flight::steps(&path);
    // A heading of what is laid out below it, and what is only to be read, is nothing to be done.
    let does = |p: &&flight::Place<'_>| match p.action.kind {
        ActionKind::Include => p.action.target.is_none(),
        ActionKind::Text => false,
        ActionKind::Shell | ActionKind::Sql | ActionKind::Http | ActionKind::Manual => true,
    };
    let actions = steps.iter().flat_map(|s| &s.places).filter(does).count();
    let cannot = steps
        .iter()
        .flat_map(|s| &s.places)
        .filter(|p| p.action.danger == Danger::Irreversible)
        .count();
    let open = open_choices(&path);
    row.below
        .push((Tone::Dim, extent(steps.len(), actions, &open)));
    if cannot > 0 {
        row.below
            .push((Tone::Danger, format!("{cannot} of them cannot be undone")));
    } else if open
        .iter()
        .any(|(choice, options)| is_final_way(incident, procedure, choice, options))
    {
        let say = "one of the ways to choose from cannot be undone";
        row.below.push((Tone::Danger, say.to_owned()));
    }
    row
}

/// A choice that is still open, and its options.
type OpenChoice<'p> = (&'p ChoiceId, Vec<&'p str>);

fn open_choices<'p>(path: &[flight::Leg<'p>]) -> Vec<OpenChoice<'p>> {
    path.iter()
        .filter_map(|leg| match leg {
            flight::Leg::Choose { choice, options } => {
                Some((*choice, options.iter().map(|(id, _)| *id).collect()))
            }
            flight::Leg::Step(_) => None,
        })
        .collect()
}

/// How long a path is: `3 steps, 4 actions, and one of 2 ways`.
fn extent(steps: usize, actions: usize, open: &[OpenChoice<'_>]) -> String {
    let mut said = Vec::new();
    if steps > 0 || open.is_empty() {
        said.push(count(steps, "step"));
        said.push(count(actions, "action"));
    }
    for (_, options) in open {
        let and = if said.is_empty() { "" } else { "and " };
        said.push(format!("{and}one of {}", count(options.len(), "way")));
    }
    said.join(", ")
}

fn count(number: usize, what: &str) -> String {
    let end = if number == 1 { "" } else { "s" };
    format!("{number} {what}{end}")
}

/// Whether one of the options leads to what cannot be undone.
fn is_final_way(
    incident: &Incident,
    procedure: &Procedure,
    choice: &ChoiceId,
    options: &[&str],
) -> bool {
    options.iter().any(|option| {
        let mut chosen = incident.chosen.clone();
        chosen.insert(choice.clone(), (*option).to_owned());
        let path = flight::path(&incident.plan, &procedure.id, &chosen);
        flight::steps(&path)
            .iter()
            .flat_map(|s| &s.places)
            .any(|p| p.action.danger == Danger::Irreversible)
    })
}

/// An estimate as it is shown: in the largest unit that says it to the whole. Odd seconds of more
/// than two minutes are rounded outwards, since an estimate is no measurement.
#[must_use]
pub fn estimate(estimate: crate::domain::plan::Estimate) -> String {
    let (low, high) = (estimate.low_s, estimate.high_s);
    let whole = |unit: u64| high >= unit && low.is_multiple_of(unit) && high.is_multiple_of(unit);
    let units = [(86_400, "d"), (3_600, "h"), (60, "min")];
    if let Some((unit, name)) = units.into_iter().find(|(unit, _)| whole(*unit)) {
        return range(low / unit, high / unit, name);
    }
    match (low, high) {
        (_, ..120) => range(low, high, "s"),
        (1..60, _) => format!("{low} s–{} min", high.div_ceil(60)),
        _ => range(low / 60, high.div_ceil(60), "min"),
    }
}

fn range(low: u64, high: u64, unit: &str) -> String {
    if low == high {
        format!("{high} {unit}")
    } else if low == 0 {
        format!("under {high} {unit}")
    } else {
        format!("{low}–{high} {unit}")
    }
}

fn messages(plan: &Plan) -> Vec<Row> {
    let messages = plan
        .templates
        .iter()
        .filter(|t| t.kind == TemplateKind::Message);
    let mut rows: Vec<Row> = messages
        .map(|t| {
            let mut row = Row::new(Target::Message(t.id.clone()), Sign::Open, t.title.clone());
            row.aside.clone_from(&t.moment);
            row
        })
        .collect();
    if rows.is_empty() {
        rows.push(Row::text("This plan has no message templates."));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::{estimate, extent, procedures};
    use crate::domain::fixture::{Flight, action, plan, procedure, step};
    use crate::domain::plan::{Danger, Estimate};

    #[test]
    fn a_procedure_says_how_long_it_is_and_what_is_still_to_be_chosen() {
        let choice = "c".into();
        let open = vec![(&choice, vec!["a", "b"])];
        assert_eq!(extent(1, 1, &[]), "1 step, 1 action");
        assert_eq!(extent(2, 5, &open), "2 steps, 5 actions, and one of 2 ways");
        assert_eq!(extent(0, 0, &open), "one of 2 ways");
        assert_eq!(extent(0, 0, &[]), "0 steps, 0 actions");
    }

    #[test]
    fn one_part_alone_is_no_choice_and_a_final_way_is_announced() {
        let mut it = plan();
        let mut parts = vec![procedure("all", Vec::new())];
        for (id, code, danger) in [
            ("fast", "git checkout v1", Danger::Changes),
            ("slow", "dropdb shop", Danger::Irreversible),
        ] {
            let act = crate::domain::plan::Action {
                danger,
                ..action(id, code)
            };
            let mut part = procedure(id, vec![step(id, vec![act])]);
            part.parent = Some("all".into());
            part.choice = Some("ways".into());
            parts.push(part);
        }
        it.procedures.clone_from(&parts);
        let rows = procedures(&Flight::open(it.clone()).incident);
        assert_eq!(rows.len(), 3);
        let say = |row: &super::Row| row.below.iter().map(|(_, t)| t.clone()).collect::<Vec<_>>();
        assert_eq!(
            say(&rows[0]),
            [
                "one of 2 ways",
                "one of the ways to choose from cannot be undone"
            ]
        );
        parts.truncate(2);
        it.procedures = parts;
        assert_eq!(procedures(&Flight::open(it).incident).len(), 1);
    }

    #[test]
    fn estimates_are_short_whatever_they_were_summed_from() {
        let said = |low_s, high_s| estimate(Estimate { low_s, high_s });
        assert_eq!(said(300, 600), "5–10 min");
        assert_eq!(said(0, 600), "under 10 min");
        assert_eq!(said(30, 30), "30 s");
        assert_eq!(said(30, 180), "30 s–3 min");
        assert_eq!(said(80, 620), "1–11 min");
        assert_eq!(said(1_800, 3_600), "30–60 min");
        assert_eq!(said(86_400, 604_800), "1–7 d");
        assert_eq!(said(0, 0), "0 s");
    }
}
