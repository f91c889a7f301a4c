//! Where an action, an item and a checklist stand. No false green: a pass needs something that
//! was judged, by a machine with a reason or by a person.

use super::event::{ActionMark, Gate, ItemMark, Resolution};
use super::flight::{self, Alternative, Place};
use super::ids::{ActionRef, AttemptId, SeverityId};
use super::incident::{Attempt, AttemptState, Incident};
use super::judge::Verdict;
use super::plan::{Action, ActionKind, Checklist, Compare, ExpectRule, Item, Severity};

/// Where an action stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ActionStatus {
    /// Nothing was done yet.
    Open,
    /// Another alternative was chosen, or an include above it was passed over.
    OffPath,
    /// Running.
    Running(AttemptId),
    /// It ended well and what it showed was judged to be right.
    Passed(AttemptId),
    /// It passed, and what it looked at was changed by something above it that has run since: to
    /// be looked at again.
    Stale(AttemptId),
    /// It ended without an error, and there was nothing to judge it by.
    Ran(AttemptId),
    /// It ended, and a person is to judge what it showed.
    Judge(AttemptId),
    /// It failed, or did not show what it should.
    Failed(AttemptId),
    /// Whether and how it ended cannot be known.
    Unknown(AttemptId),
    /// A person said so.
    Marked(ActionMark),
}

impl ActionStatus {
    /// Whether the way on is free of it.
    #[must_use]
    pub fn is_settled(self) -> bool {
        match self {
            Self::OffPath | Self::Passed(_) | Self::Ran(_) => true,
            Self::Marked(mark) => !matches!(mark, ActionMark::Open | ActionMark::Failed),
            Self::Open
            | Self::Running(_)
            | Self::Stale(_)
            | Self::Judge(_)
            | Self::Failed(_)
            | Self::Unknown(_) => false,
        }
    }

    /// Whether it needs a person before anything after it.
    #[must_use]
    pub fn is_broken(self) -> bool {
        matches!(
            self,
            Self::Failed(_) | Self::Unknown(_) | Self::Marked(ActionMark::Failed)
        )
    }
}

/// Where an item stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ItemStatus {
    /// Not done.
    Open,
    /// A sensor says that it does not hold.
    Disagrees,
    /// A person said so.
    Said(ItemMark),
    /// A sensor said that it holds.
    Sensed,
}

impl ItemStatus {
    /// Whether the checklist is free of it.
    #[must_use]
    pub fn is_settled(self) -> bool {
        match self {
            Self::Sensed => true,
            Self::Said(mark) => mark != ItemMark::Open,
            Self::Open | Self::Disagrees => false,
        }
    }
}

impl Incident {
    /// Where the action at a place stands.
    #[must_use]
    pub fn action_status(&self, at: &ActionRef, action: &Action) -> ActionStatus {
        if flight::ancestors(at).any(|include| self.is_passed_over(&include)) {
            return ActionStatus::OffPath;
        }
        if let Some(marked) = self.actions.get(at)
            && marked.mark != ActionMark::Open
        {
            return ActionStatus::Marked(marked.mark);
        }
        match self.telling_attempt(at) {
            Some(attempt) => self.as_of_now(attempt, attempt_status(attempt, action)),
            None => ActionStatus::Open,
        }
    }

    /// The attempt that says where an action stands: the last one. Where that never ran, what the
    /// one before it left to be settled is still to be settled, and what a person has said of it
    /// since counts.
    #[must_use]
    pub fn telling_attempt(&self, at: &ActionRef) -> Option<&Attempt> {
        let mut ours = self.attempts_at(at).rev();
        let last = ours.next()?;
        if last.has_run() {
            return Some(last);
        }
        let (_, action) = flight::find_action(&self.plan, at)?;
        let is_open = |a: &&Attempt| {
            matches!(
                attempt_status(a, action),
                ActionStatus::Failed(_) | ActionStatus::Unknown(_) | ActionStatus::Judge(_)
            )
        };
        let since = |a: &&Attempt| a.told_after >= Some(last.intent.attempt);
        let before = ours.find(|a| a.has_run());
        before.filter(|a| is_open(a) || since(a)).or(Some(last))
    }

