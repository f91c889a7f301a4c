//! The rules by which fences and their bodies are read, one test for each.

use super::read;
use super::reads_tests::{actions, plan, shape};
use crate::domain::plan::{Action, ActionKind, Danger};
use crate::script::shell;

fn kinds(text: &str) -> Vec<ActionKind> {
    let plan = read(text.as_bytes());
    actions(&plan).iter().map(|a| a.kind).collect()
}

/// Fences are found by their lines alone, whatever holds them.
#[test]
fn fences_are_found_in_quotes_and_lists_alike() {
    let plan = plan(
        "# P\n\n## Rollback\n\n> 1. Stop:\n>    ````sh\n>    systemctl stop till\n>    ```\n>    ````\n\n2) Start:\n\t~~~bash\n\tsystemctl start till\n~~~\n\n   * ```console\n     $ systemctl is-active till\n     active\n     ```\n",
    );
    let got = actions(&plan);
    let codes: Vec<&str> = got
        .iter()
        .filter(|a| a.kind == ActionKind::Shell)
        .map(|a| a.code.as_str())
        .collect();
    assert_eq!(
        codes[1..],
        ["systemctl start till", "systemctl is-active till"]
    );
    assert!(codes[0].starts_with("systemctl stop till"));
    assert_eq!(got.last().map(|a| a.expect.len()), Some(1));
}

/// A block without an end of its own is run only where its end is plain.
#[test]
fn broken_fences_are_repaired_or_shown() {
    let before = "# P\n\n## Rollback\n\n### One\n```bash\nmake stop\n";
    let next = "### Two\n```bash\nmake start\n```\n";
    assert_eq!(
        kinds(&format!("{before}{next}")),
        [ActionKind::Shell, ActionKind::Shell]
    );
    let more = format!("{before}### Two\nRead this first.\n```bash\nmake start\n```\n");
    assert_eq!(kinds(&more), [ActionKind::Shell], "words in between");
    let end = read(before.as_bytes());
    assert!(actions(&end).iter().all(|a| a.kind != ActionKind::Shell));
    assert_eq!(end.diagnostics[0].line, 6);
}

/// What a block holds outranks what its label says.
#[test]
fn content_outranks_the_label() {
    for (label, code, kind) in [
        (
            "bash",
            "UPDATE till SET open = 1 WHERE id = 2;",
            ActionKind::Sql,
        ),
        ("sql", "psql -d till -f undo.sql", ActionKind::Shell),
        ("yaml", "kubectl apply -f old.yaml", ActionKind::Shell),
        ("yaml", "image: till:1.4\nreplicas: 2", ActionKind::Text),
        (
            "sh",
            "Ask the duty officer to open the gate.",
            ActionKind::Manual,
        ),
        ("sh", "https://ci.example/undo", ActionKind::Text),
        (
            "bash",
            "till.open('x');\nawait till.wait(1);",
            ActionKind::Text,
        ),
        (
            "bash",
            "pg_dump -h <host> -d [DB] > before.sql",
            ActionKind::Shell,
        ),
    ] {
        let text = format!(
            "# P\n\n## Rollback\n\n1. **Go**\n\n   ```{label}\n   {}\n   ```\n",
            code.replace('\n', "\n   ")
        );
        assert_eq!(kinds(&text), [kind], "{label}: {code}");
    }
}

/// Without a label nothing is run that is not a command beyond doubt.
#[test]
fn an_unlabelled_block_is_run_only_beyond_doubt() {
    for (code, kind) in [
        ("till-1  Running  3d\ntill-2  Running  3d", ActionKind::Text),
        ("services/\n├── till\n└── desk", ActionKind::Text),
        ("Click \"Undo\"", ActionKind::Manual),
        ("docker compose up -d till", ActionKind::Shell),
        ("$ till version\n1.4", ActionKind::Shell),
        ("frobnicate the till", ActionKind::Text),
    ] {
        let text = format!(
            "# P\n\n## Rollback\n\n1. **Go**\n\n   ```\n   {}\n   ```\n",
            code.replace('\n', "\n   ")
        );
        assert_eq!(kinds(&text), [kind], "{code}");
    }
}

/// Comments cut a block; heredocs, loops, functions, quotes and continuations stay whole.
#[test]
fn a_block_is_cut_at_its_comments_and_nowhere_else() {
    let plan = plan(
        "# P\n\n## Rollback\n\n```bash\n# Step 1: Write it\ncat > note <<EOF\n# 2. not a step\n\nEOF\n\n# Step 2: Each\nfor t in a b; do\n  # 3. nor this\n  till stop $t\n\ndone\n\n# Step 3: Long\ntill start \\\n  --all\n\n# Step 4: Same\ntill check\n\n# Step 5: Same\ntill check\n```\n",
    );
    let got: Vec<(&str, u32, u32)> = plan.procedures[0]
        .steps
        .iter()
        .map(|s| (s.title.as_str(), s.span.first, s.span.last))
        .collect();
    assert_eq!(
        got,
        [
            ("Write it", 6, 10),
            ("Each", 12, 17),
            ("Long", 19, 21),
            ("Same", 23, 24),
            ("Same", 26, 27),
        ]
    );
    let untitled = read(b"# P\n\n## Rollback\n\n```bash\ncd /srv\n\nmake\n```\n");
    assert_eq!(actions(&untitled).len(), 1, "nothing titles the parts");
}

