//! Nothing is lost and nothing stands twice: every fence, list item and table row of a document
//! is in exactly one structure of the plan or in its unplaced text.
//!
//! Held against the scanner's own atoms, by an account of the plan's spans, for documents put
//! together from pieces that real plans have, and for any bytes at all.

use super::blocks::{Block, Entry, Kind};
use super::{fences, lines, outline, read, scan};
use crate::domain::plan::{Plan, Span};
use proptest::prelude::*;

/// Lines at which a fence, an item or a row begins.
fn atoms(text: &str) -> Vec<u32> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for block in &scan::scan(&lines, 0).blocks {
        block_atoms(block, &mut found);
    }
    found
}

fn block_atoms(block: &Block, found: &mut Vec<u32>) {
    match &block.kind {
        Kind::Fence(_) => found.push(block.span.first),
        Kind::List(list) => list.items.iter().for_each(|e| entry_atoms(e, found)),
        Kind::Table(grid) => found.extend(grid.rows.iter().map(|r| r.line)),
        Kind::Heading(..) | Kind::Para(_) | Kind::Comment(_) => {}
    }
}

fn entry_atoms(entry: &Entry, found: &mut Vec<u32>) {
    found.push(entry.span.first);
    entry.children.iter().for_each(|c| block_atoms(c, found));
}

/// The spans of everything in a plan that holds text of its own.
fn spans(plan: &Plan) -> Vec<Span> {
    let mut all: Vec<Span> = Vec::new();
    all.extend(plan.facts.iter().map(|f| f.span));
    all.extend(plan.severities.iter().map(|s| s.span));
    all.extend(
        plan.severities
            .iter()
            .flat_map(|s| &s.triggers)
            .map(|t| t.span),
    );
    all.extend(plan.triggers.iter().map(|t| t.span));
    all.extend(plan.decision_matrix.iter().map(|m| m.span));
    all.extend(plan.questions.iter().map(|q| q.span));
    all.extend(plan.approvals.iter().map(|a| a.span));
    all.extend(
        plan.checklists
            .iter()
            .flat_map(|c| &c.items)
            .map(|i| i.span),
    );
    for procedure in &plan.procedures {
        all.extend(procedure.steps.iter().map(|s| s.span));
        all.extend(
            procedure
                .steps
                .iter()
                .flat_map(|s| &s.actions)
                .map(|a| a.span),
        );
    }
    all.extend(plan.files.iter().map(|f| f.span));
    all.extend(plan.templates.iter().map(|t| t.span));
    all.extend(plan.targets.iter().map(|t| t.span));
    all.extend(plan.contacts.iter().map(|c| c.span));
    all.extend(plan.objectives.iter().map(|o| o.span));
    all.extend(plan.unplaced.iter().map(|u| u.span));
    all
}

/// What of a document is in no structure at all.
fn lost(text: &str) -> Vec<String> {
    let plan = read(text.as_bytes());
    let spans = spans(&plan);
    let held = |line: u32| spans.iter().any(|s| s.first <= line && line <= s.last);
    let use_when: Vec<&str> = plan
        .procedures
        .iter()
        .flat_map(|p| [p.use_when.as_str(), p.text.as_str()])
        .collect();
    let said: Vec<String> = plan
        .procedures
        .iter()
        .flat_map(|p| &p.steps)
        .map(|s| format!("{:?}", s.actions))
        .collect();
    let written: Vec<&str> = text.lines().collect();
    atoms(text)
        .into_iter()
        // A flowchart is claimed as a whole; its questions stand somewhere inside it.
        .filter(|line| !held(*line) && !held(line + 1))
        .filter_map(|line| written.get(line as usize - 1).map(|l| (*l).to_owned()))
        .filter(|l| {
            let text = l.trim_start_matches(['>', ' ']);
            let text = lines::marker(text).map_or(text, |m| lines::task_box(m.text).1);
            let words = super::inline::plain(text);
            !use_when.iter().any(|u| u.contains(&words)) && !said.iter().any(|s| s.contains(&words))
        })
        .collect()
}

/// Unplaced pieces that overlap: a piece that stands twice.
fn doubled(plan: &Plan) -> Vec<(Span, Span)> {
    let all: Vec<Span> = plan.unplaced.iter().map(|u| u.span).collect();
    all.windows(2)
        .filter(|w| w[1].first <= w[0].last)
        .map(|w| (w[0], w[1]))
        .collect()
}

