//! The plan: what backout understood of one runbook.
//!
//! Plain data with a source span on every node, without serde: the stored form is mapped by hand
//! elsewhere, because a stored form is a promise and this is not. Every fence, list item and
//! table row of the document is in exactly one of these structures or in [`Plan::unplaced`].

pub use super::elsewhere::Elsewhere;
use super::ids::{
    ActionId, ChecklistId, ChoiceId, FieldId, ItemId, ParameterName, ProcedureId, QuestionId,
    SeverityId, StepId, TemplateId, TriggerId,
};

/// First and last line of a node in the runbook, counted from 1, both included.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Span {
    /// First line.
    pub first: u32,
    /// Last line.
    pub last: u32,
}

/// Least and most seconds that something is estimated to take.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Estimate {
    /// Lower bound in seconds.
    pub low_s: u64,
    /// Upper bound in seconds.
    pub high_s: u64,
}

/// What backout understood of one runbook.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Plan {
    /// First `#` heading or the annotated title.
    pub title: String,
    /// Hex SHA-256 of the runbook's original bytes.
    pub sha256: String,
    /// `Key: value` lines and front matter about the plan itself.
    pub facts: Vec<Fact>,
    /// Environment named by an annotation (`environment: production`), if any.
    pub environment: Option<String>,
    /// The service that the plan is about, by annotation.
    pub service: Option<String>,
    /// What the plan is for, by annotation.
    pub aims: Vec<Aim>,
    /// Databases by name, by annotation.
    pub connections: Vec<Connection>,
    /// Seconds that SQL waits for a decision before its COMMIT, by annotation.
    pub commit_within_s: Option<u64>,
    /// What reads and can be sensed again, by annotation.
    pub probes: Vec<Probe>,
    /// Ways that messages go, by annotation.
    pub channels: Vec<Channel>,
    /// Levels, most severe first.
    pub severities: Vec<Severity>,
    /// Triggers that the plan puts at no level; ticking one asks for a level.
    pub triggers: Vec<Trigger>,
    /// The decision matrix with all its columns.
    pub decision_matrix: Option<Table>,
    /// Decision questions; the first is asked first.
    pub questions: Vec<Question>,
    /// Who may approve what.
    pub approvals: Vec<ApprovalRule>,
    /// Checklists in document order, checkpoints included.
    pub checklists: Vec<Checklist>,
    /// Procedures in document order, flat; nesting is in [`Procedure::parent`].
    pub procedures: Vec<Procedure>,
    /// Scripts and SQL files that the plan carries in full.
    pub files: Vec<PlanFile>,
    /// Incident log, message, post-mortem and metrics templates.
    pub templates: Vec<Template>,
    /// Metrics with a target value.
    pub targets: Vec<Target>,
    /// People and how to reach them.
    pub contacts: Vec<Contact>,
    /// Recovery time and recovery point objectives.
    pub objectives: Vec<Objective>,
    /// Blanks in commands, one per distinct name.
    pub parameters: Vec<Parameter>,
    /// What became no structure, as the text that it is, in document order.
    pub unplaced: Vec<Unplaced>,
    /// What the reader noticed.
    pub diagnostics: Vec<Diagnostic>,
}

/// A fact about the plan, such as its owner or date.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fact {
    /// Left of the colon.
    pub key: String,
    /// Right of the colon.
    pub value: String,
    /// Where it stands.
    pub span: Span,
}

/// A level of the severity scale.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Severity {
    /// Stable id.
    pub id: SeverityId,
    /// `CRITICAL`, `P0`, `IMMEDIATE ROLLBACK`…
    pub name: String,
    /// What the plan says to do at this level.
    pub response: String,
    /// Deadline in seconds from detection, where the plan gives one.
    pub within_s: Option<u64>,
    /// Conditions that put the incident at this level.
    pub triggers: Vec<Trigger>,
    /// Where it stands.
    pub span: Span,
}

