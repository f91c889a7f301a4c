//! What of an output is in view: the tail or a page, a search and its present hit. Turns what the
//! pane sees into what the model shows.

use std::path::Path;
use std::time::Instant;

use ratatui::style::Modifier;
use ratatui::text::Line;

use super::find::Search;
use super::marks::{found, highlight};
use super::pane::{At, Pane};
use crate::app::output::{OutputView, Scroll, SearchState, Selected, Selecting, Sought};
use crate::domain::ids::AttemptId;

/// Rows kept above a hit when it is brought into view.
const ABOVE: usize = 2;

/// The output in view.
#[derive(Default)]
pub struct Viewer {
    shown: Option<(AttemptId, Pane)>,
    place: Place,
    search: Option<Looking>,
    /// Where a selection began and where it ends, by lines; by rows on a whole screen.
    selection: Option<(u64, u64)>,
    size: (u16, u16),
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Place {
    /// The tail, following it.
    #[default]
    Tail,
    /// From here on.
    From(At),
}

struct Looking {
    wanted: Sought,
    search: Search,
    /// The present hit, by its position; none where none was gone to.
    at: Option<usize>,
    /// The first hit is brought into view as soon as it is known. Not any more where the operator
    /// has moved since, or there was none: what is printed later takes nobody away.
    wants: bool,
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
        self.selection = None;
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
        if let Some(looking) = self.search.as_mut() {
            looking.wants = false;
        }
        let page = usize::from(self.size.1).saturating_sub(1).max(1);
        let by = match scroll {
            Scroll::Follow => return self.place = Place::Tail,
            Scroll::Top => return self.place = Place::From(At::default()),
            Scroll::By(by) => by,
            Scroll::Pages(by) => by.saturating_mul(i64::try_from(page).unwrap_or(1)),
        };
        let last = pane.last_page();
        let from = match self.place {
            Place::Tail => last,
            Place::From(at) => at,
        };
        let rows = usize::try_from(by.unsigned_abs()).unwrap_or(usize::MAX);
        let to = if by < 0 {
            pane.back(from, rows)
        } else {
            pane.forward(from, rows)
        };
        self.place = if by > 0 && to >= last {
            Place::Tail
        } else {
            Place::From(to.min(last))
        };
    }

    /// Selects lines. False where there is none.
    pub fn select(&mut self, how: Selecting) -> bool {
        let Some((_, pane)) = self.shown.as_ref() else {
            return false;
        };
        let whole_screen = pane.modes().alternate_screen;
        let all = if whole_screen {
            u64::from(self.size.1)
        } else {
            pane.total()
        };
        let Some(last) = all.checked_sub(1) else {
            return false;
        };
        let Some((begin, end)) = self.selection else {
            if how == Selecting::Toggle {
                self.begin_selection(last, whole_screen);
            }
            return true;
        };
        let page = usize::from(self.size.1).saturating_sub(1).max(1);
        let end = match how {
            Selecting::Toggle | Selecting::Nothing => {
                self.selection = None;
                return true;
            }
            Selecting::Top => 0,
            Selecting::Bottom => last,
            Selecting::By(by) => end.saturating_add_signed(by).min(last),
            Selecting::Pages(_) if whole_screen => end,
            Selecting::Pages(by) if by < 0 => pane.back(At::line(end), page).line,
            Selecting::Pages(_) => pane.forward(At::line(end), page).line.min(last),
        };
        self.selection = Some((begin, end));
        if !whole_screen {
            self.keep_in_view(end);
        }
        true
    }

    /// Begins with the present hit where it is in view, else with the last line in view.
    fn begin_selection(&mut self, last: u64, whole_screen: bool) {
        let Some((_, pane)) = self.shown.as_ref() else {
            return;
        };
        let mut line = last;
        if !whole_screen {
            let from = match self.place {
                // What is printed meanwhile does not move what is being selected.
                Place::Tail => pane.last_page(),
                Place::From(at) => at,
            };
            let seen = pane.page(from).at;
            let hit = self.search.as_ref().and_then(Looking::line);
            let hit = hit.filter(|hit| seen.iter().any(|at| at.line == *hit));
            line = hit.or(seen.last().map(|at| at.line)).unwrap_or(last);
            self.place = Place::From(from);
        }
        self.selection = Some((line, line));
    }

    /// Moves as little as is needed for a line to be in view to its end.
    fn keep_in_view(&mut self, line: u64) {
        let (Some((_, pane)), Place::From(from)) = (self.shown.as_ref(), self.place) else {
            return;
        };
        let rows = usize::from(self.size.1);
        let lowest = pane.back(At::line(line + 1), rows);
        let begin = At::line(line);
        self.place = Place::From(from.max(lowest).min(begin));
    }

