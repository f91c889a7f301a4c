//! A prompt opened inside a block: `psql $DATABASE_URL` or `ssh host` on a line of its own,
//! followed by lines that are meant for the inside.
//!
//! To the shell that reads the block those lines are nonsense, or do harm at the wrong place; a
//! plan's author means: open it, type this, leave it. The inner lines are found here so that the
//! block can be cut around them, judged as what they are and fed to the program. Nothing is fed
//! by this module.

use super::inside::{Inside, leaves_shell, opens, other_until, prompt_of, shell_until, with_input};
use crate::script::lists::Needles;
use crate::script::sql;
use std::sync::LazyLock;

/// Programs with a prompt that takes SQL.
pub(super) const PROMPTS: &[&str] = &[
    "psql",
    "pgcli",
    "mysql",
    "mariadb",
    "sqlite3",
    "cockroach",
    "duckdb",
];

/// A delimiter that no plan uses by accident.
const DELIMITER: &str = "BACKOUT_INPUT";

/// Another than that of a prompt within.
const REMOTE: &str = "BACKOUT_REMOTE";

/// Prompts opened inside prompts are followed this deep.
const DEEPEST: u32 = 4;

/// A prompt and what is typed into it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Repl {
    /// The line that opens it.
    pub opener: String,
    /// Line of the opener in the block, from 0.
    pub line: u32,
    /// What takes the lines.
    pub inside: Inside,
    /// What is typed: the lines below it; where a `#` is no comment, without those.
    pub inner: String,
    /// Last line that is typed, from 0.
    pub last_line: u32,
}

/// Every prompt that a block opens and types into, in order.
#[must_use]
pub fn repls(code: &str) -> Vec<Repl> {
    if !may_open(code) {
        return Vec::new();
    }
    let lines: Vec<&str> = code.lines().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        match inner(&lines, at) {
            Some((last, inside)) => {
                let typed = lines.get(at + 1..=last).unwrap_or_default();
                found.push(Repl {
                    opener: line.trim().to_owned(),
                    line: count(at),
                    inside,
                    inner: match inside {
                        Inside::Shell => without_leaving(typed),
                        Inside::Sql | Inside::Other => without_hashes(typed),
                    },
                    last_line: count(last),
                });
                at = last + 1;
            }
            None => at += 1,
        }
    }
    found
}

/// The block with every opener and what is typed into it replaced by blank lines of the same
/// length, so that a shell's parser can read the rest and offsets stay true.
pub(super) fn outside(code: &str) -> String {
    blanked(code, 0)
}

/// As [`outside`], with the openers kept.
pub(super) fn outside_with_openers(code: &str) -> String {
    blanked(code, 1)
}

fn blanked(code: &str, keep: usize) -> String {
    if !may_open(code) {
        return code.to_owned();
    }
    let found = repls(code);
    let inside = |at: usize| {
        found
            .iter()
            .any(|r| (r.line as usize + keep..=r.last_line as usize).contains(&at))
    };
    code.split_inclusive('\n')
        .enumerate()
        .map(|(at, line)| {
            if inside(at) {
                line.bytes()
                    .map(|b| if b == b'\n' { '\n' } else { ' ' })
                    .collect()
            } else {
                line.to_owned()
            }
        })
        .collect()
}

/// The block as a shell can run it: each prompt, and each shell on another machine, gets what is
/// typed into it as its input, by a heredoc, and is left at the end of it. None where none is
/// opened.
#[must_use]
pub fn fed(code: &str) -> Option<String> {
    fed_at(code, 1)
}

/// As [`fed`], so many prompts deep.
fn fed_at(code: &str, depth: u32) -> Option<String> {
    let found = repls(code);
    if found.is_empty() {
        return None;
    }
    let mut out: Vec<String> = Vec::new();
    for (at, line) in code.lines().enumerate() {
        let within = |r: &&Repl| (r.line as usize..=r.last_line as usize).contains(&at);
        match found.iter().find(within) {
            None => out.push(line.to_owned()),
            Some(repl) if repl.line as usize == at => {
                let delimiter = delimiter(repl.inside, depth);
                out.push(with_input(line, &format!("<<'{delimiter}'")));
                out.extend(typed_into(repl, depth));
                out.push(delimiter);
            }
            Some(_) => {}
        }
    }
    Some(out.join("\n"))
}

