//! Bytes become cells here: foreign text made harmless, measured, cut, wrapped, and a terminal
//! emulator for the output of a step.
//!
//! Deliberately knows nothing of incidents, and draws nothing. Guarantees: what leaves this layer
//! as a [`SafeText`] or a [`Cell`] holds no control character, nothing that reverses or hides
//! text, and has exactly the width that is said; no input, however hostile, panics.

mod cut;
mod emulator;
mod plain;
mod safe_text;
mod scrub;
mod style;
mod vt;
mod width;

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod vt_tests;

pub use cut::{ELLIPSIS, truncate, wrap};
pub use emulator::Emulator;
pub use plain::{plain_line, without_sequences};
pub use safe_text::{SafePiece, SafeText};
pub use style::{Colour, Look};
pub use vt::{Cell, Modes, Vt};
pub use width::width;
