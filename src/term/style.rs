//! How a piece of foreign text wants to look: what SGR can say, as plain data.
//!
//! Not the cockpit's theme: that lives with the screens, which also decide what becomes of a
//! colour when colours are switched off.

/// A colour as a program asked for it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Colour {
    /// The terminal's own.
    #[default]
    Default,
    /// One of the 256 of the palette; the first 16 are the terminal's named colours.
    Indexed(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

/// How a piece of text looks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are independent switches of a terminal, not states"
)]
pub struct Look {
    /// Foreground.
    pub fg: Colour,
    /// Background.
    pub bg: Colour,
    /// Bold.
    pub bold: bool,
    /// Faint; also what asked to be concealed, which is shown all the same.
    pub dim: bool,
    /// Italic.
    pub italic: bool,
    /// Underlined, in whatever manner.
    pub underline: bool,
    /// Struck through.
    pub strike: bool,
    /// Foreground and background exchanged.
    pub inverse: bool,
    /// This stands for a character that could not be shown as itself.
    pub mark: bool,
}

impl Look {
    /// Applies the parameters of one SGR sequence (`1;38;5;196`), each group being the numbers
    /// between two semicolons with its own colons.
    pub(super) fn apply(&mut self, groups: &[Vec<u16>]) {
        let mut rest = groups;
        while let Some((group, tail)) = rest.split_first() {
            rest = tail;
            let Some(first) = group.first() else { continue };
            match first {
                38 | 48 => {
                    let (colour, used) = extended(group, tail);
                    rest = tail.get(used..).unwrap_or_default();
                    let place = if *first == 38 {
                        &mut self.fg
                    } else {
                        &mut self.bg
                    };
                    if let Some(colour) = colour {
                        *place = colour;
                    }
                }
                4 => self.underline = group.get(1) != Some(&0),
                58 => {
                    let (_, used) = extended(group, tail);
                    rest = tail.get(used..).unwrap_or_default();
                }
                code => self.apply_one(*code),
            }
        }
    }

    fn apply_one(&mut self, code: u16) {
        let named = |base: u16, from: u16| u8::try_from(code - from + base).unwrap_or(7);
        match code {
            0 => *self = Self::default(),
            1 => self.bold = true,
            2 | 8 => self.dim = true,
            3 => self.italic = true,
            7 => self.inverse = true,
            9 => self.strike = true,
            21 => self.underline = true,
            22 => (self.bold, self.dim) = (false, false),
            23 => self.italic = false,
            24 => self.underline = false,
            27 => self.inverse = false,
            28 => self.dim = false,
            29 => self.strike = false,
            30..=37 => self.fg = Colour::Indexed(named(0, 30)),
            39 => self.fg = Colour::Default,
            40..=47 => self.bg = Colour::Indexed(named(0, 40)),
            49 => self.bg = Colour::Default,
            90..=97 => self.fg = Colour::Indexed(named(8, 90)),
            100..=107 => self.bg = Colour::Indexed(named(8, 100)),
            _ => {}
        }
    }
}

/// The colour behind a 38, 48 or 58, and how many further groups it used up.
fn extended(group: &[u16], tail: &[Vec<u16>]) -> (Option<Colour>, usize) {
    if group.len() > 1 {
        return (by_colons(group), 0);
    }
    let number = |at: usize| tail.get(at).and_then(|g| g.first()).copied();
    match number(0) {
        Some(5) => (number(1).and_then(indexed), 2),
        Some(2) => (rgb(number(1), number(2), number(3)), 4),
        Some(_) | None => (None, 1),
    }
}

/// `38:5:n`, `38:2:r:g:b` and `38:2::r:g:b`.
fn by_colons(group: &[u16]) -> Option<Colour> {
    let at = |i: usize| group.get(i).copied();
    match at(1)? {
        5 => indexed(at(2)?),
        2 if group.len() > 5 => rgb(at(3), at(4), at(5)),
        2 => rgb(at(2), at(3), at(4)),
        _ => None,
    }
}

fn indexed(number: u16) -> Option<Colour> {
    u8::try_from(number).ok().map(Colour::Indexed)
}

fn rgb(r: Option<u16>, g: Option<u16>, b: Option<u16>) -> Option<Colour> {
    let byte = |number: Option<u16>| number.and_then(|n| u8::try_from(n).ok());
    Some(Colour::Rgb(byte(r)?, byte(g)?, byte(b)?))
}

#[cfg(test)]
mod tests {
    use super::{Colour, Look};

    fn look(groups: &[&[u16]]) -> Look {
        let groups: Vec<Vec<u16>> = groups.iter().map(|g| g.to_vec()).collect();
        let mut look = Look::default();
        look.apply(&groups);
        look
    }

    #[test]
    fn colours_are_read_in_every_spelling() {
        assert_eq!(look(&[&[31]]).fg, Colour::Indexed(1));
        assert_eq!(look(&[&[97]]).fg, Colour::Indexed(15));
        assert_eq!(look(&[&[48], &[5], &[200]]).bg, Colour::Indexed(200));
        assert_eq!(
            look(&[&[38], &[2], &[1], &[2], &[3], &[1]]),
            Look {
                fg: Colour::Rgb(1, 2, 3),
                bold: true,
                ..Look::default()
            }
        );
        assert_eq!(look(&[&[38, 2, 0, 9, 8, 7]]).fg, Colour::Rgb(9, 8, 7));
        assert_eq!(look(&[&[38, 2, 9, 8, 7]]).fg, Colour::Rgb(9, 8, 7));
    }

    #[test]
    fn a_cut_off_colour_changes_nothing_and_a_reset_takes_all_back() {
        assert_eq!(look(&[&[38]]), Look::default());
        assert_eq!(look(&[&[38], &[2], &[1]]), Look::default());
        assert_eq!(look(&[&[1], &[4], &[0]]), Look::default());
        assert!(look(&[&[4, 3]]).underline);
        assert!(!look(&[&[4], &[4, 0]]).underline);
    }
}
