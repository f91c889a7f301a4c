//! The cockpit in a real terminal: keys in, screen out, and what must hold between the two
//! terminals (the operator's and the step's) whatever a plan or an output says.

use std::process::Command;

use crate::scratch::{Scratch, binary};
use crate::terminal::Terminal;

/// An incident on a plan with one command, opened in a terminal.
struct Flight {
    scratch: Scratch,
}

impl Flight {
    fn with(command: &str) -> Self {
        let scratch = Scratch::new();
        let plan = format!(
            "# Shop rollback\n\n## Rollback Procedure\n\n### Step 1: Bring it back\n\n\
             1. **Do it**\n   ```bash\n   {command}\n   ```\n"
        );
        std::fs::write(scratch.join("ROLLBACK.md"), plan).expect("a plan");
        Self { scratch }
    }

    fn backout(&self, arguments: &[&str], columns: u16, rows: u16) -> Terminal {
        let mut command = Command::new(binary());
        command
            .args(arguments)
            .current_dir(self.scratch.path())
            .env("BACKOUT_HOME", self.scratch.join("home"))
            .env_remove("NO_COLOR");
        Terminal::start(command, columns, rows)
    }

    fn open(&self) -> Terminal {
        self.backout(&["open", "ROLLBACK.md"], 120, 30)
    }

    /// Opens the incident, decides, chooses, accepts, and opens the run box of the command.
    fn at_the_run_box(&self) -> Terminal {
        let mut terminal = self.open();
        terminal.see("Flight plan").key("d").see("Fix forward");
        terminal.key("r").see("Why?").key("enter").gone("Why?");
        terminal.key("3").see("Rollback Procedure");
        // A second enter within a quarter of a second would be a bounce of the first.
        terminal.see("0/1").key("k").key("enter");
        terminal.see("can run commands");
        terminal.key("y").see("r run it");
        terminal
    }
}

#[test]
fn a_step_outlives_a_lost_connection_and_is_taken_up_where_it_is() {
    let flight = Flight::with("read -r -p 'Proceed? ' answer; echo \"answered $answer\"");
    let mut terminal = flight.at_the_run_box();
    // That it has printed something says that it runs.
    terminal.key("r").see("1 line");
    terminal.hang_up();
    assert_eq!(terminal.exit_code(), 0);
    let mut again = flight.backout(&["resume"], 120, 30);
    again.see("Running").key("esc").gone("Where you are");
    again.see("type into it").key("i").see("ctrl-] comes back");
    again.type_("yes").key("enter").see("answered yes");
}

/// A stand-in for an editor says how large it finds its terminal: as large as the pane that it
/// got the keyboard with, however soon after its start that pane grew.
#[test]
fn a_full_screen_program_gets_all_of_its_pane() {
    use std::os::unix::fs::PermissionsExt as _;
    let flight = Flight::with("PATH=\"$PWD:$PATH\" vi notes");
    let editor = flight.scratch.join("vi");
    // It ends with the directory of the test, whatever becomes of the test.
    let says = "#!/bin/sh\nprintf '\\033[?1049h'\nwhile [ -e \"$0\" ]; do echo \"has $(stty size | tr ' ' x)\"; sleep 0.05; done\n";
    std::fs::write(&editor, says).expect("a program");
    let runnable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&editor, runnable).expect("runnable");
    let mut terminal = flight.at_the_run_box();
    terminal.key("r").see("Your keys go to the running action");
    terminal.until("the size of its pane", |screen| {
        let lines = screen
            .lines()
            .map(|l| l.split_once("││").map_or("", |(_, right)| right));
        let inside: Vec<&str> = lines
            .skip_while(|l| !l.contains("has "))
            .take_while(|l| !l.is_empty())
            .collect();
        let columns = inside.first().map_or(0, |l| l.chars().count() - 1);
        let size = format!("has {}x{columns}", inside.len());
        inside.len() > 6
            && inside
                .iter()
                .rev()
                .any(|l| l.trim_end_matches('│').trim() == size)
    });
    terminal.key("ctrl-]").key("ctrl-c");
}

#[test]
fn wherever_the_operator_is_a_lost_terminal_ends_the_cockpit() {
    let flight = Flight::with("true");
    for (keys, sees) in [
        (&[][..], "Flight plan"),
        (&["?"], "help"),
        (&[":"], "Find"),
        (&["n"], "Note"),
        (&["d"], "Fix forward"),
        (&["L"], "Executed by"),
        (&["t"], "opened"),
    ] {
        let mut terminal = flight.open();
        terminal.see("Flight plan");
        for key in keys {
            terminal.key(key);
        }
        terminal.see(sees);
        terminal.hang_up();
        assert_eq!(terminal.exit_code(), 0, "after {keys:?}");
    }
}

#[test]
fn a_signal_from_outside_gives_the_terminal_back() {
    let flight = Flight::with("true");
    let mut terminal = flight.open();
    terminal.see("Flight plan");
    rustix::process::kill_process(terminal.pid(), rustix::process::Signal::TERM).expect("sent");
    assert_eq!(terminal.exit_code(), 130);
    let raw = terminal.raw();
    let left = b"\x1b[?25h\x1b[?1049l";
    assert!(raw.windows(left.len()).any(|bytes| bytes == left));
}

