//! What the author wants left alone, and what is wrong with what the author says of fences.

use super::blocks::{Block, Fence, Kind};
use super::marks::Mark;
use super::reading::Reading;
use crate::domain::plan::Level;

/// Sets aside what is to stay text, and reports what cannot be read.
pub fn set_aside(reading: &mut Reading<'_>) {
    for index in reading.sections() {
        let section = reading.section(index);
        for block in &section.blocks {
            report_fences(reading, block);
            if block.marks.contains(&Mark::Ignore) {
                reading.leave_alone(block, &section.title);
            }
        }
        if !section.marks.contains(&Mark::Ignore) {
            continue;
        }
        for part in reading.outline.within(index) {
            let part = reading.section(part);
            for block in &part.blocks {
                reading.leave_alone(block, &part.title);
            }
        }
    }
}

/// What is wrong with the fences of a block, those in its items included.
fn report_fences(reading: &mut Reading<'_>, block: &Block) {
    match &block.kind {
        Kind::Fence(fence) => {
            report_attributes(reading, block.span.first, fence);
            if !fence.closed {
                let message = if fence.is_whole() {
                    "this block is never closed; it is taken to end before the next heading"
                } else {
                    "this block is never closed; it is shown and cannot be run"
                };
                reading.note(
                    block.span.first,
                    Level::Warning,
                    "unclosed-fence",
                    message,
                    "close it with ```",
                );
            }
        }
        Kind::List(list) => {
            list.items
                .iter()
                .flat_map(|e| &e.children)
                .for_each(|c| report_fences(reading, c));
        }
        _ => {}
    }
}

/// Attributes that cannot be read, and those that backout does not know.
fn report_attributes(reading: &mut Reading<'_>, line: u32, fence: &Fence) {
    if fence.attributes.is_empty() {
        return;
    }
    let start = reading.column_of(line, &fence.attributes);
    let column = |at: usize| start.saturating_add(u32::try_from(at).unwrap_or(0));
    if let Some(problem) = &fence.told.problem {
        reading.note_at(
            (line, column(problem.at)),
            Level::Error,
            "bad-attribute",
            format!("{}; the block is shown and cannot be run", problem.message),
            "write {\"name\":\"value\"} or { name=value }",
        );
    }
    for word in fence.told.unknown() {
        // Some tools put the label itself into the braces.
        if word.value.is_none() && word.key == fence.lang {
            continue;
        }
        reading.note_at(
            (line, column(word.at)),
            Level::Note,
            "unknown-attribute",
            format!("the attribute {} is not known to backout", word.key),
            "it is kept and has no effect",
        );
    }
}
