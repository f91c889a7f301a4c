//! `backout show`: what was understood of a runbook, as a tree for people or as JSON for
//! programs. Reads one file; runs nothing.

use std::fmt::Write as _;

use crate::domain::plan::{
    Action, ActionKind, Checklist, ChecklistRole, Danger, Estimate, Level, Plan, Procedure,
};
use crate::journal::plan_form;
use crate::runbook;

use super::args::{Everywhere, PlanForm, Show};
use super::failure::{Ended, Ending};
use super::output::{self, Look, Tone, harmless};
use super::source::Source;

/// Runs it.
pub fn run(show: &Show, everywhere: &Everywhere) -> Ending {
    let source = Source::read(&show.runbook.path)?;
    let plan = runbook::read(&source.bytes);
    let text = match show.format {
        PlanForm::Json => json(&plan)?,
        PlanForm::Tree => tree(&plan, &source.name, Look::of(everywhere)),
    };
    output::print(&text)
}

fn json(plan: &Plan) -> Result<String, Ended> {
    let text = serde_json::to_string_pretty(&plan_form::to_json(plan))
        .map_err(|error| Ended::Fault(error.into()))?;
    Ok(text + "\n")
}

/// The plan as a tree: what the cockpit will make of it, section by section.
fn tree(plan: &Plan, name: &str, look: Look) -> String {
    let mut tree = Tree {
        text: String::new(),
        look,
    };
    tree.title(plan, name);
    tree.triage(plan);
    tree.checklists(plan);
    tree.procedures(plan);
    tree.blanks(plan);
    tree.rest(plan);
    tree.diagnostics(plan);
    tree.text
}

struct Tree {
    text: String,
    look: Look,
}

impl Tree {
    fn line(&mut self, depth: usize, text: &str) {
        let _ = writeln!(self.text, "{:indent$}{text}", "", indent = depth * 2);
    }

    fn heading(&mut self, text: &str) {
        self.text.push('\n');
        let heading = self.look.paint(Tone::Strong, text);
        self.line(0, &heading);
    }

    fn title(&mut self, plan: &Plan, name: &str) {
        let title = if plan.title.is_empty() {
            "(no title)"
        } else {
            &plan.title
        };
        let title = self.look.paint(Tone::Strong, &harmless(title));
        self.line(0, &title);
        let hash = plan.sha256.get(..12).unwrap_or_default();
        let name = self
            .look
            .paint(Tone::Quiet, &format!("{}, {hash}", harmless(name)));
        self.line(1, &name);
        for fact in &plan.facts {
            let fact = format!("{}: {}", harmless(&fact.key), harmless(&fact.value));
            let fact = self.look.paint(Tone::Quiet, &fact);
            self.line(1, &fact);
        }
    }

    fn triage(&mut self, plan: &Plan) {
        if !plan.severities.is_empty() {
            self.heading("Severities");
        }
        for severity in &plan.severities {
            let within = severity
                .within_s
                .map_or_else(String::new, |s| format!(", {}", span(s)));
            let count = counted(severity.triggers.len(), "trigger");
            self.line(1, &format!("{}{within}, {count}", harmless(&severity.name)));
        }
        if !plan.triggers.is_empty() {
            let count = counted(plan.triggers.len(), "trigger");
            self.line(1, &format!("{count} with no level of their own"));
        }
        if let Some(matrix) = &plan.decision_matrix {
            self.line(
                1,
                &format!("decision matrix, {}", counted(matrix.rows.len(), "row")),
            );
        }
        if !plan.questions.is_empty() {
            self.line(1, &counted(plan.questions.len(), "decision question"));
        }
        for rule in &plan.approvals {
            let (when, who) = (harmless(&rule.when), harmless(&rule.who));
            self.line(1, &format!("approval, {when}: {who}"));
        }
    }

