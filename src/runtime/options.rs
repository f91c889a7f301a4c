//! How a cockpit is flown, and how it ended.

use chrono::{FixedOffset, Local, Offset as _};

use super::screen::{Ability, Colours};
use crate::domain::ids::IncidentId;
use crate::tui::Theme;

/// How a cockpit is flown.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// What the terminal can show.
    pub ability: Ability,
    /// The zone in which times are shown beside UTC.
    pub zone: FixedOffset,
    /// The incident was taken up again: the resume card is shown first.
    pub resumed: bool,
}

impl Options {
    /// As the environment says; `colour` is what the operator said of colours, if anything.
    #[must_use]
    pub fn new(colour: Option<bool>, ascii: bool, resumed: bool) -> Self {
        let mut ability = Ability::of_environment(ascii);
        match colour {
            Some(false) => ability.colours = Colours::None,
            Some(true) if ability.colours == Colours::None => ability.colours = Colours::Sixteen,
            Some(true) | None => {}
        }
        Self {
            ability,
            zone: Local::now().offset().fix(),
            resumed,
        }
    }

    /// The theme that goes with it.
    #[must_use]
    pub fn theme(&self) -> Theme {
        Theme {
            colour: self.ability.colours != Colours::None,
            ascii: self.ability.ascii,
        }
    }
}

/// Why the cockpit ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Why {
    /// The operator left.
    Left,
    /// The terminal is gone.
    TerminalGone,
    /// Somebody ended it by a signal.
    Terminated,
    /// Somebody took the incident over: who.
    TakenOver(String),
}

/// How a flight ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExitReport {
    /// Which incident.
    pub incident: IncidentId,
    /// Why it ended.
    pub why: Why,
    /// The incident is closed.
    pub closed: bool,
    /// What goes on running, and what it waits for.
    pub running: Vec<String>,
    /// What has ended, with a result that waits for space.
    pub unkept: Vec<String>,
}
