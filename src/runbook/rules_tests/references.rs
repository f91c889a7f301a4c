//! Procedures beside each other and sections that send to one another.

use super::{findings, plan, told};

const OPTIONS: &str = "# Port\n\n## Rollback procedures\n\n### Option 1: Code only (< 5 min)\n\n1. **Restart**\n   ```bash\n   systemctl restart port\n   ```\n\n### Option 2: Database\n\n1. **Restore**\n   ```bash\n   pg_restore -d port x.dump\n   ```\n";

/// What a step says is either another procedure, flown there, or a thing for a person.
fn sent(step: &str) -> Vec<String> {
    let text = format!("{OPTIONS}\n### Option 3: All of it\n\n1. {step}\n");
    let all = told(&plan(&text));
    let from = all.iter().position(|l| l.starts_with("P Option 3"));
    let targets = plan(&text);
    let last = targets.procedures.last().and_then(|p| p.steps.last());
    let mut lines = all[from.expect("the procedure") + 2..].to_vec();
    let target = last
        .and_then(|s| s.actions.last())
        .and_then(|a| a.target.clone());
    lines.extend(target.map(|t| t.as_str().to_owned()));
    lines
}

/// By its whole name, by its number, by an exact link and by one that is nearly right.
#[test]
fn a_step_that_sends_to_a_procedure_is_that_procedure() {
    let code = "rollback-procedures/option-1-code-only-5-min";
    let data = "rollback-procedures/option-2-database";
    for (step, code_of_step, target) in [
        (
            "Follow \"Option 2: Database\" steps",
            "Follow \"Option 2: Database\" steps",
            data,
        ),
        ("Follow Option 1 steps", "Follow Option 1 steps", code),
        (
            "Execute the steps of Option 2",
            "Execute the steps of Option 2",
            data,
        ),
        (
            "Follow option 2, then rest",
            "Follow option 2, then rest",
            data,
        ),
        (
            "See [code only](#option-1-code-only--5-min)",
            "See code only",
            code,
        ),
        (
            "Follow [the data](#option-2-database)",
            "Follow the data",
            data,
        ),
    ] {
        assert_eq!(
            sent(step),
            [format!("  include {code_of_step}"), target.to_owned()],
            "{step}"
        );
    }
}

/// Words that merely mention a procedure send nowhere.
#[test]
fn a_step_that_only_mentions_a_procedure_stays_a_thing_to_do() {
    for step in [
        "Tell the team that Option 1 was not enough",
        "Option 2 may be needed tomorrow",
        "Follow up with the owner",
        "See who is on call",
        "Use option-1.yaml",
    ] {
        assert_eq!(sent(step), [format!("  manual {step}")], "{step}");
    }
}

/// What sends to nothing is for a person, and is pointed at.
#[test]
fn what_sends_to_nothing_is_pointed_at() {
    let text = format!(
        "{OPTIONS}\n### Option 3: All of it\n\n1. Perform the Option 9 steps\n2. See [the plan](#nothing-here)\n3. Follow Option 1 steps\n"
    );
    assert_eq!(
        told(&plan(&text)).last().map(String::as_str),
        Some("  include Follow Option 1 steps")
    );
    let lines: Vec<u32> = findings(&text)
        .into_iter()
        .filter(|(_, code)| code == "dead-link")
        .map(|(line, _)| line)
        .collect();
    assert_eq!(lines, [21, 22]);
}

/// Two that send to each other are both includes; none sends to itself.
#[test]
fn procedures_that_send_to_each_other_do_not_send_to_themselves() {
    let plan = plan(
        "# Port\n\n## Rollback procedures\n\n### Method A: Left\n\n1. Follow Method B steps\n2. Follow Method A steps\n\n### Method B: Right\n\n1. Follow Method A steps\n",
    );
    assert_eq!(
        told(&plan),
        [
            "P Method A: Left (one of)",
            " S Follow Method B steps",
            "  include Follow Method B steps",
            " S Follow Method A steps",
            "  manual Follow Method A steps",
            "P Method B: Right (one of)",
            " S Follow Method A steps",
            "  include Follow Method A steps",
        ]
    );
}