    /// The text of the selected lines; none where that is more than can be taken at once.
    #[must_use]
    pub fn selected_text(&self) -> Option<String> {
        let (_, pane) = self.shown.as_ref()?;
        let (first, last) = self.selected()?;
        if pane.modes().alternate_screen {
            return Some(pane.screen_text(first, last));
        }
        pane.text(first, last)
    }

    /// The first and the last selected line.
    #[must_use]
    pub fn selected(&self) -> Option<(u64, u64)> {
        self.selection.map(|(a, b)| (a.min(b), a.max(b)))
    }

    /// Searches; for no words, ends the search.
    pub fn look_for(&mut self, wanted: Sought) {
        let dir = self.shown.as_ref().map(|(_, pane)| pane.dir().to_owned());
        let search = dir.and_then(|dir| Search::start(&dir, &wanted));
        self.search = search.map(|search| Looking {
            wanted,
            search,
            at: None,
            wants: true,
        });
    }

    /// Searches what was printed since the search came to an end. False where there is nothing.
    pub fn search_on(&mut self) -> bool {
        let (Some((_, pane)), Some(looking)) = (&self.shown, &mut self.search) else {
            return false;
        };
        let hits = looking.search.hits();
        if !hits.is_behind(pane.watcher().now().bytes) {
            return false;
        }
        let Some(search) = looking.search.go_on(pane.dir(), &looking.wanted) else {
            return false;
        };
        looking.search = search;
        looking.wants = false;
        true
    }

    /// Goes to the next hit or the one before, round at the ends.
    pub fn hit(&mut self, forwards: bool) {
        let Some(looking) = self.search.as_mut() else {
            return;
        };
        let hits = looking.search.hits().lines;
        let Some(last) = hits.len().checked_sub(1) else {
            return;
        };
        let at = match (forwards, looking.at) {
            (true, Some(at)) if at < last => at + 1,
            (true, _) => 0,
            (false, Some(at)) if at > 0 => at - 1,
            (false, _) => last,
        };
        looking.at = Some(at);
        looking.wants = false;
        if let Some(line) = hits.get(at) {
            self.bring_into_view(*line);
        }
    }

    /// Brings the first hit into view as soon as it is known.
    pub fn bring_hit_into_view(&mut self) {
        let Some(looking) = self.search.as_mut().filter(|looking| looking.wants) else {
            return;
        };
        let first = looking.search.hits().lines.first().copied();
        if let Some(line) = first {
            (looking.at, looking.wants) = (Some(0), false);
            self.bring_into_view(line);
        }
    }

    /// Shows a line, where words are searched for the row that has them, with some rows above it.
    fn bring_into_view(&mut self, line: u64) {
        let (Some((_, pane)), Some(looking)) = (self.shown.as_ref(), &self.search) else {
            return;
        };
        let at = match &looking.wanted {
            Sought::Errors => At::line(line),
            Sought::Words(words) => pane.row_with(line, |row| !found(row, words).is_empty()),
        };
        self.place = Place::From(pane.back(at, ABOVE.min(usize::from(self.size.1) / 2)));
    }

    /// What the model shows.
    #[must_use]
    pub fn view(&self, now: Instant) -> OutputView {
        let Some((id, pane)) = self.shown.as_ref() else {
            return OutputView::default();
        };
        let whole_screen = pane.modes().alternate_screen;
        let follows = self.place == Place::Tail || whole_screen;
        let seen = match self.place {
            Place::From(at) if !whole_screen => pane.page(at),
            Place::From(_) | Place::Tail => pane.tail(),
        };
        let mut lines = seen.rows;
        let search = self.search.as_ref().map(|looking| {
            looking.mark(&mut lines, &seen.at);
            looking.state(pane.watcher().now().bytes)
        });
        let rung = pane.watcher().now();
        let cursor = seen.cursor.filter(|_| follows && !rung.ended);
        let below = lines
            .iter()
            .rposition(|l| !l.spans.is_empty())
            .map_or(0, |i| i + 1);
        let kept = cursor.map_or(below, |(_, row)| below.max(usize::from(row) + 1));
        if seen.at.is_empty() && !whole_screen {
            lines.truncate(kept);
        }
        let selected = self.selected().map(|(first, last)| {
            let line = |row: usize| seen.at.get(row).map_or(row as u64, |at| at.line);
            let begin = (0..lines.len()).find(|row| line(*row) >= first);
            let end = (0..lines.len()).rfind(|row| line(*row) <= last);
            let begin = begin.unwrap_or(lines.len());
            Selected {
                rows: begin..end.map_or(0, |row| row + 1),
                first,
                lines: last - first + 1,
            }
        });
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
            selected,
            note: note(pane),
        }
    }
}