fn piece() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "# Plan for the shop\n",
        "## When to roll back\n",
        "## Rollback procedure\n",
        "### Option A: Code\n",
        "### Step 1: Stop (2 minutes)\n",
        "### Step 2: Go\n",
        "## Verification\n",
        "### Success criteria\n",
        "### Checkpoint 2: After the code\n",
        "## Contacts\n",
        "## Incident log\n",
        "## Rollback drill\n",
        "**HIGH** - go back within 1 hour if:\n",
        "**Alternative: the slow way**\n",
        "**Expected:** all is well\n",
        "Some words about it.\n",
        "- [ ] confirm this\n  - detail\n  ```bash\n  curl localhost\n  # Expected: up\n  ```\n",
        "- a bullet\n- another\n\n  with a paragraph\n",
        "1. **Stop** it\n   ```bash\n   systemctl stop shop\n   ```\n2. **Look**\n   - at this\n   - at that\n",
        "1. first\n```sh\nls\n```\n2. second\n",
        "```bash\n# 1. One\nls\n# Or: dir\n\n# 2. Two\nrm -rf /srv/x\n```\n",
        "```bash\n# tell the team\n# wait\n```\n",
        "```sql\n-- look\nSELECT 1;\n-- Should return 1 row\n-- DELETE FROM a;\n```\n",
        "```\nOwner: ____\nDate: ____\nLevel: [ ] A  [ ] B\nWhy: ____\n```\n",
        "```\nsome diagram\n   |\n```\n",
        "```python\nprint(1)\n```\n",
        "```bash\nls\n",
        "| Severity | Action | Time |\n|---|---|---|\n| HIGH | roll back | 1 hour |\n| LOW | watch | - |\n",
        "| Metric | Target |\n|--|--|\n| Errors | < 1% |\n",
        "| A | B |\n|--|--|\n| x | y |\n",
        "- **Ana**: +00 123\n- **Ben**: +00 456\n",
        "- ✅ Errors < 1% for 30 minutes\n- ✅ Nobody complains\n",
        "> **Warning**: careful\n> - quoted item\n",
        "<!-- backout: ignore -->\n",
        "---\n",
        "* [x] done\n    * deep\n        1. deeper\n",
    ]);
    (pieces, prop::bool::ANY).prop_map(|(text, gap)| {
        if gap {
            format!("{text}\n")
        } else {
            text.to_owned()
        }
    })
}

/// How many documents are tried: a few with every run, more where `PROPTEST_CASES` says so.
fn cases() -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok();
    asked.and_then(|n| n.parse().ok()).unwrap_or(48)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_fence_item_and_row_is_somewhere(pieces in prop::collection::vec(piece(), 1..24)) {
        let text = pieces.concat();
        let lost = lost(&text);
        prop_assert!(lost.is_empty(), "lost {lost:?} of\n{text}");
    }

    #[test]
    fn nothing_stands_twice_in_the_text(pieces in prop::collection::vec(piece(), 1..24)) {
        let plan = read(pieces.concat().as_bytes());
        let doubled = doubled(&plan);
        prop_assert!(doubled.is_empty(), "{doubled:?} in\n{}", pieces.concat());
    }

    #[test]
    fn ids_name_one_thing(pieces in prop::collection::vec(piece(), 1..24)) {
        let plan = read(pieces.concat().as_bytes());
        let mut ids: Vec<&str> = plan.procedures.iter().map(|p| p.id.as_str()).collect();
        ids.extend(plan.procedures.iter().flat_map(|p| &p.steps).map(|s| s.id.as_str()));
        let steps = plan.procedures.iter().flat_map(|p| &p.steps).flat_map(|s| &s.actions);
        let items = plan.checklists.iter().flat_map(|c| &c.items);
        ids.extend(items.clone().map(|i| i.id.as_str()));
        ids.extend(steps.chain(items.flat_map(|i| &i.actions)).map(|a| a.id.as_str()));
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        prop_assert_eq!(ids.len(), count);
    }

    #[test]
    fn any_bytes_give_a_plan(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let plan = read(&bytes);
        prop_assert_eq!(plan.sha256.len(), 64);
    }

    #[test]
    fn any_markdown_like_text_gives_a_plan(text in "([#\\-*0-9.|`~>\\[\\]<>!:=_ \t\nabYES→?é✅]|```|\\*\\*|- \\[ \\] |\\| a \\|\n\\|--\\|\n){0,160}") {
        let plan = read(text.as_bytes());
        let lines: Vec<&str> = text.lines().collect();
        let count = u32::try_from(lines.len()).unwrap_or(u32::MAX).max(1);
        prop_assert!(spans(&plan).iter().all(|s| s.first >= 1 && s.first <= s.last && s.last <= count.max(1)), "{:?}", spans(&plan));
    }

    #[test]
    fn fields_lie_in_their_template(pieces in prop::collection::vec(piece(), 1..12)) {
        let plan = read(pieces.concat().as_bytes());
        for template in &plan.templates {
            for field in &template.fields {
                prop_assert!(template.text.get(field.blank.0..field.blank.1).is_some());
                prop_assert!(field.choices.iter().filter_map(|c| c.tick_at).all(|at| template.text.get(at..=at).is_some()));
            }
        }
    }
}

