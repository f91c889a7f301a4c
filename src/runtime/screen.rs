//! The only place that writes to the operator's terminal: cells in, bytes out, one write a frame.
//!
//! A backend of our own for the drawing library. It never asks the terminal anything, so nobody
//! has to wait for an answer; it sends no sequence that is not in this file; and it is where
//! colours are left out or brought down to what the terminal has, and where everything becomes
//! ASCII when that is wanted.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use crossterm::Command as _;
use crossterm::clipboard::CopyToClipboard;
use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::{Color, Modifier};

use super::tty;

/// How many colours the terminal shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Colours {
    /// None: weights and reversal only.
    None,
    /// The named ones.
    Sixteen,
    /// The palette.
    Palette,
    /// All.
    True,
}

/// What the terminal can show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ability {
    /// Colours.
    pub colours: Colours,
    /// Nothing beyond ASCII is to be sent.
    pub ascii: bool,
}

impl Ability {
    /// As the environment says: `NO_COLOR`, `COLORTERM`, `TERM`.
    #[must_use]
    pub fn of_environment(ascii: bool) -> Self {
        let of = |name| std::env::var(name).unwrap_or_default();
        let term = of("TERM");
        let colours = if !of("NO_COLOR").is_empty() || term == "dumb" {
            Colours::None
        } else if matches!(of("COLORTERM").as_str(), "truecolor" | "24bit") {
            Colours::True
        } else if term.contains("256") {
            Colours::Palette
        } else {
            Colours::Sixteen
        };
        Self { colours, ascii }
    }
}

/// The operator's screen.
#[derive(Debug)]
pub struct Screen {
    output: OwnedFd,
    pending: Vec<u8>,
    ability: Ability,
    cursor: Position,
    /// The look that was asked for last, and what of it was sent.
    pen: Option<(Pen, Pen)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Screen {
    /// Writes to this terminal.
    #[must_use]
    pub fn new(output: OwnedFd, ability: Ability) -> Self {
        Self {
            output,
            pending: Vec::with_capacity(32 * 1024),
            ability,
            cursor: Position::ORIGIN,
            pen: None,
        }
    }

    /// Rings the bell.
    pub fn bell(&mut self) {
        self.pending.push(7);
    }

    /// Hands a text to the terminal's clipboard. There is no answer: it was sent, no more.
    pub fn copy(&mut self, text: &str) {
        let mut sequence = String::new();
        // Writing to a String cannot fail.
        let _ = CopyToClipboard::to_clipboard_from(text).write_ansi(&mut sequence);
        self.put(&sequence);
    }

    fn go_to(&mut self, x: u16, y: u16) {
        self.put("\x1b[");
        number(y + 1, &mut self.pending);
        self.put(";");
        number(x + 1, &mut self.pending);
        self.put("H");
    }

    fn put(&mut self, text: &str) {
        self.pending.extend_from_slice(text.as_bytes());
    }

    fn take_pen(&mut self, cell: &Cell) {
        let (fg, bg, modifier) = (cell.fg, cell.bg, cell.modifier);
        let pen = Pen { fg, bg, modifier };
        let before = self.pen;
        if before.is_some_and(|(asked, _)| asked == pen) {
            return;
        }
        let (fg, bg) = (self.ability.show(fg), self.ability.show(bg));
        let sent = Pen { fg, bg, modifier };
        self.pen = Some((pen, sent));
        if before.is_none_or(|(_, before)| before != sent) {
            sgr(sent, &mut self.pending);
        }
    }

    fn glyph(&mut self, symbol: &str) {
        if !self.ability.ascii || symbol.is_ascii() {
            self.put(symbol);
            return;
        }
        let columns = crate::term::width(symbol).max(1);
        let mut plain = symbol.chars().next().map_or(' ', ascii_for).to_string();
        plain.extend(std::iter::repeat_n(' ', columns - 1));
        self.put(&plain);
    }
}

/// Whether every terminal gives this exactly one column.
fn is_steady(symbol: &str) -> bool {
    let mut chars = symbol.chars();
    let first = chars.next();
    let known = |c| matches!(c, ' '..='~' | '\u{c0}'..='\u{17f}' | '\u{2500}'..='\u{259f}');
    chars.next().is_none() && first.is_some_and(known)
}

/// The whole of a look in one sequence, from a reset on.
fn sgr(pen: Pen, to: &mut Vec<u8>) {
    to.extend_from_slice(b"\x1b[0");
    for (modifier, code) in [
        (Modifier::BOLD, b'1'),
        (Modifier::DIM, b'2'),
        (Modifier::ITALIC, b'3'),
        (Modifier::UNDERLINED, b'4'),
        (Modifier::REVERSED, b'7'),
        (Modifier::CROSSED_OUT, b'9'),
    ] {
        if pen.modifier.contains(modifier) {
            to.extend_from_slice(&[b';', code]);
        }
    }
    colour(pen.fg, 30, to);
    colour(pen.bg, 40, to);
    to.push(b'm');
}

fn colour(colour: Color, base: u8, to: &mut Vec<u8>) {
    let bright = base + 60;
    let number = match colour {
        Color::Reset => return,
        Color::Black => base,
        Color::Red => base + 1,
        Color::Green => base + 2,
        Color::Yellow => base + 3,
        Color::Blue => base + 4,
        Color::Magenta => base + 5,
        Color::Cyan => base + 6,
        Color::Gray => base + 7,
        Color::DarkGray => bright,
        Color::LightRed => bright + 1,
        Color::LightGreen => bright + 2,
        Color::LightYellow => bright + 3,
        Color::LightBlue => bright + 4,
        Color::LightMagenta => bright + 5,
        Color::LightCyan => bright + 6,
        Color::White => bright + 7,
        Color::Indexed(_) | Color::Rgb(..) => base + 8,
    };
    let parts: &[u8] = match colour {
        Color::Indexed(index) => &[number, 5, index],
        Color::Rgb(r, g, b) => &[number, 2, r, g, b],
        _ => &[number],
    };
    for part in parts {
        to.push(b';');
        self::number(u16::from(*part), to);
    }
}

/// A number's digits: a frame has thousands of them.
fn number(number: u16, to: &mut Vec<u8>) {
    let mut digits = [0; 5];
    let (mut left, mut used) = (number, 0);
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(left % 10).unwrap_or(0);
        left /= 10;
        used += 1;
        if left == 0 {
            break;
        }
    }
    to.extend(digits.iter().skip(digits.len() - used));
}