/// A step keeps what an earlier one set: the variable is no blank, and every block is its own.
#[test]
fn what_a_step_sets_is_there_for_the_next() {
    let plan = plan(
        "# P\n\n## Rollback\n\n```bash\n# 1. Choose\nTAG=v1.4\ncd /srv/till\n```\n\n```bash\n# 2. Go\ngit checkout $TAG && ./till -r $REGION\n```\n",
    );
    let names: Vec<&str> = plan.parameters.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["REGION"]);
    assert_eq!(plan.procedures.len(), 1, "both belong to one procedure");
}

/// Other ways share a choice with the first, which is the default.
#[test]
fn other_ways_are_one_choice() {
    let chosen = |text: &str| -> Vec<(bool, bool)> {
        let plan = read(text.as_bytes());
        let found = actions(&plan);
        let first: Option<&Action> = found.first().copied();
        let choice = first.and_then(|a| a.choice.clone());
        assert!(choice.is_some(), "{text}");
        found
            .iter()
            .map(|a| (a.choice == choice, a.opt_in))
            .collect()
    };
    for body in [
        "pm2 restart till  # or: systemctl restart till",
        "# Undo it\npm2 restart till\n# Alternatively: systemctl restart till",
        "# Option A: One\ntill undo 5\n\n# Option B: All\ntill undo --all",
        "# If using Docker\ndocker stop till\n\n# If using PM2\npm2 stop till",
    ] {
        let text = format!("# P\n\n## Rollback\n\n```sh\n{body}\n```\n");
        let got = chosen(&text);
        assert_eq!(got.len(), 2, "{body}");
        assert!(got.iter().all(|(shared, _)| *shared), "{body}");
        assert!(!got[0].1, "the first is the default: {body}");
    }
}

/// Comments alone are for a person; a command that was commented out is offered.
#[test]
fn comments_alone_are_for_a_person() {
    let plan = plan(
        "# P\n\n## Rollback\n\n```bash\n# Tell the shop\n# Wait for the answer\n```\n\n```bash\n# Clear the queue\nsystemctl stop till\n# rm -rf /srv/till/queue\n```\n",
    );
    let got = actions(&plan);
    assert_eq!(got[0].kind, ActionKind::Manual);
    let run: Vec<&str> = got
        .iter()
        .filter(|a| a.kind == ActionKind::Shell && !a.opt_in)
        .map(|a| a.code.as_str())
        .collect();
    assert_eq!(run.len(), 1);
    assert!(run[0].ends_with("systemctl stop till"));
    let offered: Vec<(&str, Danger)> = got
        .iter()
        .filter(|a| a.opt_in)
        .map(|a| (a.code.as_str(), a.danger))
        .collect();
    assert!(offered.contains(&("rm -rf /srv/till/queue", Danger::Irreversible)));
}

/// What opens an inside gets the lines for it, and the next step is outside again.
#[test]
fn lines_for_the_inside_stay_inside() {
    for (opener, inner, leave) in [
        ("psql $DB", "SELECT 1;", "\\q"),
        ("sudo -u postgres psql till", "\\dt", ""),
        ("ssh till-1", "systemctl stop till", "exit"),
        ("su - till", "crontab -r", "logout"),
        ("docker exec -it till bash", "rm -rf /cache", "exit"),
        ("redis-cli -h cache", "FLUSHDB", "exit"),
    ] {
        let text = format!(
            "# P\n\n## Rollback\n\n```bash\n# 1. In\n{opener}\n\n# 2. There\n{inner}\n{leave}\n\n# 3. Out here\nuptime\n```\n"
        );
        let plan = plan(&text);
        let got = actions(&plan);
        assert_eq!(got.len(), 2, "{text}\n{:?}", shape(&plan));
        assert!(got[0].code.contains(inner), "{opener}");
        assert_eq!(got[1].code, "uptime", "{opener}");
        let fed = shell::fed(&got[0].code).expect("an inside");
        assert!(fed.contains("<<'BACKOUT_"), "{fed}");
        assert_eq!(shell::parses(&fed), Ok(()), "{fed}");
    }
}

/// What is said below a command that was commented out stays with it.
#[test]
fn words_below_a_command_that_is_held_back_stay() {
    let plan = read(
        b"# Dock\n\n## Rollback\n\n```bash\n# systemctl stop dock\n# WARNING: the gates stay open\n```\n",
    );
    let actions = &plan.procedures[0].steps[0].actions;
    assert_eq!(actions.len(), 1);
    assert!(actions[0].opt_in);
    assert_eq!(
        actions[0].code,
        "systemctl stop dock\n# WARNING: the gates stay open"
    );
}
