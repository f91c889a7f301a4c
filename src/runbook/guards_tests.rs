//! What is done only where something is so: comments in a block, leads, headings, whole parts.

use super::read;
use crate::domain::flight;
use crate::domain::plan::{Action, Plan};

fn plan(text: &str) -> Plan {
    read(text.as_bytes())
}

fn actions(plan: &Plan) -> impl Iterator<Item = &Action> {
    let steps = plan.procedures.iter().flat_map(|p| &p.steps);
    steps.flat_map(|s| &s.actions)
}

/// The first line of what is held back, and of what is not.
fn held(plan: &Plan) -> (Vec<&str>, Vec<&str>) {
    let line = |a: &'_ Action| -> bool { a.opt_in };
    let (mut held, mut free) = (Vec::new(), Vec::new());
    for action in actions(plan) {
        let lines = action.code.lines().map(str::trim);
        let mut lines = lines.filter(|l| !l.starts_with('#') && !l.starts_with("--"));
        let into = if line(action) { &mut held } else { &mut free };
        into.push(lines.next().unwrap_or_default());
    }
    (held, free)
}

#[test]
fn comments_with_a_condition_hold_back_their_command() {
    let plan = plan(
        "# R\n## Rollback\n```bash\n# Add workers first\n./workers.sh add 2\n\n# If that does not help: roll back\n\
         ./release.sh back\n\n# Restore the settings if needed\ncp saved.env .env\n\n# Stop the mailer (if running)\n\
         ./mailer.sh stop\n\n# If the queue is corrupted, look at its size\ndu -sh queue\n\n\
         # Unpack if needed\nif [ -f all.gz ]; then gunzip all.gz; fi\n\n# Start\n./shop.sh start\n```\n",
    );
    let (held, free) = held(&plan);
    assert_eq!(held, ["./release.sh back", "cp saved.env .env"]);
    assert_eq!(free.len(), 5);
}

#[test]
fn a_condition_alone_heads_what_follows_it() {
    let plan = plan(
        "# R\n## Rollback\n```bash\n./release.sh back\n\n# If the script fails, by hand:\n\n# 1. Stop\n./shop.sh stop\n\n\
         # 2. Copy\ncp -r saved/. shop/\n```\n\n```bash\n# Look\n./shop.sh up\n\n# If it hangs:\n./shop.sh kill\n\
         # clear its locks\nrm -f locks/*\n\n# Say so\n./tell.sh done\n```\n",
    );
    let (held, free) = held(&plan);
    assert_eq!(
        held,
        [
            "./shop.sh stop",
            "cp -r saved/. shop/",
            "./shop.sh kill",
            "rm -f locks/*"
        ]
    );
    assert!(free.contains(&"./tell.sh done") && free.contains(&"./release.sh back"));
}

#[test]
fn numbered_comments_and_steps_with_a_condition_are_held_as_a_whole() {
    let text = "# R\n## Rollback\n```sql\n-- 1. Look\nSELECT 1;\n\n-- 2. If rows are missing, turn the checks off\n\
                -- (only as a last resort)\nALTER TABLE till DISABLE TRIGGER ALL;\n```\n";
    assert_eq!(
        held(&plan(text)).0,
        ["ALTER TABLE till DISABLE TRIGGER ALL;"]
    );
    let text = "# R\n## Rollback\n### Step 1: Restart\n```bash\n./shop.sh restart\n```\n\
                ### Step 2: Falls Schritt 1 nicht hilft\n```bash\n./shop.sh down\n\n# Look\ndocker ps -a\n```\n\
                ### Step 3: Schema (if required)\n```bash\n./schema.sh back\n```\n### Step 4: Open\n```bash\n./shop.sh open\n```\n";
    let plan = plan(text);
    let (held, free) = held(&plan);
    assert_eq!(held, ["./shop.sh down", "docker ps -a", "./schema.sh back"]);
    assert_eq!(free, ["./shop.sh restart", "./shop.sh open"]);
}

#[test]
fn a_lead_inside_a_step_holds_its_block_and_the_first_lead_says_when_to_use_the_procedure() {
    let text = "# R\n## Rollback\n### Step 1: Back\n```bash\n./release.sh back\n```\n\n**If the index is still broken:**\n\n\
                ```bash\n# 1. Drop it\n./index.sh drop\n```\n### Step 2: Open\n```bash\n./shop.sh open\n```\n";
    assert_eq!(held(&plan(text)).0, ["./index.sh drop"]);
    let text = "# R\n## Rollback\n### Whole shop\nFor outages of the whole shop:\n\n```bash\n./shop.sh back\n```\n";
    let whole = plan(text);
    let first = whole.procedures.first();
    assert_eq!(
        first.map(|p| (p.use_when.as_str(), p.steps[0].title.as_str())),
        Some(("For outages of the whole shop", "Whole shop"))
    );
    // Two of them tell cases apart, and are what their blocks are called.
    let text = "# R\n## Rollback\n### Shop\nIf orders were lost:\n\n```bash\n./orders.sh back\n```\n\n\
                If prices were lost:\n\n```bash\n./prices.sh back\n```\n";
    let cases = plan(text);
    assert!(cases.procedures.iter().all(|p| p.use_when.is_empty()));
}

