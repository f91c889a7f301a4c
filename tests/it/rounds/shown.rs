//! Shown is run: plans that hide, overwrite, reorder and push out of sight what they would have
//! run, through a shell that records what it is given. What was started is byte for byte what the
//! box held and painted; what hides anything is started by nobody.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use backout::app::{BoxFor, Clock, Model, Msg, update};
use backout::domain::RunBox;
use backout::tui::{Theme, draw};
use chrono::{FixedOffset, Utc};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::{many, random};
use crate::flown::Flown;
use crate::scratch::Scratch;

/// What the twists are put into.
const BASES: [&str; 6] = [
    "printf 'part\\n' >> ran",
    "echo one >> ran && echo two >> ran",
    "for i in 1 2; do echo \"$i\" >> ran; done",
    "cat <<'END' >> ran\na line\nEND",
    "X='a b'; echo \"${X}\" >> ran # as it was before",
    "echo start >> ran\ntrue || echo never >> ran",
];

/// Characters that hide, reorder or command.
const HIDDEN: [char; 30] = [
    '\u{202e}',
    '\u{202d}',
    '\u{202c}',
    '\u{2066}',
    '\u{2069}',
    '\u{200e}',
    '\u{200f}',
    '\u{61c}',
    '\u{200b}',
    '\u{200c}',
    '\u{200d}',
    '\u{2060}',
    '\u{2063}',
    '\u{feff}',
    '\u{e0041}',
    '\u{e007f}',
    '\u{ad}',
    '\u{7}',
    '\u{8}',
    '\u{c}',
    '\u{b}',
    '\u{1b}',
    '\u{7f}',
    '\u{85}',
    '\u{9b}',
    '\u{2028}',
    '\u{2029}',
    '\u{180e}',
    '\u{115f}',
    '\u{3164}',
];

/// Texts that overwrite, push away, or look like something of the format.
const TEXTS: [&str; 22] = [
    "\x1b[8m",
    "\x1b[2K\r",
    "\r",
    "\x08\x08\x08\x08",
    "\x1b]0;x\x07",
    "\u{a0}",
    "e\u{301}",
    "漢字",
    "👩\u{200d}🔧",
    "\t",
    " <!-- -->",
    " &gt; ran",
    " \\\n  ",
    "\u{fe0f}",
    "\u{e000}",
    "\u{fffe}",
    "``",
    "~~~",
    "{cwd=/}",
    " <value>",
    "$'\\x1b[8m'",
    "مرحبا",
];

/// So many plans, and the control.
pub fn run(count: usize) -> bool {
    let tally = many("P11 hostile plans", count, 4, |_| round(false));
    let control = many("P11 control, a shell that is given more", 1, 1, |_| {
        for _ in 0..200 {
            match round(true) {
                Err(why) if why.contains("is not what the box held") => {
                    return Ok("seen as broken".to_owned());
                }
                Err(other) => return Err(other),
                Ok(_) => {}
            }
        }
        Err("not seen".to_owned())
    });
    [tally.told(), control.told()] == [true; 2]
}

fn below(limit: usize) -> usize {
    usize::try_from(random() % limit.max(1) as u64).unwrap_or(0)
}

/// A command with a few twists, and whether its bytes are still text.
fn hostile() -> Vec<u8> {
    let mut code = BASES[below(BASES.len())].to_owned();
    for _ in 0..=below(3) {
        let places: Vec<usize> = code.char_indices().map(|(at, _)| at).collect();
        let at = places[below(places.len())];
        match below(8) {
            0..=2 => code.insert(at, HIDDEN[below(HIDDEN.len())]),
            3..=5 => code.insert_str(at, TEXTS[below(TEXTS.len())]),
            6 => {
                let gap = [" ".repeat(400), "\n".repeat(120), "x".repeat(3_000)];
                code = format!("{code} #{}\necho tail >> ran", gap[below(3)]);
            }
            _ => code = format!("{code}\n{code}"),
        }
    }
    let mut bytes = code.into_bytes();
    if below(12) == 0 {
        let at = below(bytes.len());
        bytes.insert(at, [0xff, 0xc0, 0x9b, 0x80][below(4)]);
    }
    bytes
}

fn plan() -> Vec<u8> {
    let mut plan = b"# Orchard rollback\n\n## Rollback Procedure\n\n".to_vec();
    let head: [&[u8]; 3] = [
        b"### Step 1: Look",
        b"### Step 1: echo harmless \x1b[8m",
        "### Step 1: Go \u{202e}kcab".as_bytes(),
    ];
    plan.extend(head[below(3)]);
    let label: [&[u8]; 3] = [b"\n\n```bash\n", b"\n\n````sh\n", b"\n\n~~~bash\n"];
    let close: [&[u8]; 3] = [b"\n```\n", b"\n````\n", b"\n~~~\n"];
    let form = below(3);
    plan.extend(label[form]);
    plan.extend(hostile());
    plan.extend(close[form]);
    if below(6) == 0 {
        plan = String::from_utf8_lossy(&plan)
            .replace('\n', "\r\n")
            .into_bytes();
    }
    plan
}

