//! From cells and safe text to the drawing library's lines. The colours are the program's own;
//! what the operator's terminal cannot show is left out when it is sent.

use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

use crate::term::{Cell, Colour, Look};

/// A row of cells as a line, trailing blanks left out.
#[must_use]
pub fn line_of(cells: &[Cell]) -> Line<'static> {
    let blank = |cell: &&Cell| cell.glyph == ' ' && cell.look == Look::default();
    let end = cells.len() - cells.iter().rev().take_while(blank).count();
    let mut spans: Vec<Span<'static>> = Vec::new();
    let mut text = String::new();
    let mut look = Look::default();
    for cell in cells.iter().take(end).filter(|cell| cell.width > 0) {
        if cell.look != look && !text.is_empty() {
            spans.push(Span::styled(std::mem::take(&mut text), style_of(look)));
        }
        look = cell.look;
        text.push(cell.glyph);
        text.extend(&cell.marks);
    }
    if !text.is_empty() {
        spans.push(Span::styled(text, style_of(look)));
    }
    Line::from(spans)
}

/// How a look is drawn.
#[must_use]
pub fn style_of(look: Look) -> Style {
    let mut style = Style::new();
    if look.fg != Colour::Default {
        style = style.fg(colour_of(look.fg));
    }
    if look.bg != Colour::Default {
        style = style.bg(colour_of(look.bg));
    }
    for (on, modifier) in [
        (look.bold, Modifier::BOLD),
        (look.dim, Modifier::DIM),
        (look.italic, Modifier::ITALIC),
        (look.underline, Modifier::UNDERLINED),
        (look.strike, Modifier::CROSSED_OUT),
        (look.inverse != look.mark, Modifier::REVERSED),
    ] {
        if on {
            style = style.add_modifier(modifier);
        }
    }
    style
}

fn colour_of(colour: Colour) -> Color {
    match colour {
        Colour::Default => Color::Reset,
        Colour::Indexed(index) => Color::Indexed(index),
        Colour::Rgb(r, g, b) => Color::Rgb(r, g, b),
    }
}

#[cfg(test)]
mod tests {
    use super::line_of;
    use crate::term::{Emulator, Vt as _};
    use ratatui::style::{Color, Style};

    #[test]
    fn a_row_becomes_a_line_with_its_colours() {
        let mut screen = Emulator::new(20, 1);
        screen.feed("ok \u{1b}[31m界bad\u{1b}[0m".as_bytes());
        let line = line_of(&screen.row(0));
        let spans: Vec<(&str, Style)> = line
            .spans
            .iter()
            .map(|s| (s.content.as_ref(), s.style))
            .collect();
        let red = Style::new().fg(Color::Indexed(1));
        assert_eq!(spans, [("ok ", Style::new()), ("界bad", red)]);
    }
}
