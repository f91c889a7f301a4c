//! SQL cut into statements, by slices of the source.

use super::places::{SqlPlace, places};

/// One statement as written, comments before it included.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Statement {
    /// The text, from its first comment or word to its semicolon.
    pub text: String,
    /// First line in the block, from 0.
    pub first_line: u32,
    /// Last line in the block, from 0, included.
    pub last_line: u32,
    /// Only psql understands it: a backslash command, or COPY with its data.
    pub psql_only: bool,
    /// Comments below it up to the next blank line, or with an expectation, as written without
    /// their marks, with their lines in the block from 0.
    pub after: Vec<(u32, String)>,
}

/// Cuts SQL at its semicolons and backslash commands. Comments stay with the statement that
/// follows; those that say what the one before should show, with that one.
#[must_use]
pub fn split(code: &str) -> Vec<Statement> {
    let seen = places(code);
    let mut cutter = Cutter {
        code,
        from: 0,
        out: Vec::new(),
    };
    let mut at = 0;
    while at < code.len() {
        let bare = seen.at(at) == SqlPlace::Bare;
        let byte = code.as_bytes().get(at).copied().unwrap_or(0);
        if bare && byte == b'\\' && cutter.at_line_start(at) {
            cutter.cut(at, false);
            at = line_end(code, at);
            cutter.cut(at, true);
        } else if bare && byte == b';' {
            at += 1;
            let copies = cutter.copies_from_stdin(at);
            if copies {
                at = copy_end(code, at);
            }
            cutter.cut(at, copies);
        } else {
            at += 1;
        }
    }
    cutter.cut(code.len(), false);
    cutter.out
}

struct Cutter<'a> {
    code: &'a str,
    from: usize,
    out: Vec<Statement>,
}

impl Cutter<'_> {
    fn at_line_start(&self, at: usize) -> bool {
        let line = self
            .code
            .get(..at)
            .unwrap_or("")
            .rsplit('\n')
            .next()
            .unwrap_or("");
        line.trim().is_empty()
    }

    fn copies_from_stdin(&self, at: usize) -> bool {
        let text = self.code.get(self.from..at).unwrap_or("").to_uppercase();
        let words: Vec<&str> = text.split_whitespace().collect();
        words.contains(&"COPY") && text.contains("FROM STDIN")
    }

    /// Ends a statement at `end`.
    fn cut(&mut self, end: usize, psql_only: bool) {
        let text = self.code.get(self.from..end).unwrap_or("");
        let start = self.from;
        self.from = end;
        let skipped = self.take_comments_of_previous(text, start);
        let rest = text.get(skipped..).unwrap_or("");
        let lead = rest.len() - rest.trim_start().len();
        let body = rest.trim();
        if body.is_empty() || body == ";" {
            return;
        }
        if only_comments(body) {
            if self.out.is_empty() {
                // They head what follows, be it a backslash command.
                self.from = start;
            } else {
                self.keep_comments(body, start + skipped + lead);
            }
            return;
        }
        let first_line = line_of(self.code, start + skipped + lead);
        let last_line = first_line + count(body.matches('\n').count());
        self.out.push(Statement {
            text: body.to_owned(),
            first_line,
            last_line,
            psql_only,
            after: Vec::new(),
        });
    }

    /// Comments at the end of the block that head nothing.
    fn keep_comments(&mut self, body: &str, start: usize) {
        let first = line_of(self.code, start);
        let Some(last) = self.out.last_mut() else {
            return;
        };
        for (index, line) in body.lines().enumerate() {
            let text = line.trim().trim_start_matches('-').trim();
            if !text.is_empty() {
                last.after.push((first + count(index), text.to_owned()));
            }
        }
    }

    /// Gives the previous statement the comments that stand directly beside or below it and say
    /// what it shows; returns how many bytes of `text` they take.
    fn take_comments_of_previous(&mut self, text: &str, start: usize) -> usize {
        let Some(previous) = self.out.last_mut() else {
            return 0;
        };
        let mut taken = 0;
        for (index, line) in text.split_inclusive('\n').enumerate() {
            let comment = line.trim();
            let beside = index == 0;
            let says = comment.strip_prefix("--").map(str::trim);
            match says {
                Some(words) if beside || expects(words) => {
                    let at = line_of(self.code, start + taken);
                    previous.after.push((at, words.to_owned()));
                    taken += line.len();
                }
                None if comment.is_empty() && beside => taken += line.len(),
                _ => break,
            }
        }
        taken
    }
}

fn expects(words: &str) -> bool {
    crate::script::shell::is_expectation(words)
}

fn only_comments(body: &str) -> bool {
    let seen = places(body);
    body.bytes()
        .enumerate()
        .all(|(at, byte)| byte.is_ascii_whitespace() || seen.at(at) == SqlPlace::Comment)
}

fn line_end(code: &str, at: usize) -> usize {
    code.get(at..)
        .and_then(|rest| rest.find('\n'))
        .map_or(code.len(), |offset| at + offset)
}

/// The end of the data that follows `COPY … FROM stdin;`: the line `\.`, or the end.
fn copy_end(code: &str, at: usize) -> usize {
    let rest = code.get(at..).unwrap_or("");
    let mut offset = 0;
    for line in rest.split_inclusive('\n') {
        offset += line.len();
        if line.trim_end() == "\\." {
            return at + offset;
        }
    }
    code.len()
}

fn line_of(code: &str, at: usize) -> u32 {
    count(code.get(..at).unwrap_or("").matches('\n').count())
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(code: &str) -> Vec<String> {
        split(code).into_iter().map(|s| s.text).collect()
    }

    #[test]
    fn semicolons_in_quotes_do_not_cut() {
        let code = "SELECT ';' AS a; -- x;\nSELECT $f$ ; $f$, \";\";\n/* ; */ SELECT E'\\';'";
        let want = [
            "SELECT ';' AS a;",
            "SELECT $f$ ; $f$, \";\";",
            "/* ; */ SELECT E'\\';'",
        ];
        assert_eq!(texts(code), want);
    }

    #[test]
    fn comments_head_the_next_statement_unless_they_expect() {
        let code = "-- gone?\nSELECT 1;\n-- Should return 0 rows\n\n-- columns?\nSELECT 2;\n-- Should return 0 rows\n";
        let statements = split(code);
        assert_eq!(
            texts(code),
            ["-- gone?\nSELECT 1;", "-- columns?\nSELECT 2;"]
        );
        assert_eq!(
            statements[0].after,
            [(2, "Should return 0 rows".to_owned())]
        );
        assert_eq!(
            statements[1].after,
            [(6, "Should return 0 rows".to_owned())]
        );
        assert_eq!((statements[1].first_line, statements[1].last_line), (4, 5));
    }

    #[test]
    fn psql_lines_are_flagged() {
        let code = "\\dt a\nSELECT 1;\nCOPY t FROM stdin;\n1;2\n\\.\nSELECT 2\n";
        let flags: Vec<_> = split(code).iter().map(|s| s.psql_only).collect();
        assert_eq!(flags, [true, false, true, false]);
        assert_eq!(split(code)[2].text, "COPY t FROM stdin;\n1;2\n\\.");
    }

    #[test]
    fn a_block_of_comments_holds_no_statement() {
        assert!(split("-- DELETE FROM t;\n").is_empty());
        assert!(split("").is_empty());
    }
}