/// An observable condition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trigger {
    /// Stable id.
    pub id: TriggerId,
    /// As written, without the list or task marker.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// A table kept whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Table {
    /// Header cells.
    pub columns: Vec<String>,
    /// Body rows, each as long as the header.
    pub rows: Vec<Vec<String>>,
    /// Where it stands.
    pub span: Span,
}

/// A yes/no question on the way to a decision.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// Stable id.
    pub id: QuestionId,
    /// The question.
    pub ask: String,
    /// Where a yes leads.
    pub yes: Branch,
    /// Where a no leads.
    pub no: Branch,
    /// Where it stands.
    pub span: Span,
}

/// Where an answer leads: to an outcome, to another question, or (both absent) nowhere, which is
/// a diagnostic.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Branch {
    /// What the plan says to do.
    pub outcome: Option<String>,
    /// The question asked next.
    pub next: Option<QuestionId>,
}

/// Who may approve, in which case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApprovalRule {
    /// A severity's name or a scenario.
    pub when: String,
    /// Who may approve.
    pub who: String,
    /// Whom to tell, or empty.
    pub notify: String,
    /// They answer within this many seconds.
    pub respond_within_s: Option<u64>,
    /// The response time as the plan words it, or empty.
    pub respond: String,
    /// Where it stands.
    pub span: Span,
}

impl ApprovalRule {
    /// Whether it is about a severity by name; of `P0 - Critical` either word will do.
    #[must_use]
    pub fn names(&self, severity: &str) -> bool {
        let when = self.when.to_lowercase();
        let level = severity.to_lowercase();
        let words: Vec<&str> = when.split(|c: char| !c.is_alphanumeric()).collect();
        let parts = level.split([':', '(', ')', '–', '—']);
        let mut parts = parts.flat_map(|p| p.split(" - ")).map(str::trim);
        when.contains(&level) || parts.any(|p| !p.is_empty() && words.contains(&p))
    }
}

/// What a checklist is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ChecklistRole {
    /// Before the rollback.
    PreRollback,
    /// A numbered safety checkpoint.
    Checkpoint,
    /// After the rollback, by doing or looking.
    Verification,
    /// What must hold for success.
    Success,
    /// Afterwards.
    FollowUp,
    /// A list of things to do that says none of these.
    Other,
}

/// A list of things to confirm.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checklist {
    /// Stable id.
    pub id: ChecklistId,
    /// Heading or lead-in.
    pub title: String,
    /// What it is for.
    pub role: ChecklistRole,
    /// The number, for a checkpoint.
    pub checkpoint: Option<u8>,
    /// `After Code Rollback`, `Before Initiating Rollback`: the words of its place, if any.
    pub place: Option<String>,
    /// Due this many seconds after the rollback is complete.
    pub due_after_s: Option<u64>,
    /// In order.
    pub items: Vec<Item>,
    /// Where it stands.
    pub span: Span,
}

/// One thing to confirm.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// Stable id.
    pub id: ItemId,
    /// As written, without the markers.
    pub text: String,
    /// Nested bullets.
    pub details: Vec<String>,
    /// Nested fences.
    pub actions: Vec<Action>,
    /// Where it stands.
    pub span: Span,
}

/// When a procedure belongs in the flight.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Phase {
    /// Gathered or run before the rollback (information, backup).
    Prepare,
    /// The rollback itself: one that the operator may choose.
    #[default]
    Execute,
    /// Verification and post-rollback work.
    Verify,
    /// Follow-up after the incident.
    Close,
}

/// An option, method, phase or scenario of the plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Procedure {
    /// Stable id.
    pub id: ProcedureId,
    /// Heading.
    pub title: String,
    /// The procedure that this one is a part of.
    pub parent: Option<ProcedureId>,
    /// Set where one of several is to be chosen: those that share it exclude each other.
    pub choice: Option<ChoiceId>,
    /// Runnable, but not part of a rollback (drill, scripts, quick reference).
    pub off_path: bool,
    /// It is for the case that something is so: the flight of what it is a part of passes it by,
    /// unless a person wants it.
    pub conditional: bool,
    /// Where in the flight it belongs.
    pub phase: Phase,
    /// `Use when`, `When`, `Use case`; empty if the plan does not say.
    pub use_when: String,
    /// What the plan says about it that is not a step: warnings, objective.
    pub text: String,
    /// Stated or summed estimate.
    pub estimate: Option<Estimate>,
    /// In order.
    pub steps: Vec<Step>,
    /// Where it stands.
    pub span: Span,
}