/// Prompts hold no prompts; a shell that is opened inside another needs a delimiter of its own.
fn delimiter(inside: Inside, depth: u32) -> String {
    match (inside, depth) {
        (Inside::Sql | Inside::Other, _) => DELIMITER.to_owned(),
        (Inside::Shell, 1) => REMOTE.to_owned(),
        (Inside::Shell, _) => format!("{REMOTE}_{depth}"),
    }
}

/// What the program gets. A shell elsewhere and a prompt that takes SQL stop at the first failure,
/// as the shell here does: left to itself `psql` goes on, and ends well.
fn typed_into(repl: &Repl, depth: u32) -> Vec<String> {
    match repl.inside {
        Inside::Shell => {}
        Inside::Other => return vec![repl.inner.clone()],
        Inside::Sql => {
            let stops = match prompt_of(&repl.opener).as_deref() {
                Some("psql") if !repl.inner.contains("ON_ERROR_STOP") => {
                    Some("\\set ON_ERROR_STOP on")
                }
                Some("sqlite3") if !repl.inner.contains(".bail") => Some(".bail on"),
                Some(_) | None => None,
            };
            let stops = stops.map(str::to_owned).into_iter();
            return stops.chain([repl.inner.clone()]).collect();
        }
    }
    let inner = (depth < DEEPEST)
        .then(|| fed_at(&repl.inner, depth + 1))
        .flatten()
        .unwrap_or_else(|| without_remarks(&repl.inner));
    vec!["set -e".to_owned(), inner]
}

