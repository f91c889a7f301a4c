//! Actions from shell: pieces between comments, console sessions, runs of comments.

use super::content::{in_brackets, without_content};
use super::{Part, blank, is_backup_check, part, warn_by_words};
use super::{held, remarks};
use crate::domain::plan::{Action, ActionKind, ExpectRule, Expectation, Span};
use crate::runbook::blocks::Fence;
use crate::runbook::output::{self, Output};
use crate::runbook::{code, expect};
use crate::script::shell::{self, Piece};
use std::fmt::Write as _;

/// The actions of a block of shell.
pub fn shell_parts(fence: &Fence) -> Vec<Part> {
    if let Some(session) = code::session(&fence.code) {
        return session
            .into_iter()
            .map(|s| session_part(fence, s))
            .collect();
    }
    if fence.code.starts_with("#!") {
        return whole_script(fence);
    }
    let headed = code::is_unlabelled(&fence.lang).then(|| code::headed(&fence.code));
    let text = headed.flatten();
    let text = text.as_deref().unwrap_or(&fence.code);
    let (quiet, printed) = output::set_apart(text);
    let mut parts = Vec::new();
    for piece in remarks::told(remarks::settle(shell::split(&quiet))) {
        let pieces = cut_after_expectations(&quiet, piece).into_iter();
        for piece in pieces.flat_map(|p| held::apart(&quiet, p)) {
            match without_content(fence, &piece) {
                Some((piece, content, rest)) => {
                    shell_piece(fence, &piece, &printed, &mut parts);
                    parts.push(content);
                    if let Some(rest) = rest {
                        shell_piece(fence, &rest, &printed, &mut parts);
                    }
                }
                None => shell_piece(fence, &piece, &printed, &mut parts),
            }
        }
    }
    parts
}

/// A script with its own first line runs as the one thing that it is.
fn whole_script(fence: &Fence) -> Vec<Part> {
    let last = fence.code_line + count(fence.code.lines().count().max(1)) - 1;
    let span = Span {
        first: fence.code_line,
        last,
    };
    let title = fence
        .code
        .lines()
        .find(|l| !l.starts_with("#!"))
        .and_then(|l| l.trim().strip_prefix("# "))
        .unwrap_or_default();
    let mut action = blank(ActionKind::Shell, title, &fence.code, &fence.lang, span);
    warn_by_words(&mut action, &fence.code);
    vec![part(None, action)]
}

