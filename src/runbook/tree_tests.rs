//! The tree says what a person looks for, in lines that fit.

use super::*;
use crate::runbook::page::{WIDTH, cut};
use unicode_width::UnicodeWidthStr;

const PLAN: &str = "# Shop rollback\n\n**Owner:** Ana\n\n## When to go back\n\n**CRITICAL** - go back within 5 minutes if:\n- [ ] shop is down\n\n## Rollback\n\n### Option A: Code (< 10 minutes)\n\n**Use when:** the code is bad\n\n```bash\n# 1. Look\nsystemctl is-active shop\n# Expected: active\n\n# 2. Throw it away\nrm -rf /srv/shop/cache-of-the-shop-that-has-a-very-long-name/and/goes/on/and/on/for/more/than/a/hundred/columns\n```\n\n### Option B: Nothing\n\n1. Wait for <name>.\n";

#[test]
fn a_person_finds_what_was_understood() {
    let text = tree(&crate::runbook::read(PLAN.as_bytes()));
    for wanted in [
        "Shop rollback",
        "Owner: Ana",
        "CRITICAL: go back within 5 minutes",
        "1 trigger · within 5 min",
        "Option A: Code (< 10 minutes)",
        "one of several · up to 10 min · 2 steps",
        "use when: the code is bad",
        "$ systemctl is-active shop",
        "expect: active",
        "CANNOT BE UNDONE",
        "by hand: Wait for <name>.",
    ] {
        assert!(text.contains(wanted), "{wanted} is missing in\n{text}");
    }
}

#[test]
fn no_line_is_wider_than_promised() {
    let text = tree(&crate::runbook::read(PLAN.as_bytes()));
    assert!(text.lines().all(|l| l.width() <= WIDTH), "{text}");
    assert!(text.lines().any(|l| l.contains('…')));
    assert_eq!(cut("汉字汉字汉字", 7), "汉字汉…");
}

#[test]
fn times_are_said_in_their_largest_exact_unit() {
    assert_eq!(
        [time(45), time(900), time(5400), time(86_400)],
        ["45 s", "15 min", "90 min", "1 d"]
    );
}
