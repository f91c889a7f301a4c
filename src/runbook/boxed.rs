//! How long a monitor runs, where the words that introduce it say so: “Watch for 5 minutes:”
//! above a block, a comment above its command, the heading of a step with nothing else to watch.
//!
//! Only where it is plain, and only of what is a monitor that reads: to stop a command that
//! changes things half-way is for a person.

use super::blocks::{Block, Kind};
use super::reading::Reading;
use super::time;
use crate::domain::plan::{Action, Danger, Plan};

/// Gives every monitor the time that its plan gives it in words.
pub fn read(reading: &mut Reading<'_>) {
    let mut plan: Plan = std::mem::take(&mut reading.plan);
    let items = plan.checklists.iter_mut().flat_map(|c| &mut c.items);
    for item in items {
        let (line, words) = (item.span.first, item.text.clone());
        each(reading, &mut item.actions, (line, &words));
    }
    let steps = plan.procedures.iter_mut().flat_map(|p| &mut p.steps);
    for step in steps {
        let (line, words) = (step.span.first, step.title.clone());
        each(reading, &mut step.actions, (line, &words));
    }
    reading.plan = plan;
}

fn each(reading: &Reading<'_>, actions: &mut [Action], head: (u32, &str)) {
    let monitors = actions.iter().filter(|a| a.monitor).count();
    if monitors == 0 {
        return;
    }
    let starts: Vec<u32> = actions
        .iter()
        .filter(|a| a.monitor)
        .map(|a| a.span.first)
        .collect();
    for action in actions {
        let open = action.monitor && action.timeout_s.is_none() && action.danger == Danger::None;
        if !open {
            continue;
        }
        let of_step = || (monitors == 1).then(|| (head.0, head.1.to_owned()));
        let said = [
            own_comment(reading, action),
            introduction(reading, action, &starts),
            of_step(),
        ];
        let mut said = said.into_iter().flatten();
        let found = said.find_map(|(line, words)| Some((line, how_long(&words)?)));
        if let Some((line, seconds)) = found {
            action.timeout_s = Some(seconds);
            action.timeout_line = Some(line);
        }
    }
}

/// The comment of a command: its title, and the line on which it stands.
fn own_comment(reading: &Reading<'_>, action: &Action) -> Option<(u32, String)> {
    let title = action.title.trim();
    let span = action.span.first..=action.span.last;
    let on = |line: &u32| {
        let text = line_of(reading, *line).unwrap_or_default();
        !title.is_empty() && text.trim_start().starts_with('#') && text.contains(title)
    };
    let line = span.into_iter().find(on)?;
    Some((line, title.to_owned()))
}

/// The last sentence above the block of a command, where nothing else in the block is watched.
fn introduction(reading: &Reading<'_>, action: &Action, starts: &[u32]) -> Option<(u32, String)> {
    let mut fence = None;
    let sections = &reading.outline.sections;
    for block in sections.iter().flat_map(|s| &s.blocks) {
        find(block, action.span.first, &mut fence);
    }
    let (first, last) = fence?;
    let beside = starts.iter().filter(|at| (first..=last).contains(*at));
    if beside.count() != 1 {
        return None;
    }
    let above = |from: u32| (1..from).rev();
    let blank = |line: u32| line_of(reading, line).is_none_or(|l| l.trim().is_empty());
    let end = above(first).take(2).find(|line| !blank(*line))?;
    let text = line_of(reading, end)?;
    // A sentence that is wrapped goes on from the line above.
    let before = (end > 1 && !blank(end - 1))
        .then(|| line_of(reading, end - 1))
        .flatten()
        .filter(|_| !begins(text));
    let words = match before {
        Some(before) => format!("{} {}", before.trim(), text.trim()),
        None => text.to_owned(),
    };
    let sentence = words.rsplit(". ").next().unwrap_or_default();
    Some((end, sentence.to_owned()))
}

/// Whether a line begins something of its own: a heading, an item, words in bold.
fn begins(line: &str) -> bool {
    line.trim_start()
        .starts_with(|c: char| matches!(c, '#' | '-' | '*' | '>' | '|') || c.is_ascii_digit())
}

fn find(block: &Block, line: u32, found: &mut Option<(u32, u32)>) {
    if !(block.span.first..=block.span.last).contains(&line) {
        return;
    }
    match &block.kind {
        Kind::Fence(_) => *found = Some((block.span.first, block.span.last)),
        Kind::List(list) => {
            for child in list.items.iter().flat_map(|i| &i.children) {
                find(child, line, found);
            }
        }
        Kind::Heading(..) | Kind::Para(_) | Kind::Table(_) | Kind::Comment(_) => {}
    }
}

fn line_of<'a>(reading: &Reading<'a>, line: u32) -> Option<&'a str> {
    let index = usize::try_from(line).ok()?.checked_sub(1)?;
    reading.lines.get(index).copied()
}