fn session_part(fence: &Fence, (line, command, output): (u32, String, String)) -> Part {
    let last = line + count(command.lines().count().max(1) + output.lines().count()) - 1;
    let span = Span {
        first: fence.code_line + line,
        last: fence.code_line + last,
    };
    let mut action = blank(ActionKind::Shell, "", &command, &fence.lang, span);
    if !output.trim().is_empty() {
        action.expect.push(expect::of_sample(&output, None, None));
    }
    part(None, action)
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// A command that follows what the one before should show is an action of its own.
fn cut_after_expectations(code: &str, piece: Piece) -> Vec<Piece> {
    let lines: Vec<&str> = code.lines().collect();
    let comment = |line: u32| {
        lines
            .get(line as usize)
            .is_some_and(|l| l.trim_start().starts_with('#'))
    };
    let slice = |from: u32, to: u32| {
        lines
            .get(from as usize..to as usize)
            .unwrap_or_default()
            .join("\n")
    };
    let runs_from = |line: u32| {
        (line..=piece.last_line).find(|l| {
            lines
                .get(*l as usize)
                .is_some_and(|t| !t.trim().is_empty() && !t.trim_start().starts_with('#'))
        })
    };
    // At the end of a command's own line it ends the command, if that is whole.
    let whole = |line: u32| {
        let rest = runs_from(line + 1).map(|from| slice(from, piece.last_line + 1));
        let parses = |text: &str| shell::parses(text).is_ok();
        rest.is_some_and(|rest| parses(&slice(piece.code_line, line + 1)) && parses(&rest))
    };
    let ends_at = piece
        .after
        .iter()
        .filter(|(_, text)| shell::is_expectation(text))
        .map(|(line, _)| *line)
        .filter(|line| comment(*line) || whole(*line));
    let Some(cut) = ends_at.min() else {
        return vec![piece];
    };
    let Some(rest_at) = runs_from(cut + 1) else {
        return vec![piece];
    };
    let cut = if comment(cut) { cut } else { cut + 1 };
    let mut first = piece.clone();
    slice(piece.code_line, cut)
        .trim_end()
        .clone_into(&mut first.code);
    first.last_line = rest_at - 1;
    first.after.retain(|(line, _)| *line < rest_at);
    let mut rest = Piece {
        first_line: rest_at,
        last_line: piece.last_line,
        code_line: rest_at,
        goes_on: true,
        ..Piece::default()
    };
    slice(rest_at, piece.last_line + 1)
        .trim_end()
        .clone_into(&mut rest.code);
    rest.after = piece
        .after
        .into_iter()
        .filter(|(line, _)| *line >= rest_at)
        .collect();
    let tail_comments = rest
        .after
        .iter()
        .filter(|(line, _)| comment(*line))
        .map(|(line, _)| *line)
        .min();
    if let Some(tail) = tail_comments.filter(|t| *t > rest_at) {
        let more = (tail..=rest.last_line).any(|l| {
            lines
                .get(l as usize)
                .is_some_and(|t| !t.trim().is_empty() && !t.trim_start().starts_with('#'))
        });
        if !more {
            slice(rest_at, tail).trim_end().clone_into(&mut rest.code);
        }
    }
    let mut pieces = vec![first];
    pieces.extend(cut_after_expectations(code, rest));
    pieces
}

fn shell_piece(fence: &Fence, piece: &Piece, printed: &[Output], parts: &mut Vec<Part>) {
    let span = Span {
        first: fence.code_line + piece.first_line,
        last: fence.code_line + piece.last_line,
    };
    if piece.code.trim().is_empty() {
        return comment_piece(fence, piece, span, parts);
    }
    if is_sample(piece) {
        return sample_piece(fence, piece, span, parts);
    }
    if let Some(words) = in_brackets(&piece.code) {
        let mut action = blank(ActionKind::Manual, &piece.title, words, "", span);
        action.backup_check = is_backup_check(words);
        return parts.push(part(piece.number, action));
    }
    let more: Vec<&str> = piece.comments.iter().skip(1).map(String::as_str).collect();
    let mut code = String::new();
    for comment in &more {
        if !shell::is_expectation(comment) {
            code.push_str("# ");
            code.push_str(comment);
            code.push('\n');
        }
    }
    code.push_str(&piece.code);
    let sql = shell::looks_like_sql(&piece.code) && !shell::looks_like_shell(&piece.code);
    let kind = if sql {
        ActionKind::Sql
    } else if code::is_crontab(&piece.code) || output::is_data(&piece.code) {
        ActionKind::Text
    } else {
        ActionKind::Shell
    };
    let code = if sql { piece.code.clone() } else { code };
    let mut action = blank(kind, &piece.title, &code, &fence.lang, span);
    for comment in more.iter().filter(|c| shell::is_expectation(c)) {
        action.expect.push(expect::of_comment(comment, &piece.code));
    }
    let instead = is_instead(&piece.title);
    let said: Vec<&str> = piece
        .comments
        .iter()
        .map(String::as_str)
        .chain(piece.after.iter().map(|(_, t)| t.as_str()))
        .collect();
    warn_by_words(&mut action, &said.join("\n"));
    let mut others = Vec::new();
    let mut or_next = false;
    after(
        fence,
        piece,
        printed,
        &mut action,
        &mut others,
        &mut or_next,
    );
    let left = left_to_do(fence, piece, &mut action);
    parts.push(Part {
        number: piece.number,
        action,
        instead,
        or_next,
        goes_on: piece.goes_on,
        said: String::new(),
    });
    parts.extend(others);
    parts.extend(left);
}

/// `# Example output:` above lines that are no commands.
fn is_sample(piece: &Piece) -> bool {
    piece.title.trim_end().ends_with([':', '：'])
        && shell::is_expectation(&piece.title)
        && !shell::looks_like_shell(&piece.code)
}

/// Lines of output in a block of commands: what the command before should show, else to be read.
fn sample_piece(fence: &Fence, piece: &Piece, span: Span, parts: &mut Vec<Part>) {
    if let Some(before) = parts.last_mut()
        && before.action.kind == ActionKind::Shell
    {
        let sample = output::shown(&piece.title, &piece.code);
        before.action.expect.push(sample);
        return;
    }
    let title = piece.title.trim_end_matches([':', '：']);
    let action = blank(ActionKind::Text, title, &piece.code, &fence.lang, span);
    parts.push(part(piece.number, action));
}

/// Comments on lines of their own below a command, which say neither what it shows nor another
/// way: what is left for a person to do. A warning stays with the command that it is about.
fn left_to_do(fence: &Fence, piece: &Piece, action: &mut Action) -> Option<Part> {
    let below = piece.code_line + count(piece.code.split('\n').count());
    let mut sample = false;
    let mut remark_at = None;
    let mut said: Vec<(u32, String)> = Vec::new();
    for (line, text) in piece.after.iter().filter(|(line, _)| *line >= below) {
        // An example goes on until the comment ends.
        if remarks::begins(text) || remark_at.is_some_and(|at| at + 1 == *line) {
            remark_at = Some(*line);
            action.code.push_str("\n# ");
            action.code.push_str(text);
            continue;
        }
        let way = shell::alternative(text);
        let told = shell::is_expectation(text)
            || way.as_ref().is_some_and(|w| w.command.is_some())
            || !sample && held_back(piece, *line, text).is_some();
        sample = if told {
            text.trim_end().ends_with(':')
        } else {
            sample
        };
        if told || sample || !text.chars().any(char::is_alphanumeric) {
            continue;
        }
        if is_warning(text) || way.is_some() {
            action.code.push_str("\n# ");
            action.code.push_str(text);
        } else {
            said.push((*line, text.clone()));
        }
    }
    let (first, last) = (said.first()?.0, said.last()?.0);
    let span = Span {
        first: fence.code_line + first,
        last: fence.code_line + last,
    };
    let texts: Vec<&str> = said.iter().map(|(_, text)| text.as_str()).collect();
    Some(part(None, manual_words(&texts, span)))
}

/// A thing to do from lines of a comment: what ends in a colon names the rest.
fn manual_words(words: &[&str], span: Span) -> Action {
    match words.split_first() {
        Some((first, rest)) if first.ends_with([':', '：']) && !rest.is_empty() => {
            let title = first.trim_end_matches([':', '：']);
            blank(ActionKind::Manual, title, &rest.join("\n"), "", span)
        }
        _ => blank(ActionKind::Manual, "", &words.join("\n"), "", span),
    }
}

fn is_warning(text: &str) -> bool {
    const MARKS: &[&str] = &[
        "note:",
        "warning",
        "caution",
        "attention",
        "important",
        "danger",
        "⚠",
        "🚨",
        "nota:",
        "hinweis",
        "achtung",
        "warnung",
        "aviso",
        "advertencia",
        "cuidado",
        "注意",
        "警告",
        "주의",
        "внимание",
        "uwaga",
    ];
    let lower = text.to_lowercase();
    MARKS.iter().any(|m| lower.starts_with(m))
}

/// What stands below or beside a command: what it shows, other ways, notes.
fn after(
    fence: &Fence,
    piece: &Piece,
    printed: &[Output],
    action: &mut Action,
    others: &mut Vec<Part>,
    or_next: &mut bool,
) {
    let mut sample: Option<usize> = None;
    for (line, text) in &piece.after {
        let here = Span {
            first: fence.code_line + line,
            last: fence.code_line + line,
        };
        if let Some(output) = printed.iter().find(|o| o.line == *line) {
            printed_by(fence, output, action);
            sample = None;
        } else if let Some(other) = shell::alternative(text) {
            match other.command {
                Some(command) => {
                    let mut way =
                        blank(ActionKind::Shell, &other.label, &command, &fence.lang, here);
                    way.opt_in = true;
                    others.push(Part {
                        number: None,
                        action: way,
                        instead: true,
                        or_next: false,
                        goes_on: false,
                        said: String::new(),
                    });
                }
                None if text.trim_end().ends_with(':') => *or_next = true,
                None => {}
            }
            sample = None;
        } else if let Some(held) = held_back(piece, *line, text).filter(|_| sample.is_none()) {
            let kind = if shell::looks_like_sql(&held) {
                ActionKind::Sql
            } else {
                ActionKind::Shell
            };
            let mut offered = blank(kind, "", &held, &fence.lang, here);
            offered.opt_in = true;
            others.push(part(None, offered));
        } else if shell::is_expectation(text) {
            action.expect.push(expect::of_comment(text, &piece.code));
            sample = text
                .trim_end()
                .ends_with(':')
                .then(|| action.expect.len() - 1);
        } else if let Some(into) = sample.and_then(|at| action.expect.get_mut(at)) {
            extend_sample(into, text);
        }
    }
}

/// The output that was pasted below a command is what it should show.
fn printed_by(fence: &Fence, output: &Output, action: &mut Action) {
    action.span.last = action.span.last.max(fence.code_line + output.last);
    let mut sample = expect::of_sample(&output.text, None, None);
    if output::holds_an_answer(&output.text) {
        // What was typed is the operator's to type again.
        action.interactive = true;
        sample.rule = ExpectRule::Person;
    }
    action.expect.push(sample);
}

/// The command of a comment on a line of its own below a command, if it was commented out.
fn held_back(piece: &Piece, line: u32, text: &str) -> Option<String> {
    let below = piece.code_line + count(piece.code.split('\n').count());
    (line >= below && !shell::is_expectation(text) && !remarks::begins(text))
        .then(|| shell::commented_out(text))
        .flatten()
}

/// Adds a line of sample output to an expectation that ended in a colon.
fn extend_sample(into: &mut Expectation, line: &str) {
    let begun = !into.text.trim_end().ends_with(':') || into.text.contains('\n');
    let body = if begun {
        format!("{}\n{line}", into.text)
    } else {
        line.to_owned()
    };
    let sample = output::shown(if begun { "" } else { &into.text }, &body);
    into.rule = sample.rule;
    into.text = body;
}

pub fn is_instead(title: &str) -> bool {
    shell::alternative(title).is_some()
}

/// A command that was commented out.
struct Held<'a> {
    command: String,
    /// What it should show.
    shows: Vec<&'a str>,
    /// What else is said below it.
    said: Vec<&'a str>,
}

