//! Names with a time in them (`dump_$(date +%s).sql`) that more than one command names: the time is
//! fixed when its command is first shown or copied, and is on record from then on.
//!
//! So what was read is what runs, here or by hand; the command that makes the name makes another
//! one only when it is run again.

use super::event::ActionMark;
use super::flight;
use super::ids::{ActionId, ActionRef, AttemptId};
use super::incident::{Incident, Marked};

/// A time that was fixed for a name.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct MadeName {
    /// The action whose command was shown or copied.
    pub action: ActionId,
    /// What stands before the time in the name, as the plan writes it.
    pub prefix: String,
    /// The format of the time, as `date` knows it.
    pub format: String,
    /// It is in UTC.
    pub utc: bool,
    /// The time.
    pub value: String,
}

impl MadeName {
    /// Whether both are the time of one name in one command.
    fn is_like(&self, other: &Self) -> bool {
        let key = |n: &Self| (n.action.clone(), n.prefix.clone(), n.format.clone(), n.utc);
        key(self) == key(other)
    }
}

impl Incident {
    /// The time that was fixed for a name in a command, and that no run of it has used yet.
    #[must_use]
    pub fn fixed_name(&self, id: &ActionId, is: impl Fn(&MadeName) -> bool) -> Option<&MadeName> {
        let mut runs = self.attempts.iter().rev().filter(|a| a.has_run());
        let last = runs.find(|a| self.is_of(&a.intent.action, id));
        let last = last.map(|a| a.intent.attempt);
        let mut all = self.names.iter().rev();
        let (name, after) = all.find(|(name, _)| name.action == *id && is(name))?;
        (*after >= last).then_some(name)
    }

    /// The time that was fixed for a name in one of the commands that name it, or in one of those
    /// which a person has then run elsewhere; with the title of that command.
    #[must_use]
    pub fn shown_name(
        &self,
        users: &[&ActionId],
        by_hand: bool,
        is: impl Fn(&MadeName) -> bool,
    ) -> Option<(&MadeName, String)> {
        users.iter().find_map(|id| {
            let done = |(at, m): (&ActionRef, &Marked<ActionMark>)| {
                m.mark == ActionMark::DoneByHand && self.is_of(at, id)
            };
            if by_hand && !self.actions.iter().any(done) {
                return None;
            }
            let action = flight::actions(&self.plan).find(|a| a.id == **id)?;
            Some((self.fixed_name(id, &is)?, action.label()))
        })
    }

    fn is_of(&self, at: &ActionRef, id: &ActionId) -> bool {
        flight::find_action(&self.plan, at).is_some_and(|(_, action)| action.id == *id)
    }

    /// The names of a box or a copy that are not on record yet.
    pub(super) fn unrecorded_names(&self, names: &[MadeName]) -> Vec<MadeName> {
        let known = |name: &&MadeName| self.fixed_name(&name.action, |n| n.is_like(name)).is_none();
        names.iter().filter(known).cloned().collect()
    }

    /// Takes in that a time was fixed.
    pub(super) fn fix_name(&mut self, name: &MadeName) {
        let last = self.attempts.last().map(|a| a.intent.attempt);
        self.names.push((name.clone(), last));
    }
}

/// A time that was fixed, and the last attempt that there was.
pub type Fixed = (MadeName, Option<AttemptId>);