    /// Where the action at a place of a path stands, alternatives and includes considered.
    #[must_use]
    pub fn place_status(&self, place: &Place<'_>) -> ActionStatus {
        if place.alternative == Alternative::Passed {
            return ActionStatus::OffPath;
        }
        let status = self.action_status(&place.at, place.action);
        if status == ActionStatus::Open && (place.held || is_for_reading(place.action)) {
            return ActionStatus::OffPath;
        }
        status
    }

    fn is_passed_over(&self, include: &ActionRef) -> bool {
        self.actions
            .get(include)
            .is_some_and(|m| m.mark != ActionMark::Open)
    }

    /// Where an item stands.
    #[must_use]
    pub fn item_status(&self, item: &Item) -> ItemStatus {
        let said = self
            .items
            .get(&item.id)
            .map(|m| m.mark)
            .filter(|m| *m != ItemMark::Open);
        // Passing over a sensor is an act of its own and stands; a plain "done" does not
        // outweigh a sensor that speaks.
        let passed_over = said.filter(|mark| *mark != ItemMark::Done);
        match (passed_over, self.sensed(item), said) {
            (Some(mark), _, _) | (None, None, Some(mark)) => ItemStatus::Said(mark),
            (None, Some(false), _) => ItemStatus::Disagrees,
            (None, Some(true), _) => ItemStatus::Sensed,
            (None, None, None) => ItemStatus::Open,
        }
    }

    /// What the item's own actions say: holds, does not hold, or nothing yet.
    fn sensed(&self, item: &Item) -> Option<bool> {
        let mut all_passed = false;
        for action in &item.actions {
            let at = ActionRef::new(action.id.as_str());
            match self.action_status(&at, action) {
                ActionStatus::Failed(_) | ActionStatus::Marked(ActionMark::Failed) => {
                    return Some(false);
                }
                ActionStatus::Passed(id)
                    if self.attempt(id).is_some_and(|a| self.was_elsewhere(&at, a)) =>
                {
                    return None;
                }
                ActionStatus::Passed(_) => all_passed = true,
                ActionStatus::OffPath => {}
                ActionStatus::Open
                | ActionStatus::Running(_)
                | ActionStatus::Ran(_)
                | ActionStatus::Stale(_)
                | ActionStatus::Judge(_)
                | ActionStatus::Unknown(_)
                | ActionStatus::Marked(_) => return None,
            }
        }
        (all_passed && self.seen_too_soon(item).is_none()).then_some(true)
    }

    /// The first check of an item that looks back which was made before its time: there was
    /// nothing, or not yet enough, to look back at.
    #[must_use]
    pub fn seen_too_soon<'a>(&self, item: &'a Item) -> Option<&'a Action> {
        let found = flight::find_item(&self.plan, &item.id);
        let (list, _) = found.filter(|(list, _)| self.looks_back(list))?;
        let due = self.due_at(list);
        item.actions.iter().find(|action| {
            let at = ActionRef::new(action.id.as_str());
            let Some(attempt) = self.telling_attempt(&at) else {
                return false;
            };
            // What is sensed again by itself says how it is now.
            let once = attempt.intent.again_s.is_none() || self.completed_at.is_none();
            once && due.is_none_or(|due| attempt.intended_at < due)
        })
    }

    /// How many items of a checklist are settled, and how many there are.
    #[must_use]
    pub fn checklist_progress(&self, list: &Checklist) -> (usize, usize) {
        let done = list
            .items
            .iter()
            .filter(|i| self.item_status(i).is_settled())
            .count();
        (done, list.items.len())
    }

    /// Whether a checklist no longer holds anything up.
    #[must_use]
    pub fn is_complete(&self, list: &Checklist) -> bool {
        let (done, all) = self.checklist_progress(list);
        done == all || self.is_waived(&Gate::Checklist(list.id.clone()))
    }

    /// The severity as it stands: set by hand, or the most severe level with a ticked trigger.
    #[must_use]
    pub fn severity(&self) -> Option<&Severity> {
        if let Some((id, _)) = &self.severity_by_hand {
            return self.find_severity(id);
        }
        self.plan
            .severities
            .iter()
            .find(|s| s.triggers.iter().any(|t| self.ticked.contains_key(&t.id)))
    }

    /// The severity with that id.
    #[must_use]
    pub fn find_severity(&self, id: &SeverityId) -> Option<&Severity> {
        self.plan.severities.iter().find(|s| s.id == *id)
    }
}

