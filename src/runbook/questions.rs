//! Decision questions from a flowchart in a fence.
//!
//! Two drawings are understood: a spine of questions with `→ YES → …` beside and `↓ NO` below,
//! and a tree of branches. What leads nowhere stays open and is a diagnostic; nothing is guessed.

use super::blocks::{Block, List};
use super::inline::plain;
use super::reading::Reading;
use super::words::{Role, each};
use crate::domain::ids::QuestionId;
use crate::domain::plan::{Branch, Level, Question, Span, UnplacedKind};
use std::collections::HashSet;

/// Reads the flowcharts of a plan.
pub fn read(reading: &mut Reading<'_>) {
    for index in reading.sections() {
        let section = reading.section(index);
        if !matches!(section.role, Some(Role::Triage | Role::Rollback) | None) {
            continue;
        }
        for block in &section.blocks {
            let Some(fence) = block
                .fence()
                .filter(|f| matches!(f.lang.as_str(), "" | "text" | "txt" | "plaintext"))
                .filter(|f| !f.told.is_decided())
            else {
                continue;
            };
            if !reading.all_free(block) || !is_flowchart(&fence.code) {
                continue;
            }
            let lines = lines(&fence.code, fence.code_line);
            let tree = lines.iter().any(|l| answer(&l.text).is_some());
            let mut chart = Chart { nodes: Vec::new() };
            if tree && !lines.iter().any(|l| l.text.starts_with('↓')) {
                chart.tree(&lines);
            } else {
                chart.spine(&lines);
            }
            // Boxes side by side cannot be read line by line.
            let boxed = |text: &str| text.contains(['│', '┌', '┐', '║']) || text.contains(" | ");
            if chart.nodes.is_empty()
                || chart
                    .nodes
                    .iter()
                    .any(|n| boxed(&n.ask) || n.yes.says(boxed) || n.no.says(boxed))
            {
                continue;
            }
            reading.take(block.atom);
            let other = unused(&chart, &lines);
            reading.leave_lines(UnplacedKind::Text, &section.title, &other);
            publish(reading, chart, block.span);
        }
    }
}

/// Questions from a nested list: a question, and below it items that begin with the answers.
pub fn from_list(reading: &mut Reading<'_>, list: &List, span: Span) -> bool {
    let mut lines = Vec::new();
    flatten(list, 0, &mut lines);
    let mut chart = Chart { nodes: Vec::new() };
    chart.tree(&lines);
    let found = !chart.nodes.is_empty();
    if found {
        publish(reading, chart, span);
    }
    found
}

fn flatten(list: &List, column: usize, lines: &mut Vec<Line>) {
    for entry in &list.items {
        lines.push(Line {
            column,
            text: plain(&entry.text.replace('\n', " ")),
            number: entry.span.first,
        });
        for inner in entry.children.iter().filter_map(Block::list) {
            flatten(inner, column + 2, lines);
        }
    }
}

