//! Parts that are numbered one after the other: what their numbers make of the section above.
//!
//! `1. Stop`, `2. Restore`, `3. Look` under one heading are the steps of one procedure, whatever
//! each of them is about; so are `2.1`, `2.2` and `1️⃣`, `2️⃣`.

use super::blocks::{Block, Kind, List};
use super::inline::lead;
use super::outline::Section;
use super::reading::Reading;
use super::steps;
use super::words::{Role, says_any};
use crate::script::shell;

/// The number that a heading begins with; of `2.3` the last part.
fn ordinal(title: &str) -> Option<u32> {
    let text = title.trim_start_matches(|c: char| !c.is_alphanumeric());
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let dotted = number.contains('.');
    let marked = rest.starts_with([')', '、', '\u{fe0f}', '\u{20e3}']);
    let parted = dotted && rest.starts_with(' ');
    if number.is_empty() || !(marked || parted) {
        return None;
    }
    number
        .trim_end_matches('.')
        .rsplit('.')
        .next()?
        .parse()
        .ok()
}

/// The parts of a section that are numbered from 1 on without a gap, where all of them have
/// something to do.
#[must_use]
pub fn parts(reading: &Reading<'_>, live: impl Fn(usize) -> bool, index: usize) -> Vec<usize> {
    let section = reading.section(index);
    let numbered: Vec<(usize, u32)> = section
        .children
        .iter()
        .filter_map(|&c| Some((c, ordinal(&reading.section(c).title)?)))
        .collect();
    let whole = numbered.len() >= 2
        && numbered.iter().zip(1..).all(|((_, n), at)| *n == at)
        && numbered.iter().all(|(c, _)| live(*c));
    if !whole || is_of_wholes(reading, section, &numbered) {
        return Vec::new();
    }
    numbered.into_iter().map(|(c, _)| c).collect()
}

/// The bold lines of a section that number its parts from 1 on, `**2.1. Stop**`, as blocks among
/// its blocks, with what each is called.
#[must_use]
pub fn leads(blocks: &[Block]) -> Vec<(usize, String)> {
    let found: Vec<(usize, String)> = blocks
        .iter()
        .enumerate()
        .filter_map(|(at, block)| {
            let text = block.para().filter(|t| !t.contains('\n'))?;
            let lead = lead(text).filter(|l| l.rest.is_empty() && !l.colon)?;
            ordinal(&lead.label).map(|_| (at, lead.label))
        })
        .collect();
    let whole = found.len() >= 2
        && found
            .iter()
            .zip(1..)
            .all(|((_, label), n)| ordinal(label) == Some(n));
    if whole { found } else { Vec::new() }
}

/// Each part is a rollback of its own, or the whole document is numbered through.
fn is_of_wholes(reading: &Reading<'_>, section: &Section, numbered: &[(usize, u32)]) -> bool {
    let titles = numbered.iter().map(|(c, _)| reading.section(*c));
    let many = says_any(
        &section.title,
        &[
            "procedures|scenarios|methods|options|strategies|problems|issues|by phase|by component",
            "troubleshoot|procedimientos|procedimentos|verfahren|szenarien|optionen|procédures|scénarios",
        ],
    );
    let rollbacks = titles
        .clone()
        .filter(|s| says_any(&s.title, &["rollback", "roll back", "revert", "restore"]))
        .count();
    let top = section.level <= 1;
    let mixed = titles
        .clone()
        .any(|s| !matches!(s.role, None | Some(Role::Rollback | Role::Verify)));
    many || rollbacks == numbered.len() || (top && (mixed || rollbacks > 1))
}

/// Whether a part is one step: it has no parts or steps of its own.
#[must_use]
pub fn is_simple(reading: &Reading<'_>, live: impl Fn(usize) -> bool, index: usize) -> bool {
    let section = reading.section(index);
    // What a script does by itself is told, and is no steps: `The script will: 1. stop, 2. …`.
    let told = |at: usize| steps::acts_by_itself(&reading.name_of(index, at));
    let one = |(at, block): (usize, &Block)| is_one_step(block) || is_bare(block) && told(at);
    !section.children.iter().any(|&c| live(c)) && section.blocks.iter().enumerate().all(one)
}

/// A list without commands of its own.
fn is_bare(block: &Block) -> bool {
    block.list().is_some() && !block.has_fence()
}

fn is_one_step(block: &Block) -> bool {
    match &block.kind {
        Kind::List(list) => !is_ordered(list),
        Kind::Fence(fence) => {
            let numbers = fence.code.lines().map(str::trim);
            let numbers = numbers.filter(|l| l.starts_with('#') && shell::number_of(l).is_some());
            numbers.take(2).count() < 2
        }
        _ => true,
    }
}

fn is_ordered(list: &List) -> bool {
    list.ordered && list.items.len() > 1
}

#[cfg(test)]
mod tests {
    use super::ordinal;

    #[test]
    fn headings_begin_with_numbers() {
        for (title, want) in [
            ("1. Stop", Some(1)),
            ("✅ 2. Stop", Some(2)),
            ("2.3 Stop", Some(3)),
            ("4) Stop", Some(4)),
            ("3️⃣ Stop", Some(3)),
            ("24 Hours After", None),
            ("1.x releases", None),
            ("Step 1: Stop", None),
        ] {
            assert_eq!(ordinal(title), want, "{title}");
        }
    }
}