/// The time that a sentence gives to a watch, beyond doubt: it begins by telling to watch, and
/// names one time, not a least time nor a condition.
fn how_long(words: &str) -> Option<u64> {
    const WATCH: &[&str] = &["watch", "monitor", "tail", "observe", "follow", "stream"];
    const DOUBT: &[&str] = &[
        "at least",
        "minimum",
        "more than",
        "until",
        "unless",
        "longer",
        "or more",
        "if",
        "when",
        "while",
        "+",
        "≥",
        ">",
    ];
    let lower = words.to_lowercase();
    let text = after_the_number(&lower);
    let first = text.split(|c: char| !c.is_alphabetic()).next()?;
    let watches = WATCH.contains(&first) || WATCH.contains(&first.trim_end_matches("ing"));
    let is_word = |word: &&str| !word.chars().all(char::is_alphabetic);
    let doubted = DOUBT.iter().any(|doubt| {
        if is_word(doubt) {
            text.contains(doubt)
        } else {
            text.split(|c: char| !c.is_alphabetic())
                .any(|w| w == *doubt)
        }
    });
    if !watches || doubted {
        return None;
    }
    time::sustained(text).filter(|seconds| *seconds > 0)
}

/// A line without its marks, its number and the word “step” in front.
fn after_the_number(line: &str) -> &str {
    let marks = |c: char| !c.is_alphanumeric();
    let mut text = line.trim_start_matches(marks);
    for word in ["step", "phase", "then", "now", "next", "and", "finally"] {
        if let Some(rest) = text.strip_prefix(word)
            && rest.starts_with(marks)
        {
            text = rest.trim_start_matches(marks);
        }
    }
    text.trim_start_matches(|c: char| !c.is_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::super::read as read_plan;
    use super::how_long;

    /// The time boxes of a plan's commands, each with the line that says so.
    fn boxes(plan: &str) -> Vec<(Option<u64>, Option<u32>)> {
        let plan = read_plan(plan.as_bytes());
        let steps = plan.procedures.iter().flat_map(|p| &p.steps);
        let actions = steps.flat_map(|s| &s.actions);
        actions.map(|a| (a.timeout_s, a.timeout_line)).collect()
    }

    fn plan(above: &str, code: &str) -> String {
        format!("# Back-out\n\n## Rollback procedure\n\n{above}\n\n```bash\n{code}\n```\n")
    }

    #[test]
    fn a_watch_has_the_time_that_the_words_above_it_give() {
        for (above, code, wanted) in [
            (
                "### Step 1: Look\n\nWatch for 5 seconds:",
                "watch uptime",
                (Some(5), Some(7)),
            ),
            (
                "### Step 1: Monitor the log for 30 minutes",
                "tail -f /var/log/shop.log",
                (Some(1800), Some(5)),
            ),
            (
                "### Step 1: Look\n\nThe shop is up. Then tail\nthe log for 10 min:",
                "tail -f /var/log/shop.log",
                (Some(600), Some(8)),
            ),
            (
                "### Step 1: Look",
                "# Observe for 2 minutes\ntail -f /var/log/shop.log",
                (Some(120), Some(8)),
            ),
        ] {
            assert_eq!(boxes(&plan(above, code)), [wanted], "{above}");
        }
    }

    #[test]
    fn what_is_no_watch_or_not_plain_has_none() {
        for (above, code) in [
            ("### Step 1: Look\n\nWatch for 5 minutes:", "uptime"),
            (
                "### Step 1: Look\n\nWatch for 5 minutes:",
                "watch rm -rf /srv/old",
            ),
            (
                "### Step 1: Look\n\nMonitor for at least 5 minutes:",
                "watch uptime",
            ),
            ("### Step 1: Look\n\nWatch for 5xx answers:", "watch uptime"),
            (
                "### Step 1: Look\n\nIf errors go on for 5 minutes:",
                "watch uptime",
            ),
            (
                "### Step 1: Look\n\nWatch both for 5 minutes:",
                "watch uptime\n# the log\ntail -f /var/log/shop.log",
            ),
        ] {
            let got = boxes(&plan(above, code));
            assert!(!got.is_empty(), "{above}");
            assert!(
                got.iter().all(|one| *one == (None, None)),
                "{above}: {got:?}"
            );
        }
    }

    #[test]
    fn an_annotation_is_the_authors_last_word() {
        let text = "# B\n\n## Rollback procedure\n\n### Step 1: Look\n\nWatch for 5 minutes:\n\n```bash {timeout=9m}\nwatch uptime\n```\n";
        assert_eq!(boxes(text), [(Some(540), None)]);
    }

    #[test]
    fn only_a_sentence_that_tells_to_watch_gives_a_time() {
        assert_eq!(how_long("**6.1. Monitor for 30 Minutes**"), Some(1800));
        assert_eq!(how_long("- Tail the log for 10 min"), Some(600));
        assert_eq!(how_long("Step 3: Monitoring for 1 hour"), Some(3600));
        for other in [
            "Wait for 5 minutes",
            "Monitor for 15+ minutes",
            "Watch until it is quiet for 5 minutes",
            "Monitor every 5 minutes",
            "Watch for errors",
        ] {
            assert_eq!(how_long(other), None, "{other}");
        }
    }
}