/// An action that is there to be read and not to be done.
fn is_for_reading(action: &Action) -> bool {
    action.kind == ActionKind::Text
}

/// Where an action stands by its last attempt.
#[must_use]
pub fn attempt_status(attempt: &Attempt, action: &Action) -> ActionStatus {
    let id = attempt.intent.attempt;
    match &attempt.state {
        AttemptState::Intended | AttemptState::Running => ActionStatus::Running(id),
        AttemptState::NeverRan(_) | AttemptState::Resolved(Resolution::NeverRan, _) => {
            ActionStatus::Open
        }
        AttemptState::Unknown(_) => ActionStatus::Unknown(id),
        AttemptState::Resolved(Resolution::Succeeded, _) => ActionStatus::Passed(id),
        AttemptState::Resolved(Resolution::Failed, _) => ActionStatus::Failed(id),
        AttemptState::Ended(ending) => match (&attempt.judged, &attempt.sensed) {
            (Some((true, _)), _) => ActionStatus::Passed(id),
            (Some((false, _)), _) => ActionStatus::Failed(id),
            (None, Some(sensed)) => sensed.status(action, id),
            (None, None) => ended_status(attempt, action, ending, id),
        },
    }
}

fn ended_status(
    attempt: &Attempt,
    action: &Action,
    ending: &super::event::Ending,
    id: AttemptId,
) -> ActionStatus {
    let verdicts = || attempt.judgements.iter().map(|j| j.verdict);
    if attempt.intent.monitor && ending.cancelled {
        return ActionStatus::Ran(id);
    }
    // What should have gone on has not, whatever it says of itself.
    if attempt.intent.monitor && action.tunnel {
        return ActionStatus::Failed(id);
    }
    if verdicts().any(|v| v == Verdict::NotMet) && ending.lost.is_none() {
        return ActionStatus::Failed(id);
    }
    let all_met = verdicts().count() > 0 && verdicts().all(|v| v == Verdict::Met);
    if !ending.succeeded() {
        return match ending.exit {
            // An SQL program that ends with 1 has failed; `grep` that does has found nothing.
            Some(code)
                if all_met
                    && !ending.cancelled
                    && attempt.intent.kind == ActionKind::Shell
                    && (exit_is_expected(action, code) || is_its_answer(attempt, action, code)) =>
            {
                let whole = ending.lost.is_none() && ending.error.is_none();
                match at_its_end(attempt, ending) {
                    Some(true) if whole => ActionStatus::Passed(id),
                    Some(true) | None => ActionStatus::Judge(id),
                    Some(false) => ActionStatus::Failed(id),
                }
            }
            Some(1)
                if !ending.cancelled
                    && searched_in_vain(attempt, ending)
                    && at_its_end(attempt, ending) != Some(false) =>
            {
                ActionStatus::Judge(id)
            }
            _ => ActionStatus::Failed(id),
        };
    }
    // What is missing from the output could have said otherwise.
    if ending.lost.is_some() {
        return ActionStatus::Judge(id);
    }
    if verdicts().next().is_none() {
        ActionStatus::Ran(id)
    } else if all_met {
        ActionStatus::Passed(id)
    } else {
        ActionStatus::Judge(id)
    }
}

/// Whether a failing exit status is what the plan expects: `grep` that finds no error ends with
/// 1, and an annotated exit status is expected as such.
fn exit_is_expected(action: &Action, code: i32) -> bool {
    action.expect.iter().any(|e| match &e.rule {
        ExpectRule::Absent(_) => code == 1,
        ExpectRule::Exit(wanted) => *wanted == code,
        _ => false,
    })
}

/// The lines of a text on which commands stand, numbered from 1.
fn command_lines(code: &str) -> Vec<(usize, &str)> {
    let lines = code.lines().zip(1..);
    let lines = lines.map(|(line, number)| (number, line.trim()));
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .collect()
}

