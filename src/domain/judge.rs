//! Judging what an action showed against what it should show.
//!
//! A verdict never comes without a reason that can be read.

/// What was made of one expectation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Verdict {
    /// As it should be.
    Met,
    /// Not as it should be.
    NotMet,
    /// The output does not say.
    Inconclusive,
    /// Only a person can say.
    ForPerson,
}

/// A verdict and what it rests on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// The line of output, or the lack of one, that it rests on.
    pub because: String,
}
