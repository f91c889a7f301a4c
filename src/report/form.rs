//! The incident log of a plan that brings none.

use std::fmt::Write as _;

use crate::domain::ids::FieldId;
use crate::domain::plan::{Field, FieldChoice, Plan, Span, Template, TemplateKind};

const BLANK: &str = "____________________";

/// Sections and the labels of their blanks.
const FORM: &[(&str, &[&str])] = &[
    (
        "Incident",
        &[
            "Incident ID",
            "Plan",
            "Environment",
            "Date/Time",
            "Severity",
        ],
    ),
    (
        "What was seen",
        &[
            "Issue description",
            "Detected",
            "Error messages",
            "User impact",
            "Systems affected",
        ],
    ),
    (
        "Decision",
        &[
            "Decided by",
            "Decision time",
            "Decision reason",
            "Approved by",
            "Approval time",
            "Rollback procedure",
            "Estimated duration",
        ],
    ),
    (
        "Rollback",
        &[
            "Executed by",
            "Rollback started",
            "Database rollback",
            "Code rollback",
            "Services restarted",
            "Rollback completed",
            "Total downtime",
        ],
    ),
    (
        "Verification",
        &[
            "System stability",
            "User impact resolved",
            "Data integrity",
            "No residual errors",
            "Left open",
        ],
    ),
    (
        "Root cause",
        &["Primary cause", "Contributing factors", "Missed in testing"],
    ),
    ("Lessons", &["Worked", "To be improved", "Follow-up work"]),
    ("Close", &["Sign-off", "Closed at"]),
];

/// Our own log form, with the plan's severities to choose from.
#[must_use]
pub(crate) fn default_log(plan: &Plan) -> Template {
    let mut form = Form {
        text: "ROLLBACK LOG\n============\n".to_owned(),
        fields: Vec::new(),
    };
    for (section, labels) in FORM {
        let rule = "-".repeat(section.len());
        let _ = writeln!(
            form.text,
            "
{section}
{rule}"
        );
        for label in *labels {
            if *label == "Severity" {
                form.severity(section, plan);
            } else {
                form.blank(section, label);
            }
        }
    }
    Template {
        id: "backout/log".into(),
        kind: TemplateKind::IncidentLog,
        title: "Rollback log".to_owned(),
        moment: String::new(),
        every_s: None,
        text: form.text,
        fields: form.fields,
        span: Span::default(),
    }
}

struct Form {
    text: String,
    fields: Vec<Field>,
}

impl Form {
    fn blank(&mut self, section: &str, label: &str) {
        let _ = write!(self.text, "{:<23}", format!("{label}:"));
        let from = self.text.len();
        self.text.push_str(BLANK);
        self.push(section, label, (from, self.text.len()), Vec::new());
        self.text.push('\n');
    }

    fn severity(&mut self, section: &str, plan: &Plan) {
        let names: Vec<String> = if plan.severities.is_empty() {
            ["CRITICAL", "HIGH", "MEDIUM", "LOW"]
                .map(str::to_owned)
                .to_vec()
        } else {
            plan.severities.iter().map(|s| s.name.clone()).collect()
        };
        self.text.push_str("Severity:              ");
        let from = self.text.len();
        let mut choices = Vec::new();
        for (index, name) in names.into_iter().enumerate() {
            self.text.push_str(if index == 0 { "[" } else { "  [" });
            choices.push(FieldChoice {
                text: name.clone(),
                tick_at: Some(self.text.len()),
            });
            let _ = write!(self.text, " ] {name}");
        }
        self.push(section, "Severity", (from, self.text.len()), choices);
        self.text.push('\n');
    }

    fn push(
        &mut self,
        section: &str,
        label: &str,
        blank: (usize, usize),
        choices: Vec<FieldChoice>,
    ) {
        self.fields.push(Field {
            id: FieldId::new(format!("backout/log/{section}/{label}")),
            section: section.to_owned(),
            label: label.to_owned(),
            blank,
            choices,
            line: 0,
        });
    }
}