/// A shell that records the script that it is given; broken, it is given more than was shown.
fn recorder(scratch: &Scratch, broken: bool) -> String {
    let bin = scratch.join("bin");
    fs::create_dir(&bin).expect("a directory");
    let record = scratch.join("recorded");
    let more = if broken {
        "printf ' ' >> \"$out\""
    } else {
        ":"
    };
    let text = format!(
        "#!/bin/sh\nout='{}'\nfor last; do :; done\nif [ -f \"$last\" ]; then cat \"$last\" >> \"$out\"; {more}; fi\nexec /bin/bash \"$@\"\n",
        record.display()
    );
    let program = bin.join("bash");
    fs::write(&program, text).expect("a program");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("runnable");
    format!(
        "{}:{}",
        bin.display(),
        std::env::var("PATH").unwrap_or_default()
    )
}

fn round(broken: bool) -> Result<String, String> {
    let scratch = Scratch::new();
    let path = recorder(&scratch, broken);
    let plan = plan();
    let flown = Flown::on_bytes(scratch, &plan, &[("PATH", path)]);
    let told = |why: &str| format!("{why}: {:?}", String::from_utf8_lossy(&plan));
    let mut kind = "nothing to run";
    for at in flown.places() {
        let Some(shown) = flown.session.prepare(&at, None) else {
            continue;
        };
        let recorded = flown.file("recorded");
        let before = fs::read(&recorded).unwrap_or_default().len();
        if flown.starts(&shown).is_err() {
            if fs::read(&recorded).unwrap_or_default().len() != before {
                return Err(told("refused, and run all the same"));
            }
            kind = "held back";
            continue;
        }
        if let Some(hidden) = shown.code.chars().find(|c| HIDDEN.contains(c)) {
            return Err(told(&format!("U+{:04X} was run", u32::from(hidden))));
        }
        let attempt = flown.ended();
        let all = fs::read(&recorded).unwrap_or_default();
        if all.get(before..) != Some(shown.code.as_bytes()) {
            return Err(told("what the shell was given is not what the box held"));
        }
        let evidence = flown.session.evidence_dir(attempt.intent.attempt);
        let script = fs::read(evidence.join("script")).unwrap_or_default();
        if script != shown.code.as_bytes() {
            return Err(told("the evidence has another script"));
        }
        if shown.code.contains("r\u{fe0f}") || shown.code.contains("a\u{fe0f}") {
            return Err(told("a selector in a word was run"));
        }
        if !painted(&flown, &shown).contains(&bare(&shown.code)) {
            return Err(told("the box does not show it all"));
        }
        kind = "run as shown";
    }
    Ok(kind.to_owned())
}

/// Without what a line break may take, and without what only says that a picture is one.
fn bare(text: &str) -> String {
    let counts = |c: &char| !c.is_whitespace() && !matches!(c, '\u{fe0e}' | '\u{fe0f}');
    text.chars().filter(counts).collect()
}

/// What the box paints where there is room for all of it.
fn painted(flown: &Flown, shown: &RunBox) -> String {
    let columns = 160;
    // A row for each line and for each place where one may be broken, and the box's own.
    let lines = shown.code.lines().map(|line| 1 + line.len() / 32);
    let rows = u16::try_from(100 + lines.sum::<usize>()).expect("a plan of this file");
    let incident = flown.session.incident();
    let zone = FixedOffset::east_opt(0).expect("UTC");
    let now = Utc::now();
    let mut model = Model::new(incident, Arc::default(), now, zone, (columns, rows));
    let clock = Clock {
        wall: now,
        mono_ms: 0,
    };
    let message = Msg::Prepared(Some(Box::new(shown.clone())), BoxFor::Show);
    update(&mut model, message, clock);
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).expect("a terminal");
    let theme = Theme {
        colour: false,
        ascii: false,
    };
    terminal
        .draw(|frame| draw(frame, &model, theme))
        .expect("drawn");
    let buffer = terminal.backend().buffer();
    let lines: Vec<Vec<&str>> = (0..rows)
        .map(|y| {
            let cells = (0..columns).filter_map(|x| buffer.cell((x, y)));
            cells.map(ratatui::buffer::Cell::symbol).collect()
        })
        .collect();
    // The box is where its title stands, from corner to corner.
    let titled = lines.iter().find_map(|line| {
        let line_text = line.concat();
        let title = line_text.find("┌ Run ")?;
        let left = line_text.get(..title)?.chars().count();
        let right = left + line.get(left..)?.iter().position(|c| *c == "┐")?;
        Some(left + 1..right)
    });
    let Some(inside) = titled else {
        return String::new();
    };
    let text: String = lines
        .iter()
        .filter_map(|line| line.get(inside.clone()))
        .flatten()
        .copied()
        .collect();
    bare(&text)
}
