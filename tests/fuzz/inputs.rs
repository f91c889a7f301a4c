//! What the fuzzer reads: documents of pieces that plans have, the same damaged, and noise.
//!
//! Every word that has to survive is a mark of its own (`mk12z`), so that it can be looked for in
//! the plan. The same seed makes the same input on every machine.

use std::fmt::Write as _;

/// One input.
#[derive(Debug)]
pub enum Input {
    /// A document whose every mark has to be in the plan, in one place.
    Plan(String),
    /// Such a document after a few blows.
    Damaged(Vec<u8>),
    /// Bytes without sense.
    Noise(Vec<u8>),
}

/// Numbers that look random and are the same for the same seed (`SplitMix64`).
pub struct Dice(u64);

impl Dice {
    /// Dice that a seed makes.
    pub fn new(seed: u64) -> Self {
        // Scattered once, so that the numbers of neighbouring seeds are not the same ones, shifted.
        let mut dice = Self(seed);
        Self(dice.next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.next() % end).unwrap_or_default()
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

/// The input that these dice make.
pub fn make(dice: &mut Dice) -> Input {
    match dice.below(10) {
        0..=4 => Input::Plan(plan(dice)),
        5..=8 => {
            let mut bytes = plan(dice).into_bytes();
            for _ in 0..=dice.below(6) {
                damage(dice, &mut bytes);
            }
            Input::Damaged(bytes)
        }
        _ => Input::Noise(noise(dice)),
    }
}

/// Headings that give what stands below a role, and some that give none.
const HEADINGS: &[&str] = &[
    "## When to roll back",
    "## Rollback procedure",
    "### Option A: Code",
    "### Option B: Copy",
    "### Step 1: Stop (2 minutes)",
    "### Step 2: Go",
    "## Verification",
    "### Success criteria",
    "### Checkpoint 2: After the code",
    "### 30 Minutes After Rollback",
    "## Contacts",
    "## Escalation path",
    "## Incident log",
    "## Rollback drill",
    "## Communication",
    "## Decision tree",
    "## Prerequisites",
    "## Post-rollback",
    "## Approval authority",
    "## Metrics",
    "## Scripts",
    "## Objectives (RTO/RPO)",
    "## 回滚步骤",
    "## Voraussetzungen",
    "## Cuándo revertir",
    "### If using Docker",
    "### If using systemd",
    "## Notes",
    "#### Phase 1",
    "## Emergency rollback",
    "## Appendix",
    "## Troubleshooting",
];

const COMMANDS: &[&str] = &[
    "systemctl restart {}",
    "git checkout {}",
    "curl -s http://localhost/{}",
    "rm -rf /srv/{}",
    "psql -d {} -c 'SELECT 1;'",
    "kubectl rollout undo deploy/{}",
    "echo {} | tee out.txt",
    "cd {} && make",
    "export A={}",
    "./scripts/{}.sh --now",
    "watch -n 5 ls {}",
    "tail -f /var/log/{}",
    "docker compose -f {} up -d",
    "redis-cli DEL {}",
    "cp <file> {}",
    "pm2 logs {}",
    "for i in 1 2; do\n  echo {}\ndone",
    "cat <<EOF\n# not a comment {}\nEOF",
    "grep -q {} a \\\n  b",
];

const COMMENTS: &[&str] = &[
    "# {}",
    "# 1. {}",
    "# Step 2: {}",
    "# Or: {}",
    "# Or, another way {}",
    "# Option A: {}",
    "# Option B: {}",
    "# Expected: {}",
    "# Should show {}",
    "# → {}",
    "# For Docker {}:",
    "# ---- {} ----",
    "#{}",
    "# systemctl stop {}",
    "# WARNING: {}",
    "# If {} fails:",
];

const ITEMS: &[&str] = &[
    "{}",
    "**{}**",
    "**{}:** and more",
    "Tell {}",
    "`ls {}`",
    "✅ {}",
    "❌ {} < 1%",
    "{}?",
    "**Who {}**: +00 123",
    "[link {}](#rollback-procedure)",
    "Error rate {} > 5%",
    "{}: ____",
    "Follow Option A: {} steps",
    "[{}]",
    "Within 15 minutes {}",
    "~~{}~~",
    "{} (5 min)",
];

const PROSE: &[&str] = &[
    "Some words {}.",
    "**{}:** is said.",
    "**Use when:** {}",
    "**Expected:** {}",
    "Run {}:",
    "**HIGH** - go back within 1 hour if {}:",
    "Alternatively {}:",
    "> Careful {}",
    "**{}**",
    "Create: `/opt/{}.sh`",
    "Estimated time: 5 minutes where the cache is warm {}",
    "_{}_",
    "{}",
    "Every 15 minutes {}",
];

const TABLES: &[&str] = &[
    "| Severity | Action | Time |\n|---|---|---|\n| HIGH | {} | 1 hour |\n| LOW | {} | - |\n",
    "| Metric | Target | How |\n|--|--|--|\n| {} | < 1% | `curl {}` |\n",
    "| A | B |\n|--|--|\n| {} | {} |\n| {} |\n",
    "| Role | Name | Phone |\n|:-|-:|:-:|\n| {} | {} | 1 |\n",
    "| Scenario | Approver | Notify |\n|-|-|-|\n| {} | {} | {} |\n",
    "| Component | RTO | RPO |\n|-|-|-|\n| {} | 5 minutes | 1 hour |\n",
];

const FENCES: &[(&str, &str)] = &[
    ("", "Owner {}: ____\nDate: ____\n[ ] A {}  [ ] B\n"),
    ("", "Subject: {}\n\nDear all, [what] {}\n"),
    ("", "[{}]\n  |\n  v\n{}?\n YES -> go\n NO -> stay {}\n"),
    ("", "NAME {}\nx   1/1   Running {}\n"),
    ("", "Click {}\n"),
    ("python", "import os\nprint('{}')\n"),
    ("python", "python scripts/{}.py --fast\n"),
    (
        "sql",
        "-- 1. look {}\nSELECT {} FROM a;\n\n-- Should return 0 rows {}\nDELETE FROM {};\n",
    ),
    ("sql", "-- DROP TABLE {};\n\\dt {}\n"),
    ("json", "{\"{}\": 1, \"b\": [\"{}\"]}\n"),
    ("yaml", "a: {}\nb:\n  - {}\n"),
    ("markdown", "# Log {}\n- Started: [time] {}\n- [ ] {}\n"),
    ("bash", "psql $DATABASE_URL\nSELECT '{}';\n\\q\n"),
    ("bash", "#!/usr/bin/env bash\nset -e\necho {}\n"),
    ("console", "$ ls {}\nout {}\n$ pwd {}\n"),
    ("text", "PLAN {}\n"),
];

struct Writer<'d> {
    dice: &'d mut Dice,
    marks: usize,
    text: String,
}

fn plan(dice: &mut Dice) -> String {
    let mut writer = Writer {
        dice,
        marks: 0,
        text: String::from("# Plan for the shop\n\n"),
    };
    for _ in 0..=writer.dice.below(14) {
        writer.piece();
    }
    writer.text
}

impl Writer<'_> {
    /// The template with a mark of its own in each of its places.
    fn marked(&mut self, template: &str) -> String {
        let mut out = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once("{}") {
            self.marks += 1;
            out.push_str(before);
            let _ = write!(out, "mk{}z", self.marks);
            rest = after;
        }
        out.push_str(rest);
        out
    }

