//! What the cockpit asks of a terminal emulator, and no more.
//!
//! Small on purpose, so that the engine behind it can be changed, and compared with another one
//! in a test. History is not kept here: it is read back from the evidence.

use super::style::Look;

/// One cell of the screen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cell {
    /// What stands in it: printable; a space where nothing does.
    pub glyph: char,
    /// Marks drawn over it.
    pub marks: Vec<char>,
    /// How it looks.
    pub look: Look,
    /// Columns that it takes: 1 or 2; 0 for the right half of a wide one.
    pub width: u8,
}

/// What the program in the terminal has switched on, as far as it bears on keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are independent switches of a terminal, not states"
)]
pub struct Modes {
    /// Arrow keys are to be sent in their application form.
    pub application_cursor: bool,
    /// A paste is to be bracketed.
    pub bracketed_paste: bool,
    /// The alternate screen is shown: a program draws the whole screen itself.
    pub alternate_screen: bool,
    /// It wants to know of the mouse.
    pub mouse: bool,
}

/// A terminal's screen, fed with what a program prints.
pub trait Vt {
    /// Takes output, and gives what the terminal answers to questions in it (its kind, the
    /// cursor's place): bytes for the program's input.
    fn feed(&mut self, bytes: &[u8]) -> Vec<u8>;

    /// Changes the size, in cells; nothing is smaller than 1.
    fn resize(&mut self, columns: u16, rows: u16);

    /// Columns and rows.
    fn size(&self) -> (u16, u16);

    /// The cells of a row from 0 at the top, as many as there are columns; none beyond the end.
    fn row(&self, row: u16) -> Vec<Cell>;

    /// Column and row of the cursor where it is shown.
    fn cursor(&self) -> Option<(u16, u16)>;

    /// What is switched on.
    fn modes(&self) -> Modes;

    /// The text of a row without looks, trailing spaces cut off.
    fn row_text(&self, row: u16) -> String {
        let mut text = String::new();
        for cell in self.row(row).iter().filter(|cell| cell.width > 0) {
            text.push(cell.glyph);
            text.extend(&cell.marks);
        }
        text.truncate(text.trim_end().len());
        text
    }
}
