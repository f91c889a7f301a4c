//! Stamps: when something was wanted or recorded, as the edge measured it.
//!
//! The domain never asks a clock. A stamp carries the wall clock for people and the monotonic
//! clock with the boot it belongs to for durations, because a wall clock may jump in an incident.

use chrono::{DateTime, Utc};

/// When a command arrived.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stamp {
    /// Wall clock, UTC.
    pub wall: DateTime<Utc>,
    /// Milliseconds of the monotonic clock of [`Stamp::boot`].
    pub mono_ms: u64,
    /// The kernel's boot id; monotonic times of different boots cannot be compared.
    pub boot: String,
}

impl Stamp {
    /// Milliseconds from an earlier stamp to this one: by the monotonic clock where both are of
    /// one boot, by the wall clock otherwise; never negative.
    #[must_use]
    pub fn since_ms(&self, earlier: &Stamp) -> u64 {
        if self.boot == earlier.boot {
            return self.mono_ms.saturating_sub(earlier.mono_ms);
        }
        u64::try_from((self.wall - earlier.wall).num_milliseconds()).unwrap_or(0)
    }
}
