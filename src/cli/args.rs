//! The words of the command line, as clap reads them. No behaviour.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// A terminal cockpit for rollbacks: give it the rollback plan you already have.
#[derive(Parser, Debug)]
#[command(
    name = "backout",
    version,
    about,
    max_term_width = 100,
    disable_help_subcommand = true
)]
#[command(after_help = "Without a command: home, to resume an incident, open a plan or practise.")]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Verb>,
    /// What holds everywhere.
    #[command(flatten)]
    pub everywhere: Everywhere,
}

/// What holds for every command.
#[derive(Args, Clone, Debug)]
pub struct Everywhere {
    /// Directory in which incidents are kept
    #[arg(long, global = true, value_name = "DIR", env = "BACKOUT_HOME")]
    pub home: Option<PathBuf>,
    /// When to use colour; `NO_COLOR` is respected
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: When,
    /// Draw with ASCII characters only
    #[arg(long, global = true)]
    pub ascii: bool,
}

/// When to use colour.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum When {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Subcommand, Debug)]
pub enum Verb {
    /// Show what backout understands of a runbook; runs nothing
    Show(Show),
}

/// A runbook to read.
#[derive(Args, Clone, Debug)]
pub struct Runbook {
    /// The Markdown file; - reads standard input
    #[arg(value_name = "RUNBOOK")]
    pub path: PathBuf,
}

/// `show`.
#[derive(Args, Debug)]
pub struct Show {
    /// Which runbook.
    #[command(flatten)]
    pub runbook: Runbook,
    /// How to print it; json is stable and versioned
    #[arg(long, value_name = "FORM", default_value = "tree")]
    pub format: PlanForm,
}

/// How a plan is printed.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum PlanForm {
    /// For people.
    Tree,
    /// For programs.
    Json,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Arguments;

    #[test]
    fn the_words_do_not_contradict_each_other() {
        Arguments::command().debug_assert();
    }
}
