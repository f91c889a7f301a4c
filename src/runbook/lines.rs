//! What one line of a document is, whatever stands around it.

/// Column (a tab counts to the next multiple of 4) and the text from there.
#[must_use]
pub fn indent(line: &str) -> (usize, &str) {
    crate::script::work::done(1);
    let mut column = 0;
    for (at, c) in line.char_indices() {
        match c {
            ' ' => column += 1,
            '\t' => column += 4 - column % 4,
            _ => return (column, line.get(at..).unwrap_or_default()),
        }
    }
    (column, "")
}

/// The level and the words of a heading.
#[must_use]
pub fn heading(line: &str) -> Option<(u8, String)> {
    let (column, text) = indent(line);
    let level = text.bytes().take_while(|&b| b == b'#').count();
    if column > 3 || !(1..=6).contains(&level) {
        return None;
    }
    let rest = text.get(level..)?;
    if !rest.is_empty() && !rest.starts_with([' ', '\t']) {
        return None;
    }
    let title = rest.trim().trim_end_matches('#').trim();
    Some((u8::try_from(level).unwrap_or(6), title.to_owned()))
}

/// A line of nothing but dashes, stars or underscores.
#[must_use]
pub fn is_rule(text: &str) -> bool {
    let mut marks = text.chars().filter(|c| !c.is_whitespace());
    let Some(mark) = marks.next().filter(|m| matches!(m, '-' | '*' | '_')) else {
        return false;
    };
    let mut more = 0;
    marks.all(|m| {
        more += 1;
        m == mark
    }) && more >= 2
}

/// What a list item begins with.
pub struct Marker<'a> {
    /// The number, in a numbered list.
    pub number: Option<u32>,
    /// What follows.
    pub text: &'a str,
}

/// The marker of a list item.
#[must_use]
pub fn marker(text: &str) -> Option<Marker<'_>> {
    if is_rule(text) {
        return None;
    }
    if let Some(rest) = text.strip_prefix(['-', '*', '+', '•']) {
        let empty = rest.is_empty();
        return (empty || rest.starts_with([' ', '\t'])).then(|| Marker {
            number: None,
            text: rest.trim_start(),
        });
    }
    if text.starts_with(['☐', '□']) {
        return Some(Marker { number: None, text });
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = text.get(digits..)?.strip_prefix(['.', ')'])?;
    if !(1..=9).contains(&digits) || !(rest.is_empty() || rest.starts_with([' ', '\t'])) {
        return None;
    }
    Some(Marker {
        number: text.get(..digits)?.parse().ok(),
        text: rest.trim_start(),
    })
}

/// Whether a box stands in front, ticked or not, and what follows it.
#[must_use]
pub fn task_box(text: &str) -> (Option<bool>, &str) {
    for (mark, ticked) in [
        ("[ ]", false),
        ("[x]", true),
        ("[X]", true),
        ("[]", false),
        ("☐", false),
        ("□", false),
    ] {
        if let Some(rest) = text.strip_prefix(mark)
            && (rest.is_empty() || rest.starts_with(' ') || !mark.starts_with('['))
        {
            return (Some(ticked), rest.trim_start());
        }
    }
    (None, text)
}

/// The cells of a row; `\|` is a bar inside a cell, and so is one between backticks.
#[must_use]
pub fn cells(line: &str) -> Vec<String> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let mut found = Vec::new();
    let mut cell = String::new();
    let mut escaped = false;
    let mut code = false;
    for c in line.chars() {
        match c {
            '|' if escaped => {
                cell.pop();
                cell.push('|');
            }
            '|' if !code => found.push(std::mem::take(&mut cell).trim().to_owned()),
            _ => {
                code ^= c == '`';
                cell.push(c);
            }
        }
        escaped = c == '\\' && !escaped;
    }
    if !cell.trim().is_empty() || found.is_empty() {
        found.push(cell.trim().to_owned());
    }
    found
}
