//! The cockpit as data: what is selected, what is open, what a key means. Pure.
//!
//! `update` takes a message and gives requests; drawing reads the model; nothing here awaits,
//! reads a clock or touches a terminal. (The screens are in `tui`, the loop in `runtime`.)

mod boxes;
mod ends;
mod guard;
mod handover;
pub mod key;
pub mod layer;
pub mod layers;
pub mod model;
pub mod msg;
pub mod notice;
mod only;
pub mod output;
mod output_do;
pub mod purpose;
pub mod rows;
pub mod saving;
pub mod text_input;
pub mod update;
pub mod verbs;
mod verbs_do;
pub mod when;

pub use key::Key;
pub use model::{Model, Pane};
pub use msg::{BoxFor, Msg, Request};
pub use text_input::TextInput;
pub use update::{Clock, update};
pub use verbs::Verb;
