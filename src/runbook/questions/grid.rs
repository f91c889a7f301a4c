//! A drawing as a grid of cells: which of them are lines, which are words, which are boxes.
//!
//! Letters that are also lines (`-`, `/`, `v`, `+`) are lines where they stand as such.

use unicode_width::UnicodeWidthChar;

/// The four directions and the four between them, as bits.
pub const N: u8 = 1;
/// To the right.
pub const E: u8 = 2;
/// Down.
pub const S: u8 = 4;
/// To the left.
pub const W: u8 = 8;
/// Up and to the right.
pub const NE: u8 = 16;
/// Down and to the right.
pub const SE: u8 = 32;
/// Down and to the left.
pub const SW: u8 = 64;
/// Up and to the left.
pub const NW: u8 = 128;

/// The second column of a wide letter.
const WIDE: char = '\0';

/// The most that is looked at: what is larger is no drawing of decisions.
const ROWS: usize = 160;
const COLUMNS: usize = 200;
/// So many corners at most.
const CORNERS: usize = 400;

/// A place: row and column.
pub type Place = (usize, usize);

/// The first and the last corner of a box.
type Corners = (Place, Place);

/// What stands in a cell.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Space,
    /// A letter.
    Letter,
    /// A line: where it goes, and where its head points.
    Line(u8, u8),
    /// A part of a thing.
    Owned(usize),
}

/// Words on one row, or all that a box holds.
pub struct Words {
    /// What they say.
    pub text: String,
    /// First row and column.
    pub from: Place,
    /// Last row and column.
    pub to: Place,
    /// They stand in a box.
    pub boxed: bool,
}

/// The cells of a drawing.
pub struct Grid {
    letters: Vec<Vec<char>>,
    /// What each cell is.
    pub cells: Vec<Vec<Cell>>,
}

/// Where a sign leads, and where its head points.
fn sign(c: char) -> Option<(u8, u8)> {
    Some(match c {
        '│' | '┃' | '║' | '|' | '┆' | '┊' | '╎' => (N | S, 0),
        '─' | '━' | '═' | '┄' | '┈' | '-' | '=' => (E | W, 0),
        '┌' | '╔' | '╭' | '┏' => (E | S, 0),
        '┐' | '╗' | '╮' | '┓' => (S | W, 0),
        '└' | '╚' | '╰' | '┗' => (N | E, 0),
        '┘' | '╝' | '╯' | '┛' => (N | W, 0),
        '├' | '╠' | '┣' => (N | E | S, 0),
        '┤' | '╣' | '┫' => (N | S | W, 0),
        '┬' | '╦' | '┳' => (E | S | W, 0),
        '┴' | '╩' | '┻' => (N | E | W, 0),
        '┼' | '╬' | '╋' | '+' => (N | E | S | W, 0),
        '/' | '╱' => (NE | SW | N | S, 0),
        '\\' | '╲' => (NW | SE | N | S, 0),
        '▼' | '↓' | '⇓' | '▽' | 'v' | 'V' => (N | S, S),
        '▲' | '↑' | '⇑' | '△' | '^' => (N | S, N),
        '►' | '▶' | '→' | '⇒' | '➜' | '>' => (E | W, E),
        '◄' | '◀' | '←' | '⇐' | '<' => (E | W, W),
        '↙' => (NE | N | SW, SW),
        '↘' => (NW | N | SE, SE),
        _ => return None,
    })
}

impl Grid {
    /// The grid of a drawing. None where it is too large.
    pub fn of(code: &str) -> Option<Self> {
        let mut letters: Vec<Vec<char>> = Vec::new();
        for line in code.lines() {
            let mut row = Vec::new();
            for c in line.chars() {
                row.push(if c == '\t' { ' ' } else { c });
                if c.width() == Some(2) {
                    row.push(WIDE);
                }
            }
            if row.len() > COLUMNS || letters.len() >= ROWS {
                return None;
            }
            letters.push(row);
        }
        let mut grid = Self {
            letters,
            cells: Vec::new(),
        };
        for row in 0..grid.letters.len() {
            let width = grid.letters.get(row).map_or(0, Vec::len);
            let cells = (0..width).map(|column| grid.kind((row, column))).collect();
            grid.cells.push(cells);
        }
        let corner = |c: &&Cell| matches!(c, Cell::Line(ways, _) if ways & (E | S) == E | S);
        let corners = grid.cells.iter().flatten().filter(corner).count();
        (corners <= CORNERS).then_some(grid)
    }

    fn letter(&self, (row, column): Place) -> char {
        self.letters
            .get(row)
            .and_then(|r| r.get(column))
            .copied()
            .unwrap_or(' ')
    }

    /// The cell at a place; nothing outside of the drawing.
    pub fn cell(&self, (row, column): Place) -> Cell {
        self.cells
            .get(row)
            .and_then(|r| r.get(column))
            .copied()
            .unwrap_or(Cell::Space)
    }

    /// Says what a cell is.
    pub fn put(&mut self, (row, column): Place, cell: Cell) {
        if let Some(slot) = self.cells.get_mut(row).and_then(|r| r.get_mut(column)) {
            *slot = cell;
        }
    }

    fn kind(&self, at: Place) -> Cell {
        let c = self.letter(at);
        if c.is_whitespace() {
            return Cell::Space;
        }
        match sign(c) {
            Some((ways, head)) if !c.is_ascii() || self.is_line(c, at) => Cell::Line(ways, head),
            _ => Cell::Letter,
        }
    }

