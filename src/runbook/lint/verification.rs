//! Whether anything shows that the rollback worked: the plan as a whole, each step, each check.

use super::{Review, codes, walk};
use crate::domain::plan::{
    Action, ActionKind, ChecklistRole, ExpectRule, Phase, Plan, Procedure, Step,
};
use crate::runbook::words::says_any;
use crate::script::shell;

/// Looks at the plan, its procedures and their commands.
pub fn check(review: &mut Review<'_>) {
    let plan = review.plan;
    if walk::flown(plan).next().is_some() && !is_verified(plan) {
        let message = "nothing says how to see that the rollback worked";
        review.say(&codes::NO_VERIFICATION, review.top(), message);
    } else {
        for procedure in walk::flown(plan) {
            steps(review, procedure);
        }
    }
    for action in walk::of_steps(plan).chain(walk::of_items(plan)) {
        status_of_plain_curl(review, action);
    }
}

/// A list or a section is for it, or what is flown looks at what it did.
fn is_verified(plan: &Plan) -> bool {
    let listed = plan.checklists.iter().any(|c| {
        matches!(c.role, ChecklistRole::Verification | ChecklistRole::Success)
            || c.role == ChecklistRole::Checkpoint && c.checkpoint != Some(1)
    });
    listed
        || plan
            .procedures
            .iter()
            .any(|p| p.phase == Phase::Verify && !p.off_path)
        || walk::flown(plan).any(|p| {
            says_verify(&p.title) || p.steps.iter().any(|s| says_verify(&s.title) || expects(s))
        })
}

fn expects(step: &Step) -> bool {
    step.actions.iter().any(|a| !a.expect.is_empty())
}

/// The words say that something is looked at.
fn says_verify(text: &str) -> bool {
    says_any(
        text,
        &[
            "verif|validat|check|confirm|test|ensure|monitor|watch|smoke|health|inspect|status|look at|make sure",
            "comprob|überprüf|prüf|vérif|验证|確認|检查|확인|검증|проверк|провер|weryfik|sprawdz",
        ],
    )
}

/// Steps that change something, where neither they nor the step after them look at it.
fn steps(review: &mut Review<'_>, procedure: &Procedure) {
    for (at, step) in procedure.steps.iter().enumerate() {
        let changed = step
            .actions
            .iter()
            .rposition(|a| walk::changes(a) && !a.opt_in);
        let Some(last) = changed else { continue };
        let after = step.actions.get(last..).unwrap_or_default();
        let seen = expects(step)
            || after
                .iter()
                .any(|a| walk::looks(a) || says_verify(&a.title))
            || says_verify(&step.title)
            || says_verify(&step.text)
            || step.actions.iter().any(|a| looks_by_itself(&a.code))
            || step
                .actions
                .iter()
                .filter(|a| walk::changes(a))
                .all(|a| is_preparation(&a.code))
            || after.iter().any(walk::ends_with_a_look)
            || procedure.steps.get(at + 1).is_some_and(is_look);
        // The last step is followed by the plan's own verification.
        if seen || at + 1 == procedure.steps.len() {
            continue;
        }
        let Some(action) = step.actions.get(last) else {
            continue;
        };
        let place = review.offender(action);
        let message = format!(
            "nothing shows whether \"{}\" did what it should",
            super::cut(&step.title, 60)
        );
        review.say(&codes::UNVERIFIED_STEP, place, message);
    }
}

/// A step that is for looking.
fn is_look(step: &Step) -> bool {
    says_verify(&step.title)
        || expects(step)
        || step
            .actions
            .iter()
            .any(|a| walk::looks(a) || says_verify(&a.title))
}

/// A command that waits for its own effect and fails without it.
fn looks_by_itself(code: &str) -> bool {
    [
        "rollout status",
        "--wait",
        "is-active",
        "curl ",
        "health",
        "wait ",
    ]
    .iter()
    .any(|w| code.contains(w))
}

