//! The emulator in use: `alacritty_terminal` without history, title, clipboard or bell.
//!
//! Answers to questions are kept for the program that asked; everything else that an output asks
//! of a terminal (a title, the clipboard, colours of the palette) ends here. A frame that a
//! program announced as one (mode 2026) is shown when it is complete, or when [`Emulator::settle`]
//! is called after its time limit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use alacritty_terminal::event::{Event, EventListener};
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::cell::{Cell as GridCell, Flags};
use alacritty_terminal::term::{Config, Osc52, Term, TermMode};
use alacritty_terminal::vte::ansi::{Color, NamedColor, Processor};

use super::scrub::{combines, is_hidden};
use super::style::{Colour, Look};
use super::vt::{Cell, Modes, Vt};
use super::width::width_of;

/// The largest side of a screen; a resize beyond it is cut to it.
const LARGEST: u16 = 2_000;

/// The most that one feed may answer: an output cannot flood its program with answers.
const MOST_ANSWERS: usize = 4_096;

/// A terminal's screen.
pub struct Emulator {
    term: Term<Answers>,
    parser: Processor,
    answers: Answers,
    size: Size,
    broken: bool,
}

/// Keeps what the terminal answers, and lets everything else fall.
#[derive(Clone, Default)]
struct Answers(Arc<Mutex<Vec<u8>>>);

