//! Fences as people really write them: on a marker, out-dented, never closed, or not there at all.
//!
//! Each document has the shape that its test's first line names; what is wanted is held exactly.

use super::read;
use super::reads_tests::{plan, shape};
use crate::domain::plan::{Level, UnplacedKind};

/// The opener stands on the list marker, the closer is indented.
#[test]
fn an_opener_on_a_list_marker_opens_one_block() {
    let plan = plan(
        "# Shelf\n\n## Restore on a new host\n\n1. Copy the newest archive.\n   It has no photos.\n2. ```\n   git clone <shelf-repo> && cd shelf\n   ./shelf.sh prepare\n   cp /mnt/a/<STAMP>/settings .settings && chmod 600 .settings\n   ./shelf.sh check\n   ```\n   Change `.settings` where paths differ.\n3. `./shelf.sh start` — the answers become the defaults.\n",
    );
    assert_eq!(
        shape(&plan),
        [
            "Restore on a new host",
            "  Copy the newest archive.",
            "    manual 5-6 Copy the newest archive. It has no photos.",
            "  git clone <shelf-repo> && cd shelf",
            "    shell 8-11 git clone <shelf-repo> && cd shelf|./shelf.sh prepare|cp /mnt/a/<STAMP>/settings .settings && chmod 600 .settings|./shelf.sh check",
            "  ./shelf.sh start — the answers become the defaults.",
            "    manual 14-14 ./shelf.sh start — the answers become the defaults.",
        ]
    );
    let step = &plan.procedures[0].steps[1];
    assert_eq!(step.text, "Change .settings where paths differ.");
    assert_eq!((plan.unplaced.len(), plan.diagnostics.len()), (0, 0));
}

/// The body of a fence in an item begins at column 0.
#[test]
fn an_out_dented_body_swallows_no_step() {
    let plan = plan(
        "# Undo\n\n## Rollback steps\n\n4. Look at what changes:\n\n   ```bash\n   git diff\n   ```\n\n   What it should show (tags are examples):\n\n   ```\n-    image: till-v2.2.0\n+    image: till-v2.1.7\n...\n-  release: till-v2.2.0\n   ```\n\n5. Commit and push:\n\n   ```bash\n   git commit -am \"Back to till 2.1.7\"\n   ```\n\n6. Wait for the sync.\n",
    );
    assert_eq!(
        shape(&plan),
        [
            "Rollback steps",
            "  Look at what changes",
            "    shell 8-8 git diff",
            "  Commit and push",
            "    shell 23-23 git commit -am \"Back to till 2.1.7\"",
            "  Wait for the sync.",
            "    manual 26-26 Wait for the sync.",
        ]
    );
    let shown = &plan.procedures[0].steps[0].actions[0].expect;
    assert_eq!(shown.len(), 1);
    assert!(shown[0].text.starts_with("-    image: till-v2.2.0\n+ "));
    assert!(shown[0].text.ends_with("\n-  release: till-v2.2.0"));
}

/// The closer of an indented fence stands at column 0, a heading follows.
#[test]
fn an_out_dented_closer_closes() {
    let plan = plan(
        "# Boot\n\n## Rollback procedure\n\n1. **Look**:\n   ~~~sh\n   journalctl -b -1\n   ~~~\n\n2. **Reboot**:\n   ~~~sh\n   sync\n   sudo reboot\n~~~\n\n### Restore from a USB stick\n\nWhen nothing boots:\n\n~~~sh\nlsblk\n~~~\n",
    );
    assert_eq!(
        shape(&plan),
        [
            "Rollback procedure",
            "  Look",
            "    shell 7-7 journalctl -b -1",
            "  Reboot",
            "    shell 12-13 sync|sudo reboot",
            "Restore from a USB stick",
            "  When nothing boots",
            "    shell 21-21 lsblk",
        ]
    );
}

/// No closers at all; each block is followed by the heading of the next.
#[test]
fn a_missing_closer_is_implied_by_the_next_heading() {
    let text = "# Wave 7\n\n## If the wave breaks something:\n\n### Fast rollback:\n```bash\n# 1. Back\ngit checkout v4.2\n\n# 2. Load\npsql atlas < before.sql\n### Part rollback (models only):\n```bash\n# The models\ngit checkout v4.2 -- app/models.py\n### Check:\n```bash\ncurl -s http://127.0.0.1:9000/up\n```\n";
    let plan = plan(text);
    assert_eq!(
        shape(&plan),
        [
            "Fast rollback:",
            "  Back",
            "    shell 7-8 git checkout v4.2",
            "  Load",
            "    shell 10-11 psql atlas < before.sql",
            "Part rollback (models only):",
            "  Part rollback (models only):",
            "    shell 14-15 git checkout v4.2 -- app/models.py",
            "If the wave breaks something › Check:",
            "  Check:",
            "    shell 18-18 curl -s http://127.0.0.1:9000/up",
        ]
    );
    let warned: Vec<(u32, Level)> = plan
        .diagnostics
        .iter()
        .filter(|d| d.code == "unclosed-fence")
        .map(|d| (d.line, d.level))
        .collect();
    assert_eq!(warned, [(6, Level::Warning), (13, Level::Warning)]);
    // What is not shell beyond doubt is shown and cannot be run.
    let doubtful = read(
        text.replace("psql atlas < before.sql", "Then tell the team about it")
            .as_bytes(),
    );
    assert!(
        shape(&doubtful)
            .iter()
            .all(|s| !s.contains("checkout v4.2|"))
    );
    assert!(doubtful.unplaced.iter().any(|u| u.span.first == 6));
}

