//! What is printed: foreign text made harmless, colour where it is wanted, a reader that leaves
//! early forgiven.

use std::io::{self, IsTerminal as _, Write as _};

use crate::term::SafeText;

use super::args::{Everywhere, When};
use super::failure::{Ending, Failure, Outcome};

/// The widest that text is laid out; longer lines are hard to read.
const WIDEST: usize = 120;

/// How things look, settled once for each run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Look {
    colour: bool,
    ascii: bool,
    columns: usize,
}

/// What a piece of text is, which decides how it looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tone {
    /// A heading.
    Strong,
    /// Said in passing.
    Quiet,
    /// As it should be.
    Good,
    /// Worth a look.
    Warn,
    /// Not as it should be.
    Bad,
}

impl Look {
    /// As the command line, the environment and standard output say.
    pub fn of(everywhere: &Everywhere) -> Self {
        Self::with(everywhere, io::stdout().is_terminal())
    }

    /// As [`Look::of`], for standard error.
    pub fn for_errors(everywhere: &Everywhere) -> Self {
        Self::with(everywhere, io::stderr().is_terminal())
    }

    fn with(everywhere: &Everywhere, terminal: bool) -> Self {
        let colour = match everywhere.color {
            When::Always => true,
            When::Never => false,
            When::Auto => {
                let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                !refused && terminal
            }
        };
        Self {
            colour,
            ascii: everywhere.ascii,
            columns: columns(),
        }
    }

    /// Without colour, of a given width.
    #[cfg(test)]
    pub fn plain(columns: usize) -> Self {
        Self {
            colour: false,
            ascii: false,
            columns,
        }
    }

    /// Whether there is colour.
    pub fn is_coloured(self) -> bool {
        self.colour
    }

    /// Whether lines are drawn with ASCII characters.
    pub fn is_ascii(self) -> bool {
        self.ascii
    }

    /// How wide text may be.
    pub fn columns(self) -> usize {
        self.columns
    }

    /// The text in its tone.
    pub fn paint(self, tone: Tone, text: &str) -> String {
        if !self.colour {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Strong => "1",
            Tone::Quiet => "2",
            Tone::Good => "32",
            Tone::Warn => "33",
            Tone::Bad => "31",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// The width of the terminal that standard output is, within reason; a file or a pipe has room.
fn columns() -> usize {
    match rustix::termios::tcgetwinsize(io::stdout()) {
        Ok(size) if size.ws_col > 0 => usize::from(size.ws_col).clamp(40, WIDEST),
        Ok(_) | Err(_) => WIDEST,
    }
}

/// Foreign text that cannot command a terminal: what is invisible is in sight.
pub fn harmless(text: &str) -> String {
    // Most lines are plain, and nothing can hide in them.
    if text.bytes().all(|b| matches!(b, b' '..=b'~')) {
        return text.to_owned();
    }
    SafeText::new(text).plain()
}

/// Says something on standard error; when nobody can hear it any more, that is no failure.
pub fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Says something on standard error and leaves the cursor behind it, for an answer.
pub fn ask(question: &str) {
    let _ = write!(io::stderr(), "{question}");
}

/// Prints to standard output. A reader that left (`| head`) has seen enough: that is no failure.
pub fn print(text: &str) -> Ending {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(Outcome::Good),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Outcome::Good),
        Err(error) => {
            let what = format!("cannot write to standard output: {error}");
            Err(Failure::new(what, "send it somewhere else").into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Look, Tone, harmless};

    #[test]
    fn foreign_text_cannot_command_the_terminal() {
        for hostile in [
            "a\x1b]52;c;x\x07b",
            "rm \u{202e}x",
            "\u{9b}2J\x7f",
            "\x1b[2J",
        ] {
            let shown = harmless(hostile);
            assert!(
                !shown.chars().any(|c| c.is_control() || c == '\u{202e}'),
                "{shown:?}"
            );
        }
        assert_eq!(harmless("Grüße ✅"), "Grüße ✅");
    }

    #[test]
    fn without_colour_nothing_is_added() {
        let look = Look {
            colour: false,
            ascii: false,
            columns: 80,
        };
        assert_eq!(look.paint(Tone::Bad, "x"), "x");
    }
}
