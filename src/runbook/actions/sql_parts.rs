//! Actions from SQL: statements between comments; a transaction stays whole.

use super::shell_parts::is_instead;
use super::{Part, blank, is_backup_check, part, warn_by_words};
use crate::domain::plan::{ActionKind, Span};
use crate::runbook::blocks::Fence;
use crate::runbook::expect;
use crate::script::{shell, sql};

/// The actions of a block of SQL.
pub fn sql_parts(fence: &Fence) -> Vec<Part> {
    let statements = sql::split(&fence.code);
    let lines: Vec<&str> = fence.code.lines().collect();
    let whole = statements.iter().any(|s| is_transaction(&s.text));
    let mut groups: Vec<Vec<&sql::Statement>> = Vec::new();
    for statement in &statements {
        let headed = statement.text.trim_start().starts_with("--");
        // What is expected of one statement is said behind it: the next stands for itself.
        let expects = |s: &&sql::Statement| s.after.iter().any(|(_, t)| shell::is_expectation(t));
        let told = groups
            .last()
            .and_then(|group| group.last())
            .is_some_and(expects);
        match groups.last_mut() {
            Some(group) if whole || !(headed || told) || commits(statement) => {
                group.push(statement);
            }
            _ => groups.push(vec![statement]),
        }
    }
    let mut parts = Vec::new();
    for group in groups {
        sql_group(fence, &lines, &group, &mut parts);
    }
    parts
}

/// A COMMIT belongs to what stands above it, whatever is said or expected in between: in a session
/// of its own it ends nothing.
fn commits(statement: &sql::Statement) -> bool {
    sql::control(&statement.text) == Some(sql::Control::Commits)
}

/// Whether statements do nothing but end a transaction that none of them has begun.
fn only_ends(group: &[&sql::Statement]) -> bool {
    let ends = |s: &&sql::Statement| {
        matches!(
            sql::control(&s.text),
            Some(sql::Control::Commits | sql::Control::RollsBack)
        )
    };
    group.iter().all(ends)
}

fn is_transaction(text: &str) -> bool {
    let body = text
        .lines()
        .map(str::trim)
        .find(|l| !l.is_empty() && !l.starts_with("--"))
        .unwrap_or_default()
        .to_uppercase();
    body.starts_with("BEGIN") || body.starts_with("START TRANSACTION")
}

fn sql_group(fence: &Fence, lines: &[&str], group: &[&sql::Statement], parts: &mut Vec<Part>) {
    let (Some(first), Some(last)) = (group.first(), group.last()) else {
        return;
    };
    let after: Vec<&(u32, String)> = group.iter().flat_map(|s| &s.after).collect();
    let end = after
        .iter()
        .map(|(l, _)| *l)
        .max()
        .unwrap_or(0)
        .max(last.last_line);
    let span = Span {
        first: fence.code_line + first.first_line,
        last: fence.code_line + end,
    };
    let from = said_before(fence, lines, first, parts);
    let span = Span {
        first: fence.code_line + from,
        ..span
    };
    let slice = lines
        .get(from as usize..=last.last_line as usize)
        .unwrap_or_default();
    let heads: Vec<&str> = slice
        .iter()
        .take_while(|l| l.trim_start().starts_with("--"))
        .map(|l| l.trim().trim_start_matches('-').trim())
        .collect();
    let code = slice
        .get(heads.len().min(1)..)
        .unwrap_or_default()
        .join("\n");
    let raw_title = heads.first().copied().unwrap_or_default();
    let number = shell::number_of(raw_title);
    let title = without_number(raw_title);
    // A command among SQL statements is still a command.
    let command = shell::looks_like_shell(&code) && !shell::looks_like_sql(&code);
    let kind = if command {
        ActionKind::Shell
    } else if only_ends(group) {
        // The block that it is meant for asks before its own COMMIT.
        ActionKind::Text
    } else {
        ActionKind::Sql
    };
    let title = match kind {
        ActionKind::Text if title.is_empty() => {
            "Not run alone: the block above asks before its COMMIT"
        }
        _ => title,
    };
    let mut action = blank(kind, title, &code, &fence.lang, span);
    let said: Vec<&str> = heads
        .iter()
        .copied()
        .chain(after.iter().map(|(_, t)| t.as_str()))
        .collect();
    warn_by_words(&mut action, &said.join("\n"));
    let mut held = Vec::new();
    let mut why = String::new();
    let mut remarks: Vec<&str> = Vec::new();
    for (line, text) in after {
        let here = Span {
            first: fence.code_line + line,
            last: fence.code_line + line,
        };
        if let Some(command) = shell::commented_out(text) {
            let mut other = blank(
                ActionKind::Sql,
                why.trim_end_matches(':'),
                &command,
                &fence.lang,
                here,
            );
            other.opt_in = true;
            held.push(part(None, other));
            remarks.retain(|r| *r != why);
        } else if shell::is_expectation(text) {
            action.expect.push(expect::of_comment(text, &code));
        } else {
            why.clone_from(text);
            remarks.push(text);
        }
    }
    remarks.retain(|r| !code.contains(r));
    for remark in remarks {
        action.code.push_str("\n-- ");
        action.code.push_str(remark);
    }
    let instead = is_instead(title);
    parts.push(Part {
        number,
        action,
        instead,
        or_next: false,
        goes_on: false,
        said: String::new(),
    });
    parts.extend(held);
}

