//! The two moments that nobody but a person can tell: when the trouble was seen, and when what
//! causes it was deployed.
//!
//! From the first the clocks count. The second says which backups are from before the harm.

use chrono::{DateTime, Utc};

use super::incident::Incident;

/// A moment that a person states.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Moment {
    /// The trouble was seen.
    Detected,
    /// The version that is rolled back was deployed.
    Deployed,
}

impl Moment {
    /// What was stated, for people: `detected`, `the bad version deployed`.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Detected => "detected",
            Self::Deployed => "the bad version deployed",
        }
    }
}

impl Incident {
    /// Every statement of a moment with its reason, the latest last.
    #[must_use]
    pub fn stated(&self, moment: Moment) -> &[(DateTime<Utc>, String)] {
        match moment {
            Moment::Detected => &self.detected,
            Moment::Deployed => &self.deployed,
        }
    }

    /// When the problem was seen, as last stated; the opening where nobody said.
    #[must_use]
    pub fn detected_at(&self) -> DateTime<Utc> {
        self.detected
            .last()
            .map_or(self.opened_at.wall, |(at, _)| *at)
    }

    /// When what is rolled back was deployed, as last stated.
    #[must_use]
    pub fn deployed_at(&self) -> Option<DateTime<Utc>> {
        self.deployed.last().map(|(at, _)| *at)
    }
}
