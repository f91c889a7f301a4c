//! People who are still blanks, and a plan that nobody has rehearsed.

use std::sync::LazyLock;

use super::{Review, codes};
use crate::domain::plan::{ChecklistRole, Contact, Span};
use crate::runbook::words::says_any;
use regex::Regex;

/// Looks at contacts, approvers and what the plan says about its rehearsals.
pub fn check(review: &mut Review<'_>) {
    let plan = review.plan;
    for contact in &plan.contacts {
        if let Some(blank) = blank(&contact.contact) {
            let message = format!("how to reach {} is still a blank", contact.role);
            say(review, &codes::BLANK_CONTACT, contact.span, blank, message);
        }
    }
    let nobody = |c: &&Contact| c.contact.trim().is_empty() && !c.role.is_empty();
    for contact in plan.contacts.iter().filter(nobody) {
        let message = format!("nobody is named for {}", contact.role);
        let place = review.source.said(contact.span.first);
        review.say(&codes::BLANK_CONTACT, place, message);
    }
    for approval in &plan.approvals {
        // A line to sign on is filled in when it is signed.
        if let Some(blank) = blank(&approval.who).filter(|b| !b.starts_with('_')) {
            let message = format!("who may approve {} is still a blank", approval.when);
            say(
                review,
                &codes::BLANK_APPROVER,
                approval.span,
                blank,
                message,
            );
        }
    }
    for fact in plan
        .facts
        .iter()
        .filter(|f| says_any(&f.key, &["owner|contact|on-call|responsible|maintainer"]))
    {
        if let Some(blank) = blank(&fact.value) {
            let message = format!("{} is still a blank", fact.key);
            say(review, &codes::BLANK_CONTACT, fact.span, blank, message);
        }
    }
    rehearsals(review);
}

fn say(review: &mut Review<'_>, code: &codes::Code, span: Span, blank: &str, message: String) {
    let place = review.source.find(span, blank);
    let place = place.unwrap_or_else(|| review.source.said(span.first));
    review.say(code, place, message);
}

static BLANK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    // `[Phone]` but no link and no box, `<name>` but no address, `{{x}}`, `____`, TBD, 555-XXX.
    Regex::new(
        r"(?x)
        \[ [^\]\[(@]* [\p{L}.?_] [^\]\[@]* \] (?: [^(] | $ )
        | < [^<>@:/]+ > | \{+ [^{}]+ \}+ | _{3,} | \?{2,}
        | \b (?: TBD | TBC | TODO | N/K ) \b
        | (?: \b | \d ) [Xx]{3,} \b | (?i: to\ be\ (?: filled | defined | determined ) )
        ",
    )
    .ok()
});

/// The part of a text that is still to be filled in.
fn blank(text: &str) -> Option<&str> {
    let found = BLANK.as_ref()?.find(text)?.as_str();
    Some(match found.find(']') {
        Some(end) if found.starts_with('[') => found.get(..=end).unwrap_or(found),
        _ => found,
    })
}

/// Says once where the plan has not been rehearsed, as far as it tells.
fn rehearsals(review: &mut Review<'_>) {
    const TESTED: &[&str] =
        &["tested|test status|last drill|drill date|last test|rehears|last exercise"];
    const NOT: &[&str] =
        &["not yet|never|no|not tested|pending|____|false|untested|tbd|todo|none|n/a"];
    let plan = review.plan;
    let mut facts = plan
        .facts
        .iter()
        .filter(|f| says_any(&f.key, TESTED) || says_any(&f.key, &["untested"]))
        .peekable();
    if facts.peek().is_none() {
        let elsewhere = plan
            .checklists
            .iter()
            .filter(|c| c.role != ChecklistRole::FollowUp)
            .flat_map(|c| &c.items)
            .any(|i| {
                says_any(
                    &i.text,
                    &["drill|rehears|tested in staging|tested on staging"],
                )
            });
        if !elsewhere && !plan.procedures.is_empty() {
            let message = "the plan does not say that it was ever rehearsed";
            review.say(&codes::UNTESTED, review.top(), message);
        }
        return;
    }
    for fact in facts {
        let untested = fact.key.eq_ignore_ascii_case("untested");
        // "2026-03-02, no faults found" is a date, not a no.
        let dated = fact
            .value
            .split(|c: char| !c.is_ascii_digit())
            .any(|d| d.len() == 4);
        let denied = untested != says_any(&fact.value, NOT) && (untested || !dated);
        let next = says_any(&fact.key, &["next"]);
        if (denied || fact.value.trim().is_empty()) && !next {
            let place = review.source.find(fact.span, &fact.value);
            let place = place.unwrap_or_else(|| review.source.said(fact.span.first));
            review.say(
                &codes::UNTESTED,
                place,
                format!("{}: {}", fact.key, fact.value),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NONE, at, underlined};
    use super::*;

    #[test]
    fn blanks_are_told_from_links_and_addresses() {
        for text in [
            "[Phone]",
            "[Phone/Email]",
            "call [TBD]",
            "<name>",
            "{{ phone }}",
            "____",
            "TBD",
            "+1-555-XXX-XXXX",
            "to be defined",
            "???",
        ] {
            assert!(blank(text).is_some(), "{text}");
        }
        for text in [
            "[the channel](https://chat.example/ops)",
            "<ana@example.org>",
            "+49 30 1234",
            "#ops",
            "<https://x.example>",
            "Ana [on call until May](x)",
            "ext. 4, Maxxx",
            "[x] reachable",
        ] {
            assert_eq!(
                blank(text).filter(|_| text != "[x] reachable"),
                None,
                "{text}"
            );
        }
    }

    #[test]
    fn people_who_are_blanks_are_said() {
        let text = "# P\n## Who may approve\n| Severity | Who can approve |\n|--|--|\n| CRITICAL | [Name] |\n| LOW | Ana |\n\n## Rollback\n```bash\nls\n```\n## Contacts\n- **Ana**: [phone]\n- **Bo**: +1 23\n";
        assert_eq!(underlined(text, "blank-contact"), ["[phone]"]);
        assert_eq!(underlined(text, "blank-approver"), ["[Name]"]);
        let owner = "# P\n**Owner:** [NAME]\n\n## Rollback\n```bash\nls\n```\n";
        assert_eq!(underlined(owner, "blank-contact"), ["[NAME]"]);
    }

    #[test]
    fn a_plan_says_when_it_was_rehearsed() {
        let text = "# P\n**Owner:** Ana\n\n## Rollback\n```bash\nls\n```\n";
        assert_eq!(underlined(text, "untested"), ["P"]);
        let never = text.replace("Owner:** Ana", "Tested:** not yet");
        assert_eq!(underlined(&never, "untested"), ["not yet"]);
        let done = text.replace(
            "Owner:** Ana",
            "Last drill:** 2026-03-02 in staging, no faults",
        );
        assert_eq!(at(&done, "untested"), NONE);
    }
}
