//! Drawings that are read line by line: a spine of questions with `→ YES → …` beside and `↓ NO`
//! below, and a tree of branches.

use super::super::inline::plain;
use super::chart::{Chart, Side, answer};
use std::collections::HashSet;

/// The chart of a drawing, and those of its lines whose words are in none of its questions.
pub fn read(code: &str, first: u32) -> (Chart, Vec<u32>) {
    let lines = lines(code, first);
    let tree = lines.iter().any(|l| answer(&l.text).is_some());
    let mut chart = Chart::default();
    if tree && !lines.iter().any(|l| l.text.starts_with('↓')) {
        chart.tree(&lines);
    } else {
        chart.spine(&lines);
    }
    let left = unused(&chart, &lines);
    (chart, left)
}

struct Line {
    column: usize,
    text: String,
    number: u32,
}

fn lines(code: &str, first: u32) -> Vec<Line> {
    let drawn = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '│' | '├'
                    | '└'
                    | '─'
                    | '┌'
                    | '┐'
                    | '┘'
                    | '┬'
                    | '┴'
                    | '┼'
                    | '|'
                    | '+'
                    | '`'
                    | '╰'
                    | '╭'
                    | '═'
                    | '║'
                    | '┤'
            )
    };
    code.lines()
        .enumerate()
        .filter_map(|(at, line)| {
            let text = line
                .trim_start_matches(|c| drawn(c) || matches!(c, '-' | '▼'))
                .trim_end_matches(drawn);
            let text = text.trim_start_matches("> ");
            let column = line.chars().count().saturating_sub(
                line.trim_start_matches(|c| drawn(c) || matches!(c, '-' | '▼'))
                    .chars()
                    .count(),
            );
            (!text.is_empty()).then(|| Line {
                column,
                text: text.to_owned(),
                number: first + u32::try_from(at).unwrap_or(0),
            })
        })
        .collect()
}

impl Chart {
    /// The answer that nothing is said about, where the other one is answered.
    fn left_open(&self, node: usize) -> Option<bool> {
        match (self.is_open(node, true), self.is_open(node, false)) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
        }
    }

    /// Questions one below the other; what stands to the right of a question is its answer.
    fn spine(&mut self, lines: &[Line]) {
        // The answer that leads down, and from which question; a bare arrow is the question's no.
        let mut down: Option<(usize, bool)> = None;
        for line in lines {
            let text = line.text.trim();
            if text.starts_with(['↓', '▼'])
                || (answer(text).is_some_and(|(_, rest)| rest.is_empty()))
            {
                if let (Some((yes, _)), Some(d)) = (answer(text), down.as_mut()) {
                    d.1 = yes;
                }
                continue;
            }
            let parts: Vec<&str> = text
                .split(['→', '⇒'])
                .flat_map(|p| p.split("->"))
                .map(str::trim)
                .filter(|p| !p.is_empty())
                .collect();
            let Some((first, rest)) = parts.split_first() else {
                continue;
            };
            if !first.contains(['?', '？']) {
                if let Some((node, yes)) = down.take() {
                    self.set(node, yes, Side::Outcome(plain(text)));
                }
                continue;
            }
            let node = self.node(first, line.number);
            if let Some((from, yes)) = down {
                self.set(from, yes, Side::Node(node));
            }
            let last = self.chain(node, rest, line);
            down = Some(last);
        }
    }

    /// `YES → Try this → Failed? → Roll back` beside a question. Returns the question and the
    /// answer from which the next line goes on.
    fn chain(&mut self, node: usize, parts: &[&str], line: &Line) -> (usize, bool) {
        let mut from = node;
        let mut yes = true;
        let mut doing: Vec<&str> = Vec::new();
        let mut said_no = false;
        for part in parts {
            if let Some((answer, "")) = answer(part) {
                // `YES → this → NO → that`: what stands before the second answer ends the first.
                if !doing.is_empty() {
                    self.set(from, yes, Side::Outcome(plain(&doing.join(", "))));
                    doing.clear();
                }
                yes = answer;
                said_no |= !answer && from != node;
            } else if part.contains(['?', '？']) {
                let ask = if doing.is_empty() {
                    (*part).to_owned()
                } else {
                    format!("{}: {part}", doing.join(", "))
                };
                let next = self.node(&ask, line.number);
                self.set(from, yes, Side::Node(next));
                (from, yes) = (next, true);
                doing.clear();
            } else {
                doing.push(part);
            }
        }
        if !doing.is_empty() {
            self.set(from, yes, Side::Outcome(plain(&doing.join(", "))));
        }
        // An inner question that was answered on this line goes on below with its other answer,
        // where that is still open.
        if said_no && self.is_open(from, !yes) {
            (from, !yes)
        } else {
            (node, false)
        }
    }

    /// Branches drawn as a tree: a line belongs to the nearest line above that is less indented.
    fn tree(&mut self, lines: &[Line]) {
        let mut open: Vec<(usize, usize, Option<bool>)> = Vec::new();
        for line in lines {
            if let Some((yes, rest)) = answer(&line.text) {
                while open.last().is_some_and(|(column, _, side)| {
                    *column > line.column || (*column == line.column && side.is_some())
                }) {
                    open.pop();
                }
                let Some(&(_, node, _)) = open.iter().rev().find(|(_, _, side)| side.is_none())
                else {
                    continue;
                };
                if rest.contains(['?', '？']) {
                    let next = self.node(rest, line.number);
                    self.set(node, yes, Side::Node(next));
                    open.push((line.column, node, Some(yes)));
                    open.push((line.column + 1, next, None));
                } else if rest.is_empty() {
                    open.push((line.column, node, Some(yes)));
                } else {
                    self.set(node, yes, Side::Outcome(plain(rest)));
                }
                continue;
            }
            let mut beside = None;
            while let Some(&(column, node, side)) = open.last()
                && column >= line.column
            {
                beside = (column == line.column && side.is_none()).then_some(node);
                open.pop();
            }
            let above = open.last().copied();
            // Where only one answer is drawn, the other goes on to what stands beside it.
            let left = beside.and_then(|n| Some((n, self.left_open(n)?)));
            let rest = is_the_rest(&line.text);
            if let Some((node, yes)) = left.filter(|_| rest) {
                self.set(node, yes, Side::Outcome(plain(&line.text)));
            } else if line.text.contains(['?', '？']) {
                let next = self.node(&line.text, line.number);
                if let Some((node, yes)) = left {
                    self.set(node, yes, Side::Node(next));
                }
                if let Some((_, node, Some(yes))) = above {
                    self.set(node, yes, Side::Node(next));
                }
                open.push((line.column, next, None));
            } else if let Some((_, node, Some(yes))) = above {
                self.set(
                    node,
                    yes,
                    Side::Outcome(plain(line.text.trim_start_matches(['→', '↓', ' ']))),
                );
            }
        }
    }
}

