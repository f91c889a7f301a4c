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
    /// Open an incident with a runbook
    Open(Open),
    /// Practise on a broken release in a world of its own: safe, real, five minutes
    Practice,
    /// Take up the latest open incident, or that one, with its running steps
    Resume(Resume),
    /// List incidents, newest last
    List(List),
    /// Write an incident as one document: its log, timeline, evidence and deviations
    Export(Export),
    /// Show what backout understands of a runbook; runs nothing
    Show(Show),
    /// Say what a careful reviewer would say about a runbook; runs nothing
    Check(Check),
    /// Write a plan to start from
    New(New),
    /// Rehearse a procedure unattended, for staging and CI
    Drill(Drill),
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

/// `check`.
#[derive(Args, Debug)]
pub struct Check {
    /// The Markdown files; - reads standard input
    #[arg(value_name = "RUNBOOK", required = true)]
    pub runbooks: Vec<PathBuf>,
    /// How to print it; json is stable and versioned
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub format: CheckForm,
    /// Warnings are found wanting as errors are (exit status 1); notes never are
    #[arg(long)]
    pub strict: bool,
}

/// `new`.
#[derive(Args, Debug)]
pub struct New {
    /// The file to write, named after what the plan is for; - prints it
    #[arg(value_name = "FILE")]
    pub path: PathBuf,
}

/// How findings are printed.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum CheckForm {
    /// For people: each with the place in the text.
    Text,
    /// For programs.
    Json,
}

/// `open`.
#[derive(Args, Debug)]
pub struct Open {
    /// Which runbook.
    #[command(flatten)]
    pub runbook: Runbook,
    /// The environment that it runs against
    #[arg(long, value_name = "NAME")]
    pub env: Option<String>,
    /// Fill a blank of the plan
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<Setting>,
    /// On purpose, to time the plan
    #[arg(long)]
    pub drill: bool,
}

/// `resume`.
#[derive(Args, Debug)]
pub struct Resume {
    /// The incident, as `backout list` names it
    #[arg(value_name = "ID")]
    pub id: Option<String>,
}

/// `export`.
#[derive(Args, Debug)]
pub struct Export {
    /// The incident, as `backout list` names it
    #[arg(value_name = "ID")]
    pub id: String,
    /// In which form; json is stable and versioned
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub format: ExportForm,
    /// Only this attempt, for cast
    #[arg(long, value_name = "NUMBER")]
    pub attempt: Option<u32>,
    /// The file to write; standard output without it
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// How an incident is exported.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExportForm {
    /// The plan's own log template filled in place, then timeline and evidence.
    Text,
    /// The same for a forge or a wiki.
    Markdown,
    /// For programs.
    Json,
    /// What the commands printed, as an asciicast (version 3) that players show.
    Cast,
}

/// `list`.
#[derive(Args, Debug)]
pub struct List {
    /// How to print it; json is stable and versioned
    #[arg(long, value_name = "FORM", default_value = "table")]
    pub format: ListForm,
}

/// `drill`.
#[derive(Args, Debug)]
pub struct Drill {
    /// Which runbook.
    #[command(flatten)]
    pub runbook: Runbook,
    /// The procedure, by its title or a part of it
    #[arg(long, value_name = "NAME")]
    pub procedure: Option<String>,
    /// Fill a blank of the plan
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<Setting>,
    /// The environment that it runs against
    #[arg(long, value_name = "NAME")]
    pub env: Option<String>,
    /// Take what is for a person as done
    #[arg(long)]
    pub assume_manual: bool,
    /// Run also what cannot be undone
    #[arg(long)]
    pub allow_destructive: bool,
}

/// How a plan is printed.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum PlanForm {
    /// For people.
    Tree,
    /// For programs.
    Json,
}

/// How a list is printed.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ListForm {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// A value for a blank, `NAME=VALUE`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setting {
    /// The blank's name.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl std::str::FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => Ok(Self {
                name: name.trim().to_owned(),
                value: value.to_owned(),
            }),
            _ => Err("write NAME=VALUE".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::{Arguments, Setting};

    #[test]
    fn the_words_do_not_contradict_each_other() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_setting_is_split_at_its_first_sign() {
        let setting: Setting = "url=http://x/?a=b".parse().expect("a setting");
        assert_eq!(
            (setting.name.as_str(), setting.value.as_str()),
            ("url", "http://x/?a=b")
        );
        assert!("url".parse::<Setting>().is_err());
        assert!("=x".parse::<Setting>().is_err());
        assert_eq!(
            "empty=".parse::<Setting>().expect("an empty value").value,
            ""
        );
    }
}