/// One unit that the operator advances by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// Stable id.
    pub id: StepId,
    /// Bold lead, heading or comment.
    pub title: String,
    /// Stated estimate.
    pub estimate: Option<Estimate>,
    /// Prose of the step.
    pub text: String,
    /// The step says of itself that it cannot be undone (a point of no return).
    pub point_of_no_return: bool,
    /// In order.
    pub actions: Vec<Action>,
    /// Set where one of several steps is to be chosen.
    pub choice: Option<ChoiceId>,
    /// Where an alternative is made of several steps: the first of those that this one goes with.
    pub branch: Option<StepId>,
    /// Where it stands.
    pub span: Span,
}

/// How an action is carried out.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ActionKind {
    /// By bash.
    Shell,
    /// Through a `PostgreSQL` connection.
    Sql,
    /// Through the built-in HTTP client; the code is the request (`GET http://…`).
    Http,
    /// By a person.
    Manual,
    /// By flying another procedure here.
    Include,
    /// Not at all: code to read.
    Text,
}

/// How much harm an action can do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Danger {
    /// Reads only.
    None,
    /// Changes things, and can be undone; also whatever could not be read.
    #[default]
    Changes,
    /// Cannot be undone.
    Irreversible,
}

/// One runnable or manual thing inside a step or an item.
#[allow(clippy::struct_excessive_bools)] // Five independent properties that the plan states.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Action {
    /// Stable id.
    pub id: ActionId,
    /// The comment above it, or empty.
    pub title: String,
    /// How it is carried out.
    pub kind: ActionKind,
    /// Label of the fence (`bash`), empty for a manual action.
    pub lang: String,
    /// What runs, after repair of the encoding, blanks unfilled; or what a person is to do.
    pub code: String,
    /// Parameters whose blanks stand in the code.
    pub parameters: Vec<ParameterName>,
    /// What it should show.
    pub expect: Vec<Expectation>,
    /// How much harm it can do.
    pub danger: Danger,
    /// Why it is thought so (`git reset --hard discards changes`), or empty.
    pub danger_why: String,
    /// Runs beside the work until it is stopped.
    pub monitor: bool,
    /// What runs beside the work carries what comes behind it: a port-forward, a tunnel.
    pub tunnel: bool,
    /// Needs a person at its keyboard (`interactive=true`, `psql`, `vim`).
    pub interactive: bool,
    /// Commented out in the plan: offered, never part of a run.
    pub opt_in: bool,
    /// Those that share it exclude each other; the first is the default, none runs by itself.
    pub choice: Option<ChoiceId>,
    /// Where an alternative is made of several actions: the first of those that this one goes
    /// with. Actions of one choice and one branch are done in order, not instead of each other.
    pub branch: Option<ActionId>,
    /// For an include: the procedure that it points at.
    pub target: Option<ProcedureId>,
    /// Interpreter by annotation, instead of bash.
    pub interpreter: Option<String>,
    /// Directory by annotation.
    pub cwd: Option<String>,
    /// Time box in seconds: by annotation, or by the words that introduce a monitor.
    pub timeout_s: Option<u64>,
    /// The line whose words say so, where no annotation does.
    pub timeout_line: Option<u32>,
    /// Backup check by annotation or meaning (`verify a backup exists`).
    pub backup_check: bool,
    /// It only reads, in the author's word, and may be sensed again.
    pub sense: bool,
    /// The connection that it goes through, by the name that the plan gives it.
    pub connection: Option<String>,
    /// The attributes of its fence as the author wrote them, those without effect included.
    pub attributes: Vec<Attribute>,
    /// The session elsewhere that it is meant for, where the plan opened one before it.
    pub place: Option<Elsewhere>,
    /// Where it stands.
    pub span: Span,
}

