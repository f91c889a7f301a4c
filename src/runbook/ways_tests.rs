//! Several ways of doing one thing, and text that is no command: what must never run unasked.

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

#[test]
fn options_that_begin_blocks_of_their_own_are_chosen_from() {
    let inside = plan(
        "# S\n## Rollback\n### Step 1: Move traffic\n```bash\n# Option 1: Caddy\ncaddy reload\n```\n\n```bash\n# Option 2: Traefik\ndocker restart traefik\nsleep 5\n```\n",
    );
    let got = actions(&inside);
    assert!(got[0].choice.is_some() && got[0].choice == got[1].choice);
    assert!(got[0].branch.is_none() && got[1].branch.is_none());
    let steps = plan(
        "# S\n## Rollback\n```bash\n# Option A: by tag\ngit checkout v4\n```\n\n```bash\n# Option B: by image\n# 1. Pull\ndocker pull shop:4\n\n# 2. Start\ndocker compose up -d\n```\n",
    );
    let steps = &steps.procedures[0].steps;
    assert_eq!(steps.len(), 2);
    assert!(steps[0].choice.is_some() && steps[0].choice == steps[1].choice);
}

#[test]
fn what_stands_under_otherwise_is_not_part_of_a_run() {
    let plan = plan(
        "# S\n## Rollback\n```bash\ngit revert abc\n# otherwise:\ngit checkout -b mend\n# then push it\ngit push origin mend\n\n# Look\ngit log\n```\n",
    );
    let got = actions(&plan);
    assert!(got[0].choice.is_some() && got[0].choice == got[1].choice);
    assert_eq!(got[2].branch.as_ref(), Some(&got[1].id));
    assert!(got[3].choice.is_none());
}

#[test]
fn two_manners_of_one_thing_exclude_each_other() {
    let plan = plan(
        "# S\n## Rollback\n```bash\n# Take it back, keep the files\ngit reset HEAD~1\n\n# Take it back, discard the files\ngit reset --hard HEAD~1\n```\n\n```bash\n# Look (web)\nls web\n\n# Look (worker)\nls worker\n```\n",
    );
    let got = actions(&plan);
    assert!(got[0].choice.is_some() && got[0].choice == got[1].choice);
    assert!(got[2].choice.is_none() && got[3].choice.is_none());
}

#[test]
fn a_script_that_is_all_of_a_step_is_what_to_do_there() {
    let plan = plan(
        "# S\n## Rollback\n### Step 1: Stop it all\n```bash\n#!/bin/bash\n# stop_all.sh\nset -e\nsystemctl stop shop\nsystemctl stop worker\n```\n### Step 2: Look\n```bash\nsystemctl status shop\n```\n",
    );
    assert!(plan.files.is_empty());
    assert_eq!(plan.procedures[0].steps.len(), 2);
}

#[test]
fn the_content_of_a_file_is_not_a_command() {
    let plan = plan(
        "# S\n## Rollback\n```bash\n# Limit the logs\nsudo nano /etc/app/log.json\n{\n  \"keep\": \"3\",\n  \"more\": { \"size\": 1 }\n}\n\nsystemctl restart app\n```\n\n```bash\ncat > x.json <<'END'\n{\n  \"a\": 1\n}\nEND\n```\n",
    );
    let kinds: Vec<ActionKind> = actions(&plan).iter().map(|a| a.kind).collect();
    assert_eq!(
        kinds,
        [
            ActionKind::Shell,
            ActionKind::Text,
            ActionKind::Shell,
            ActionKind::Shell
        ]
    );
}

#[test]
fn words_in_brackets_are_said_to_a_person() {
    let plan = plan(
        "# S\n## Rollback\n```bash\n# 1. Upgrade\n[Follow the upgrade guide]\n\n# 2. Test\n[ -f app.lock ] && rm app.lock\n```\n",
    );
    let got = actions(&plan);
    assert_eq!(got[0].kind, ActionKind::Manual);
    assert_eq!(got[1].kind, ActionKind::Shell);
}

#[test]
fn numbered_notes_between_statements_are_steps_of_their_own() {
    let plan = plan(
        "# S\n## Rollback\n```sql\n-- 1. Off\nALTER TABLE t DISABLE TRIGGER ALL;\n\n-- 2. Try to sign up\n-- when it works, go on\n\n-- 3. On\nALTER TABLE t ENABLE TRIGGER ALL;\n```\n\n```sql\n-- Tell the tool\nnpx prisma migrate resolve --rolled-back x\n```\n",
    );
    let got: Vec<(ActionKind, &str)> = actions(&plan)
        .iter()
        .map(|a| (a.kind, a.title.as_str()))
        .collect();
    assert_eq!(
        got,
        [
            (ActionKind::Sql, "Off"),
            (ActionKind::Manual, "Try to sign up"),
            (ActionKind::Sql, "On"),
            (ActionKind::Shell, "Tell the tool"),
        ]
    );
}