type Long = fn(usize) -> String;

/// `part` so many times, each with its number.
fn each(n: usize, part: impl Fn(usize) -> String) -> String {
    (0..n).map(part).collect::<Vec<_>>().concat()
}

/// Documents that are long in one respect each, by how many of it they have.
const LONG: &[(&str, Long)] = &[
    ("parts", |n| {
        "## Step\n\n1. **Do**\n   ```bash\n   # 1. x\n   echo <a>\n   ```\n- [ ] b\n\n```bash\nls\n\n| A | B |\n|--|--|\n| c | d |\n\n".repeat(n)
    }),
    ("rows", |n| {
        format!(
            "## Metrics\n\n| Metric | Target |\n|--|--|\n{}",
            "| x | < 1% |\n".repeat(n)
        )
    }),
    ("items", |n| {
        format!("## Rollback\n\n{}", "1. look at `it`\n".repeat(n))
    }),
    ("boxes", |n| {
        format!("## Verification\n\n{}", "- [ ] it runs\n".repeat(n))
    }),
    ("headings", |n| each(n, |at| format!("## Part {at}\n\n"))),
    ("same headings", |n| {
        "## Rollback\n\n```bash\nls\n```\n".repeat(n)
    }),
    ("options", |n| {
        let option = |at| format!("### Option {at}: so\n\n```bash\nrm x\n```\n");
        format!("## Rollback\n\n{}", each(n, option))
    }),
    ("lines of a block", |n| {
        format!("## Rollback\n\n```bash\n{}```\n", "echo a\n".repeat(n))
    }),
    ("lines of SQL", |n| {
        format!("## Rollback\n\n```sql\n{}```\n", "SELECT 1;\n".repeat(n))
    }),
    ("comments in a block", |n| {
        format!("## Rollback\n\n```bash\n{}```\n", "# so\nls\n".repeat(n))
    }),
    ("lines of prose", |n| {
        format!("## Rollback\n\n{}", "So it is said.\n".repeat(n))
    }),
    ("links", |n| {
        format!("## Rollback\n\n{}", "1. see [it](#rollback)\n".repeat(n))
    }),
    ("blanks", |n| {
        let line = |at| format!("echo <name-{at}>\n\n");
        format!("## Rollback\n\n```bash\n{}```\n", each(n, line))
    }),
    ("quotes", |n| {
        format!("## Rollback\n\n{}", "> careful\n\n".repeat(n))
    }),
    ("blocks that are not closed", |n| {
        "```bash\nls\n\n## Next\n\n".repeat(n)
    }),
];

/// Eight times the text is eight times the work; a quadratic reader would do 64 times as much.
#[test]
fn work_grows_with_the_document_and_no_faster() {
    for (what, text) in LONG {
        let work = |n: usize| {
            let text = text(n);
            crate::script::work::counted(|| {
                let _ = read(text.as_bytes());
            })
        };
        let (small, large) = (work(60), work(480));
        assert!(small > 60, "{what}: nothing is counted");
        assert!(large < small * 12, "{what}: {small}, then {large}");
    }
}

#[test]
fn the_scanner_sees_what_the_fence_finder_found() {
    let text = "a\n```\nb\n```\n- c\n  ```sh\n  d\n  ```\n";
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(fences::find(&lines).len(), 2);
    let outline = outline::build(scan::scan(&lines, 0).blocks, 8);
    assert_eq!(
        outline.sections.len(),
        2,
        "a bare line heads a document without headings"
    );
}

/// Holds the account over documents outside of the repository, where somebody has some.
#[test]
fn the_account_holds_for_documents_in_reach() {
    let Some(folder) = std::env::var_os("BACKOUT_SEEDS") else {
        println!("skipped: BACKOUT_SEEDS names no folder of runbooks");
        return;
    };
    let mut seen = 0;
    for entry in std::fs::read_dir(folder)
        .expect("the folder of runbooks")
        .flatten()
    {
        let path = entry.path();
        if !path.extension().is_some_and(|e| e == "md" || e == "txt") {
            continue;
        }
        let bytes = std::fs::read(&path).expect("a runbook");
        let text = super::encoding::repair(&bytes).text;
        let plan = read(text.as_bytes());
        assert!(
            doubled(&plan).is_empty(),
            "{}: {:?}",
            path.display(),
            doubled(&plan)
        );
        let front = super::front::read(&text.lines().collect::<Vec<_>>()).lines;
        let body: String = text
            .lines()
            .enumerate()
            .map(|(at, l)| {
                if at < front {
                    "\n".to_owned()
                } else {
                    format!("{l}\n")
                }
            })
            .collect();
        let lost = lost(&body);
        assert!(lost.is_empty(), "{}: {lost:#?}", path.display());
        seen += 1;
    }
    assert!(seen > 0, "no runbook in the folder");
}