impl EventListener for Answers {
    fn send_event(&self, event: Event) {
        if let Event::PtyWrite(text) = event {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() + text.len() <= MOST_ANSWERS {
                kept.extend_from_slice(text.as_bytes());
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Size {
    columns: u16,
    rows: u16,
}

impl Size {
    fn new(columns: u16, rows: u16) -> Self {
        Self {
            columns: columns.clamp(2, LARGEST),
            rows: rows.clamp(1, LARGEST),
        }
    }
}

impl Dimensions for Size {
    fn total_lines(&self) -> usize {
        self.screen_lines()
    }

    fn screen_lines(&self) -> usize {
        usize::from(self.rows)
    }

    fn columns(&self) -> usize {
        usize::from(self.columns)
    }
}

impl Emulator {
    /// An empty screen of that size in cells; at least 2 columns and 1 row.
    #[must_use]
    pub fn new(columns: u16, rows: u16) -> Self {
        let size = Size::new(columns, rows);
        let answers = Answers::default();
        Self {
            term: blank(size, answers.clone()),
            parser: Processor::new(),
            answers,
            size,
            broken: false,
        }
    }

    /// When a frame that is being held back is to be shown even if it is not complete.
    #[must_use]
    pub fn holds_until(&self) -> Option<Instant> {
        self.parser.sync_timeout().sync_timeout()
    }

    /// Shows a frame that was being held back.
    pub fn settle(&mut self) {
        self.guarded(|term, parser| parser.stop_sync(term));
    }

    /// Whether the engine failed on something in the output, so that the screen began anew.
    /// The evidence is complete all the same.
    #[must_use]
    pub fn began_anew(&self) -> bool {
        self.broken
    }

    /// A fault of the engine costs the screen that it had drawn, never the cockpit.
    fn guarded(&mut self, work: impl FnOnce(&mut Term<Answers>, &mut Processor)) {
        let (term, parser) = (&mut self.term, &mut self.parser);
        if catch_unwind(AssertUnwindSafe(|| work(term, parser))).is_err() {
            self.term = blank(self.size, self.answers.clone());
            self.parser = Processor::new();
            self.broken = true;
        }
    }

    fn take_answers(&self) -> Vec<u8> {
        let mut kept = self
            .answers
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *kept)
    }
}

fn blank(size: Size, answers: Answers) -> Term<Answers> {
    let config = Config {
        scrolling_history: 0,
        osc52: Osc52::Disabled,
        ..Config::default()
    };
    Term::new(config, &size, answers)
}

impl Vt for Emulator {
    fn feed(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.guarded(|term, parser| parser.advance(term, bytes));
        self.take_answers()
    }

    fn resize(&mut self, columns: u16, rows: u16) {
        let size = Size::new(columns, rows);
        self.size = size;
        self.guarded(|term, _| term.resize(size));
    }

    fn size(&self) -> (u16, u16) {
        (self.size.columns, self.size.rows)
    }

    fn row(&self, row: u16) -> Vec<Cell> {
        if row >= self.size.rows {
            return Vec::new();
        }
        let grid = &self.term.grid()[Line(i32::from(row))];
        let mut cells: Vec<Cell> = (0..usize::from(self.size.columns))
            .map(|column| cell(&grid[Column(column)]))
            .collect();
        pair_halves(&mut cells);
        cells
    }

    fn cursor(&self) -> Option<(u16, u16)> {
        if !self.term.mode().contains(TermMode::SHOW_CURSOR) {
            return None;
        }
        let point = self.term.grid().cursor.point;
        let column = u16::try_from(point.column.0).ok()?;
        let row = u16::try_from(point.line.0).ok()?;
        Some((column.min(self.size.columns - 1), row))
    }

    fn modes(&self) -> Modes {
        let mode = self.term.mode();
        Modes {
            application_cursor: mode.contains(TermMode::APP_CURSOR),
            bracketed_paste: mode.contains(TermMode::BRACKETED_PASTE),
            alternate_screen: mode.contains(TermMode::ALT_SCREEN),
            mouse: mode.intersects(TermMode::MOUSE_MODE),
        }
    }
}

/// Makes sure that a wide cell and its right half come together: the half of a pair that lost the
/// other one is a blank.
fn pair_halves(cells: &mut [Cell]) {
    for at in 0..cells.len() {
        let after = cells.get(at + 1).map(|c| c.width);
        let before = at.checked_sub(1).and_then(|b| cells.get(b));
        let before = before.map(|c| c.width);
        let Some(cell) = cells.get_mut(at) else {
            continue;
        };
        if (cell.width == 2 && after != Some(0)) || (cell.width == 0 && before != Some(2)) {
            (cell.glyph, cell.width) = (' ', 1);
            cell.marks.clear();
        }
    }
}

fn cell(from: &GridCell) -> Cell {
    let marks = from.zerowidth().unwrap_or_default();
    let hidden = is_hidden(from.c) || marks.iter().any(|c| is_hidden(*c));
    let printable = !from.c.is_control() && !is_hidden(from.c) && width_of(from.c) > 0;
    let spacer = from
        .flags
        .intersects(Flags::WIDE_CHAR_SPACER | Flags::LEADING_WIDE_CHAR_SPACER);
    let glyph = if printable { from.c } else { ' ' };
    let wide = from.flags.contains(Flags::WIDE_CHAR) && width_of(glyph) == 2;
    Cell {
        glyph,
        marks: marks
            .iter()
            .copied()
            .filter(|c| combines(*c) && !matches!(c, '\u{fe00}'..='\u{fe0f}'))
            .take(4)
            .collect(),
        look: look(from, hidden),
        width: match (spacer, wide) {
            (true, _) if from.flags.contains(Flags::LEADING_WIDE_CHAR_SPACER) => 1,
            (true, _) => 0,
            (false, true) => 2,
            (false, false) => 1,
        },
    }
}

fn look(from: &GridCell, mark: bool) -> Look {
    let has = |flags| from.flags.intersects(flags);
    Look {
        fg: colour(from.fg),
        bg: colour(from.bg),
        bold: has(Flags::BOLD),
        dim: has(Flags::DIM | Flags::HIDDEN) || is_dim(from.fg),
        italic: has(Flags::ITALIC),
        underline: has(Flags::ALL_UNDERLINES),
        strike: has(Flags::STRIKEOUT),
        inverse: has(Flags::INVERSE),
        mark,
    }
}

fn is_dim(colour: Color) -> bool {
    matches!(colour, Color::Named(name) if name >= NamedColor::DimBlack && name <= NamedColor::DimWhite)
}

fn colour(from: Color) -> Colour {
    match from {
        Color::Spec(rgb) => Colour::Rgb(rgb.r, rgb.g, rgb.b),
        Color::Indexed(index) => Colour::Indexed(index),
        Color::Named(name) => named(name),
    }
}

fn named(name: NamedColor) -> Colour {
    let dim = NamedColor::DimBlack as usize;
    let index = match name as usize {
        index @ 0..=15 => index,
        index if index >= dim && index < dim + 8 => index - dim,
        _ => return Colour::Default,
    };
    u8::try_from(index).map_or(Colour::Default, Colour::Indexed)
}
