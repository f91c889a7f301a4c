//! The cockpit as an operator flies it: rows that are selected, boxes that are answered.

use crate::scratch::{Scratch, binary};
use crate::terminal::Terminal;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

/// How long an operator looks before enter.
const LOOK: Duration = Duration::from_millis(800);

/// A cockpit in a terminal.
pub struct Pilot {
    /// Its terminal.
    pub terminal: Terminal,
}

impl Pilot {
    /// Starts backout in a directory, with its home in the scratch directory, in a terminal of
    /// so many columns and rows.
    pub fn sized(scratch: &Scratch, dir: &Path, words: &[&str], size: (u16, u16)) -> Self {
        let mut command = Command::new(binary());
        command
            .args(words)
            .current_dir(dir)
            .env("BACKOUT_HOME", scratch.join("home"))
            .env_remove("NO_COLOR")
            .env_remove("TMUX");
        Self {
            terminal: Terminal::start(command, size.0, size.1),
        }
    }

    /// Waits for a text.
    #[track_caller]
    pub fn see(&mut self, text: &str) -> &mut Self {
        self.terminal.see(text);
        self
    }

    /// Waits until a text is gone.
    #[track_caller]
    pub fn gone(&mut self, text: &str) -> &mut Self {
        self.terminal.gone(text);
        self
    }

    /// Presses a key. Before enter it takes the time that a look takes: the cockpit drops an
    /// enter that comes too soon after another, or after the cursor has gone on by itself.
    #[track_caller]
    fn press(&mut self, name: &str) {
        if name == "enter" {
            thread::sleep(LOOK);
        }
        self.terminal.key(name);
    }

    /// Presses keys, one after the other.
    #[track_caller]
    pub fn keys(&mut self, names: &[&str]) -> &mut Self {
        for name in names {
            self.press(name);
        }
        self
    }

    /// Presses a key and waits for what it brings.
    #[track_caller]
    pub fn key(&mut self, name: &str, sees: &str) -> &mut Self {
        self.press(name);
        self.see(sees)
    }

    /// Moves the cursor of the work pane to the first row with this text, a key at a time.
    #[track_caller]
    pub fn select(&mut self, row: &str) -> &mut Self {
        loop {
            let screen = self.terminal.screen();
            let lines: Vec<&str> = screen.lines().filter_map(work_line).collect();
            let here = lines.iter().position(|line| line.starts_with('▶'));
            let there = lines.iter().position(|line| line.contains(row));
            let key = match (here, there) {
                (Some(here), Some(there)) if here == there => return self,
                (Some(here), Some(there)) if there < here => "k",
                _ => "j",
            };
            let before = cursor(&screen);
            self.terminal.key(key);
            let what = format!("the cursor to leave {before:?} on its way to “{row}”");
            self.terminal.until(&what, |screen| {
                let now = cursor(screen);
                now.is_some() && now != before
            });
        }
    }

    /// Goes to an entry of the flight plan by the palette.
    #[track_caller]
    pub fn entry(&mut self, title: &str) -> &mut Self {
        self.key(":", "┌ Find ");
        self.terminal.type_(title);
        self.see(&format!(": {title}_"));
        self.press("enter");
        self.gone("┌ Find ")
    }

    /// Opens the selected row's run box and runs it when the box has been in view long enough.
    #[track_caller]
    pub fn run(&mut self, row: &str) -> &mut Self {
        self.select(row);
        self.key("enter", "run it");
        self.terminal.key("r");
        self.gone("run it")
    }

    /// Waits until the row with this text carries a sign.
    #[track_caller]
    pub fn stands(&mut self, row: &str, sign: &str) -> &mut Self {
        let what = format!("{sign} at “{row}”");
        self.terminal.until(&what, |screen| {
            let mut lines = screen.lines().filter_map(work_line);
            lines.any(|line| line.contains(row) && line.contains(sign))
        });
        self
    }

    /// Types an answer to the open question.
    #[track_caller]
    pub fn answer(&mut self, question: &str, text: &str) -> &mut Self {
        self.see(question);
        self.terminal.type_(text);
        self.press("enter");
        self.gone(question)
    }

    /// Leaves, and waits for the end.
    #[track_caller]
    pub fn leave(&mut self) -> i32 {
        self.terminal.key("q");
        self.terminal.exit_code()
    }
}

/// The part of a screen's line that belongs to the panes at the right.
fn work_line(line: &str) -> Option<&str> {
    line.split_once("││").map(|(_, right)| right)
}

/// The row of the work pane at which the cursor is.
fn cursor(screen: &str) -> Option<String> {
    let mut lines = screen.lines().filter_map(work_line);
    lines.find(|line| line.starts_with('▶')).map(str::to_owned)
}