impl Held<'_> {
    fn new(command: String) -> Self {
        Self {
            command,
            shows: Vec::new(),
            said: Vec::new(),
        }
    }
}

/// A run of comments with no command: things for a person, and commands that were commented out.
pub fn comment_piece(fence: &Fence, piece: &Piece, span: Span, parts: &mut Vec<Part>) {
    let mut words: Vec<&str> = Vec::new();
    let mut held: Vec<Held> = Vec::new();
    for comment in &piece.comments {
        let expects = shell::is_expectation(comment);
        match (shell::commented_out(comment), held.last_mut()) {
            (Some(command), _) if !expects => held.push(Held::new(command)),
            (_, Some(before)) if expects => before.shows.push(comment),
            // Where a command leads, what follows is said of it; nothing is left to be a title.
            (_, Some(before)) if words.is_empty() => before.said.push(comment),
            _ => words.push(comment),
        }
    }
    let title = piece.title.trim_end_matches(':').to_owned();
    let instead = is_instead(&piece.title);
    if held.is_empty() || words.len() > 1 {
        let body: Vec<&str> = words.iter().skip(1).copied().collect();
        let code = if body.is_empty() {
            title.clone()
        } else {
            body.join("\n")
        };
        let mut action = blank(
            ActionKind::Manual,
            if body.is_empty() { "" } else { &title },
            &code,
            "",
            span,
        );
        action.backup_check = is_backup_check(&title);
        parts.push(Part {
            number: piece.number,
            action,
            instead,
            or_next: false,
            goes_on: false,
            said: String::new(),
        });
    }
    for Held {
        command,
        shows,
        said,
    } in held
    {
        let (kind, mark) = if shell::looks_like_sql(&command) {
            (ActionKind::Sql, "--")
        } else {
            (ActionKind::Shell, "#")
        };
        let mut action = blank(kind, &title, &command, &fence.lang, span);
        action.opt_in = true;
        for text in shows {
            action.expect.push(expect::of_comment(text, &command));
        }
        for text in &said {
            let _ = write!(action.code, "\n{mark} {text}");
        }
        warn_by_words(&mut action, &said.join("\n"));
        parts.push(Part {
            number: piece.number,
            action,
            instead: false,
            or_next: false,
            goes_on: false,
            said: String::new(),
        });
    }
}