    fn one_of(&mut self, from: &[&str]) -> String {
        let template = self.dice.pick(from);
        self.marked(template)
    }

    fn piece(&mut self) {
        match self.dice.below(9) {
            0..=2 => {
                let heading = self.dice.pick(HEADINGS);
                self.text.push_str(heading);
                self.text.push_str("\n\n");
            }
            3 => self.lines(PROSE, ""),
            4 | 5 => self.fence(""),
            6 | 7 => self.list(0, ""),
            _ => {
                let table = self.one_of(TABLES);
                self.text.push_str(&table);
            }
        }
        if !self.dice.one_in(4) {
            self.text.push('\n');
        }
    }

    fn lines(&mut self, from: &[&str], indent: &str) {
        for _ in 0..=self.dice.below(2) {
            let line = self.one_of(from);
            let _ = writeln!(self.text, "{indent}{line}");
        }
    }

    fn fence(&mut self, indent: &str) {
        let (label, code) = if self.dice.one_in(2) {
            ("bash".to_owned(), self.shell())
        } else {
            let (label, code) = FENCES[self.dice.below(FENCES.len())];
            (label.to_owned(), self.marked(code))
        };
        let ticks = self.dice.pick(&["```", "```", "```", "````", "~~~"]);
        let _ = writeln!(self.text, "{indent}{ticks}{label}");
        for line in code.lines() {
            let indent = if line.is_empty() { "" } else { indent };
            let _ = writeln!(self.text, "{indent}{line}");
        }
        let _ = writeln!(self.text, "{indent}{ticks}");
    }