    fn checklists(&mut self, plan: &Plan) {
        if !plan.checklists.is_empty() {
            self.heading("Checklists");
        }
        for list in &plan.checklists {
            let role = role(list);
            let due = list
                .due_after_s
                .map_or_else(String::new, |s| format!(", {} after", span(s)));
            let count = counted(list.items.len(), "item");
            self.line(
                1,
                &format!("{} ({role}{due}), {count}", harmless(&list.title)),
            );
            for item in &list.items {
                let mark = self.look.sign("☐", "[ ]");
                self.line(2, &format!("{mark} {}", harmless(&item.text)));
                for action in &item.actions {
                    self.action(3, action);
                }
            }
        }
    }

    fn procedures(&mut self, plan: &Plan) {
        for procedure in &plan.procedures {
            self.heading(&procedure_title(plan, procedure));
            if !procedure.use_when.is_empty() {
                let when = format!("use when: {}", harmless(&procedure.use_when));
                self.line(1, &when);
            }
            for (index, step) in procedure.steps.iter().enumerate() {
                let time = step
                    .estimate
                    .map_or_else(String::new, |e| format!("  {}", about(e)));
                self.line(1, &format!("{} {}{time}", index + 1, harmless(&step.title)));
                if step.point_of_no_return {
                    let text = self.look.paint(Tone::Warn, "point of no return");
                    self.line(3, &text);
                }
                for action in &step.actions {
                    self.action(3, action);
                }
            }
        }
    }

    fn action(&mut self, depth: usize, action: &Action) {
        let sign = match action.kind {
            ActionKind::Shell => "$",
            ActionKind::Sql => "sql",
            ActionKind::Http => "http",
            ActionKind::Manual => "by hand:",
            ActionKind::Include => "as in:",
            ActionKind::Text => "to read:",
        };
        let line = if matches!(action.kind, ActionKind::Shell | ActionKind::Sql) {
            first_command(action)
        } else {
            action.label()
        };
        let mut line = format!("{sign} {}", harmless(&line));
        for remark in remarks(action) {
            let tone = if remark == "cannot be undone" {
                Tone::Bad
            } else {
                Tone::Quiet
            };
            line.push_str("  ");
            line.push_str(&self.look.paint(tone, &remark));
        }
        self.line(depth, &line);
        for expectation in &action.expect {
            let who = if expectation.is_sensed() {
                ""
            } else {
                " (for a person to judge)"
            };
            let arrow = self.look.sign("→", "->");
            self.line(
                depth + 1,
                &format!("{arrow} {}{who}", harmless(&expectation.text)),
            );
        }
    }

    fn blanks(&mut self, plan: &Plan) {
        if !plan.parameters.is_empty() {
            self.heading("Blanks to fill");
        }
        for parameter in &plan.parameters {
            let uses: Vec<String> = parameter.uses.iter().map(u32::to_string).collect();
            let from = match &parameter.pick_from {
                Some(command) => format!(", picked from `{}`", harmless(command)),
                None if parameter.environment => ", from the environment".to_owned(),
                None => String::new(),
            };
            let syntax = harmless(&parameter.syntax);
            let plural = if uses.len() == 1 { "line" } else { "lines" };
            let name = &parameter.name;
            self.line(
                1,
                &format!("{syntax}  {name}, {plural} {}{from}", uses.join(", ")),
            );
        }
    }

    fn rest(&mut self, plan: &Plan) {
        let counts = [
            counted(plan.templates.len(), "template"),
            counted(plan.targets.len(), "target"),
            counted(plan.contacts.len(), "contact"),
            counted(plan.objectives.len(), "recovery objective"),
            counted(plan.files.len(), "file"),
        ];
        self.heading("Also");
        for count in counts.iter().filter(|count| !count.starts_with("0 ")) {
            self.line(1, count);
        }
        self.line(
            1,
            &format!("{} kept as text", counted(plan.unplaced.len(), "place")),
        );
    }

    fn diagnostics(&mut self, plan: &Plan) {
        if !plan.diagnostics.is_empty() {
            self.heading("Noticed");
        }
        for found in &plan.diagnostics {
            let (word, tone) = match found.level {
                Level::Note => ("note", Tone::Quiet),
                Level::Warning => ("warning", Tone::Warn),
                Level::Error => ("error", Tone::Bad),
            };
            let word = self.look.paint(tone, word);
            let message = harmless(&found.message);
            self.line(
                1,
                &format!("line {}: {word}: {message} [{}]", found.line, found.code),
            );
        }
    }
}