impl Plan {
    /// The parameters of an action's blanks that name nothing, in the order of its code.
    #[must_use]
    pub fn placed(&self, action: &ActionId) -> Vec<&Parameter> {
        let mut placed: Vec<(u32, &Parameter)> = self
            .parameters
            .iter()
            .filter_map(|p| Some((p.place.as_ref()?, p)))
            .filter(|(place, _)| place.action == *action)
            .map(|(place, p)| (place.nth, p))
            .collect();
        placed.sort_by_key(|(nth, _)| *nth);
        placed.into_iter().map(|(_, p)| p).collect()
    }
}

impl Step {
    /// The option of its choice that it belongs to: the first step of its branch, or itself.
    #[must_use]
    pub fn option(&self) -> &StepId {
        self.branch.as_ref().unwrap_or(&self.id)
    }
}

/// A key and its value behind the label of a fence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attribute {
    /// As it is written.
    pub key: String,
    /// As it is written; `true` for a key alone.
    pub value: String,
}

impl Action {
    /// Commands that a person runs elsewhere: backout only shows them.
    #[must_use]
    pub fn is_run_by_hand(&self) -> bool {
        self.kind == ActionKind::Manual && !self.lang.is_empty()
    }

    /// The value of an attribute, if its author gave it.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|a| a.key == key);
        found.map(|a| a.value.as_str())
    }

    /// The author says how much harm it can do, so that nobody has to guess.
    #[must_use]
    pub fn danger_is_stated(&self) -> bool {
        self.sense || self.attribute("danger").is_some()
    }

    /// The option of its choice that it belongs to: the first action of its branch, or itself.
    #[must_use]
    pub fn option(&self) -> &ActionId {
        self.branch.as_ref().unwrap_or(&self.id)
    }

    /// What to call it in one line: its title, else the first line that runs.
    #[must_use]
    pub fn label(&self) -> String {
        if !self.title.is_empty() {
            return self.title.clone();
        }
        let lines = self.code.lines().map(str::trim);
        let first = lines.clone().find(|l| !l.is_empty() && !l.starts_with('#'));
        first
            .or_else(|| lines.clone().find(|l| !l.is_empty()))
            .unwrap_or_default()
            .to_owned()
    }
}

/// What an action should show.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expectation {
    /// As the plan words it.
    pub text: String,
    /// How it is judged.
    pub rule: ExpectRule,
    /// The text says more than the rule can judge: what it holds for is a part of it.
    pub partly: bool,
}

impl Expectation {
    /// One whose rule judges all that its text says.
    #[must_use]
    pub fn new(text: impl Into<String>, rule: ExpectRule) -> Self {
        Self {
            text: text.into(),
            rule,
            partly: false,
        }
    }

    /// Whether a machine can judge it.
    #[must_use]
    pub fn is_sensed(&self) -> bool {
        self.rule != ExpectRule::Person
    }
}

/// How an expectation is judged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ExpectRule {
    /// The output holds this text.
    Contains(String),
    /// A search for these finds nothing.
    Absent(Vec<String>),
    /// The output is this, white space at line ends apart.
    Exactly(String),
    /// The output holds a JSON value of which this JSON text is a part.
    JsonSubset(String),
    /// The HTTP status is this.
    HttpStatus(u16),
    /// The number of rows compares so.
    Rows(Compare, i64),
    /// The number that the output holds compares so; thousandths.
    Number(Compare, i64),
    /// The output matches this regular expression.
    Regex(String),
    /// The output is like this text, in hundredths (80 for 0.8).
    Similar(u8, String),
    /// The exit status is this.
    Exit(i32),
    /// Only a person can judge.
    Person,
}

/// A comparison.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Compare {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `=`
    Equal,
    /// `>=`
    AtLeast,
    /// `>`
    More,
    /// `!=`
    Differs,
}