#[test]
fn what_a_person_chooses_is_not_held() {
    // The only thing in a procedure: whoever chose it has said that it is so.
    let text = "# R\n## Rollback\n### Copy the shop\n```bash\n# If the branch is broken, copy it\ngit reset --hard origin/main\n```\n";
    assert!(held(&plan(text)).0.is_empty());
    // One of several ways.
    let text = "# R\n## Rollback\n```bash\n# Option A: the tool\n./tool.sh back\n\n# Option B: by hand (if the tool is broken)\n./hand.sh back\n```\n";
    assert!(held(&plan(text)).0.is_empty());
}

#[test]
fn a_part_under_a_condition_is_passed_by_unless_it_is_chosen_itself() {
    let text = "# R\n## Database Rollback\n```bash\n./look.sh\n```\n### Undo the schema\n```bash\n./schema.sh back\n```\n\n\
                ### Data recovery\n\nIf data was damaged:\n\n```bash\n./data.sh restore\n```\n";
    let plan = plan(text);
    let conditional: Vec<bool> = plan.procedures.iter().map(|p| p.conditional).collect();
    assert_eq!(conditional, [false, false, true]);
    let held = |at: usize| -> Vec<bool> {
        let legs = flight::path(
            &plan,
            &plan.procedures[at].id,
            &std::collections::BTreeMap::new(),
        );
        let steps = flight::steps(&legs);
        steps
            .iter()
            .flat_map(|s| &s.places)
            .map(|p| p.held)
            .collect()
    };
    assert_eq!((held(0), held(2)), (vec![false, false, true], vec![false]));
}

#[test]
fn another_procedure_under_a_condition_is_held_back_with_all_that_is_in_it() {
    let text = "# R\n## Rollback Procedures\n### Option 1: Database only\n1. **Restore**\n   ```bash\n   ./data.sh restore\n   ```\n\
                ### Option 2: Code\n1. **Back**\n   ```bash\n   ./release.sh back\n   ```\n\
                2. **Database (if needed)**\n   - Follow \"Option 1: Database only\" steps\n";
    let plan = plan(text);
    let code = plan.procedures.iter().find(|p| p.title.contains("Code"));
    let id = code.map(|p| p.id.clone()).expect("the second way");
    let legs = flight::path(&plan, &id, &std::collections::BTreeMap::new());
    let steps = flight::steps(&legs);
    let places = steps.iter().flat_map(|s| &s.places);
    let got: Vec<(&str, bool)> = places.map(|p| (p.action.code.as_str(), p.held)).collect();
    assert_eq!(got.len(), 3, "{got:?}");
    assert_eq!(
        got.iter().map(|g| g.1).collect::<Vec<_>>(),
        [false, true, true]
    );
}

#[test]
fn leads_that_name_cases_beside_each_other_are_a_choice() {
    let block = |lead: &str, code: &str| format!("{lead}\n```bash\n{code}\n```\n\n");
    let text = ["# R\n## Rollback\n### Step 1: Find out\n\n".to_owned()]
        .into_iter()
        .chain([
            block(
                "**Memory-bound:**",
                "# Look\nfree -h\n\n# Restart\n./shop.sh restart",
            ),
            block("**Disk-bound:**", "./tidy.sh"),
        ])
        .collect::<String>();
    let chosen = plan(&text);
    let choices: Vec<_> = actions(&chosen)
        .map(|a| (a.choice.is_some(), a.branch.is_some()))
        .collect();
    assert_eq!(choices, [(true, false), (true, true), (true, false)]);
    let text = "# R\n## Rollback\n```bash\n# For the new queue (default)\n./look.sh new\n```\n\n\
                ```bash\n# For Rabbit brokers (default)\n./rabbit.sh back\n\n# For plain Redis\n./redis.sh back\n```\n";
    let chosen = plan(text);
    let choices: Vec<bool> = actions(&chosen).map(|a| a.choice.is_some()).collect();
    assert_eq!(choices, [false, true, true]);
}

#[test]
fn commands_at_a_glance_do_not_do_it_twice() {
    let text = "# R\n## Rollback\n**At once:**\n```bash\n./tool.sh back now\n```\n\n**Rollback Commands:**\n\
                ```bash\n# As above, with words\n./tool.sh back now --why \"orders lost\"\n\n# Look\n./tool.sh list\n```\n";
    assert_eq!(
        held(&plan(text)).0,
        ["./tool.sh back now --why \"orders lost\""]
    );
}

