//! Colours and signs by meaning. Colour never stands alone: every state has a sign of its own,
//! so that `NO_COLOR` and `--ascii` lose nothing.

use ratatui::style::{Color, Modifier, Style};

use crate::app::rows::{Sign, Tone};
use crate::domain::outline::EntryState;

/// How things look on this terminal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Theme {
    /// Colours may be used.
    pub colour: bool,
    /// Only ASCII signs and borders.
    pub ascii: bool,
}

impl Default for Theme {
    fn default() -> Self {
        Self {
            colour: true,
            ascii: false,
        }
    }
}

impl Theme {
    fn fg(self, colour: Color) -> Style {
        if self.colour {
            Style::new().fg(colour)
        } else {
            Style::new()
        }
    }

    /// In the background. Not the terminal's "dim", which many show too dark to read.
    #[must_use]
    pub fn dim(self) -> Style {
        self.fg(Color::DarkGray)
    }

    /// A heading.
    #[must_use]
    pub fn head(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// Code.
    #[must_use]
    pub fn code(self) -> Style {
        self.fg(Color::Cyan)
    }

    /// As it should be.
    #[must_use]
    pub fn good(self) -> Style {
        self.fg(Color::Green)
    }

    /// Not as it should be.
    #[must_use]
    pub fn bad(self) -> Style {
        self.fg(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// Wants a person.
    #[must_use]
    pub fn judge(self) -> Style {
        self.fg(Color::Yellow)
    }

    /// Not known.
    #[must_use]
    pub fn unknown(self) -> Style {
        self.fg(Color::Magenta).add_modifier(Modifier::BOLD)
    }

    /// Under way.
    #[must_use]
    pub fn running(self) -> Style {
        self.fg(Color::Blue).add_modifier(Modifier::BOLD)
    }

    /// The selected line.
    #[must_use]
    pub fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// The border of a pane.
    #[must_use]
    pub fn border(self, focused: bool) -> Style {
        if focused {
            self.fg(Color::Cyan).add_modifier(Modifier::BOLD)
        } else {
            self.dim()
        }
    }

    /// A bar of the given meaning across the header.
    #[must_use]
    pub fn badge(self, colour: Color) -> Style {
        let bold = Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED);
        if self.colour { bold.fg(colour) } else { bold }
    }

    /// A key in the hints.
    #[must_use]
    pub fn key(self) -> Style {
        self.fg(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// The style of a tone.
    #[must_use]
    pub fn tone(self, tone: Tone) -> Style {
        match tone {
            Tone::Plain => Style::new(),
            Tone::Dim => self.dim(),
            Tone::Code => self.code(),
            Tone::Warning | Tone::Judge => self.judge(),
            Tone::Danger | Tone::Bad => self.bad(),
            Tone::Good => self.good(),
        }
    }

    fn pick(self, fancy: &'static str, plain: &'static str) -> &'static str {
        if self.ascii { plain } else { fancy }
    }

    /// The sign of a row and its style. Always of one width for one kind of list.
    #[must_use]
    pub fn sign(self, sign: Sign) -> (&'static str, Style) {
        match sign {
            Sign::None => ("", Style::new()),
            Sign::Open => (self.pick("○", "o"), self.dim()),
            Sign::Unticked => ("[ ]", Style::new()),
            Sign::Ticked => ("[x]", self.good()),
            Sign::Done => (self.pick("✔", "+"), self.good()),
            Sign::Sensed => (self.pick("[✔]", "[+]"), self.good()),
            Sign::Ran => (self.pick("◌", "r"), self.judge()),
            Sign::Judge => ("?", self.judge()),
            Sign::Failed => (self.pick("✘", "X"), self.bad()),
            Sign::Unknown => ("!", self.unknown()),
            Sign::Running => (self.pick("●", "*"), self.running()),
            Sign::Waived => ("~", self.judge()),
            Sign::OffPath => (self.pick("·", "-"), self.dim()),
        }
    }

    /// The sign of an entry of the flight plan and its style; one column wide.
    #[must_use]
    pub fn entry_sign(self, state: EntryState) -> (&'static str, Style) {
        match state {
            EntryState::Open => (" ", self.dim()),
            EntryState::Part => (self.pick("◐", "~"), Style::new()),
            EntryState::Running => self.sign(Sign::Running),
            EntryState::Done => self.sign(Sign::Done),
            EntryState::DoneUnjudged => self.sign(Sign::Ran),
            EntryState::Judge => self.sign(Sign::Judge),
            EntryState::Failed => self.sign(Sign::Failed),
            EntryState::Unknown => self.sign(Sign::Unknown),
            EntryState::Waived => self.sign(Sign::Waived),
            EntryState::Later | EntryState::NotApplicable => self.sign(Sign::OffPath),
            EntryState::Due => (self.pick("▲", "!"), self.bad()),
        }
    }

    /// The mark of the selected row where it is not the whole line.
    #[must_use]
    pub fn cursor(self) -> &'static str {
        self.pick("▶ ", "> ")
    }

    /// The characters of a border.
    #[must_use]
    pub fn border_set(self) -> ratatui::symbols::border::Set<'static> {
        if self.ascii {
            ratatui::symbols::border::Set {
                top_left: "+",
                top_right: "+",
                bottom_left: "+",
                bottom_right: "+",
                vertical_left: "|",
                vertical_right: "|",
                horizontal_top: "-",
                horizontal_bottom: "-",
            }
        } else {
            ratatui::symbols::border::PLAIN
        }
    }
}