/// Nothing but fetching, building and copying: tools that say by themselves when they fail, and
/// whose result is put to use by a later step.
fn is_preparation(code: &str) -> bool {
    const TOOLS: &[&str] = &[
        "git",
        "npm",
        "npx",
        "yarn",
        "pnpm",
        "pip",
        "pip3",
        "uv",
        "poetry",
        "bundle",
        "composer",
        "make",
        "cargo",
        "go",
        "mvn",
        "gradle",
        "./gradlew",
        "./mvnw",
        "dotnet",
        "cp",
        "mv",
        "mkdir",
        "chmod",
        "chown",
        "tar",
        "unzip",
        "gunzip",
        "ln",
        "touch",
        "rsync",
        "wget",
        "cd",
        "export",
        "source",
        ".",
        "echo",
        "set",
        "nano",
        "vim",
        "vi",
        "code",
        "tee",
        "cat",
        "rm",
    ];
    let lines = code.lines().map(str::trim);
    lines
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
        .flat_map(|l| l.split("&&"))
        .filter_map(|l| l.split_whitespace().find(|w| *w != "sudo"))
        .all(|word| TOOLS.contains(&word) || word.contains('='))
}

/// Options with which curl prints the status.
const PRINTS: &[&str] = &[
    "-w",
    "--write-out",
    "-i",
    "-I",
    "--head",
    "--include",
    "-v",
    "-sI",
    "-Is",
    "-si",
    "-D",
    "--dump-header",
    "--fail-with-body",
];

fn status_of_plain_curl(review: &mut Review<'_>, action: &Action) {
    let asked = action
        .expect
        .iter()
        .any(|e| matches!(e.rule, ExpectRule::HttpStatus(_)));
    if !asked || action.kind != ActionKind::Shell {
        return;
    }
    let prints = action
        .code
        .split_whitespace()
        .any(|word| PRINTS.contains(&word) || word.contains("http_code"));
    if action.code.contains("curl ") && !prints || shell::with_http_status(&action.code).is_some() {
        let place = review.source.find(action.span, "curl ");
        let place = place.unwrap_or_else(|| review.offender(action));
        let message = "an HTTP status is expected, and this curl prints none";
        review.say(&codes::STATUS_NOT_PRINTED, place, message);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NONE, at, underlined};

    #[test]
    fn a_rollback_that_nobody_looks_at_is_said() {
        let bare = "# The plan\n## Rollback\n```bash\nsystemctl restart shop\n```\n";
        assert_eq!(underlined(bare, "no-verification"), ["The plan"]);
        for seen in [
            "\n## Verification\n- [ ] it answers\n",
            "\n```bash\n# 2. Check the service\nsystemctl is-active shop\n```\n",
        ] {
            assert_eq!(at(&format!("{bare}{seen}"), "no-verification"), NONE);
        }
        let expected = bare.replace("shop\n", "shop\n# Expected: done\n");
        assert_eq!(at(&expected, "no-verification"), NONE);
    }

    #[test]
    fn a_step_that_nothing_looks_at_is_said() {
        let text = "# P\n## Rollback\n1. **Stop**\n   ```bash\n   systemctl stop shop\n   ```\n2. **Load**\n   ```bash\n   ./load a b\n   ```\n3. **Start**\n   ```bash\n   systemctl start shop\n   ```\n## Verification\n- [ ] it answers\n";
        assert_eq!(
            underlined(text, "unverified-step"),
            ["systemctl stop shop", "./load a b"]
        );
        let seen = text.replace("a b\n", "a b\n   diff -r a b\n");
        assert_eq!(at(&seen, "unverified-step"), [5]);
        let fetched = text.replace("./load a b", "cp -r a b && npm ci");
        assert_eq!(at(&fetched, "unverified-step"), [5]);
        let expected = text.replace("stop shop\n", "stop shop\n   # Expected: stopped\n");
        assert_eq!(at(&expected, "unverified-step"), [10]);
    }

    #[test]
    fn a_status_that_is_never_printed_is_said() {
        let plain = "# P\n## Rollback\n```bash\ncurl http://h/health\n# Expected: 200 OK\n```\n";
        assert_eq!(underlined(plain, "status-not-printed"), ["curl"]);
        let printed = plain.replace("curl ", "curl -i ");
        assert_eq!(at(&printed, "status-not-printed"), NONE);
    }
}