impl Looking {
    /// The line of the present hit.
    fn line(&self) -> Option<u64> {
        self.search.hits().lines.get(self.at?).copied()
    }

    fn state(&self, bytes: u64) -> SearchState {
        let hits = self.search.hits();
        SearchState {
            wanted: self.wanted.clone(),
            at: self.at.map_or(0, |at| at + 1),
            hits: hits.lines.len(),
            complete: hits.done && hits.bytes >= bytes,
        }
    }

    /// Marks what was found in rows that are of these lines: the words, or the whole line of the
    /// present error; other errors are underlined.
    fn mark(&self, rows: &mut [Line<'static>], at: &[At]) {
        if let Sought::Words(words) = &self.wanted {
            for row in rows {
                highlight(row, words);
            }
            return;
        }
        let hits = self.search.hits().lines;
        for (row, place) in rows.iter_mut().zip(at) {
            let style = match hits.binary_search(&place.line) {
                Ok(at) if Some(at) == self.at => Modifier::REVERSED,
                Ok(_) => Modifier::UNDERLINED,
                Err(_) => continue,
            };
            for span in &mut row.spans {
                span.style = span.style.add_modifier(style);
            }
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

#[cfg(test)]
mod tests {
    use super::Viewer;
    use crate::app::output::{OutputView, Scroll, Sought};
    use crate::domain::ids::AttemptId;
    use ratatui::style::Modifier;
    use ratatui::text::Line;
    use std::time::Instant;

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

    /// Waits until the search has come to its end.
    fn searched(viewer: &mut Viewer) -> OutputView {
        while !viewer.search().expect("a search").hits().done {
            std::thread::yield_now();
        }
        viewer.bring_hit_into_view();
        viewer.view(Instant::now())
    }

    /// The lines that are marked as the present hit.
    fn marked(view: &OutputView) -> Vec<String> {
        let is_marked = |line: &&Line<'_>| {
            let mut spans = line.spans.iter();
            spans.any(|s| s.style.add_modifier.contains(Modifier::REVERSED))
        };
        let lines = view.lines.iter().filter(is_marked);
        lines.map(ToString::to_string).collect()
    }

    #[test]
    fn the_first_error_comes_into_view_and_the_others_after_it() {
        let mut output = "line\r\n".repeat(40);
        output.push_str(&"0 errors\r\n".repeat(3));
        // Three of its rows would leave no room for the error below it.
        output.push_str(&"long".repeat(10));
        output.push_str("\r\n\u{1b}[31merr\u{1b}[1mor\u{1b}[0m: 1\r\n");
        output.push_str(&"line\r\n".repeat(40));
        output.push_str("failed\r\nline\r\n");
        let (mut viewer, _dir) = on(&output);
        viewer.look_for(Sought::Errors);
        let view = searched(&mut viewer);
        assert_eq!(marked(&view), ["error: 1"]);
        let told = |view: &OutputView| view.search.as_ref().expect("a search").told();
        assert_eq!(told(&view), "error 1 of 2");
        for (forwards, line, at) in [
            (true, "failed", "error 2 of 2"),
            (true, "error: 1", "error 1 of 2"),
            (false, "failed", "error 2 of 2"),
        ] {
            viewer.hit(forwards);
            let view = viewer.view(Instant::now());
            assert_eq!(
                (marked(&view).concat(), told(&view)),
                (line.into(), at.into())
            );
        }
    }

    #[test]
    fn an_error_that_is_printed_later_takes_nobody_away() {
        let (mut viewer, dir) = on(&"line\r\n".repeat(40));
        viewer.look_for(Sought::Errors);
        let view = searched(&mut viewer);
        assert!(view.follows);
        let none = view.search.map(|search| search.told());
        assert_eq!(none.as_deref(), Some("no line reads as an error"));
        let mut output = "line\r\n".repeat(40);
        output.push_str("it failed\r\nline\r\nline\r\nline\r\n");
        std::fs::write(dir.path().join("output"), &output).expect("written");
        let (_, pane) = viewer.shown().expect("a pane");
        while pane.watcher().index(super::super::lines::LineIndex::bytes) < output.len() as u64 {
            std::thread::yield_now();
        }
        assert!(viewer.search_on());
        let view = searched(&mut viewer);
        assert!(view.follows);
        let one = view.search.map(|search| search.told());
        assert_eq!(one.as_deref(), Some("error: 1 found"));
        viewer.hit(true);
        assert_eq!(marked(&viewer.view(Instant::now())), ["it failed"]);
    }
}