#[test]
fn manners_side_by_side_are_chosen_from() {
    let chosen = |text: &str| -> Vec<bool> {
        let plan = plan(text);
        let mut all: Vec<_> = plan.procedures.iter().map(|p| p.choice.clone()).collect();
        all.dedup();
        assert!(all.len() == 1 || all.iter().all(Option::is_none), "{text}");
        plan.procedures.iter().map(|p| p.choice.is_some()).collect()
    };
    let two = |one: &str, other: &str| {
        format!(
            "# S\n## Web rollback\n### {one}\n```bash\nmake web\n```\n### {other}\n```bash\ndocker restart web\n```\n"
        )
    };
    for (one, other) in [
        ("Via the console", "Via the command line"),
        ("Using systemd (recommended)", "By hand"),
        ("Automatic Rollback (Recommended)", "Manual Rollback"),
    ] {
        assert_eq!(chosen(&two(one, other)), [true, true], "{one}");
    }
    assert_eq!(chosen(&two("Using systemd", "Caches")), [false, false]);
}

#[test]
fn plain_names_of_options_and_recommended_ways_are_chosen_from() {
    let named = plan(
        "# S\n## Rollback\nOption A: the last release\n\n```bash\nhelm rollback shop\n```\n\nOption B: pin an image\n\n```bash\nkubectl set image deploy/shop web=shop:4\n```\n",
    );
    let steps = &named.procedures[0].steps;
    assert!(steps[0].choice.is_some() && steps[0].choice == steps[1].choice);
    let better = plan(
        "# S\n## Rollback\n```bash\n# By script (recommended)\n./back.sh\n\n# Via make\nmake back\n\n# Look\ngit log\n```\n",
    );
    let got = actions(&better);
    assert!(got[0].choice.is_some() && got[0].choice == got[1].choice);
    assert!(got[2].choice.is_none());
}

#[test]
fn data_among_commands_is_only_to_read() {
    let plan = plan(
        "# S\n## Rollback\n```bash\nnano compose.yml\n\n# Change the image:\nservices:\n  web:\n    image: shop/web:4.1\n```\n\n```bash\n# Names\nshop/web:4.1\nshop/web:latest\n\n# Look\ndocker ps\n```\n",
    );
    let kinds: Vec<_> = actions(&plan).iter().map(|a| a.kind).collect();
    assert_eq!(
        kinds,
        [
            ActionKind::Shell,
            ActionKind::Text,
            ActionKind::Text,
            ActionKind::Shell
        ]
    );
}

#[test]
fn lettered_causes_are_chosen_from_and_lettered_orders_are_done_in_turn() {
    let block = |lead: &str, first: &str, second: &str| {
        plan(&format!(
            "# S\n## Rollback\n**Quick fixes:**\n```bash\n# 1. Read the build log\ntail -50 build.log\n\n# {lead}:\n\n# a) {first}\nnpm ci\ngit push\n\n# b) {second}\nnpm run types\n# Mend what it names\n\n# c) The wrong branch\n# Set it in the settings\n```\n"
        ))
    };
    let causes = block("Common causes", "A package is missing", "Types are wrong");
    let got = actions(&causes);
    assert_eq!(got.len(), 5);
    let choice = got[1].choice.clone();
    assert!(choice.is_some() && got[0].choice.is_none());
    assert!(got.iter().skip(1).all(|a| a.choice == choice));
    assert_eq!(got[3].branch.as_ref(), Some(&got[2].id));
    assert!(causes.procedures[0].steps[0].text.contains("Common causes"));
    let cases = block(
        "Look closer",
        "If a package is missing",
        "If types are wrong",
    );
    assert!(actions(&cases).iter().any(|a| a.choice.is_some()));
    let turn = block("Then in this order", "Install", "Check the types");
    assert!(actions(&turn).iter().all(|a| a.choice.is_none()));
}

#[test]
fn blocks_for_one_problem_each_are_chosen_from() {
    let plan = plan(
        "# S\n## Rollback\n**Issue: the copy is missing**\n```bash\nls -la copies\n```\n\n**Issue: it does not start**\n```bash\nsystemctl restart shop\n```\n",
    );
    let steps = &plan.procedures[0].steps;
    assert!(steps[0].choice.is_some() && steps[0].choice == steps[1].choice);
}

