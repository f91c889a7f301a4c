//! What of an output is in view: the tail or a page, a search and its present hit. Turns what the
//! pane sees into what the model shows.

use std::path::Path;
use std::time::Instant;

use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::find::Search;
use super::pane::Pane;
use crate::app::output::{OutputView, Scroll, SearchState};
use crate::domain::ids::AttemptId;

/// Lines kept above a hit when it is brought into view.
const ABOVE: u64 = 2;

/// The output in view.
#[derive(Default)]
pub struct Viewer {
    shown: Option<(AttemptId, Pane)>,
    place: Place,
    search: Option<Looking>,
    size: (u16, u16),
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Place {
    /// The tail, following it.
    #[default]
    Tail,
    /// From this line on.
    From(u64),
}

struct Looking {
    words: String,
    search: Search,
    /// The present hit, by its position.
    at: usize,
    /// It was brought into view.
    settled: bool,
}

impl Viewer {
    /// The attempt in view and its pane.
    #[must_use]
    pub fn shown(&self) -> Option<(AttemptId, &Pane)> {
        self.shown.as_ref().map(|(id, pane)| (*id, pane))
    }

    /// The search under way.
    #[must_use]
    pub fn search(&self) -> Option<&Search> {
        self.search.as_ref().map(|looking| &looking.search)
    }

    /// Columns and rows of the pane.
    #[must_use]
    pub fn size(&self) -> (u16, u16) {
        self.size
    }

    /// Shows an attempt at its tail; one that is shown already stays where it is.
    ///
    /// # Errors
    /// Where the process has no more threads.
    pub fn show(&mut self, id: AttemptId, dir: &Path) -> std::io::Result<()> {
        if self.shown.as_ref().is_some_and(|(shown, _)| *shown == id) {
            return Ok(());
        }
        let (columns, rows) = self.size;
        self.shown = Some((id, Pane::open(dir, columns, rows)?));
        self.place = Place::Tail;
        self.search = None;
        Ok(())
    }

    /// Takes what has arrived; gives the attempt and what is to be answered to it.
    ///
    /// # Errors
    /// Where the evidence cannot be read.
    pub fn absorb(&mut self) -> std::io::Result<Vec<u8>> {
        match self.shown.as_mut() {
            Some((_, pane)) => pane.absorb(),
            None => Ok(Vec::new()),
        }
    }

    /// Shows a frame that was held back; says when to look again.
    pub fn settle(&mut self, now: Instant) -> Option<Instant> {
        self.shown.as_mut().and_then(|(_, pane)| pane.settle(now))
    }

    /// Gives the pane another size. False where it is the same.
    pub fn resize(&mut self, columns: u16, rows: u16) -> bool {
        if self.size == (columns, rows) {
            return false;
        }
        self.size = (columns, rows);
        if let Some((_, pane)) = self.shown.as_mut() {
            pane.resize(columns, rows);
        }
        true
    }

    /// Moves.
    pub fn scroll(&mut self, scroll: Scroll) {
        let Some((_, pane)) = self.shown.as_ref() else {
            return;
        };
        let total = pane.watcher().index(super::lines::LineIndex::lines);
        let last = total.saturating_sub(u64::from(self.size.1));
        self.place = match scroll {
            Scroll::Follow => Place::Tail,
            Scroll::Top => Place::From(0),
            Scroll::By(by) => {
                let from = match self.place {
                    Place::Tail => last,
                    Place::From(line) => line,
                };
                let to = if by < 0 {
                    from.saturating_sub(by.unsigned_abs())
                } else {
                    from.saturating_add(by.unsigned_abs())
                };
                if to >= last && by > 0 {
                    Place::Tail
                } else {
                    Place::From(to.min(last))
                }
            }
        };
    }