/// The sixteen named colours, as they are numbered.
const NAMED: [Color; 16] = [
    Color::Black,
    Color::Red,
    Color::Green,
    Color::Yellow,
    Color::Blue,
    Color::Magenta,
    Color::Cyan,
    Color::Gray,
    Color::DarkGray,
    Color::LightRed,
    Color::LightGreen,
    Color::LightYellow,
    Color::LightBlue,
    Color::LightMagenta,
    Color::LightCyan,
    Color::White,
];

impl Ability {
    /// A colour as the terminal can show it.
    fn show(self, colour: Color) -> Color {
        match (self.colours, colour) {
            (Colours::None, _) => Color::Reset,
            (Colours::Palette, Color::Rgb(r, g, b)) => Color::Indexed(nearest(r, g, b)),
            (Colours::Sixteen, Color::Rgb(r, g, b)) => named(r, g, b),
            (Colours::Sixteen, Color::Indexed(index)) => {
                let (r, g, b) = of_palette(index);
                NAMED
                    .get(usize::from(index))
                    .copied()
                    .unwrap_or_else(|| named(r, g, b))
            }
            (Colours::Sixteen | Colours::Palette | Colours::True, colour) => colour,
        }
    }
}

/// The nearest colour of the palette's cube.
fn nearest(r: u8, g: u8, b: u8) -> u8 {
    let level = |c: u8| match c {
        0..=47 => 0,
        48..=114 => 1,
        _ => (c - 35) / 40,
    };
    16 + 36 * level(r) + 6 * level(g) + level(b)
}

/// Red, green and blue of a number of the palette from 16 on.
fn of_palette(index: u8) -> (u8, u8, u8) {
    if index >= 232 {
        let grey = 8 + (index - 232) * 10;
        return (grey, grey, grey);
    }
    let cube = index.saturating_sub(16);
    let level = |n: u8| if n == 0 { 0 } else { 55 + n * 40 };
    (level(cube / 36), level(cube / 6 % 6), level(cube % 6))
}

/// The named colour that says most of it.
fn named(r: u8, g: u8, b: u8) -> Color {
    let most = r.max(g).max(b);
    let least = r.min(g).min(b);
    if most - least < 32 {
        return match most {
            0..=63 => Color::Black,
            64..=140 => Color::DarkGray,
            141..=220 => Color::Gray,
            _ => Color::White,
        };
    }
    let half = least + (most - least) / 2;
    let bit = |c: u8, bit: usize| if c > half { bit } else { 0 };
    let bright = if most > 200 { 8 } else { 0 };
    NAMED
        .get(bit(r, 1) + bit(g, 2) + bit(b, 4) + bright)
        .copied()
        .unwrap_or(Color::Gray)
}

/// What stands for a character where only ASCII is sent.
fn ascii_for(c: char) -> char {
    match c {
        '▾' | '─' | '━' | '╌' | '┄' | '═' | '–' | '—' => '-',
        '│' | '┃' | '╎' | '║' | '▐' | '▌' => '|',
        '┌' | '┐' | '└' | '┘' | '├' | '┤' | '┬' | '┴' | '┼' | '╭' | '╮' | '╰' | '╯' => {
            '+'
        }
        '✘' | '✗' | '✖' | '×' | '❌' => 'x',
        '●' | '◉' | '■' | '█' | '◆' => '*',
        '○' | '◌' | '□' | '◇' => 'o',
        '▶' | '▸' | '►' | '›' | '→' => '>',
        '◀' | '◂' | '‹' | '←' => '<',
        '✔' | '✓' | '☑' | '✅' | '▼' | '↓' => 'v',
        '▲' | '⚠' => '!',
        '↑' => '^',
        '·' | '…' | '•' | '░' => '.',
        '“' | '”' => '"',
        '‘' | '’' => '\'',
        '▁' | '▂' | '▃' => '_',
        '▄' | '▅' | '▆' | '▇' | '▓' | '▒' => '#',
        _ => '?',
    }
}

