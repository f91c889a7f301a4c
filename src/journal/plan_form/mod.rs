//! The one stored and published form of a plan: versioned JSON, mapped by hand both ways.
//!
//! It serves `backout show --format json` and the plan that is stored with an incident. Fields
//! are added, never renamed; reading back what was written gives the same plan.

mod read;
mod words;
mod write;

pub use read::from_json;
pub use write::to_json;

/// The version of the form.
pub(crate) const VERSION: u64 = 1;

/// Why a stored plan cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{path}: {message}")]
pub struct FormError {
    /// Where in the document, such as `procedures[2].steps[0].id`.
    pub path: String,
    /// What is wrong there.
    pub message: String,
}

#[cfg(test)]
mod tests;
