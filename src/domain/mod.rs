//! The incident as facts and rules: the plan, what someone wants, what happened, what follows.
//!
//! Pure by construction: no I/O, no clocks, no async, no drawing. Times come in as stamps,
//! facts about the machine come in as data.

pub mod ahead;
pub mod apply;
pub mod bearing;
mod beside;
pub mod command;
pub mod condition;
pub mod decide;
pub mod effect;
pub mod elsewhere;
mod ending;
pub mod event;
pub mod flight;
pub mod gates;
pub mod ids;
pub mod incident;
pub mod judge;
mod kept;
mod left;
pub mod moment;
mod monitors;
pub mod names;
pub mod next;
pub mod outline;
mod overtaken;
pub mod parameter;
pub mod plan;
pub mod probes;
pub mod react;
pub mod refusal;
pub mod reuse;
pub mod runbox;
pub mod source;
pub mod stale;
pub mod start;
pub mod status;
mod survivors;
pub mod time;
pub mod took;
pub mod transaction;

pub use command::{Command, Observation};
pub use condition::{Condition, Present};
pub use decide::decide;
pub use effect::Effect;
pub use event::{Event, Recorded};
pub use incident::Incident;
pub use moment::Moment;
pub use plan::Plan;
pub use react::react;
pub use refusal::Refusal;
pub use runbox::RunBox;
pub use time::Stamp;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod rules_tests;
#[cfg(test)]
mod sent_tests;
#[cfg(test)]
mod turns_tests;