    /// An ordinary letter is meant as a line here.
    fn is_line(&self, c: char, (row, column): Place) -> bool {
        let left = column.checked_sub(1).map_or(' ', |c| self.letter((row, c)));
        let right = self.letter((row, column + 1));
        let above = row.checked_sub(1).map_or(' ', |r| self.letter((r, column)));
        let below = self.letter((row + 1, column));
        let flat = |c: char| matches!(c, '-' | '=' | '─' | '+' | '>' | '<');
        let free = |c: char| c == ' ' || (!c.is_ascii() && sign(c).is_some()) || c == '|';
        let upright = |c: char| matches!(c, '|' | '│' | '/' | '\\' | '+');
        match c {
            '|' => true,
            '-' => (flat(left) && left != '=') || (flat(right) && right != '='),
            '=' => left == '=' || matches!(right, '=' | '>') && left != '>',
            '>' => matches!(left, '-' | '─' | '='),
            '<' => matches!(right, '-' | '─'),
            '/' | '\\' => free(left) && free(right),
            '+' => {
                flat(left)
                    || flat(right)
                    || (upright(above) || upright(below)) && free(left) && free(right)
            }
            'v' | 'V' => above != ' ' && free(left) && free(right),
            '^' => upright(below) && free(left) && free(right),
            _ => false,
        }
    }

    fn goes(&self, at: Place, ways: u8) -> bool {
        matches!(self.cell(at), Cell::Line(w, _) if w & ways == ways)
    }

    /// The boxes, their words taken out of the grid; the frame around others is taken away.
    pub fn boxes(&mut self) -> Vec<Words> {
        let mut found: Vec<Corners> = Vec::new();
        for row in 0..self.cells.len() {
            for column in 0..self.cells.get(row).map_or(0, Vec::len) {
                if self.goes((row, column), E | S) && !self.goes((row, column), N | W | E | S)
                    || self.letter((row, column)) == '+' && self.goes((row, column), E | S)
                {
                    found.extend(self.closes((row, column)).map(|to| ((row, column), to)));
                }
            }
        }
        let holds = |a: &Corners, b: &Corners| {
            a != b && a.0.0 <= b.0.0 && a.0.1 <= b.0.1 && a.1.0 >= b.1.0 && a.1.1 >= b.1.1
        };
        let (frames, boxes): (Vec<&Corners>, Vec<&Corners>) = found
            .iter()
            .partition(|a| found.iter().any(|b| holds(a, b)));
        for frame in frames {
            self.each_border(frame.0, frame.1, Cell::Space);
        }
        boxes
            .into_iter()
            .map(|&(from, to)| self.words_in(from, to))
            .collect()
    }

    /// The opposite corner of the box that begins at a corner.
    fn closes(&self, (top, left): Place) -> Option<Place> {
        let upright =
            |at: Place| self.goes(at, N | S) || matches!(self.cell(at), Cell::Line(_, E | W));
        let mut right = left + 1;
        while matches!(self.cell((top, right)), Cell::Line(..)) {
            let mut bottom = top + 1;
            if self.goes((top, right), W | S) {
                while upright((bottom, left)) && upright((bottom, right)) {
                    let flat =
                        (left..=right).all(|c| matches!(self.cell((bottom, c)), Cell::Line(..)));
                    if flat && self.goes((bottom, left), N | E) {
                        break;
                    }
                    bottom += 1;
                }
                let flat = (left..=right).all(|c| matches!(self.cell((bottom, c)), Cell::Line(..)));
                let ends = self.goes((bottom, left), N | E) && self.goes((bottom, right), N | W);
                if flat && ends && bottom > top + 1 {
                    return Some((bottom, right));
                }
            }
            right += 1;
        }
        None
    }

    fn each_border(&mut self, from: Place, to: Place, cell: Cell) {
        for column in from.1..=to.1 {
            self.put((from.0, column), cell);
            self.put((to.0, column), cell);
        }
        for row in from.0..=to.0 {
            self.put((row, from.1), cell);
            self.put((row, to.1), cell);
        }
    }

    fn words_in(&mut self, from: Place, to: Place) -> Words {
        let mut lines = Vec::new();
        for row in from.0 + 1..to.0 {
            let inside = (from.1 + 1..to.1).map(|c| self.letter((row, c)));
            let text: String = inside.filter(|c| *c != WIDE).collect();
            lines.push(text.split_whitespace().collect::<Vec<_>>().join(" "));
            for column in from.1..=to.1 {
                self.put((row, column), Cell::Space);
            }
        }
        lines.retain(|l| !l.is_empty());
        Words {
            text: lines.join(" "),
            from,
            to,
            boxed: true,
        }
    }

    /// Words outside of boxes: letters on a row with single spaces between.
    pub fn loose_words(&self) -> Vec<Words> {
        let mut found = Vec::new();
        for row in 0..self.cells.len() {
            let mut open: Option<(usize, usize)> = None;
            let width = self.cells.get(row).map_or(0, Vec::len);
            for column in 0..=width {
                let cell = self.cell((row, column));
                let is_letter = cell == Cell::Letter;
                let parted = matches!(cell, Cell::Line(..) | Cell::Owned(_));
                if let Some((first, last)) = open.take_if(|o| parted || column > o.1 + 2) {
                    found.push(self.words(row, first, last));
                }
                if is_letter {
                    open = Some((open.map_or(column, |o| o.0), column));
                }
            }
            if let Some((first, last)) = open {
                found.push(self.words(row, first, last));
            }
        }
        found
    }

    fn words(&self, row: usize, first: usize, last: usize) -> Words {
        let text = (first..=last)
            .map(|c| self.letter((row, c)))
            .filter(|c| *c != WIDE);
        Words {
            text: text.collect(),
            from: (row, first),
            to: (row, last),
            boxed: false,
        }
    }
}