#[test]
fn no_output_and_no_plan_commands_the_operators_terminal() {
    let flight = Flight::with(
        "printf 'be''gin\\033]0;owned\\007\\033]52;c;cm0=\\007\\033P+q544e\\033\\\\\\033[?1000h\\033[6n\\033c\\033[31mred\\033[0m\\n\\342\\200\\256end\\n'",
    );
    let plan = flight.scratch.join("ROLLBACK.md");
    let text = std::fs::read_to_string(&plan).expect("the plan");
    let hostile = "**Bring\u{1b}]0;owned\u{7} it\u{202e} back\u{9b}31m**";
    std::fs::write(&plan, text.replace("**Do it**", hostile)).expect("a hostile plan");
    let mut terminal = flight.at_the_run_box();
    terminal.key("r").see("end").key("q");
    assert_eq!(terminal.exit_code(), 0);
    let raw = String::from_utf8(terminal.raw()).expect("only text is ever sent");
    assert_eq!(forbidden(&raw), Vec::<String>::new());
}

/// Everything that was sent to the terminal and is not of the few kinds that a frame needs.
fn forbidden(raw: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\u{1b}' => match sequence(rest) {
                Ok(behind) => rest = behind,
                Err(what) => found.push(what),
            },
            '\n' | '\r' | '\u{7}' => {}
            c if c.is_control() => found.push(format!("{c:?}")),
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                found.push(format!("{c:?}"));
            }
            _ => {}
        }
    }
    found
}

/// What follows a sequence that a frame needs; what it is where it is another.
fn sequence(text: &str) -> Result<&str, String> {
    let what = || text.chars().take(12).collect::<String>();
    let body = text.strip_prefix('[').ok_or_else(what)?;
    let end = body
        .find(|c: char| c.is_ascii_alphabetic())
        .ok_or_else(what)?;
    let (parameters, last) = (&body[..end], &body[end..=end]);
    let private = matches!(parameters, "?1049" | "?25" | "?2004");
    let numbers = parameters.chars().all(|c| c.is_ascii_digit() || c == ';');
    match last {
        "h" | "l" if private => Ok(&body[end + 1..]),
        "H" | "J" | "K" | "m" if numbers => Ok(&body[end + 1..]),
        _ => Err(what()),
    }
}

#[test]
fn the_judge_of_what_is_sent_can_fail() {
    assert!(forbidden("\u{1b}[1;2Hok\u{1b}[0;1;31m\u{1b}[?25l\u{7}").is_empty());
    for bad in [
        "\u{1b}]0;t\u{7}",
        "\u{1b}[?1000h",
        "\u{1b}[6n",
        "\u{8}",
        "a\u{202e}b",
        "\u{1b}c",
    ] {
        assert!(!forbidden(bad).is_empty(), "{bad:?}");
    }
}

#[test]
fn a_paste_does_nothing_but_ask_what_it_is() {
    let flight = Flight::with("true");
    let mut terminal = flight.open();
    terminal.see("Flight plan").paste("d\rr\rq\ry\r");
    terminal.see("asted");
    terminal.key("esc").gone("asted").see("Flight plan");
    // Without brackets, several lines in one burst are a paste all the same.
    terminal.type_("q\rq\rq\rq\rq\rq\r").see("asted");
    terminal.key("esc").gone("asted").key("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn the_window_may_have_any_size() {
    let flight = Flight::with("true");
    let mut terminal = flight.open();
    terminal.see("Flight plan");
    for (columns, rows) in [(80, 24), (20, 5), (1, 1), (200, 60), (40, 10)] {
        terminal.resize(columns, rows);
    }
    terminal.resize(120, 30).see("Flight plan").key("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn ascii_without_colour_is_ascii_without_colour() {
    let flight = Flight::with("echo 'naïve ✔'");
    let arguments = ["--ascii", "--color", "never", "open", "ROLLBACK.md"];
    let mut terminal = flight.backout(&arguments, 120, 30);
    terminal.see("Flight plan").key("?").see("Keys").key("esc");
    terminal.gone("Keys").key("q");
    assert_eq!(terminal.exit_code(), 0);
    let raw = terminal.raw();
    let shown = String::from_utf8_lossy(&raw);
    let frames = shown.split("\u{1b}[?1049l").next().unwrap_or_default();
    assert!(frames.is_ascii(), "{frames:?}");
    for colour in ["[0;31", ";3", ";4"] {
        assert!(!frames.contains(&format!("{colour}1m")), "{colour}");
    }
}

#[test]
fn home_shows_what_is_open_and_takes_it_up() {
    let flight = Flight::with("true");
    let mut terminal = flight.backout(&[], 80, 24);
    terminal.see("backout practice").key("q");
    assert_eq!(terminal.exit_code(), 0);
    let mut terminal = flight.open();
    terminal.see("Flight plan").key("q");
    assert_eq!(terminal.exit_code(), 0);
    let mut terminal = flight.backout(&[], 80, 24);
    terminal.see("Incidents").see("Shop rollback").key("enter");
    terminal
        .see("Where you are")
        .key("esc")
        .gone("Where you are");
    terminal.see("5 Close").see("? help").key("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn the_way_back_names_the_directory_that_was_given() {
    let flight = Flight::with("true");
    for (option, says) in [
        (true, "with: backout --home data resume inc-"),
        (false, "with: backout resume inc-"),
    ] {
        let mut command = Command::new(binary());
        command
            .current_dir(flight.scratch.path())
            .args(["open", "ROLLBACK.md"]);
        if option {
            command.args(["--home", "data"]).env_remove("BACKOUT_HOME");
        } else {
            command.env("BACKOUT_HOME", flight.scratch.join("home"));
        }
        let mut terminal = Terminal::start(command, 120, 30);
        terminal.see("Flight plan").key("q").see(says);
        assert_eq!(terminal.exit_code(), 0);
    }
}