impl Backend for Screen {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut next: Option<(u16, u16)> = None;
        for (x, y, cell) in content {
            if next != Some((x, y)) {
                self.go_to(x, y);
            }
            self.take_pen(cell);
            self.glyph(cell.symbol());
            // Only where no terminal can disagree is it known where the cursor is now.
            next = is_steady(cell.symbol()).then_some((x + 1, y));
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.put("\x1b[?25l");
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.put("\x1b[?25h");
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.cursor)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.cursor = position.into();
        self.go_to(self.cursor.x, self.cursor.y);
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        self.pen = None;
        self.put("\x1b[0m");
        self.put(match clear_type {
            ClearType::All => "\x1b[2J",
            ClearType::AfterCursor => "\x1b[J",
            ClearType::BeforeCursor => "\x1b[1J",
            ClearType::CurrentLine => "\x1b[2K",
            ClearType::UntilNewLine => "\x1b[K",
        });
        Ok(())
    }

    fn size(&self) -> io::Result<Size> {
        let (columns, rows) = tty::size_of(self.output.as_fd());
        Ok(Size::new(columns, rows))
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize {
            columns_rows: self.size()?,
            pixels: Size::ZERO,
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = tty::write_all(self.output.as_fd(), &self.pending);
        self.pending.clear();
        result
    }
}

#[cfg(test)]
mod tests {
    use super::{Ability, Colours, Screen, named, nearest};
    use ratatui::Terminal;
    use ratatui::backend::Backend as _;
    use ratatui::style::{Color, Style, Stylize as _};
    use ratatui::text::{Line, Span};
    use ratatui::{TerminalOptions, Viewport, layout::Rect};
    use rustix::pipe::{PipeFlags, pipe_with};

    /// The bytes that drawing a line sends.
    fn sent(line: &Line<'static>, ability: Ability) -> String {
        let (read, write) = pipe_with(PipeFlags::CLOEXEC).expect("a pipe");
        let viewport = Viewport::Fixed(Rect::new(0, 0, 20, 1));
        let screen = Screen::new(write, ability);
        let mut terminal =
            Terminal::with_options(screen, TerminalOptions { viewport }).expect("a terminal");
        let draw = |frame: &mut ratatui::Frame<'_>| frame.render_widget(line.clone(), frame.area());
        terminal.draw(draw).expect("drawn");
        terminal.backend_mut().flush().expect("flushed");
        let mut bytes = vec![0; 4096];
        let size = rustix::io::read(&read, &mut bytes).expect("bytes");
        bytes.truncate(size);
        String::from_utf8(bytes).expect("text")
    }

    const PLAIN: Ability = Ability {
        colours: Colours::None,
        ascii: true,
    };

    #[test]
    fn ascii_and_no_colour_are_kept_to() {
        let line = Line::from(vec!["✔ done → ".green(), "界x".bold()]);
        let text = sent(&line, PLAIN);
        assert!(text.is_ascii(), "{text:?}");
        assert!(text.contains("done >"), "{text:?}");
        assert!(!text.contains(";32"), "{text:?}");
        assert!(text.contains("\x1b[0;1m"), "{text:?}");
    }

    #[test]
    fn colours_come_down_to_what_there_is() {
        let blood = Span::styled("x", Style::new().fg(Color::Rgb(220, 30, 30)));
        let with = |colours| Ability {
            colours,
            ascii: false,
        };
        let line = Line::from(blood);
        assert!(sent(&line, with(Colours::True)).contains(";38;2;220;30;30m"));
        assert!(sent(&line, with(Colours::Palette)).contains(";38;5;160m"));
        assert!(sent(&line, with(Colours::Sixteen)).contains(";91m"));
        assert_eq!(named(128, 128, 128), Color::DarkGray);
        assert_eq!(nearest(255, 255, 255), 231);
    }

    #[test]
    fn numbers_are_sent_as_they_are_written() {
        for n in (0..=u16::MAX).filter(|n| *n < 1_100 || *n % 997 == 0 || *n == u16::MAX) {
            let mut sent = Vec::new();
            super::number(n, &mut sent);
            assert_eq!(
                String::from_utf8(sent).as_deref(),
                Ok(n.to_string().as_str())
            );
        }
    }

    #[test]
    fn what_is_copied_is_sent_whole() {
        let null = std::fs::File::options()
            .write(true)
            .open("/dev/null")
            .expect("there");
        let mut screen = Screen::new(
            null.into(),
            Ability {
                colours: Colours::None,
                ascii: false,
            },
        );
        screen.copy("ab");
        assert_eq!(screen.pending, b"\x1b]52;c;YWI=\x1b\\");
    }
}
