//! Decision questions: from lists, from drawings in a fence, and from mermaid flowcharts.
//!
//! What leads nowhere stays open and is a diagnostic; nothing is guessed. A drawing that cannot be
//! understood beyond doubt stays text as a whole, and a diagnostic says so.

mod boxes;
mod chart;
mod drawn;
mod graph;
mod grid;
mod lists;
mod mermaid;

use super::blocks::{Block, Fence, List};
use super::reading::Reading;
use super::words::{Role, says};
use crate::domain::ids::QuestionId;
use crate::domain::plan::{ActionKind, Branch, Level, Question, Span, UnplacedKind};
use chart::{Chart, Side};

/// Reads the decision questions of a plan.
pub fn read(reading: &mut Reading<'_>) {
    for index in reading.sections() {
        let section = reading.section(index);
        if !matches!(section.role, Some(Role::Triage | Role::Rollback) | None) {
            continue;
        }
        for (at, block) in section.blocks.iter().enumerate() {
            if !reading.all_free(block) {
                continue;
            }
            match block.fence() {
                Some(fence) => drawing(reading, index, block, fence),
                None => lists::read(reading, index, at, block),
            }
        }
    }
}

/// The questions of a list that is declared to hold some. False where there are none.
pub fn from_list(reading: &mut Reading<'_>, index: usize, list: &List, block: &Block) -> bool {
    let (chart, left) = lists::declared(list);
    let found = !chart.nodes.is_empty();
    if found {
        reading.take_block(block);
        lists::leave(reading, index, &left);
        publish(reading, chart, block.span);
    }
    found
}

/// What a drawing comes to.
enum Drawn {
    /// It asks nothing.
    Nothing,
    /// It branches in a way that is not understood.
    Unclear,
    /// Its questions, and the lines that are in none of them.
    Chart(Chart, Vec<u32>),
}

fn drawing(reading: &mut Reading<'_>, index: usize, block: &Block, fence: &Fence) {
    if fence.told.is_decided() {
        return;
    }
    let drawn = match fence.lang.as_str() {
        "mermaid" => mermaid::read(&fence.code, fence.code_line),
        "" | "text" | "txt" | "plaintext" | "ascii" => in_signs(fence),
        _ => return,
    };
    match drawn {
        Drawn::Nothing => {}
        Drawn::Unclear => reading.note(
            block.span.first,
            Level::Note,
            "unread-drawing",
            "a drawing of decisions that cannot be read beyond doubt, and stays text",
            "write it as a list: each question an item, its answers (yes, no) as items below it",
        ),
        Drawn::Chart(chart, left) => {
            reading.take(block.atom);
            let heading = &reading.section(index).title;
            reading.leave_lines(UnplacedKind::Text, heading, &left);
            publish(reading, chart, block.span);
        }
    }
}

/// A drawing made of signs and letters.
fn in_signs(fence: &Fence) -> Drawn {
    let code = &fence.code;
    if !is_flowchart(code) || fence.see().kind != ActionKind::Text {
        return Drawn::Nothing;
    }
    if boxes::is_flat(code) {
        return boxes::read(code, fence.code_line);
    }
    let (chart, left) = drawn::read(code, fence.code_line);
    // Boxes side by side cannot be read line by line.
    let boxed = |text: &str| {
        text.contains(['│', '┌', '┐', '║', '─']) || text.contains(" | ") || text.contains("--")
    };
    let wrong = |n: &chart::Node| {
        boxed(&n.ask)
            || [&n.yes, &n.no]
                .into_iter()
                .filter_map(Side::outcome)
                .any(boxed)
    };
    let open = |n: &chart::Node| matches!((&n.yes, &n.no), (Side::Nowhere, Side::Nowhere));
    if chart.nodes.iter().all(open) {
        return Drawn::Nothing;
    }
    if chart.nodes.iter().any(wrong) {
        return Drawn::Unclear;
    }
    Drawn::Chart(chart, left)
}

fn is_flowchart(code: &str) -> bool {
    let lower = code.to_lowercase();
    let arrows = ["→", "↓", "->", "├", "└", "=>", "▼", "┌"];
    let arrows = arrows.iter().any(|a| code.contains(a)) || boxes::is_flat(code);
    let asks = lower.contains('?') || lower.contains('？');
    let answers = [
        "yes", "sí", "sim", "ja", "oui", "да", "tak", "是", "はい", "예", "sì", "так", "evet",
    ]
    .iter()
    .any(|w| says(&lower, w));
    arrows && asks && answers
}

/// Puts the questions of a chart into the plan, and says where an answer leads nowhere.
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
        Side::Then(text, at) => Branch {
            outcome: Some(text),
            next: Some(id(at)),
        },
    };
    for (at, node) in chart.nodes.into_iter().enumerate() {
        for (side, name) in [(&node.yes, "yes"), (&node.no, "no")] {
            if matches!(side, Side::Nowhere) && !(node.last_of_many && name == "no") {
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
mod tests;
