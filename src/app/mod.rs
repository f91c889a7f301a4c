//! The cockpit as data: what is selected, what is open, what a key means. Pure.
//!
//! `update` takes a message and gives requests; drawing reads the model; nothing here awaits,
//! reads a clock or touches a terminal. (The screens are in `tui`, the loop in `runtime`.)

pub mod key;
pub mod text_input;
pub mod verbs;

pub use key::Key;
pub use text_input::TextInput;
pub use verbs::Verb;
