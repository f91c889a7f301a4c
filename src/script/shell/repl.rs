//! A database prompt opened inside a block: `psql $DATABASE_URL` on a line of its own, followed by
//! SQL and backslash commands that are meant for the inside.
//!
//! To a shell those lines are nonsense; a plan's author means: open it, type this, leave it. The
//! inner lines are found here so that the block can be cut around them, judged as SQL and fed to
//! the program. Nothing is fed by this module.

use super::danger::collect;
use super::manner::opens_prompt;
use super::remote;
use crate::script::sql;

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

/// A prompt and what is typed into it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Repl {
    /// The line that opens it.
    pub opener: String,
    /// Line of the opener in the block, from 0.
    pub line: u32,
    /// What is typed: the lines below it, `#` comments left out, which are no comments there.
    pub inner: String,
    /// Last line that is typed, from 0.
    pub last_line: u32,
}

/// Every prompt that a block opens and types into, in order.
#[must_use]
pub fn repls(code: &str) -> Vec<Repl> {
    let lines: Vec<&str> = code.lines().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        match inner_end(&lines, at) {
            Some(last) => {
                let typed = lines.get(at + 1..=last).unwrap_or_default();
                found.push(Repl {
                    opener: line.trim().to_owned(),
                    line: count(at),
                    inner: without_hashes(typed),
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
    if !mentions_prompt(code) {
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
    remote::fed(code, |inner| {
        fed_here(inner).unwrap_or_else(|| inner.to_owned())
    })
    .map(|text| fed_here(&text).unwrap_or(text))
    .or_else(|| fed_here(code))
}

fn fed_here(code: &str) -> Option<String> {
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
                out.push(format!("{line} <<'{DELIMITER}'"));
                out.push(repl.inner.clone());
                out.push(DELIMITER.to_owned());
            }
            Some(_) => {}
        }
    }
    Some(out.join("\n"))
}

fn mentions_prompt(code: &str) -> bool {
    PROMPTS.iter().any(|p| code.contains(p))
}

/// If the line at `at` opens a prompt and lines for it follow: the last of them.
pub(super) fn inner_end(lines: &[&str], at: usize) -> Option<usize> {
    let opener = lines.get(at)?.trim();
    let comment = opener.starts_with('#') || opener.ends_with('\\');
    if comment || !mentions_prompt(opener) {
        return None;
    }
    let last = typed_until(lines, at + 1)?;
    let mut prompt = false;
    collect(opener, 0, &mut |call| {
        prompt |= opens_prompt(call);
    });
    prompt.then_some(last)
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
    use super::super::{danger, parses, split};
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
            "psql d <<'BACKOUT_INPUT'\nSELECT 1;\n\\q\nBACKOUT_INPUT\necho done"
        );
        assert_eq!(parses(&text), Ok(()));
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
        ] {
            assert_eq!(repls(code), [], "{code}");
            assert_eq!(fed(code), None, "{code}");
        }
    }
}
