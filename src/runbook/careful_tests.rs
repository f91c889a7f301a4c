//! What a careful person reads in a plan and a hasty reader gets wrong: output that is no command,
//! work that stands in a comment, ways of which only one is to be gone.

use super::read;
use crate::domain::plan::{Action, ActionKind, ChecklistRole, ExpectRule, Phase, Plan};

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
fn an_example_is_for_a_person_and_what_is_expected_is_judged() {
    for (said, rule) in [
        ("Example output:", ExpectRule::Person),
        ("Typical output:", ExpectRule::Person),
        (
            "Expected output:",
            ExpectRule::Contains("quay-7.harbour.example".to_owned()),
        ),
    ] {
        let text = format!(
            "# R\n## Rollback\n1. Ask for the leader.\n\n   ```bash\n   quayctl leader\n   ```\n\n   {said}\n\n   ```text\n   quay-7.harbour.example\n   ```\n"
        );
        let plan = plan(&text);
        let expect = &actions(&plan)[0].expect;
        assert_eq!(expect.len(), 1, "{said}");
        assert_eq!(expect[0].rule, rule, "{said}");
    }
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

/// First line and option of every action that is one of several.
fn ways(plan: &Plan) -> Vec<(&str, String)> {
    actions(plan)
        .iter()
        .filter(|a| a.choice.is_some())
        .map(|a| {
            (
                a.code.lines().next().unwrap_or_default(),
                a.option().to_string(),
            )
        })
        .collect()
}

#[test]
fn going_back_to_the_last_or_to_a_given_version_is_one_of_two() {
    let plan = plan(
        "# R\n## Rollback\n```bash\n# List\nshopctl list\n\n# Back to the previous release\nkubectl rollout undo deploy/shop\n\n# Back to a specific release\nkubectl rollout undo deploy/shop --to-revision=7\n\n# Look\nkubectl rollout status deploy/shop\n```\n\n```bash\n# Undo the last migration\nnpm run db:rollback\n\n# Undo down to a given one\nnpm run db:downto -- 20300101\n\n# Publish\ngit push origin main\n\n# and the tags\ngit push origin main --tags\n```\n",
    );
    let got: Vec<&str> = ways(&plan).iter().map(|w| w.0).collect();
    assert_eq!(
        got,
        [
            "kubectl rollout undo deploy/shop",
            "kubectl rollout undo deploy/shop --to-revision=7",
            "npm run db:rollback",
            "npm run db:downto -- 20300101",
        ]
    );
}

#[test]
fn items_that_stand_for_each_other_are_a_choice() {
    let plan = plan(
        "# R\n## Rollback\n1. **Take it down** (choose one)\n   - Close the shop\n   - Hide the door\n2. **Clean up**\n   - Sweep, or\n   - burn it\n   - Lock\n3. Call the owner\n4. Or call the neighbour\n",
    );
    let got: Vec<&str> = ways(&plan).iter().map(|w| w.0).collect();
    assert_eq!(
        got,
        ["Close the shop", "Hide the door", "Sweep, or", "burn it"]
    );
    let steps = &plan.procedures[0].steps;
    assert!(steps[2].choice.is_some() && steps[2].choice == steps[3].choice);
    assert!(steps[0].choice.is_none());
}

#[test]
fn a_block_for_each_case_is_one_of_several() {
    let plan = plan(
        "# R\n## Rollback\n### Step 1: Undo\nFor each release, here is how to undo it:\n\n**Release 40** (carts):\n```bash\n./undo.sh 40\n```\n\n**Release 41** (prices):\n```bash\n./undo.sh 41\n```\n",
    );
    let got = ways(&plan);
    assert_eq!(got.len(), 2);
    assert_ne!(got[0].1, got[1].1);
    assert_eq!(actions(&plan)[1].title, "Release 41 (prices)");
}

#[test]
fn another_way_may_be_told_before_its_block() {
    let plan = plan(
        "# R\n## Rollback\n```bash\n# 1. Look\nshopctl get\n\n# 2. Put it back\n./restore.sh\n```\n\n**Alternative: The old shop**:\n\nIf the shop cannot be put back, open the old one:\n\n```bash\n# 1. Open it\n./open-old.sh\n\n# 2. Tell it\n./tell.sh\n```\n",
    );
    let steps = &plan.procedures[0].steps;
    let branch: Vec<Option<&str>> = steps
        .iter()
        .map(|s| s.choice.as_ref().map(|_| s.option().as_str()))
        .collect();
    assert_eq!(steps.len(), 4);
    assert_ne!(branch[1], branch[2]);
    assert_eq!(branch[2], branch[3]);
    assert!(branch[1].is_some());
    assert!(steps[2].text.contains("cannot be put back"));
}

#[test]
fn what_is_counted_below_an_option_belongs_to_it() {
    let plan = plan(
        "# R\n## Rollback\n### Step 1: Code\n```bash\n# For Vercel:\nvercel rollback\n\n# For Netlify:\nnetlify rollback\n\n# For our own host:\n# 1. Fetch\ngit checkout v7\n\n# 2. Build\nmake build\n\n# For the old host:\n./old.sh\n```\n",
    );
    let got = ways(&plan);
    let of = |code: &str| got.iter().find(|w| w.0 == code).map(|w| w.1.clone());
    assert!(of("git checkout v7").is_some());
    assert_eq!(of("git checkout v7"), of("make build"));
    assert_ne!(of("make build"), of("netlify rollback"));
    assert_ne!(of("make build"), of("./old.sh"));
}

#[test]
fn a_way_among_the_ways_is_on_the_path_whatever_it_is_done_with() {
    let block = "```bash\n./x.sh\n```\n";
    let text = format!(
        "# R\n## Rollback methods\n### Method 1: By script\n{block}### Method 2: Redeploy the old build\n{block}### Rollback script\n{block}## Automated rollback tooling\n{block}## Release procedure\n{block}"
    );
    let plan = plan(&text);
    let off: Vec<bool> = plan.procedures.iter().map(|p| p.off_path).collect();
    assert_eq!(off, [false, false, true, true, true]);
}

#[test]
fn what_is_asked_for_after_the_rollback_is_work() {
    let plan = plan(
        "# R\n## Rollback\n```bash\n./x.sh\n```\n## Post-rollback actions\n### 1. Communication\n- Tell the team\n### 2. Within 24 hours\n- Write it up\n### 3. Review\n- What was it?\n- Why then?\n",
    );
    let got: Vec<(&str, Phase)> = plan
        .procedures
        .iter()
        .skip(1)
        .map(|p| (p.title.as_str(), p.phase))
        .collect();
    assert_eq!(
        got,
        [
            ("1. Communication", Phase::Verify),
            ("Post-rollback actions › Within 24 hours", Phase::Close)
        ]
    );
}

#[test]
fn preconditions_are_a_checklist() {
    let plan = plan(
        "# R\n## Preconditions\nBefore you start, verify:\n- The release is\n  tagged\n- Somebody is on call\n## Rollback\n1. Go.\n",
    );
    let list = &plan.checklists[0];
    assert_eq!(list.role, ChecklistRole::PreRollback);
    assert_eq!(list.items[0].text, "The release is tagged");
}

#[test]
fn the_last_item_has_its_block_where_the_others_have_theirs() {
    let plan = plan(
        "# R\n## Rollback\n1. **Look**\n\n```bash\n./look.sh\n```\n\n2. **Keep**\n\n```bash\n./keep.sh\n```\n\n```bash\n./apart.sh\n```\n",
    );
    let titles: Vec<(&str, usize)> = plan.procedures[0]
        .steps
        .iter()
        .map(|s| (s.title.as_str(), s.actions.len()))
        .collect();
    assert_eq!(titles, [("Look", 1), ("Keep", 1), ("Rollback", 1)]);
}

#[test]
fn an_item_goes_on_over_its_lines() {
    let plan = plan(
        "# R\n## Rollback\n1. Put the shop back to the release that was\n   there on Friday and wait for\n   the owner.\n   It takes a while.\n2. **Tell** - the owner and\n   the neighbour\n   - Ask for:\n     - a name\n     - a number\n",
    );
    let steps = &plan.procedures[0].steps;
    assert_eq!(
        steps[0].title,
        "Put the shop back to the release that was there on Friday and wait for the owner."
    );
    assert_eq!(
        steps[0].actions[0].code,
        "Put the shop back to the release that was there on Friday and wait for the owner. It takes a while."
    );
    assert_eq!(steps[1].text, "the owner and the neighbour");
    assert_eq!(steps[1].actions.len(), 1);
    assert_eq!(steps[1].actions[0].code, "Ask for:\n- a name\n- a number");
}

#[test]
fn lists_that_tell_are_not_work() {
    let plan = plan(
        "# R\n## Rollback\n**Use cases:**\n- The till is wrong\n\n**Shops affected:**\n- North\n- South\n\n**Keep the prices if:**\n- they are right\n\n**Actions:**\n- Close the till\n\n```bash\nmake open\n```\n",
    );
    let procedure = &plan.procedures[0];
    assert_eq!(procedure.use_when, "The till is wrong");
    let work: Vec<&str> = actions(&plan).iter().map(|a| a.code.as_str()).collect();
    assert_eq!(work, ["Close the till", "make open"]);
    assert!(procedure.text.contains("North") && procedure.text.contains("they are right"));
}

#[test]
fn numbers_below_the_commands_of_a_block_are_no_steps() {
    let plan = plan(
        "# R\n## Rollback\n```bash\n# Run the smoke test\nmake smoke\n\n# By hand:\n# 1. Sign in\n# 2. Pay\n```\n",
    );
    let steps = &plan.procedures[0].steps;
    assert_eq!(steps.len(), 1);
    assert_eq!(steps[0].actions.len(), 4);
}

#[test]
fn contacts_are_people_and_ways_to_reach_them() {
    let plan = plan(
        "# R\n## Contacts\n### On call\n- **Name**: Rosa\n- **Phone**: 555 0100\n### Escalation\n1. **Captain** → decides\n\n**Escalation actions:**\n1. **Isolate**: pull the plug\n\n| Tag | Commit |\n|---|---|\n| v1 | abc |\n",
    );
    let got: Vec<(&str, &str)> = plan
        .contacts
        .iter()
        .map(|c| (c.role.as_str(), c.contact.as_str()))
        .collect();
    assert_eq!(got, [("On call", "Rosa, 555 0100"), ("Captain", "decides")]);
}

#[test]
fn a_remark_is_no_fact_and_a_cross_is_no_word() {
    let plan = plan(
        "# R\n**Owner:** Rosa\n\n## When to roll back\n- ❌ The till is wrong\n\n## Rollback\n1. Go.\n\n---\n**Remember:** breathe\n",
    );
    let keys: Vec<&str> = plan.facts.iter().map(|f| f.key.as_str()).collect();
    assert_eq!(keys, ["Owner"]);
    assert_eq!(plan.triggers[0].text, "The till is wrong");
}