impl Compare {
    /// Whether what was got stands to what is wanted as the comparison says.
    #[must_use]
    pub const fn holds(self, got: i64, wanted: i64) -> bool {
        match self {
            Self::Less => got < wanted,
            Self::AtMost => got <= wanted,
            Self::Equal => got == wanted,
            Self::AtLeast => got >= wanted,
            Self::More => got > wanted,
            Self::Differs => got != wanted,
        }
    }
}

/// A file that the plan carries in full.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlanFile {
    /// As the plan names it.
    pub path: String,
    /// Label of the fence.
    pub lang: String,
    /// Its text.
    pub code: String,
    /// Where it stands.
    pub span: Span,
}

/// What a template is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TemplateKind {
    /// The incident log.
    IncidentLog,
    /// A message to somebody.
    Message,
    /// A post-mortem or retrospective document.
    PostMortem,
    /// Figures to keep about the rollback.
    Metrics,
}

/// A text with blanks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Template {
    /// Stable id.
    pub id: TemplateId,
    /// What it is for.
    pub kind: TemplateKind,
    /// Heading or lead-in.
    pub title: String,
    /// For a message: `before`, `during`, `after` or empty.
    pub moment: String,
    /// For a message: repeated every so many seconds, if the plan says so.
    pub every_s: Option<u64>,
    /// The whole text, blanks included.
    pub text: String,
    /// The blanks, in the order of the text.
    pub fields: Vec<Field>,
    /// Where it stands.
    pub span: Span,
}

/// A blank of a template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Field {
    /// Stable id: section, label, ordinal; never a label alone.
    pub id: FieldId,
    /// Heading inside the template under which it stands, or empty.
    pub section: String,
    /// `Rollback started`.
    pub label: String,
    /// Bytes of [`Template::text`] that an answer replaces (`_____`, `[timestamp]`); for choices
    /// the bytes from the first box to the end of the last choice.
    pub blank: (usize, usize),
    /// For `[ ] CRITICAL  [ ] HIGH`: the choices, with the byte of each box's inside.
    pub choices: Vec<FieldChoice>,
    /// Line in the runbook, from 1.
    pub line: u32,
}

/// One choice of a field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldChoice {
    /// `CRITICAL`.
    pub text: String,
    /// The byte of the template's text between the brackets, where an `x` goes; none where the
    /// choice is written `A / B` and an answer replaces the whole blank.
    pub tick_at: Option<usize>,
}

/// A metric with a target value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// What is measured.
    pub metric: String,
    /// As written: `< 1%`.
    pub target: String,
    /// Must hold this many seconds.
    pub for_s: Option<u64>,
    /// How to check, or empty.
    pub how: String,
    /// Where it stands.
    pub span: Span,
}

/// Somebody and how to reach them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contact {
    /// `Database Admin`.
    pub role: String,
    /// The rest, as written; may still be a blank.
    pub contact: String,
    /// Where it stands.
    pub span: Span,
}

/// Which objective.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ObjectiveKind {
    /// Recovery time.
    Rto,
    /// Recovery point.
    Rpo,
}

/// A recovery objective.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Objective {
    /// Time or point.
    pub kind: ObjectiveKind,
    /// Of which component, or empty.
    pub component: String,
    /// Seconds.
    pub within_s: u64,
    /// What the plan says about it besides, or empty.
    pub note: String,
    /// Where it stands.
    pub span: Span,
}

/// What a parameter's value is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum ParameterKind {
    /// Any text.
    #[default]
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// A length of time.
    Duration,
    /// An address.
    Url,
    /// A path in a file system.
    Path,
    /// A day.
    Date,
    /// One of the choices.
    Choice,
}

/// Where a secret's value is taken from when nobody types it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SecretSource {
    /// A variable of the environment that backout was started with.
    Environment(String),
    /// A file, without the line end at its end.
    File(String),
    /// What a command prints, without the line end at its end.
    Command(String),
}

impl SecretSource {
    /// By the word for its kind, as annotations and the stored form have it.
    #[must_use]
    pub fn of(kind: &str, text: &str) -> Option<Self> {
        match kind {
            "env" => Some(Self::Environment(text.trim_start_matches('$').to_owned())),
            "file" => Some(Self::File(text.to_owned())),
            "command" => Some(Self::Command(text.to_owned())),
            _ => None,
        }
    }

