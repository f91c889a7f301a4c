//! Which lines of a document are code: the first pass of the scanner.
//!
//! Works on lines alone, independent of lists and quotes: an opener may follow a list marker, a
//! closer may stand anywhere, and a body may be less indented than its opener. A fence that is
//! never closed ends at the heading before the next opener, or at the next heading, and says so.

use super::code;

/// A fenced block as lines, counted from 0.
#[derive(Clone, Debug)]
pub struct Fenced {
    /// Line of the opener.
    pub first: usize,
    /// Last line, the closer included.
    pub last: usize,
    /// Column of the opening marks.
    pub column: usize,
    /// Everything after the marks.
    pub info: String,
    /// It has a closing line of its own.
    pub closed: bool,
    /// It has none, and ends all the same: the line below it heads the block that opens next.
    pub implied: bool,
}

struct Open {
    first: usize,
    column: usize,
    mark: char,
    length: usize,
    info: String,
    /// Openers inside a fence that holds a Markdown document.
    depth: usize,
    /// First line that looks like a heading of level 2 or deeper.
    heading: Option<usize>,
    /// Last line that is not empty, if it looks like one.
    last_heading: Option<usize>,
}

/// Finds the fences of a document.
#[must_use]
pub fn find(lines: &[&str]) -> Vec<Fenced> {
    let mut found = Vec::new();
    let mut open: Option<Open> = None;
    for (at, line) in lines.iter().enumerate() {
        open = match open.take() {
            None => opener(line, at),
            Some(fence) => inside(fence, line, at, &mut found),
        };
    }
    if let Some(fence) = open {
        let end = fence.heading.unwrap_or(lines.len());
        let restart = end < lines.len();
        found.push(cut(fence, end, lines));
        if restart {
            found.extend(find_after(lines, end));
        }
    }
    found
}

/// What follows a fence that was cut at a heading holds no opener that the first pass saw, so
/// only its own openers can be there.
fn find_after(lines: &[&str], from: usize) -> Vec<Fenced> {
    let mut found = Vec::new();
    let mut open: Option<Open> = None;
    for (at, line) in lines.iter().enumerate().skip(from) {
        open = match open.take() {
            None => opener(line, at),
            Some(fence) => inside(fence, line, at, &mut found),
        };
    }
    if let Some(fence) = open {
        found.push(cut(fence, lines.len(), lines));
    }
    found
}

fn inside(mut fence: Open, line: &str, at: usize, found: &mut Vec<Fenced>) -> Option<Open> {
    if closes(&fence, line) {
        if fence.depth > 0 {
            fence.depth -= 1;
            return Some(fence);
        }
        found.push(Fenced {
            first: fence.first,
            last: at,
            column: fence.column,
            info: fence.info,
            closed: true,
            implied: false,
        });
        return None;
    }
    if let Some(next) = opener(line, at)
        && next.mark == fence.mark
        && next.length >= fence.length
        && is_label(&next.info)
    {
        if is_markdown(&fence.info) {
            fence.depth += 1;
            return Some(fence);
        }
        let end = fence.heading.unwrap_or(at);
        found.push(Fenced {
            first: fence.first,
            last: end.saturating_sub(1).max(fence.first),
            column: fence.column,
            info: fence.info,
            closed: false,
            implied: fence.heading.is_some() && fence.last_heading == fence.heading,
        });
        return Some(next);
    }
    if is_deep_heading(line) {
        fence.heading.get_or_insert(at);
        fence.last_heading = Some(at);
    } else if !line.trim().is_empty() {
        fence.last_heading = None;
    }
    Some(fence)
}

fn cut(fence: Open, end: usize, lines: &[&str]) -> Fenced {
    let mut last = end.saturating_sub(1).max(fence.first);
    while last > fence.first && lines.get(last).is_some_and(|l| l.trim().is_empty()) {
        last -= 1;
    }
    Fenced {
        first: fence.first,
        last,
        column: fence.column,
        info: fence.info,
        closed: false,
        implied: false,
    }
}

fn opener(line: &str, at: usize) -> Option<Open> {
    let body = after_marker(line);
    let mark = body.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = body.chars().take_while(|&c| c == mark).count();
    let info = body.get(length..)?.trim();
    if length < 3 || (mark == '`' && info.contains('`')) {
        return None;
    }
    let column = line.len() - body.len();
    Some(Open {
        first: at,
        column,
        mark,
        length,
        info: info.to_owned(),
        depth: 0,
        heading: None,
        last_heading: None,
    })
}

/// The line without indentation and without list markers before its content.
fn after_marker(line: &str) -> &str {
    let mut rest = line.trim_start();
    for _ in 0..3 {
        let Some(inner) = strip_marker(rest) else {
            break;
        };
        rest = inner.trim_start();
    }
    rest
}