/// A fence that is never closed takes the rest of the document, sentences and all.
#[test]
fn a_block_that_takes_the_rest_is_shown_and_never_run() {
    let plan = plan(
        "# Undo\n\n## Rollback\n\n1. **Find the change**\n```bash\n# Newest first\ngit log -5\nTake the change back\n\n# A new commit\ngit revert 1111111\nPublish it\n\n# Send it\ngit push origin main\nIn the dashboard, open the service and then its events.\nWait for the green mark.\n\nRestore the database\nPause every writer first.\n",
    );
    let kinds: Vec<String> = shape(&plan)
        .iter()
        .filter_map(|s| s.trim().split(' ').next().map(str::to_owned))
        .collect();
    assert_eq!(kinds, ["Rollback", "Find", "text"]);
    assert_eq!(plan.procedures[0].steps[0].actions[0].span.last, 21);
    let warned: Vec<(u32, &str)> = plan
        .diagnostics
        .iter()
        .map(|d| (d.line, d.code.as_str()))
        .collect();
    assert_eq!(warned, [(6, "unclosed-fence")]);
}

/// Bare lines and numbered lists, not one heading, not one fence.
#[test]
fn a_document_of_bare_lines_has_its_sections() {
    let plan = plan(
        "Going back (trial → live)\n\nData store\n\n1. Make sure that a copy exists.\n2. For layout changes only: prefer `flyway undo`.\n\nWeb tier\n\n1) Find the last good build.\n2) Put that build back.\n\nTrial run (staging)\n\n1. Walk through all of it.\n",
    );
    assert_eq!(plan.title, "Going back (trial → live)");
    let got: Vec<(&str, Vec<&str>)> = plan
        .procedures
        .iter()
        .map(|p| {
            let steps = p.steps.iter().map(|s| s.title.as_str()).collect();
            (p.title.as_str(), steps)
        })
        .collect();
    assert_eq!(
        got,
        [
            (
                "Data store",
                vec![
                    "Make sure that a copy exists.",
                    "For layout changes only: prefer flyway undo."
                ]
            ),
            (
                "Web tier",
                vec!["Find the last good build.", "Put that build back."]
            ),
            ("Trial run (staging)", vec!["Walk through all of it."]),
        ]
    );
    assert!(
        shape(&plan)
            .iter()
            .filter(|s| s.starts_with("    "))
            .all(|s| s.starts_with("    manual"))
    );
}

/// Commands that nobody fenced, with backslashes, as paragraphs.
#[test]
fn unfenced_commands_with_backslashes_are_run() {
    let plan = plan(
        "# Orders: go back\n\n## 1. See what runs\n\ngcloud run services describe orders-api \\\n  --region europe-west1 \\\n  --format \"value(status.x)\"\n\n---\n\n## 2. List the revisions\n\ngcloud run revisions list \\\n    --service orders-api \\\n    --limit 5\n\n---\n\n## 3. Roll back to a revision\n\ngcloud run services update-traffic orders-api \\\n  --to-revisions orders-api-<REVISION>=100\n",
    );
    let shells: Vec<String> = shape(&plan)
        .into_iter()
        .filter(|s| s.starts_with("    "))
        .collect();
    assert_eq!(
        shells,
        [
            "    shell 5-7 gcloud run services describe orders-api \\|  --region europe-west1 \\|  --format \"value(status.x)\"",
            "    shell 13-15 gcloud run revisions list \\|    --service orders-api \\|    --limit 5",
            "    shell 21-22 gcloud run services update-traffic orders-api \\|  --to-revisions orders-api-<REVISION>=100",
        ]
    );
    let blanks: Vec<&str> = plan.parameters.iter().map(|p| p.syntax.as_str()).collect();
    assert_eq!(blanks, ["<REVISION>"]);
    assert!(plan.unplaced.iter().all(|u| u.kind == UnplacedKind::Text));
}