/// The lines without those that are comments: in an input they would be text like any other, and a
/// blank in one would be asked for. A text within may hold such lines as its own.
fn without_remarks(inner: &str) -> String {
    if inner.contains("<<") {
        return inner.to_owned();
    }
    let runs = inner.lines().filter(|l| !l.trim_start().starts_with('#'));
    runs.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// If the line at `at` opens something and lines for it follow: the last of them.
pub(super) fn inner_end(lines: &[&str], at: usize) -> Option<usize> {
    inner(lines, at).map(|(last, _)| last)
}

fn inner(lines: &[&str], at: usize) -> Option<(usize, Inside)> {
    let opener = lines.get(at)?.trim();
    // Most lines open nothing, and most that do are the last.
    if lines.len() == at + 1 || !may_open(opener) {
        return None;
    }
    let inside = opens(opener)?;
    let last = match inside {
        Inside::Sql => typed_until(lines, at + 1),
        Inside::Shell => shell_until(lines, opener, at + 1),
        Inside::Other => other_until(lines, at + 1),
    };
    Some((last?, inside))
}

/// Words that open something.
static OPENERS: LazyLock<Needles> = LazyLock::new(|| {
    let words = [
        "ssh ",
        "su ",
        "sudo -i",
        "sudo -s",
        "doas -s",
        "exec ",
        "run ",
        "chroot",
        "redis-cli",
        "mongo",
    ];
    Needles::of(PROMPTS.iter().copied().chain(words))
});

/// Whether a text holds a word that opens something.
fn may_open(text: &str) -> bool {
    OPENERS.are_in(text)
}

/// The last line from `from` on that is for a prompt that takes SQL.
fn typed_until(lines: &[&str], from: usize) -> Option<usize> {
    let (mut last, mut open, mut at, mut real) = (None, false, from, false);
    while let Some(line) = lines.get(at) {
        let text = line.trim();
        if text.is_empty() {
            at += 1;
            continue;
        }
        if text.starts_with('#') && !open {
            let next = lines
                .iter()
                .skip(at)
                .map(|l| l.trim())
                .find(|l| !l.is_empty() && !l.starts_with('#'));
            if !next.is_some_and(is_typed) {
                break;
            }
        } else if open || text.starts_with("--") {
            open = open && !ends_statement(text);
        } else if is_typed(text) {
            real = true;
            open = !ends_statement(text) && !text.starts_with('\\') && !leaves(text);
        } else {
            break;
        }
        last = Some(at);
        if leaves(text) {
            break;
        }
        at += 1;
    }
    last.filter(|_| real)
}

/// Whether a line can only be meant for the inside.
fn is_typed(text: &str) -> bool {
    text.starts_with("--") || leaves(text) || sql::begins_as_sql(text)
}

/// Whether the line leaves the prompt.
fn leaves(text: &str) -> bool {
    matches!(
        text.trim_end_matches(';').trim(),
        "\\q" | "exit" | "quit" | ".quit" | ".exit"
    )
}

fn ends_statement(text: &str) -> bool {
    let code = text
        .split(" --")
        .next()
        .unwrap_or(text)
        .split(" #")
        .next()
        .unwrap_or(text);
    code.trim_end().ends_with(';')
}

/// What a shell is told, without the line that leaves it.
fn without_leaving(lines: &[&str]) -> String {
    let kept = match lines.split_last() {
        Some((last, rest)) if leaves_shell(last.trim()) => rest,
        _ => lines,
    };
    kept.join("\n").trim_matches('\n').trim_end().to_owned()
}

/// What is typed, without `#` lines and `#` remarks behind backslash commands.
fn without_hashes(lines: &[&str]) -> String {
    lines
        .iter()
        .filter(|l| !l.trim_start().starts_with('#'))
        .map(|l| {
            let remark = l
                .trim_start()
                .starts_with('\\')
                .then(|| l.find(" #"))
                .flatten();
            remark.map_or(*l, |at| l.get(..at).unwrap_or(l)).trim_end()
        })
        .collect::<Vec<_>>()
        .join("\n")
        .trim_matches('\n')
        .to_owned()
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::{danger, needs_terminal, parses, split};
    use super::*;
    use crate::script::Danger;

    const BLOCK: &str = "# 1. Look\ncd backend\n\n# 2. Connect\npsql $DATABASE_URL\n\n# Run the SQL\n-- it won't hurt\nALTER TABLE \"a\"\nDROP CONSTRAINT x;\n\n# 3. Verify\n\\dt a  # gone\n\n# 4. Generate\nnpx prisma generate\n";

    #[test]
    fn the_inside_is_told_from_the_outside() {
        let found = repls(BLOCK);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].opener, "psql $DATABASE_URL");
        assert_eq!(
            found[0].inner,
            "-- it won't hurt\nALTER TABLE \"a\"\nDROP CONSTRAINT x;\n\n\\dt a"
        );
        assert_eq!((found[0].line, found[0].last_line), (4, 12));
    }

    #[test]
    fn a_block_is_cut_around_it() {
        let pieces = split(BLOCK);
        let titles: Vec<_> = pieces.iter().map(|p| p.title.as_str()).collect();
        assert_eq!(titles, ["Look", "Connect", "Generate"]);
        assert!(pieces[1].code.ends_with("\\dt a  # gone"));
        assert_eq!(pieces[2].code, "npx prisma generate");
    }

    #[test]
    fn the_inside_is_judged_as_sql() {
        let judged = |inner: &str| danger(&format!("psql $D\n{inner}")).danger;
        assert_eq!(judged("SELECT count(*) FROM a;\n\\dt"), Danger::None);
        assert_eq!(judged("UPDATE a SET b = 1\nWHERE c = 2;"), Danger::Changes);
        assert_eq!(judged("DROP TABLE a;"), Danger::Irreversible);
        assert_eq!(parses(BLOCK), Ok(()));
    }

    #[test]
    fn fed_lines_are_input() {
        let text = fed("psql d\nSELECT 1;\n\\q\necho done\n").expect("a prompt");
        assert_eq!(
            text,
            "psql d <<'BACKOUT_INPUT'\n\\set ON_ERROR_STOP on\nSELECT 1;\n\\q\nBACKOUT_INPUT\necho done"
        );
        assert_eq!(parses(&text), Ok(()));
    }

    #[test]
    fn what_takes_sql_stops_at_the_first_failure() {
        let first = |code: &str| -> String {
            let text = fed(code).expect("a prompt");
            text.lines().nth(1).unwrap_or_default().to_owned()
        };
        for (code, want) in [
            (
                "docker exec -it db psql -U a\nSELECT 1;\n",
                "\\set ON_ERROR_STOP on",
            ),
            ("sqlite3 shop.db\nSELECT 1;\n", ".bail on"),
            ("mysql shop\nSELECT 1;\n", "SELECT 1;"),
            (
                "psql d\n\\set ON_ERROR_STOP off\nSELECT 1;\n",
                "\\set ON_ERROR_STOP off",
            ),
        ] {
            assert_eq!(first(code), want, "{code}");
        }
    }

    #[test]
    fn a_shell_elsewhere_gets_its_lines() {
        let block = "# 1. In\nssh app@shop-1  # the first\n\n# 2. There\ncd /srv/shop\nrm -rf cache\n\n# 3. Out\nexit\n\n# 4. Here\ncurl -s http://shop/up\n";
        let pieces = split(block);
        let titles: Vec<_> = pieces.iter().map(|p| p.title.as_str()).collect();
        assert_eq!(titles, ["In", "Here"]);
        assert_eq!(
            fed(&pieces[0].code).as_deref(),
            Some(
                "ssh app@shop-1 <<'BACKOUT_REMOTE'  # the first\nset -e\ncd /srv/shop\nrm -rf cache\nBACKOUT_REMOTE"
            )
        );
        assert_eq!(danger(&pieces[0].code).danger, Danger::Irreversible);
        assert!(needs_terminal(&pieces[0].code));
    }

    #[test]
    fn prompts_inside_prompts_are_fed_too() {
        let text = fed(
            "docker exec -it db bash\nsu - postgres\npsql shop\nSELECT 1;\n\\q\nexit\nexit\ndocker ps\n",
        );
        assert_eq!(
            text.as_deref(),
            Some(
                "docker exec -i db bash <<'BACKOUT_REMOTE'\nset -e\nsu - postgres <<'BACKOUT_REMOTE_2'\nset -e\npsql shop <<'BACKOUT_INPUT'\n\\set ON_ERROR_STOP on\nSELECT 1;\n\\q\nBACKOUT_INPUT\nBACKOUT_REMOTE_2\nBACKOUT_REMOTE\ndocker ps"
            )
        );
    }

    #[test]
    fn commands_that_can_only_be_for_this_side_are() {
        for (code, inner) in [
            (
                "kubectl exec -it shop-0 -- sh\nls /data\nkubectl get pods\n",
                "ls /data",
            ),
            ("ssh a@b\nuptime\n# Back on your machine\nls\n", "uptime"),
            ("docker compose exec api bash\nls\nlogout\nls\n", "ls"),
            (
                "redis-cli -h cache\nFLUSHDB\nsystemctl start shop\n",
                "FLUSHDB",
            ),
        ] {
            let found = repls(code);
            assert_eq!(found.len(), 1, "{code}");
            assert_eq!(found[0].inner, inner, "{code}");
        }
        let compose = fed("docker compose exec api bash\nls\n").expect("a shell");
        assert!(compose.starts_with("docker compose exec -T api bash <<'"));
    }

    #[test]
    fn ordinary_blocks_open_nothing() {
        for code in [
            "psql $D -c 'SELECT 1'\nls\n",
            "psql $D\n",
            "psql $D\n# next\nls -l\n",
            "psql $D <<EOF\nSELECT 1;\nEOF\n",
            "mysql -u root -p d << 'EOF'\nSELECT 1;\nEOF\n",
            "mysql -u root -p -e 'SELECT 1'\nSELECT 2;\n",
            "mysql d < x.sql\nupdate-alternatives --list x\n",
            "ssh a@b\n",
            "ssh a@b\nexit\n",
            "ssh a@b uptime\nls\n",
            "ssh -L 5432:db:5432 a@b\npsql -h localhost -c 'SELECT 1'\n",
            "ssh -N -f a@b\nls\n",
            "docker exec web ls\nls\n",
            "docker run -d web\nls\n",
            "sudo systemctl stop a\nls\n",
            "redis-cli PING\nls\n",
            "su -c 'ls' app\nls\n",
        ] {
            assert_eq!(repls(code), [], "{code}");
            assert_eq!(fed(code), None, "{code}");
        }
    }
}