/// Whether it was the last command that ended it, and not one before, whose failure would leave
/// what was to be looked at undone; none where nobody can say.
fn at_its_end(attempt: &Attempt, ending: &super::event::Ending) -> Option<bool> {
    let code = attempt.intent.code.as_str();
    let mut lines = command_lines(code);
    let (last, text) = lines.pop()?;
    // A command or pipeline that goes on is one with where it begins.
    let goes_on = |line: &str| line.ends_with('\\') || line.ends_with('|') && !line.ends_with("||");
    let (mut first, mut whole) = (last, text.to_owned());
    while let Some((number, line)) = lines.pop_if(|(_, line)| goes_on(line)) {
        first = number;
        whole = format!("{line} {whole}");
    }
    let Some(line) = ending.failed_at.and_then(|line| usize::try_from(line).ok()) else {
        // Of a command that stands alone it is the status, if nothing else could have ended it.
        let joined = ["&&", "||", ";", "|"]
            .iter()
            .any(|j| without_remark(&whole).contains(j));
        return (lines.is_empty() && !joined).then_some(true);
    };
    if line < first {
        // What bash counts otherwise than lines of commands: a here-document, an open quote.
        let named = code.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        let open = |quote: &char| named.matches(*quote).count() % 2 == 1;
        let unsure = code.contains("<<") || ['"', '\''].iter().any(open);
        return (!unsure).then_some(false);
    }
    // A `cd` in front of `&&` is not what is named here; it ends with another status.
    let rest = entered(&whole);
    let several = ["&&", "||", ";"]
        .iter()
        .any(|joint| without_remark(rest).contains(joint));
    (!several).then_some(true)
}

/// A line without the remark at its end, which no quote is open before.
fn without_remark(line: &str) -> &str {
    let closed = |text: &str, quote: char| text.matches(quote).count().is_multiple_of(2);
    let mut marks = line
        .match_indices(" #")
        .map(|(at, _)| line.get(..at).unwrap_or_default());
    let before = marks.find(|text| closed(text, '"') && closed(text, '\''));
    before.unwrap_or(line)
}

/// A command without the `cd` in front of its `&&`, which ends with another status where it fails.
fn entered(line: &str) -> &str {
    let rest = line.strip_prefix("cd ").and_then(|l| l.split_once("&&"));
    rest.map_or(line, |(_, rest)| rest.trim())
}

/// Whether a status is how a command gives the answer that is expected: `grep` that counts 0 or
/// prints nothing ends with 1, `systemctl is-active` of what is stopped with 3.
fn is_its_answer(attempt: &Attempt, action: &Action, code: i32) -> bool {
    let last = last_command(attempt);
    let mut words = last.split_whitespace();
    let first = words.next().unwrap_or_default();
    let second = words.next().unwrap_or_default();
    let wants = |holds: fn(&ExpectRule) -> bool| action.expect.iter().any(|e| holds(&e.rule));
    match (first, second, code) {
        ("grep" | "egrep" | "fgrep" | "zgrep", _, 1) => wants(|rule| {
            matches!(rule, ExpectRule::Number(Compare::Equal, 0))
                || matches!(rule, ExpectRule::Exactly(text) if text.is_empty())
        }),
        ("systemctl", "is-active", 3) => wants(
            |rule| matches!(rule, ExpectRule::Contains(word) if matches!(word.as_str(), "inactive" | "failed")),
        ),
        ("systemctl", "is-enabled", 1) => wants(
            |rule| matches!(rule, ExpectRule::Contains(word) if matches!(word.as_str(), "disabled" | "masked")),
        ),
        _ => false,
    }
}

/// The last command of what ran, behind the last pipe.
fn last_command(attempt: &Attempt) -> &str {
    let last = command_lines(&attempt.intent.code).pop();
    let command = last.and_then(|(_, line)| entered(line).rsplit('|').next());
    command.map(str::trim).unwrap_or_default()
}

/// A last command that searched and printed nothing: no match, which only a person can judge.
fn searched_in_vain(attempt: &Attempt, ending: &super::event::Ending) -> bool {
    ending.bytes == 0 && last_command(attempt).starts_with("grep ")
}