fn without_number(title: &str) -> &str {
    match shell::number_of(title) {
        Some(_) => {
            title.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ')' | ' '))
        }
        None => title,
    }
}

/// Numbered comments with a gap below them are things for a person, not titles of the statement
/// further down. Returns the line from which on the statement's own comments stand.
fn said_before(
    fence: &Fence,
    lines: &[&str],
    statement: &sql::Statement,
    parts: &mut Vec<Part>,
) -> u32 {
    let mut from = statement.first_line;
    loop {
        let own = lines
            .get(from as usize..=statement.last_line as usize)
            .unwrap_or_default();
        let comments = own
            .iter()
            .take_while(|l| l.trim_start().starts_with("--"))
            .count();
        let gap = own
            .iter()
            .skip(comments)
            .take_while(|l| l.trim().is_empty())
            .count();
        let words: Vec<&str> = own
            .iter()
            .take(comments)
            .map(|l| l.trim().trim_start_matches('-').trim())
            .collect();
        let Some((head, body)) = words.split_first() else {
            return from;
        };
        let number = shell::number_of(head);
        if gap == 0 || number.is_none() {
            return from;
        }
        let last = from + u32::try_from(comments).unwrap_or(1) - 1;
        let span = Span {
            first: fence.code_line + from,
            last: fence.code_line + last,
        };
        let title = without_number(head);
        let (title, code) = if body.is_empty() {
            ("", title.to_owned())
        } else {
            (title, body.join("\n"))
        };
        let mut action = blank(ActionKind::Manual, title, &code, "", span);
        action.backup_check = is_backup_check(head);
        parts.push(part(number, action));
        from += u32::try_from(comments + gap).unwrap_or(1);
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::plan::{Action, ActionKind};
    use crate::script::sql::{Manner, manner};

    fn actions(body: &str) -> Vec<Action> {
        let text = format!("# Back-out\n\n## Rollback procedure\n\n### Step 1: Data\n\n{body}\n");
        let plan = crate::runbook::read(text.as_bytes());
        let steps = plan.procedures.into_iter().flat_map(|p| p.steps);
        steps.flat_map(|s| s.actions).collect()
    }

    fn block(code: &str) -> String {
        format!("```sql\n{code}\n```")
    }

    #[test]
    fn a_commit_behind_what_is_expected_stays_with_what_it_commits() {
        let own = "UPDATE jobs SET state = 'new' WHERE state = 'lost';\n-- Expected: 3 rows\n\n-- then commit:\nCOMMIT;";
        let got = actions(&block(own));
        assert_eq!(got.len(), 1, "{got:?}");
        assert_eq!(got[0].expect.len(), 1);
        // And so it is asked before it.
        assert_eq!(
            manner(&got[0].code),
            Manner::Own(Some(5)),
            "{}",
            got[0].code
        );
    }

    #[test]
    fn what_only_ends_a_transaction_is_read_and_not_run() {
        let open = block("BEGIN;\nUPDATE jobs SET state = 'new';\nSELECT count(*) FROM jobs;");
        let two = format!(
            "{open}\n\nIf the count is right:\n\n{}\n\nElse:\n\n{}",
            block("COMMIT;"),
            block("ROLLBACK;")
        );
        let kinds: Vec<ActionKind> = actions(&two).iter().map(|a| a.kind).collect();
        let read = ActionKind::Text;
        assert_eq!(kinds, [ActionKind::Sql, read, read]);
        // A ROLLBACK that is there for the case is not taken along: it would undo for nothing.
        let one = block(
            "DELETE FROM jobs WHERE id = 7;\n-- Expected: DELETE 1\n-- if it is another number:\nROLLBACK;\n-- else:\nCOMMIT;",
        );
        let got = actions(&one);
        assert_eq!(manner(&got[0].code), Manner::Around, "{}", got[0].code);
        assert!(got.iter().skip(1).all(|a| a.kind == read), "{got:?}");
    }
}
