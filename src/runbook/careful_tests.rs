//! What a careful person reads in a plan and a hasty reader gets wrong: output that is no command,
//! work that stands in a comment, ways of which only one is to be gone.

use super::read;
use crate::domain::plan::{Action, ActionKind, Plan};

fn plan(text: &str) -> Plan {
    read(text.as_bytes())
}

fn actions(plan: &Plan) -> Vec<&Action> {
    plan.procedures
        .iter()
        .flat_map(|p| &p.steps)
        .flat_map(|s| &s.actions)
        .collect()
}

/// Kind and first line of every action.
fn told(plan: &Plan) -> Vec<(ActionKind, &str)> {
    actions(plan)
        .iter()
        .map(|a| (a.kind, a.code.lines().next().unwrap_or_default()))
        .collect()
}

#[test]
fn lines_of_output_are_not_run() {
    let plan = plan(
        "# R\n## Rollback\n```bash\n# Sample output:\nrelease-41: whole - Monday\nrelease-40: whole - Sunday\n```\n\n```bash\n./releases.sh\n\n# Example output:\nrelease-41: whole - Monday\n```\n",
    );
    assert_eq!(
        told(&plan),
        [
            (ActionKind::Text, "release-41: whole - Monday"),
            (ActionKind::Shell, "./releases.sh")
        ]
    );
    assert_eq!(actions(&plan)[1].expect.len(), 1);
}

#[test]
fn a_schedule_is_not_run() {
    let plan = plan(
        "# R\n## Rollback\n```bash\n# Every night\n30 2 * * * /srv/shop/save.sh --all\n\n# Before a release\n/srv/shop/save.sh\n```\n\n```bash\n@weekly /srv/shop/prune.sh\n```\n\n```bash\nls /srv/shop\n```\n",
    );
    assert_eq!(
        told(&plan),
        [
            (ActionKind::Text, "30 2 * * * /srv/shop/save.sh --all"),
            (ActionKind::Shell, "/srv/shop/save.sh"),
            (ActionKind::Text, "@weekly /srv/shop/prune.sh"),
            (ActionKind::Shell, "ls /srv/shop"),
        ]
    );
}

#[test]
fn remarks_and_settings_are_not_run() {
    let plan = plan(
        "# R\n## Rollback\n```js\n// cache key: shop_cart_1 ~ shop_cart_9\n```\n\n1. **Start the job** with:\n   - `dry_run=true`\n   - `shopctl status`\n   - `git fetch origin`\n",
    );
    let run: Vec<&str> = actions(&plan)
        .iter()
        .filter(|a| a.kind == ActionKind::Shell)
        .map(|a| a.code.as_str())
        .collect();
    assert_eq!(run, ["git fetch origin"]);
}

#[test]
fn work_told_below_a_command_is_left_to_a_person() {
    let plan = plan(
        "# R\n## Rollback\n```bash\n# 1. Go to the shop\ncd /srv/shop\n# Set the old address in settings.ini\n\n# 2. Start it\nmake start\n# By hand:\n#   - sign in\n#   - put a thing into the cart\n\n# 3. Clean\nmake clean\n# WARNING: this empties the cache\n```\n",
    );
    let got: Vec<(ActionKind, &str, &str)> = actions(&plan)
        .iter()
        .map(|a| (a.kind, a.title.as_str(), a.code.as_str()))
        .collect();
    assert_eq!(
        got,
        [
            (ActionKind::Shell, "Go to the shop", "cd /srv/shop"),
            (
                ActionKind::Manual,
                "",
                "Set the old address in settings.ini"
            ),
            (ActionKind::Shell, "Start it", "make start"),
            (
                ActionKind::Manual,
                "By hand",
                "- sign in\n- put a thing into the cart"
            ),
            (
                ActionKind::Shell,
                "Clean",
                "make clean\n# WARNING: this empties the cache"
            ),
        ]
    );
}