#[test]
fn roll_back_at_once_is_a_level_where_there_is_no_other() {
    let text = "# R\n\n## When to roll back\n\nRoll back **immediately** if:\n\n- Orders are lost\n- Nobody can pay\n";
    let plan = plan(text);
    let level = plan
        .severities
        .first()
        .map(|s| (s.name.as_str(), s.response.as_str(), s.triggers.len()));
    assert_eq!(level, Some(("Immediate", "Roll back immediately", 2)));
    assert!(plan.triggers.is_empty() && plan.unplaced.is_empty());
}

#[test]
fn what_is_told_beside_the_commands_is_not_lost() {
    // Several leads in one step name what stands below each of them.
    let text = "# R\n## Rollback\n### Step 1: Restore\n**Orders:**\n```bash\n# Find it\nls orders\n```\n\n\
                **Pictures:**\n```bash\n# Find it\nls pictures\n```\n";
    let named = plan(text);
    let titles: Vec<&str> = actions(&named).map(|a| a.title.as_str()).collect();
    assert_eq!(titles, ["Orders – Find it", "Pictures – Find it"]);
    // Remarks below a statement stay with it.
    let text = "# R\n## Rollback\n```sql\n-- Look\nSELECT * FROM queues();\n\n-- Expected: all open\n-- If one is shut, that is why\n```\n";
    let remark = plan(text);
    assert!(actions(&remark).any(|a| a.code.contains("that is why") && a.expect.len() == 1));
    // An arrow before an order is something to do, and nothing that is seen.
    let text = "# R\n## Rollback\n```bash\n# Down\n./shop.sh down\n# → Restore the orders\n# → Open it again\n```\n";
    let order = plan(text);
    let by_hand: Vec<&str> = actions(&order).skip(1).map(|a| a.code.as_str()).collect();
    assert_eq!(by_hand, ["→ Restore the orders\n→ Open it again"]);
    assert!(actions(&order).all(|a| a.expect.is_empty()));
}

#[test]
fn a_condition_before_the_parts_says_when_to_use_them() {
    let text = "# R\n## Rollback by hand\n\nIf the script fails, follow these steps:\n\n### Step 1: Stop\n```bash\n./shop.sh stop\n```\n\
                ### Step 2: Start\n```bash\n./shop.sh start\n```\n";
    let plan = plan(text);
    let first = plan
        .procedures
        .first()
        .map(|p| (p.use_when.as_str(), p.text.as_str()));
    assert_eq!(first, Some(("If the script fails, follow these steps", "")));
    assert!(held(&plan).0.is_empty());
}

#[test]
fn to_choose_a_way_that_is_held_back_is_to_want_it() {
    let text = "# R\n## Rollback\n### Step 1: Stop\n```bash\n./shop.sh stop\n```\n### Step 2: Schema (if required)\n```bash\n\
                # Undo it\n./schema.sh back\n\n# OR go forward\n./schema.sh on\n```\n";
    let plan = plan(text);
    let ways: Vec<&Action> = actions(&plan).filter(|a| a.choice.is_some()).collect();
    assert_eq!(ways.len(), 2);
    let choice = ways[1].choice.clone().expect("a choice");
    let chosen = std::collections::BTreeMap::from([(choice, ways[1].id.as_str().to_owned())]);
    let legs = flight::path(&plan, &plan.procedures[0].id, &chosen);
    let steps = flight::steps(&legs);
    let held: Vec<bool> = steps
        .iter()
        .flat_map(|s| &s.places)
        .map(|p| p.held)
        .collect();
    assert_eq!(held, [false, true, false]);
}

#[test]
fn a_condition_at_the_end_of_a_line_is_for_that_line() {
    let text = "# R\n## Rollback\n```bash\n# Shut the front\nufw deny 8080\nufw deny 80   # the till as well (if needed)\nufw reload\n```\n\n\
                ```bash\nDEEP=no  # set to yes if the index was changed\n./shop.sh back\n```\n";
    let (held_back, free) = {
        let plan = plan(text);
        let (held, free) = held(&plan);
        (held.join("|"), free.join("|"))
    };
    assert_eq!(held_back, "ufw deny 80   # the till as well (if needed)");
    assert_eq!(
        free,
        "ufw deny 8080|ufw reload|DEEP=no  # set to yes if the index was changed"
    );
}

#[test]
fn a_reference_is_flown_in_place_only_where_it_is_one_flight() {
    let text = |ways: &str| {
        format!(
            "# R\n## Rollback\n### Step 1: Stop\n```bash\n./shop.sh stop\n```\n### Step 2: Data\n\nSee [Data restore](#data-restore)\n\n\
             ## Data restore\n\n```bash\n./data.sh back\n```\n\n{ways}"
        )
    };
    let target = |text: &str| {
        let plan = plan(text);
        actions(&plan).any(|a| a.target.is_some())
    };
    assert!(target(&text("")));
    let ways =
        "### Option A: Copy\n\n```bash\n./a.sh\n```\n\n### Option B: Log\n\n```bash\n./b.sh\n```\n";
    assert!(!target(&text(ways)));
}