#[test]
fn what_does_not_end_by_itself_is_cut_off_and_goes_with_its_way() {
    let plan = plan(
        "# S\n## Rollback\n```bash\n# 1. Look\ncd /srv/shop\ndocker logs -f shop\ncurl http://shop/health\n\n# 2. Restart\npm2 restart shop\npm2 logs shop\n# Or by hand:\nsystemctl restart shop\n\n# 3. Reach it\nkubectl port-forward svc/shop 8080:80 &\ncurl http://localhost:8080\n```\n",
    );
    let got = actions(&plan);
    let seen: Vec<(&str, bool)> = got.iter().map(|a| (a.code.as_str(), a.monitor)).collect();
    assert_eq!(
        seen,
        [
            ("cd /srv/shop\ndocker logs -f shop", true),
            ("curl http://shop/health", false),
            ("pm2 restart shop", false),
            ("pm2 logs shop", true),
            ("systemctl restart shop", false),
            (
                "kubectl port-forward svc/shop 8080:80 &\ncurl http://localhost:8080",
                false
            ),
        ]
    );
    assert!(got[2].choice.is_some() && got[2].choice == got[4].choice);
    assert_eq!(got[3].branch.as_ref(), Some(&got[2].id));
    assert_eq!(got[3].choice, got[2].choice);
    assert_eq!(plan.procedures[0].steps.len(), 3);
}

#[test]
fn what_goes_past_a_safeguard_is_no_part_of_a_run() {
    let plan = plan(
        "# S\n## Rollback\n```bash\n# Go back\n./back.sh v3\n\n# Force it (skips all safety checks), very careful\n./back.sh v3 --force\n```\n",
    );
    let held: Vec<bool> = actions(&plan).iter().map(|a| a.opt_in).collect();
    assert_eq!(held, [false, true]);
}

#[test]
fn what_the_script_does_is_told_and_what_is_done_every_day_is_no_rollback() {
    let plan = plan(
        "# S\n## Rollback\n### Fast way\n**At once:**\n```bash\n./back.sh now\n```\n\n**What comes of it:**\n1. **Choice** (5 seconds)\n   - Selects the newest copy\n   - Validates its sums\n2. **Return**\n   - Stops the new release\n   - Restores the old files\n\n**Fast way steps:**\n1. **Safety** - a last look\n2. **Service start** - with the old release\n\n### Copies of the house\n1. **Daily copy creation**\n   - By night, by itself\n2. **Copy before a release**\n   - By the one who releases\n\n## Snapshot retention\n```bash\n./tidy.sh --keep 10\n```\n",
    );
    let seen: Vec<(&str, usize, bool)> = plan
        .procedures
        .iter()
        .map(|p| (p.title.as_str(), p.steps.len(), p.off_path))
        .collect();
    assert_eq!(
        seen,
        [
            ("Fast way", 1, false),
            ("Copies of the house", 2, true),
            ("Snapshot retention", 1, true)
        ]
    );
    let said = &plan.procedures[0].steps[0].text;
    assert!(said.contains("Restores the old files") && said.contains("with the old release"));
}

#[test]
fn options_that_are_parts_of_a_step_are_chosen_from_whole() {
    for option in ["Option", "Opción"] {
        let text = format!(
            "# S\n## Rollback\n### Step 1: Bring the old one back\n#### {option} A: in the console\n1. Open the console\n2. Choose the release before\n\n#### {option} B: by command\n```bash\n# Sign in\nhost-cli login\n```\nThen:\n```bash\nhost-cli promote last-good\n```\n\n#### Look at it\n```bash\ncurl https://shop.test/up\n```\n### Step 2: Restart\n```bash\nsystemctl restart shop\n```\n"
        );
        let got = plan(&text);
        let all = actions(&got);
        let branch: Vec<bool> = all.iter().map(|a| a.choice.is_some()).collect();
        assert_eq!(branch, [true, true, true, true, false, false], "{option}");
        assert_eq!(all[1].branch.as_ref(), Some(&all[0].id));
        assert_eq!(all[3].branch.as_ref(), Some(&all[2].id));
        assert_eq!(all[0].choice, all[2].choice);
        let first = format!("{option} A: in the console – Open the console");
        assert_eq!(all[0].title, first);
        assert!(all[2].title.starts_with(&format!("{option} B: by command")));
    }
}
