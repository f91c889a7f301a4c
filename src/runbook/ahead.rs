//! Reading the blocks of a long document on all cores, before anybody asks for them.
//!
//! What a block is and how it is cut follows from the block alone, and is most of the work of
//! reading. Nothing is decided here: whoever comes to a block that was not read ahead reads it
//! then, by the same functions and to the same end.

use std::collections::HashMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::actions::{self, Part};
use super::blocks::{Block, Fence, Kind};
use super::outline::Outline;

/// So many blocks are worth a thread.
const LEAST: usize = 32;
/// So many threads are enough.
const MOST_THREADS: usize = 8;
/// Blocks that a thread takes at a time.
const AT_A_TIME: usize = 16;
/// Stack of a thread: as much as a program's first one has.
const STACK: usize = 8 << 20;

/// The pieces of blocks, by where a block stands in memory: another one that was made of it is
/// another one.
pub type Pieces = HashMap<usize, Vec<Part>>;

/// What a block is found by.
#[must_use]
pub fn key(fence: &Fence) -> usize {
    std::ptr::from_ref(fence).addr()
}

/// How many threads a document may take: those of the machine, and one where tests count work.
#[must_use]
pub fn threads() -> usize {
    if cfg!(test) {
        return 1;
    }
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Reads the blocks of a document with so many threads; none where it is not worth it.
#[must_use]
pub fn read(outline: &Outline, threads: usize) -> Pieces {
    let mut fences = Vec::new();
    for section in &outline.sections {
        collect(&section.blocks, &mut fences);
    }
    let threads = threads.min(MOST_THREADS).min(fences.len() / LEAST + 1);
    if threads < 2 {
        return Pieces::new();
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let from = next.fetch_add(AT_A_TIME, Ordering::Relaxed);
            let Some(some) = fences.get(from..fences.len().min(from + AT_A_TIME)) else {
                return done;
            };
            if some.is_empty() {
                return done;
            }
            let read = some.iter().filter_map(|(block, fence)| {
                let pieces = actions::pieces(block, fence)?;
                Some((key(fence), pieces))
            });
            done.extend(read);
        }
    };
    thread::scope(|scope| {
        let start = |_| {
            let builder = thread::Builder::new().stack_size(STACK);
            // Where there are no more threads, the others do it.
            builder.spawn_scoped(scope, work).ok()
        };
        let others: Vec<_> = (1..threads).filter_map(start).collect();
        let mut pieces: Pieces = work().into_iter().collect();
        for other in others {
            // What is missing is read when it is asked for.
            pieces.extend(other.join().unwrap_or_default());
        }
        pieces
    })
}

fn collect<'b>(blocks: &'b [Block], found: &mut Vec<(&'b Block, &'b Fence)>) {
    for block in blocks {
        match &block.kind {
            Kind::Fence(fence) => found.push((block, fence)),
            Kind::List(list) => {
                for entry in &list.items {
                    collect(&entry.children, found);
                }
            }
            Kind::Heading(..) | Kind::Para(_) | Kind::Table(_) | Kind::Comment(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::runbook::read_with;
    use std::fmt::Write as _;

    #[test]
    fn many_threads_read_what_one_reads() {
        let mut text = String::from("# Quays\n\n## Rollback procedures\n\n");
        for n in 0..90 {
            let _ = write!(
                text,
                "### Option {n}: quay {n}\n\n1. **Stop crane {n}**\n   ```bash\n   # 1. Stop\n   sudo systemctl stop crane-{n}\n   # Expected: inactive\n   ./look <crane> | tee log-{n}\n   ```\n\n2. Count\n\n   ```sql\n   DELETE FROM cargo WHERE quay = {n};\n   ```\n\n```json\n{{\"quay\": {n}}}\n```\n\n```\nkubectl get pods\n"
            );
            text.push_str(if n % 7 == 0 { "\n" } else { "```\n\n" });
        }
        let one = read_with(text.as_bytes(), 1);
        assert!(one.procedures.len() > 50);
        for threads in [2, 5] {
            assert_eq!(
                read_with(text.as_bytes(), threads),
                one,
                "{threads} threads"
            );
        }
    }
}
