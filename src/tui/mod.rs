//! The screens: the model, drawn. Reads the model and nothing else; changes no state.
//!
//! Every foreign text (plan, output, names, errors) goes through `text`, which takes
//! `term::SafeText` only, so that nothing in it can command the terminal.

pub mod boxes;
mod draw;
mod header;
mod hints;
pub mod home;
mod lines;
mod panes;
mod text;
pub mod theme;
mod work;

pub use draw::{draw, output_area, reach};
pub use theme::Theme;

#[cfg(test)]
mod beside_tests;
#[cfg(test)]
mod honest_tests;
#[cfg(test)]
mod output_tests;
#[cfg(test)]
mod screens_tests;
#[cfg(test)]
mod sent_tests;
#[cfg(test)]
mod ways_tests;