fn strip_marker(text: &str) -> Option<&str> {
    if let Some(rest) = text.strip_prefix(['-', '*', '+']) {
        return rest.starts_with(' ').then_some(rest);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = text.get(digits..)?.strip_prefix(['.', ')'])?;
    ((1..=9).contains(&digits) && rest.starts_with(' ')).then_some(rest)
}

fn closes(fence: &Open, line: &str) -> bool {
    let body = line.trim();
    body.chars().count() >= fence.length && body.chars().all(|c| c == fence.mark)
}

fn is_label(info: &str) -> bool {
    info.chars().next().is_some_and(char::is_alphabetic)
        && info
            .split_whitespace()
            .next()
            .is_some_and(|w| w.len() <= 24)
}

fn is_markdown(info: &str) -> bool {
    let label = info.split([' ', '{']).next().unwrap_or_default();
    matches!(
        label.to_ascii_lowercase().as_str(),
        "markdown" | "md" | "mdx"
    )
}

fn is_deep_heading(line: &str) -> bool {
    let hashes = line.bytes().take_while(|&b| b == b'#').count();
    (2..=6).contains(&hashes) && line.as_bytes().get(hashes) == Some(&b' ')
}

/// The body of a fence without the indentation that its opener has; lines that are indented
/// less keep what they have.
#[must_use]
pub fn body(lines: &[&str], fence: &Fenced) -> String {
    let end = if fence.closed {
        fence.last
    } else {
        fence.last + 1
    };
    let inner = lines
        .get(fence.first + 1..end.max(fence.first + 1))
        .unwrap_or_default();
    let mut text = String::new();
    for (n, line) in inner.iter().enumerate() {
        if n > 0 {
            text.push('\n');
        }
        let spaces = line
            .bytes()
            .take_while(|b| matches!(b, b' ' | b'\t'))
            .count();
        let cut = if line.as_bytes().first() == Some(&b'\t') {
            spaces.min(fence.column / 4 + 1)
        } else {
            spaces.min(fence.column)
        };
        text.push_str(line.get(cut..).unwrap_or_default());
    }
    text
}

/// The label of a fence, in lower case, and what stands behind it.
#[must_use]
pub fn label(info: &str) -> (String, String) {
    let end = info.find([' ', '\t', '{']).unwrap_or(info.len());
    let (lang, rest) = info.split_at(end);
    if lang.is_empty()
        && let Some(label) = braced_label(rest)
    {
        return (label, rest.trim().to_owned());
    }
    (
        lang.trim_matches(['`', ',']).to_lowercase(),
        rest.trim().to_owned(),
    )
}

/// The label that other tools put into the braces: `{bash}`, `{.sql .numberLines}`.
fn braced_label(rest: &str) -> Option<String> {
    let inner = rest.trim_start().strip_prefix('{')?;
    let inner = inner.strip_prefix('.').unwrap_or(inner);
    let word = inner.split([' ', ',', '}']).next()?.to_lowercase();
    (code::is_shell_label(&word) || code::is_sql_label(&word)).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> Vec<(usize, usize, bool)> {
        let lines: Vec<&str> = text.lines().collect();
        find(&lines)
            .iter()
            .map(|f| (f.first, f.last, f.closed))
            .collect()
    }

    #[test]
    fn openers_follow_markers_and_closers_stand_anywhere() {
        assert_eq!(
            shape("2. ```\n   git pull\n   ```\n   text"),
            [(0, 2, true)]
        );
        assert_eq!(
            shape("   ```bash\n-   out\n+ in\n```\n### Next"),
            [(0, 3, true)]
        );
    }

    #[test]
    fn a_missing_closer_ends_at_the_heading_before_the_next_opener() {
        let text = "```bash\nmake\n### Part two:\n```bash\nls\n```\n";
        assert_eq!(shape(text), [(0, 1, false), (3, 5, true)]);
        assert_eq!(shape("```bash\nmake\n\n## Later\ntext\n"), [(0, 1, false)]);
    }

    #[test]
    fn a_markdown_fence_may_hold_fences() {
        assert_eq!(
            shape("```markdown\n# T\n```bash\nls\n```\nend\n```\n"),
            [(0, 6, true)]
        );
        assert_eq!(shape("````md\n```sh\nx\n```\n````\n"), [(0, 4, true)]);
    }

    #[test]
    fn bodies_are_dedented_as_far_as_they_go() {
        let lines: Vec<&str> = "   ```sh\n   cat <<EOF\n  half\nEOF\n     deep\n   ```"
            .lines()
            .collect();
        assert_eq!(
            body(&lines, &find(&lines)[0]),
            "cat <<EOF\nhalf\nEOF\n  deep"
        );
    }
}