fn is_flowchart(code: &str) -> bool {
    let lower = code.to_lowercase();
    let arrows = ["→", "↓", "->", "├", "└", "=>", "▼"]
        .iter()
        .any(|a| code.contains(a));
    let asks = lower.contains('?') || lower.contains('？');
    let answers = ["yes", "sí", "sim", "ja", "oui", "да", "tak", "是"]
        .iter()
        .any(|w| super::words::says(&lower, w));
    arrows && asks && answers
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

const YES: &[&str] = &["yes|y|sí|si|sim|ja|oui|да|tak|是|はい|예"];
const NO: &[&str] = &["no|n|não|nein|non|нет|nie|否|いいえ|아니오"];

/// A line that begins with an answer: whether it is yes, and what follows.
fn answer(text: &str) -> Option<(bool, &str)> {
    let body = text.trim_start_matches(['→', '↓', '-', '>', '=', '[', '(', ' ']);
    let end = body
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(body.len());
    let (word, rest) = body.split_at(end);
    let word = word.to_lowercase();
    let yes = each(YES).any(|w| w == word);
    if !yes && !each(NO).any(|w| w == word) {
        return None;
    }
    let after = rest.trim_start_matches([']', ')', ' ']);
    let marked = after.is_empty() || after.starts_with(['→', ':', '-', '=', '：', ',']);
    let rest = after.trim_start_matches(['→', ':', '-', '>', '=', ' ', '：', ',']);
    marked.then_some((yes, rest.trim()))
}

#[derive(Default)]
struct Node {
    ask: String,
    yes: Side,
    no: Side,
    line: u32,
}

#[derive(Default, Clone)]
enum Side {
    #[default]
    Nowhere,
    Outcome(String),
    Node(usize),
}

impl Side {
    fn says(&self, what: impl Fn(&str) -> bool) -> bool {
        matches!(self, Self::Outcome(text) if what(text))
    }
}

struct Chart {
    nodes: Vec<Node>,
}

impl Chart {
    fn node(&mut self, ask: &str, line: &Line) -> usize {
        self.nodes.push(Node {
            ask: plain(ask),
            line: line.number,
            ..Node::default()
        });
        self.nodes.len() - 1
    }

    fn set(&mut self, node: usize, yes: bool, to: Side) {
        if let Some(n) = self.nodes.get_mut(node) {
            let side = if yes { &mut n.yes } else { &mut n.no };
            if matches!(side, Side::Nowhere) {
                *side = to;
            }
        }
    }

    /// Whether nothing is said yet about an answer.
    fn is_open(&self, node: usize, yes: bool) -> bool {
        self.nodes
            .get(node)
            .is_some_and(|n| matches!(if yes { &n.yes } else { &n.no }, Side::Nowhere))
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
            let node = self.node(first, line);
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
                let next = self.node(&ask, line);
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
                    let next = self.node(rest, line);
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
            while open
                .last()
                .is_some_and(|(column, ..)| *column >= line.column)
            {
                open.pop();
            }
            let above = open.last().copied();
            if line.text.contains(['?', '？']) {
                let next = self.node(&line.text, line);
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
            if let Side::Outcome(text) = side {
                said.extend(words(text));
            }
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

fn publish(reading: &mut Reading<'_>, chart: Chart, whole: Span) {
    let first = reading.plan.questions.len();
    let id = |at: usize| QuestionId::new(format!("q{}", first + at + 1));
    let branch = |side: Side| match side {
        Side::Nowhere => Branch::default(),
        Side::Outcome(text) => Branch {
            outcome: Some(text),
            next: None,
        },
        Side::Node(at) => Branch {
            outcome: None,
            next: Some(id(at)),
        },
    };
    for (at, node) in chart.nodes.into_iter().enumerate() {
        for (side, name) in [(&node.yes, "yes"), (&node.no, "no")] {
            if matches!(side, Side::Nowhere) {
                let message = format!("a {name} to \"{}\" leads nowhere", node.ask);
                reading.note(
                    node.line,
                    Level::Warning,
                    "open-branch",
                    message,
                    "say what to do in that case",
                );
            }
        }
        reading.plan.questions.push(Question {
            id: id(at),
            ask: node.ask,
            yes: branch(node.yes),
            no: branch(node.no),
            // The first question stands for the whole drawing.
            span: if at == 0 {
                whole
            } else {
                Span {
                    first: node.line,
                    last: node.line,
                }
            },
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(code: &str) -> Vec<String> {
        let mut chart = Chart { nodes: Vec::new() };
        let lines = lines(code, 1);
        let tree = lines.iter().any(|l| answer(&l.text).is_some());
        if tree && !lines.iter().any(|l| l.text.starts_with('↓')) {
            chart.tree(&lines);
        } else {
            chart.spine(&lines);
        }
        let side = |b: &Side| match b {
            Side::Nowhere => "-".to_owned(),
            Side::Outcome(t) => t.clone(),
            Side::Node(n) => format!("#{n}"),
        };
        chart
            .nodes
            .iter()
            .map(|n| format!("{} y:{} n:{}", n.ask, side(&n.yes), side(&n.no)))
            .collect()
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
}
