//! Every code that `backout check` knows, in one table: how bad, what it means, why it matters,
//! what to do. `docs/checks.md` says the same, and a test holds the two together.
//!
//! A code is a promise to those who filter by it: it is never renamed, and never means something
//! else. A code has one level, wherever it is found.

use crate::domain::plan::Level;

/// One code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Code {
    /// As it is printed: `no-backup-check`.
    pub name: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What is the matter, as the end of "there is …".
    pub meaning: &'static str,
    /// Why a reviewer would say so.
    pub why: &'static str,
    /// What to do.
    pub help: &'static str,
}

/// The code of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Code> {
    ALL.iter().copied().find(|code| code.name == name)
}

macro_rules! codes {
    ($($constant:ident $name:literal $level:ident $meaning:literal $why:literal $help:literal)*) => {
        $(
            #[doc = $meaning]
            pub const $constant: Code = Code {
                name: $name,
                level: Level::$level,
                meaning: $meaning,
                why: $why,
                help: $help,
            };
        )*
        /// All of them, by subject.
        pub const ALL: &[&Code] = &[$(&$constant),*];
    };
}

codes! {
    // ---- what was understood ----
    NO_PROCEDURE "no-procedure" Warning
        "no procedure that rolls anything back"
        "Without one there is nothing to fly: the document may be about something else, or its commands stand where they are not taken for a rollback."
        "put the commands under a heading that says rollback, in fences or numbered steps"
    STAYS_TEXT "stays-text" Note
        "a block that became no part of the plan"
        "It is shown in its place as text. That is right for what is only to be read, and wrong for a checklist or a command that somebody counts on."
        "nothing, if it is only to be read"
    FENCE_LABEL "fence-label" Warning
        "a code block that is not what its label says"
        "The content is believed, not the label; the next reader or tool may believe the label."
        "label it for what it is"
    UNCLOSED_FENCE "unclosed-fence" Warning
        "a code block that is never closed"
        "Where it ends is a guess, so nothing of it can be run."
        "close it with ```"
    BAD_ATTRIBUTE "bad-attribute" Error
        "attributes of a code block that cannot be read"
        "What they ask for is not known, so the block is shown and never runs."
        "write them as {\"name\":\"stop\"} or { name=stop timeout=2m }"
    DANGER_STATED "danger-stated" Warning
        "a block that is declared less harmful than its command looks"
        "The declaration is believed; a wrong one takes away the question before the harm."
        "take the declaration out, or be sure of it"
    LONELY_CHOICE "lonely-choice" Warning
        "a choice of one thing"
        "What it was to be chosen against is missing, or is called otherwise."
        "give its alternatives the same name of a choice"
    ENCODING_REPAIRED "encoding-repaired" Note
        "characters that an earlier program had read in the wrong encoding"
        "What is shown is the repaired text; the file still holds the broken one."
        "save the file as UTF-8"
    OPEN_BRANCH "open-branch" Warning
        "an answer to a decision question that leads nowhere"
        "Somebody will give that answer in the middle of the night."
        "say what to do in that case"
    UNREAD_DRAWING "unread-drawing" Note
        "a drawing of decisions that cannot be read beyond doubt"
        "It is shown as text, and its questions are not asked."
        "write it as a list: each question an item, its answers (yes, no) as items below it"
    DEAD_LINK "dead-link" Warning
        "a reference to a heading that the document does not have"
        "Whoever follows it during an incident finds nothing, or something else."
        "name the heading as it is written"
    DEAD_FILE "dead-file" Warning
        "a link to a file that is not there"
        "Whoever follows it during an incident finds nothing. It is looked for from the directory of the document, where `backout check` runs."
        "mend the path, or bring the file along"
    UNKNOWN_CONNECTION "unknown-connection" Error
        "a connection that the plan does not explain"
        "Where it leads is not known, so what goes through it does not run."
        "explain it in the front matter, below connections, or mend its name"
    FRONT_MATTER "front-matter" Warning
        "front matter that cannot be read"
        "Everything that it states is ignored."
        "mend it or take it out"
    UNKNOWN_KEY "unknown-key" Warning
        "a key in the front matter that backout does not know"
        "It has no effect; it may be a known one that is spelt wrong."
        "see the handbook for those that it knows"
    BAD_VALUE "bad-value" Warning
        "a value in the front matter that has the wrong shape"
        "It has no effect until it is mended."
        "see docs/annotations.md for what each key wants"
    BAD_ANNOTATION "bad-annotation" Warning
        "an annotation that cannot be read"
        "It has no effect until it is mended."
        "see docs/annotations.md for how it is written"
    MISPLACED_ANNOTATION "misplaced-annotation" Warning
        "an annotation that speaks of nothing"
        "It has no effect where it stands."
        "put it directly before the block, or under the heading, it speaks of"
    NOT_AS_DECLARED "not-as-declared" Warning
        "a block that is not what a comment says it is"
        "It stays text, and nobody reads it as what it was meant to be."
        "see docs/annotations.md for how it is written"
    UNKNOWN_ANNOTATION "unknown-annotation" Warning
        "an annotation that backout does not know"
        "It has no effect; it may be a known one that is spelt wrong."
        "see the handbook for those that it knows"
    UNKNOWN_ATTRIBUTE "unknown-attribute" Note
        "an attribute of a code block that backout does not know"
        "It has no effect here; another tool may know it."
        "it is kept in the document and has no effect"

    // ---- what cannot be undone ----
    NO_BACKUP_CHECK "no-backup-check" Warning
        "a command that destroys data, and nothing before it that looks at a backup"
        "When it goes wrong there is nothing to go back to, and that is found out too late."
        "take a backup first, or verify that one exists, in the pre-rollback checklist or in a step before this one"
    NO_RETURN_MARK "no-point-of-no-return" Warning
        "a step that cannot be undone and does not say so"
        "The operator should know before the step, not from its result, that there is no way back."
        "say \"point of no return\" in the step, or annotate it so"

    // ---- whether it worked ----
    NO_VERIFICATION "no-verification" Warning
        "nothing that shows whether the rollback worked"
        "A rollback that nobody verifies is a second change without a test."
        "add a checklist of what must hold afterwards, or say what the commands should show"
    UNVERIFIED_STEP "unverified-step" Note
        "a step that changes something, and nothing that shows whether it did"
        "The next step builds on it; a failure is seen later, somewhere else."
        "say what it should show (# Expected: …), or look afterwards"
    STATUS_NOT_PRINTED "status-not-printed" Warning
        "an HTTP status that is expected of a command which does not print it"
        "The expectation can never be met, whatever the service answers."
        "add -w '%{http_code}' or -i"

    // ---- alternatives ----
    BOTH_WOULD_RUN "both-would-run" Warning
        "alternatives that would all run, one after the other"
        "They are ways of doing the same thing; doing it twice is seldom meant and can be harmful."
        "put them under headings such as \"Option A\" and \"Option B\", or annotate them as a choice"

    // ---- time ----
    NO_ESTIMATE "no-estimate" Note
        "a procedure that does not say how long it takes"
        "Whether there is still time for it is the first question of an incident."
        "state it: **Estimated Time:** 5-10 minutes"
    ESTIMATE_SUM "estimate-sum" Warning
        "an estimate that is not the sum of its parts"
        "One of them is wrong, and the deadline is decided by it."
        "correct the procedure's estimate or those of its steps"

    // ---- who decides ----
    NO_DEADLINE "no-deadline" Warning
        "an urgent level without a deadline"
        "No clock can run for it, and \"urgent\" is not the same to everybody."
        "say within which time to act, such as \"within 15 minutes\""
    NO_TRIGGER "no-trigger" Note
        "a level that nothing leads to"
        "Nobody can tell from what they see that the incident is at that level."
        "list what one would see"
    NO_APPROVER "no-approver" Note
        "no word about who may approve a rollback"
        "The question comes up when nobody has time for it."
        "add a table of levels and who may approve"
    LEVEL_WITHOUT_APPROVER "level-without-approver" Warning
        "an urgent level that is missing among those who may approve"
        "Other levels have an approver, so this one was forgotten."
        "add the level to the table of approvals"
    BLANK_APPROVER "blank-approver" Warning
        "an approver who is still a blank"
        "Nobody can be asked."
        "fill it in before it is needed"
    BLANK_CONTACT "blank-contact" Warning
        "a contact that is still a blank"
        "Nobody can be reached."
        "fill it in before it is needed"
    NO_PLACE "no-place" Note
        "a checkpoint that does not say when it is due"
        "It can hold up nothing, and comes due never."
        "name its place, such as \"After the code rollback\" or \"30 minutes after\""
    UNTESTED "untested" Note
        "a plan that was never rehearsed, as far as it says"
        "Plans rot: the first use finds what a rehearsal would have found."
        "rehearse it with backout drill, and write the date into the plan"

    // ---- blanks and values ----
    BARE_BLANK "bare-blank" Note
        "a blank in a command that nothing explains"
        "The operator has to guess what to put there, and from where."
        "give it a help, a pattern or a from in the front matter"
    MEANINGLESS_BLANK "meaningless-blank" Warning
        "a blank whose name says nothing"
        "Nobody but its author knows what belongs there."
        "name it for what belongs there, such as <backup-file>"
    SECRET_OUT_OF_PLACE "secret-out-of-place" Error
        "a secret where none can be given"
        "A secret is given to a command as a variable, so that its text can be shown and kept. In the text of another program there is no such place, and the command does not run."
        "let the program read it from its environment or a file, such as PGPASSWORD or --password-file"
    UNSET_VARIABLE "unset-variable" Note
        "a variable that the plan assigns nowhere"
        "It is empty in a shell that does not happen to have it."
        "say in the front matter what it is, or set it before the rollback"
    UNFINISHED "unfinished" Warning
        "a place that the author has still to write"
        "It is found during the incident, by somebody who cannot write it."
        "write it, or take it out"
    SAMPLE_VALUE "sample-value" Note
        "a version, date or hash that stands in a command"
        "It may be right for this release, or an example that somebody will run as it is."
        "make it a blank, such as <version>, if it changes"

    // ---- commands ----
    DOES_NOT_PARSE "does-not-parse" Error
        "a command that the shell cannot read"
        "It fails, or a part of it runs before it fails."
        "mend it; `bash -n` tells the same"
    GOES_ON "goes-on-after-error" Warning
        "SQL that does not stop at an error"
        "What stands behind the statement that failed is done all the same, and psql ends as if everything had worked, so that the step looks done. Where a plan opens psql and types into it, backout adds the stop; what is written out runs as it is written."
        "give psql -v ON_ERROR_STOP=1 (and -1, where it is all or nothing); take --force from mysql"
    MISSING_PROGRAM "missing-program" Note
        "a program that is not on this machine"
        "The machine from which one rolls back needs it. It is looked for where `backout check` runs, which may be another."
        "install it where the rollback will run"
    MEANT_ELSEWHERE "meant-elsewhere" Note
        "commands that are meant for a session elsewhere"
        "A session on another machine, in a container or as another user is opened in a block of its own, and the later blocks are for its inside. Run where backout runs, they would hit another machine, so backout asks where each of them is to run."
        "write the commands into the block that opens the session, or as `ssh host 'command'`"
    PERSONAL_PATH "personal-path" Warning
        "a path in somebody's own home directory"
        "Nobody else has it."
        "use a path that every operator has"

    // ---- the text ----
    BIDIRECTIONAL "bidirectional-character" Error
        "a character that changes the order in which text is shown"
        "The command is not what it looks like; this is a known way to hide one."
        "take it out"
    HIDDEN "hidden-character" Error
        "an invisible character in a command"
        "The command is not what it looks like, and does not do what it seems to."
        "take it out, or replace it by a plain space"
    TYPOGRAPHIC "typographic-character" Warning
        "a dash or a quote of typography in a command"
        "It came from a word processor or a chat; to a shell it is a letter like any other."
        "write - or the plain quote"
    CONTROL "control-character" Warning
        "a control character in the text"
        "It commands the terminal of whoever prints the file."
        "take it out"
    SECRET "secret" Error
        "something that looks like a secret"
        "Whoever may read the plan has it, and so has everybody who ever will."
        "revoke it, and name a variable or a place in a vault instead"
    PASSWORD "password-in-text" Warning
        "a password that is written out"
        "Whoever may read the plan has it; in a command line, so has every process list."
        "make it a variable or a secret parameter, such as $DB_PASSWORD"
}