    /// Where it is, in words.
    #[must_use]
    pub fn described(&self) -> String {
        match self {
            Self::Environment(name) => format!("the variable {name}"),
            Self::File(path) => format!("the file {path}"),
            Self::Command(command) => format!("what `{command}` prints"),
        }
    }
}

/// A blank in commands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Parameter {
    /// Normalised name.
    pub name: ParameterName,
    /// The first spelling, as written: `<commit-hash>`, `$DATABASE_URL`.
    pub syntax: String,
    /// Every spelling, the first included.
    pub spellings: Vec<String>,
    /// Lines where it is used.
    pub uses: Vec<u32>,
    /// It is an environment variable (`$NAME`), so its value is exported, not spliced.
    pub environment: bool,
    /// Offered value, by annotation or because the plan gives one.
    pub default: Option<String>,
    /// Regular expression that the whole value must match, by annotation.
    pub pattern: Option<String>,
    /// Its value never reaches the disk.
    pub secret: bool,
    /// Where a secret's value is, by annotation.
    pub secret_from: Option<SecretSource>,
    /// What it is, in the author's words, or empty.
    pub help: String,
    /// A command whose output lines are the choices, by annotation (`from: git tag`).
    pub pick_from: Option<String>,
    /// What its value is, by annotation.
    pub kind: ParameterKind,
    /// The least that it may be, as the author writes it.
    pub min: Option<String>,
    /// The most that it may be, as the author writes it.
    pub max: Option<String>,
    /// The values that it may have; empty for any.
    pub choices: Vec<String>,
    /// The one place that it stands for, where the blank itself names nothing.
    pub place: Option<BlankPlace>,
}

/// The place of a blank that names nothing: two of them share no value, however alike they read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BlankPlace {
    /// The action in whose code it stands.
    pub action: ActionId,
    /// Which of those that name nothing it is there, from 0, in the order of the code.
    pub nth: u32,
}

/// What the plan is for: a host, a database, a branch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Aim {
    /// `host`, `database`, `kube_context`…
    pub key: String,
    /// As the author writes it.
    pub value: String,
    /// Where it stands.
    pub span: Span,
}

/// A database that SQL goes to, by a name of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Connection {
    /// What blocks call it.
    pub name: String,
    /// Its address, or a variable that holds it.
    pub url: Option<String>,
    /// A service that is set up on the machine.
    pub service: Option<String>,
    /// Where it stands.
    pub span: Span,
}

/// Something that reads and can be sensed again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Probe {
    /// What the author calls it.
    pub name: String,
    /// By HTTP or by the shell.
    pub kind: ActionKind,
    /// The request or the command.
    pub code: String,
    /// What it should show.
    pub expect: Option<Expectation>,
    /// Again after so many seconds.
    pub every_s: Option<u64>,
    /// Where it stands.
    pub span: Span,
}

/// A way that messages go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Channel {
    /// For whom: `customers`.
    pub name: String,
    /// How they are reached: `status page`.
    pub channel: String,
    /// Again after so many seconds.
    pub every_s: Option<u64>,
    /// Where it stands.
    pub span: Span,
}

/// What kind of thing stayed text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum UnplacedKind {
    /// A fence.
    Code,
    /// A list, or items of one.
    List,
    /// A table, or rows of one.
    Table,
    /// Prose.
    Text,
}

/// Something that became no structure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unplaced {
    /// What it is.
    pub kind: UnplacedKind,
    /// The heading under which it stands, or empty.
    pub heading: String,
    /// Its text, as it is shown.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// Worth knowing.
    Note,
    /// Should be settled before the deployment.
    Warning,
    /// Must be settled.
    Error,
}

/// Something that the reader or the checker noticed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Characters from there that it is about; 0 for the whole line.
    pub width: u32,
    /// How bad.
    pub level: Level,
    /// Stable code, such as `fence-label`.
    pub code: String,
    /// What is the matter.
    pub message: String,
    /// What to do.
    pub help: String,
}
