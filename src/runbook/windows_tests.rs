//! Blocks for Windows in a plan: work for a person, cut and judged, and never run here.

use super::read;
use crate::domain::plan::{Action, ActionKind, Danger, Plan};

fn actions(plan: &Plan) -> Vec<&Action> {
    let steps = plan.procedures.iter().flat_map(|p| &p.steps);
    steps.flat_map(|s| &s.actions).collect()
}

#[test]
fn numbered_comments_are_steps_and_each_has_its_harm() {
    let text = "# Kiosk\n\n## Rollback\n\n```powershell\n# 1. Stop the kiosk\nStop-Service kiosk\n\n\
                # 2. Take the new files away\nRemove-Item C:\\kiosk\\new -Recurse\n\n\
                # 3. See whether it answers\nInvoke-WebRequest http://localhost:81\n# Expected: 200\n```\n";
    let plan = read(text.as_bytes());
    let titles: Vec<_> = plan.procedures[0]
        .steps
        .iter()
        .map(|s| s.title.as_str())
        .collect();
    assert_eq!(
        titles,
        [
            "Stop the kiosk",
            "Take the new files away",
            "See whether it answers"
        ]
    );
    let all = actions(&plan);
    assert!(
        all.iter()
            .all(|a| a.kind == ActionKind::Manual && a.is_run_by_hand())
    );
    let harm: Vec<_> = all.iter().map(|a| a.danger).collect();
    assert_eq!(harm, [Danger::Changes, Danger::Irreversible, Danger::None]);
    assert_eq!(all[2].expect.len(), 1);
    assert_eq!(all[1].code, "Remove-Item C:\\kiosk\\new -Recurse");
}

#[test]
fn a_program_that_the_author_names_still_runs_such_a_block() {
    let text = "# K\n\n## Rollback\n\n```powershell {\"interpreter\":\"pwsh\"}\nGet-Date\n```\n";
    let plan = read(text.as_bytes());
    assert_eq!(actions(&plan)[0].kind, ActionKind::Shell);
}

#[test]
fn comments_alone_are_words_to_a_person() {
    let text =
        "# K\n\n## Rollback\n\n```bat\nREM Ask the shop first\n\nREM Stop it\nnet stop shop\n```\n";
    let plan = read(text.as_bytes());
    let told: Vec<_> = actions(&plan)
        .iter()
        .map(|a| (a.code.as_str(), a.is_run_by_hand()))
        .collect();
    assert_eq!(
        told,
        [("Ask the shop first", false), ("net stop shop", true)]
    );
}

#[test]
fn the_blanks_of_such_a_block_are_parameters_and_its_brackets_are_not() {
    let text = "# Kiosk\n\n## Rollback\n\n```powershell\ngit checkout <last-good>\n\
                [int]$n = 3; Set-Item env:TOKEN <api-token>\n```\n";
    let plan = read(text.as_bytes());
    let names: Vec<_> = plan.parameters.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["last_good"]);
    assert_eq!(actions(&plan)[0].parameters, ["last_good".into()]);
}