/// `None of the above → look at the last release`: where all questions before are answered no.
fn is_the_rest(text: &str) -> bool {
    const REST: &[&str] = &[
        "none of|otherwise|else|sonst|en otro caso|caso contrário|sinon|否则|其他|それ以外|그 외|иначе|w przeciwnym",
    ];
    let lower = text
        .trim_start_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase();
    crate::runbook::words::each(REST).any(|w| lower.starts_with(w))
}

/// The lines of a drawing whose words are in no question and no answer.
fn unused(chart: &Chart, lines: &[Line]) -> Vec<u32> {
    fn words(text: &str) -> impl Iterator<Item = &str> {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|w| !w.is_empty() && answer(w).is_none())
    }
    let mut said: HashSet<&str> = HashSet::new();
    for node in &chart.nodes {
        said.extend(words(&node.ask));
        for side in [&node.yes, &node.no] {
            said.extend(side.outcome().into_iter().flat_map(words));
        }
    }
    let mut left: Vec<u32> = Vec::new();
    for line in lines {
        if words(&plain(&line.text)).any(|w| !said.contains(w)) && left.last() != Some(&line.number)
        {
            left.push(line.number);
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(code: &str) -> Vec<String> {
        read(code, 1).0.told()
    }

    #[test]
    fn a_spine_with_questions_inside_its_answers() {
        let got = chart(
            "Alarm\n  ↓\nDown? → YES → Go back\n  ↓ NO\nSlow? → YES → Add a node → Still slow? → Go back\n  ↓ NO\nOne part? → YES → Switch off? → NO → Go back\n  ↓ YES\nGo on",
        );
        assert_eq!(
            got,
            [
                "Down? y:Go back n:#1",
                "Slow? y:#2 n:#3",
                "Add a node: Still slow? y:Go back n:-",
                "One part? y:#4 n:-",
                "Switch off? y:Go on n:Go back",
            ]
        );
    }

    #[test]
    fn both_answers_of_an_inner_question_on_its_line() {
        let got = chart(
            "Down? → YES → Go back\n  ↓ NO\nSlow? → YES → Quick to mend? → YES → Mend it → NO → Go back\n  ↓ NO\nWatch",
        );
        assert_eq!(
            got,
            [
                "Down? y:Go back n:#1",
                "Slow? y:#2 n:Watch",
                "Quick to mend? y:Mend it n:Go back",
            ]
        );
    }

    #[test]
    fn a_tree_of_branches() {
        let got = chart(
            "Is it down?\n├─ YES → Go back\n└─ NO\n   └─ More than 5 % errors?\n      ├─ YES: Go back soon\n      └─ NO: Watch",
        );
        assert_eq!(
            got,
            [
                "Is it down? y:Go back n:#1",
                "More than 5 % errors? y:Go back soon n:Watch"
            ]
        );
    }

    #[test]
    fn questions_beside_each_other_go_on_where_no_is_not_drawn() {
        let got = chart(
            "Slow?\n├── Disk full?\n│   └── YES → Clean up\n├── Too many clients?\n│   └── YES → Drop some\n└── None of these → Call somebody",
        );
        assert_eq!(
            got.get(1..),
            Some(
                [
                    "Disk full? y:Clean up n:#2".to_owned(),
                    "Too many clients? y:Drop some n:None of these → Call somebody".to_owned()
                ]
                .as_slice()
            )
        );
    }
}