    fn shell(&mut self) -> String {
        let mut code = String::new();
        for _ in 0..=self.dice.below(4) {
            if self.dice.one_in(2) {
                code.push_str(&self.one_of(COMMENTS));
                code.push('\n');
            }
            if !self.dice.one_in(5) {
                code.push_str(&self.one_of(COMMANDS));
                code.push('\n');
            }
            if self.dice.one_in(2) {
                code.push('\n');
            }
        }
        code
    }

    fn list(&mut self, depth: usize, indent: &str) {
        let marker = self
            .dice
            .pick(&["- ", "* ", "1. ", "- [ ] ", "- [x] ", "2) ", "+ "]);
        for _ in 0..=self.dice.below(3) {
            let item = self.one_of(ITEMS);
            let _ = writeln!(self.text, "{indent}{marker}{item}");
            let inner = format!("{indent}{}", " ".repeat(marker.len().min(3)));
            match self.dice.below(8) {
                0 if depth < 3 => self.list(depth + 1, &inner),
                1 => self.fence(&inner),
                2 => self.lines(PROSE, &inner),
                3 => self.text.push('\n'),
                _ => {}
            }
        }
    }
}

/// Pieces of syntax that hurt where they are not expected.
const BLOWS: &[&str] = &[
    "```",
    "```bash\n",
    "~~~",
    "\n",
    "\n\n",
    "    ",
    "\t",
    "> ",
    "- ",
    "1. ",
    "| a | b |\n|-|-|\n",
    "<!--",
    "-->",
    "<!-- backout: ignore -->\n",
    "<!-- backout: checkpoint 9 -->\n",
    "---\n",
    "+++\n",
    "# ",
    "**",
    "`",
    "{ name=x",
    "\u{202e}",
    "\u{feff}",
    "\r\n",
    "\0",
    "â€œ",
    "‚úÖ",
    "[ ]",
    "____",
    "<x>",
    "$(",
    "'",
    "\"",
    "<<EOF\n",
    "\\",
    "&&",
    "{{ y }}",
    "${",
    "|",
    "YES",
    "漢字",
    "ёж",
    "🚨",
    "\u{1b}[2J",
    "backout:\n  parameters: {a: {secret: true}}\n",
    "=====\n",
    "* * *\n",
    "|",
    "-- ",
    "\\q\n",
];

fn damage(dice: &mut Dice, bytes: &mut Vec<u8>) {
    let at = dice.below(bytes.len() + 1);
    match dice.below(7) {
        0..=2 => {
            let blow = dice.pick(BLOWS);
            bytes.splice(at..at, blow.bytes());
        }
        3 => {
            let end = (at + dice.below(20)).min(bytes.len());
            bytes.drain(at..end);
        }
        4 => {
            // A line goes, another comes twice.
            let from = bytes
                .iter()
                .take(at)
                .rposition(|b| *b == b'\n')
                .map_or(0, |p| p + 1);
            let to = bytes
                .iter()
                .skip(at)
                .position(|b| *b == b'\n')
                .map_or(bytes.len(), |p| at + p + 1);
            let line: Vec<u8> = bytes.drain(from..to).collect();
            if dice.one_in(2) {
                let there = dice.below(bytes.len() + 1);
                bytes.splice(there..there, line.iter().chain(&line).copied());
            }
        }
        5 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = dice.byte();
            }
        }
        _ => bytes.truncate(at),
    }
}

fn noise(dice: &mut Dice) -> Vec<u8> {
    let count = dice.below(400);
    if dice.one_in(2) {
        return (0..count).map(|_| dice.byte()).collect();
    }
    let mut bytes = Vec::new();
    for _ in 0..count / 4 {
        let blow = dice.pick(BLOWS);
        bytes.extend_from_slice(blow.as_bytes());
    }
    bytes
}