    /// Searches for words; none ends the search.
    pub fn look_for(&mut self, words: &str) {
        let dir = self.shown.as_ref().map(|(_, pane)| pane.dir().to_owned());
        let search = dir.and_then(|dir| Search::start(&dir, words));
        self.search = search.map(|search| Looking {
            words: words.to_owned(),
            search,
            at: 0,
            settled: false,
        });
    }

    /// Searches what was printed since the search came to an end. False where there is nothing.
    pub fn search_on(&mut self) -> bool {
        let (Some((_, pane)), Some(looking)) = (&self.shown, &mut self.search) else {
            return false;
        };
        if !looking.search.hits().is_behind(pane.watcher().now().bytes) {
            return false;
        }
        let Some(search) = looking.search.go_on(pane.dir(), &looking.words) else {
            return false;
        };
        looking.search = search;
        true
    }

    /// Goes to the next hit or the one before, round at the ends.
    pub fn hit(&mut self, forwards: bool) {
        let Some(looking) = self.search.as_mut() else {
            return;
        };
        let hits = looking.search.hits().lines.len();
        if hits == 0 {
            return;
        }
        looking.at = match (forwards, looking.at) {
            (true, at) => (at + 1) % hits,
            (false, 0) => hits - 1,
            (false, at) => at - 1,
        };
        looking.settled = false;
        self.bring_hit_into_view();
    }

    /// Brings the present hit into view as soon as it is known; at first the last one that is
    /// not below what is in view.
    pub fn bring_hit_into_view(&mut self) {
        let Some(looking) = self.search.as_mut() else {
            return;
        };
        if looking.settled {
            return;
        }
        let hits = looking.search.hits();
        if let Some(line) = hits.lines.get(looking.at) {
            looking.settled = true;
            self.place = Place::From(line.saturating_sub(ABOVE));
        }
    }

    /// What the model shows.
    #[must_use]
    pub fn view(&self, now: Instant) -> OutputView {
        let Some((id, pane)) = self.shown.as_ref() else {
            return OutputView::default();
        };
        let (columns, rows) = self.size;
        let whole_screen = pane.modes().alternate_screen;
        let follows = self.place == Place::Tail || whole_screen;
        let seen = match self.place {
            Place::From(line) if !whole_screen => pane.page(line, columns, rows),
            Place::From(_) | Place::Tail => pane.tail(),
        };
        let mut lines = seen.rows;
        let search = self.search.as_ref().map(|looking| {
            for line in &mut lines {
                highlight(line, &looking.words);
            }
            looking.state(pane.watcher().now().bytes)
        });
        let rung = pane.watcher().now();
        let cursor = seen.cursor.filter(|_| follows && !rung.ended);
        let below = lines
            .iter()
            .rposition(|l| !l.spans.is_empty())
            .map_or(0, |i| i + 1);
        let kept = cursor.map_or(below, |(_, row)| below.max(usize::from(row) + 1));
        if !whole_screen {
            lines.truncate(kept);
        }
        OutputView {
            attempt: Some(*id),
            lines,
            first: (!whole_screen).then_some(seen.first + 1),
            total: seen.total,
            bytes: rung.bytes,
            cursor: cursor.map(|(column, row)| (row, column)),
            follows,
            waits: pane.seems_to_ask(now),
            search,
            note: note(pane),
        }
    }
}

impl Looking {
    fn state(&self, bytes: u64) -> SearchState {
        let hits = self.search.hits();
        SearchState {
            text: self.words.clone(),
            at: if hits.lines.is_empty() {
                0
            } else {
                self.at + 1
            },
            hits: hits.lines.len(),
            complete: hits.done && hits.bytes >= bytes,
        }
    }
}

/// What is worth saying of an output.
fn note(pane: &Pane) -> String {
    if pane.began_anew() {
        return "drawn anew after a fault; the evidence is complete".to_owned();
    }
    // Any line can be reached, so a jump needs no word; what a whole screen was drawn from can not.
    if pane.modes().alternate_screen && pane.skipped() > 0 {
        return "joined late; the evidence is complete".to_owned();
    }
    String::new()
}

/// Reverses the words that are searched for.
fn highlight(line: &mut Line<'static>, words: &str) {
    let any_case = !words.chars().any(char::is_uppercase);
    let mut spans = Vec::with_capacity(line.spans.len());
    for span in line.spans.drain(..) {
        let text = span.content.as_ref();
        // Lower case may change the length of a text; then it is searched as it is.
        let low = text.to_lowercase();
        let hay = if any_case && low.len() == text.len() {
            &low
        } else {
            text
        };
        let mut done = 0;
        for (at, found) in hay.match_indices(words) {
            let (before, hit) = (text.get(done..at), text.get(at..at + found.len()));
            let (Some(before), Some(hit)) = (before, hit) else {
                continue;
            };
            spans.push(Span::styled(before.to_owned(), span.style));
            let style = span.style.add_modifier(Modifier::REVERSED);
            spans.push(Span::styled(hit.to_owned(), style));
            done = at + found.len();
        }
        let rest = text.get(done..).unwrap_or_default();
        if !rest.is_empty() {
            spans.push(Span::styled(rest.to_owned(), span.style));
        }
    }
    spans.retain(|span| !span.content.is_empty());
    line.spans = spans;
}

#[cfg(test)]
mod tests {
    use super::{Viewer, highlight};
    use crate::app::output::Scroll;
    use crate::domain::ids::AttemptId;
    use ratatui::style::Modifier;
    use ratatui::text::Line;
    use std::time::Instant;

