//! The incident as facts and rules: the plan, what someone wants, what happened, what follows.
//!
//! Pure by construction: no I/O, no clocks, no async, no drawing. Times come in as stamps,
//! facts about the machine come in as data.

pub mod apply;
pub mod command;
pub mod effect;
pub mod event;
pub mod ids;
pub mod incident;
pub mod judge;
pub mod plan;
pub mod runbox;
pub mod time;

pub use command::{Command, Observation};
pub use effect::Effect;
pub use event::{Event, Recorded};
pub use incident::Incident;
pub use plan::Plan;
pub use runbox::RunBox;
pub use time::Stamp;