fn procedure_title(plan: &Plan, procedure: &Procedure) -> String {
    let mut title = harmless(&procedure.title);
    if let Some(estimate) = procedure.estimate {
        let _ = write!(title, "  {}", about(estimate));
    }
    if let Some(parent) = &procedure.parent
        && let Some(parent) = plan.procedures.iter().find(|other| other.id == *parent)
    {
        let _ = write!(title, "  (part of {})", harmless(&parent.title));
    }
    if procedure.choice.is_some() {
        title.push_str("  (one of several)");
    }
    if procedure.off_path {
        title.push_str("  (not part of a rollback)");
    }
    title
}

/// The first line that runs; what follows is counted, not cut off silently.
fn first_command(action: &Action) -> String {
    let lines = action.code.lines().map(str::trim);
    let mut commands = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let Some(first) = commands.next() else {
        return action.label();
    };
    match commands.count() {
        0 => first.to_owned(),
        more => format!("{first} … and {}", counted(more, "more line")),
    }
}

fn remarks(action: &Action) -> Vec<String> {
    let mut remarks = Vec::new();
    match action.danger {
        Danger::Irreversible => remarks.push("cannot be undone".to_owned()),
        Danger::Changes if matches!(action.kind, ActionKind::Shell | ActionKind::Sql) => {
            remarks.push("changes things".to_owned());
        }
        Danger::None | Danger::Changes => {}
    }
    for (holds, word) in [
        (action.monitor, "runs beside"),
        (action.interactive, "wants a keyboard"),
        (action.opt_in, "opt-in"),
        (action.choice.is_some(), "one of several"),
        (action.backup_check, "backup check"),
    ] {
        if holds {
            remarks.push(word.to_owned());
        }
    }
    remarks
}

fn role(list: &Checklist) -> String {
    match (list.role, list.checkpoint) {
        (_, Some(number)) => format!("checkpoint {number}"),
        (ChecklistRole::PreRollback, None) => "before the rollback".to_owned(),
        (ChecklistRole::Checkpoint, None) => "checkpoint".to_owned(),
        (ChecklistRole::Verification, None) => "verification".to_owned(),
        (ChecklistRole::Success, None) => "success".to_owned(),
        (ChecklistRole::FollowUp, None) => "follow-up".to_owned(),
        (ChecklistRole::Other, None) => "list".to_owned(),
    }
}

fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// Seconds as a person says them: `90 s`, `5 min`, `2 h`.
pub fn span(seconds: u64) -> String {
    match seconds {
        s if s >= 3600 && s.is_multiple_of(3600) => format!("{} h", s / 3600),
        s if s >= 60 && s.is_multiple_of(60) => format!("{} min", s / 60),
        s => format!("{s} s"),
    }
}

/// An estimate as a person says it.
pub fn about(estimate: Estimate) -> String {
    if estimate.low_s == estimate.high_s {
        span(estimate.high_s)
    } else {
        format!("{} to {}", span(estimate.low_s), span(estimate.high_s))
    }
}

#[cfg(test)]
mod tests {
    use super::{Estimate, about, span, tree};
    use crate::cli::args::{Everywhere, When};
    use crate::cli::output::Look;

    #[test]
    fn times_read_as_people_say_them() {
        assert_eq!(span(90), "90 s");
        assert_eq!(span(300), "5 min");
        assert_eq!(span(7200), "2 h");
        assert_eq!(
            about(Estimate {
                low_s: 300,
                high_s: 600
            }),
            "5 min to 10 min"
        );
    }

    #[test]
    fn a_hostile_plan_is_shown_harmlessly() {
        let everywhere = Everywhere {
            home: None,
            color: When::Never,
            ascii: true,
        };
        let plan = crate::runbook::read(b"# Plan \x1b]0;owned\x07\n\n## Rollback\n\n1. **Go**\n   ```bash\n   echo \x1b[2J\n   ```\n");
        let text = tree(&plan, "x.md", Look::of(&everywhere));
        assert!(!text.contains('\x1b'), "{text}");
        assert!(text.contains("echo ^[[2J"), "{text}");
    }
}