    #[test]
    fn the_words_are_marked_and_nothing_else() {
        let mut line = Line::from("An Error, and another error");
        highlight(&mut line, "error");
        let marked: Vec<&str> = line
            .spans
            .iter()
            .filter(|s| s.style.add_modifier.contains(Modifier::REVERSED))
            .map(|s| s.content.as_ref())
            .collect();
        assert_eq!(marked, ["Error", "error"]);
        let text: String = line.spans.iter().map(|s| s.content.as_ref()).collect();
        assert_eq!(text, "An Error, and another error");
    }

    /// A viewer of ten columns and three rows on an output, with everything taken in.
    fn on(output: &str) -> (Viewer, tempfile::TempDir) {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join("output"), output).expect("written");
        let mut viewer = Viewer::default();
        viewer.resize(10, 3);
        viewer.show(AttemptId(1), dir.path()).expect("shown");
        let (_, pane) = viewer.shown().expect("a pane");
        let mut bell = pane.watcher().bell();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let size = output.len() as u64;
            let all = bell.wait_for(|rung| rung.bytes == size).await;
            assert!(all.is_ok());
        });
        // The lines are counted right after the bell has rung.
        let (_, pane) = viewer.shown().expect("a pane");
        while pane.watcher().index(super::super::lines::LineIndex::bytes) < output.len() as u64 {
            std::thread::yield_now();
        }
        viewer.absorb().expect("absorbed");
        (viewer, dir)
    }

    fn text(viewer: &Viewer) -> Vec<String> {
        let view = viewer.view(Instant::now());
        view.lines.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_tail_is_followed_and_any_line_can_be_reached() {
        let output: Vec<String> = (1..=20).map(|n| format!("line {n}\r\n")).collect();
        let (mut viewer, _dir) = on(&output.concat());
        assert_eq!(text(&viewer), ["line 19", "line 20", ""]);
        viewer.scroll(Scroll::Top);
        assert_eq!(text(&viewer), ["line 1", "line 2", "line 3"]);
        assert!(!viewer.view(Instant::now()).follows);
        viewer.scroll(Scroll::By(4));
        assert_eq!(text(&viewer), ["line 5", "line 6", "line 7"]);
        viewer.scroll(Scroll::By(100));
        assert!(viewer.view(Instant::now()).follows);
        viewer.scroll(Scroll::By(-1));
        assert_eq!(text(&viewer), ["line 17", "line 18", "line 19"]);
    }
}
