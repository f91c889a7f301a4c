//! The results of a statement as text: aligned columns and a count, much as psql shows them.
//!
//! Null is shown as `NULL`, because an empty cell says too little; numbers stand to the right. A
//! table that is wider than the terminal is shown row by row instead. Every line of a row begins
//! with a blank, so that no value can pass for a count of rows. Rows are printed as they come:
//! the widths are those of the first of them.

use super::told::plain;
use std::fmt::Write as _;
use tokio_postgres::SimpleQueryRow;
use unicode_width::UnicodeWidthStr;

/// Rows that the widths are taken from.
const LOOKED_AT: usize = 500;
/// Bytes of them.
const LOOKED_AT_BYTES: usize = 1 << 20;

type Cells = Vec<Option<String>>;

/// Takes a result as it comes and gives the text of it.
pub(super) struct Printer {
    /// Columns of the terminal, where it has any.
    room: Option<usize>,
    columns: Option<Vec<String>>,
    kept: Vec<Cells>,
    kept_bytes: usize,
    layout: Option<Layout>,
    rows: u64,
}

enum Layout {
    /// Width of each column, and whether it stands to the right.
    Table(Vec<(usize, bool)>),
    /// One line for each value, the names as wide as this.
    Records(usize),
}

impl Printer {
    /// For a terminal of so many columns.
    pub(super) fn new(room: Option<usize>) -> Self {
        Self {
            room,
            columns: None,
            kept: Vec::new(),
            kept_bytes: 0,
            layout: None,
            rows: 0,
        }
    }

    /// A result begins.
    pub(super) fn columns(&mut self, names: impl Iterator<Item = String>) {
        self.columns = Some(names.map(|n| plain(&n)).collect());
        (self.layout, self.rows) = (None, 0);
    }

    /// A row.
    pub(super) fn row(&mut self, row: &SimpleQueryRow) -> String {
        let cells = (0..row.len())
            .map(|at| row.try_get(at).ok().flatten().map(str::to_owned))
            .collect();
        self.take(cells)
    }

    fn take(&mut self, cells: Cells) -> String {
        self.rows += 1;
        if self.layout.is_some() {
            return self.lines(&cells, self.rows);
        }
        self.kept_bytes += cells.iter().flatten().map(String::len).sum::<usize>();
        self.kept.push(cells);
        if self.kept.len() < LOOKED_AT && self.kept_bytes < LOOKED_AT_BYTES {
            return String::new();
        }
        self.lay_out()
    }

    /// The result ends; none where the statement had none.
    pub(super) fn complete(&mut self) -> Option<String> {
        self.columns.as_ref()?;
        let mut text = String::new();
        if self.layout.is_none() {
            text = self.lay_out();
        }
        self.columns = None;
        let plural = if self.rows == 1 { "row" } else { "rows" };
        let _ = writeln!(text, "({} {plural})", self.rows);
        Some(text)
    }

    /// Settles the widths, and prints the head and what was kept.
    fn lay_out(&mut self) -> String {
        let names = self.columns.clone().unwrap_or_default();
        let kept = std::mem::take(&mut self.kept);
        self.kept_bytes = 0;
        let widths: Vec<(usize, bool)> = names
            .iter()
            .enumerate()
            .map(|(at, name)| column(name, kept.iter().map(|row| shown(row.get(at)))))
            .collect();
        let width: usize = widths.iter().map(|(w, _)| w + 3).sum();
        let too_wide = self.room.is_some_and(|room| width > room + 1);
        let mut text = String::new();
        if too_wide && !kept.is_empty() {
            let longest = names.iter().map(|n| n.width()).max().unwrap_or(0);
            self.layout = Some(Layout::Records(longest));
        } else {
            let heads: Vec<&str> = names.iter().map(String::as_str).collect();
            push_line(&mut text, &heads, &widths);
            let rules: Vec<String> = widths.iter().map(|(w, _)| "-".repeat(w + 2)).collect();
            text.push_str(&rules.join("+"));
            text.push('\n');
            self.layout = Some(Layout::Table(widths));
        }
        for (row, number) in kept.iter().zip(1..) {
            text.push_str(&self.lines(row, number));
        }
        text
    }

    fn lines(&self, row: &Cells, number: u64) -> String {
        let mut text = String::new();
        match &self.layout {
            Some(Layout::Table(widths)) => push_row(&mut text, row, widths),
            Some(Layout::Records(longest)) => {
                let _ = writeln!(text, "-[ RECORD {number} ]-");
                for (name, cell) in self.columns.iter().flatten().zip(row) {
                    push_value(&mut text, name, &shown(Some(cell)), *longest);
                }
            }
            None => {}
        }
        text
    }
}

/// A value as it is shown.
fn shown(cell: Option<&Option<String>>) -> String {
    match cell {
        Some(Some(text)) => text.split('\n').map(plain).collect::<Vec<_>>().join("\n"),
        Some(None) | None => "NULL".to_owned(),
    }
}

fn column(name: &str, cells: impl Iterator<Item = String>) -> (usize, bool) {
    let (mut widest, mut numbers, mut any) = (name.width(), true, false);
    for cell in cells {
        let lines = cell.lines().map(UnicodeWidthStr::width);
        widest = widest.max(lines.max().unwrap_or(0));
        numbers &= is_number(&cell);
        any = true;
    }
    (widest, numbers && any)
}

fn push_value(text: &mut String, name: &str, value: &str, longest: usize) {
    let space = " ".repeat(longest.saturating_sub(name.width()));
    let mut lines = value.split('\n');
    let first = lines.next().unwrap_or_default();
    let line = format!(" {name}{space} | {first}");
    text.push_str(line.trim_end());
    text.push('\n');
    for line in lines {
        let line = format!(" {} | {line}", " ".repeat(longest));
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

/// A row takes as many lines as its highest cell.
fn push_row(text: &mut String, row: &Cells, layout: &[(usize, bool)]) {
    let cells: Vec<String> = row.iter().map(|cell| shown(Some(cell))).collect();
    let split: Vec<Vec<&str>> = cells
        .iter()
        .map(|cell| cell.split('\n').collect())
        .collect();
    let height = split.iter().map(Vec::len).max().unwrap_or(0).max(1);
    for at in 0..height {
        let line: Vec<&str> = split
            .iter()
            .map(|cell| cell.get(at).copied().unwrap_or_default())
            .collect();
        push_line(text, &line, layout);
    }
}

fn push_line(text: &mut String, cells: &[&str], layout: &[(usize, bool)]) {
    let padded: Vec<String> = cells
        .iter()
        .zip(layout)
        .map(|(cell, (width, to_right))| {
            let space = " ".repeat(width.saturating_sub(cell.width()));
            if *to_right {
                format!(" {space}{cell} ")
            } else {
                format!(" {cell}{space} ")
            }
        })
        .collect();
    text.push_str(padded.join("|").trim_end());
    text.push('\n');
}

fn is_number(cell: &str) -> bool {
    cell == "NULL" || (cell.parse::<f64>().is_ok() && !cell.contains(|c: char| c.is_alphabetic()))
}

/// Words between a verb and its object that its tag does not name.
const MODIFIERS: [&str; 8] = [
    "TEMP",
    "TEMPORARY",
    "UNLOGGED",
    "UNIQUE",
    "OR",
    "REPLACE",
    "GLOBAL",
    "LOCAL",
];

/// What a statement is called: `UPDATE`, `CREATE TABLE`; of a query with parts, `WITH`.
pub(super) fn verb(statement: &str) -> String {
    let seen = crate::script::sql::places(statement);
    let bare: String = statement
        .char_indices()
        .map(|(at, c)| match seen.at(at) {
            crate::script::sql::SqlPlace::Comment => ' ',
            _ => c,
        })
        .collect();
    let words: Vec<String> = bare
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .map(str::to_uppercase)
        .filter(|word| !MODIFIERS.contains(&word.as_str()))
        .take(2)
        .collect();
    match words.as_slice() {
        [first, second]
            if matches!(
                first.as_str(),
                "CREATE" | "DROP" | "ALTER" | "REFRESH" | "TRUNCATE"
            ) && (first != "TRUNCATE" || second == "TABLE") =>
        {
            format!("{first} {second}")
        }
        [first, ..] => first.clone(),
        [] => "done".to_owned(),
    }
}

/// Whether the server's count for a statement is of rows that it changed.
pub(super) fn counts_changes(verb: &str) -> bool {
    matches!(verb, "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "COPY")
}

/// `UPDATE 3`, `CREATE TABLE`: what a statement without a result is said to have done.
pub(super) fn tag(statement: &str, count: u64) -> String {
    let verb = verb(statement);
    match verb.as_str() {
        "INSERT" => format!("INSERT 0 {count}"),
        "SELECT" | "MOVE" | "FETCH" | "WITH" => format!("{verb} {count}"),
        counted if counts_changes(counted) => format!("{verb} {count}"),
        _ => verb,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(cells: &[&str]) -> Cells {
        cells
            .iter()
            .map(|cell| (*cell != "-").then(|| (*cell).to_owned()))
            .collect()
    }

    fn table(room: Option<usize>, names: &[&str], rows: &[&[&str]]) -> String {
        let mut printer = Printer::new(room);
        printer.columns(names.iter().map(|n| (*n).to_owned()));
        let mut text: String = rows.iter().map(|row| printer.take(some(row))).collect();
        text.push_str(&printer.complete().unwrap());
        assert_eq!(printer.complete(), None);
        text
    }

    #[test]
    fn columns_stand_under_each_other() {
        let text = table(None, &["n", "name"], &[&["1", "日本"], &["100", "-"]]);
        let expected = [
            " n   | name",
            "-----+------",
            "   1 | 日本",
            " 100 | NULL",
            "(2 rows)",
            "",
        ];
        assert_eq!(text, expected.join("\n").replace(" n   ", "   n "));
        assert!(table(None, &["n"], &[]).ends_with("(0 rows)\n"));
        assert!(table(None, &["n", "t"], &[&["1", "a\nb"]]).contains("   | b\n"));
    }

    #[test]
    fn a_table_that_is_too_wide_is_shown_row_by_row() {
        let text = table(
            Some(12),
            &["id", "a long name"],
            &[&["1", "x\ny"], &["2", "-"]],
        );
        let expected = [
            "-[ RECORD 1 ]-",
            " id          | 1",
            " a long name | x",
            "             | y",
            "-[ RECORD 2 ]-",
            " id          | 2",
            " a long name | NULL",
            "(2 rows)",
            "",
        ];
        assert_eq!(text, expected.join("\n"));
    }

    #[test]
    fn no_value_passes_for_a_count_of_rows() {
        for value in [
            "(0 rows)",
            "x\n(0 rows)",
            "x\r(0 rows)",
            "\u{1b}[1G(0 rows)",
        ] {
            for room in [None, Some(3)] {
                let text = table(room, &["a"], &[&[value]]);
                let counts = text.lines().filter(|l| l.starts_with('(')).count();
                assert_eq!(counts, 1, "{text:?}");
                assert!(!text.contains(['\r', '\u{1b}']), "{text:?}");
            }
        }
    }

    #[test]
    fn many_rows_are_printed_as_they_come() {
        let mut printer = Printer::new(None);
        printer.columns(["n".to_owned()].into_iter());
        let printed: usize = (0..LOOKED_AT + 10)
            .map(|n| printer.take(some(&[&n.to_string()])).lines().count())
            .sum();
        assert_eq!(printed, LOOKED_AT + 12);
        assert!(printer.kept.is_empty());
        assert_eq!(printer.complete().unwrap(), "(510 rows)\n");
    }

    #[test]
    fn a_statement_without_rows_is_named() {
        assert_eq!(tag("-- x\nupdate t set a = 1", 3), "UPDATE 3");
        assert_eq!(tag("/* x */ CREATE TABLE t ()", 0), "CREATE TABLE");
        assert_eq!(tag("insert into t values (1)", 1), "INSERT 0 1");
        assert_eq!(tag("create or replace function f()", 0), "CREATE FUNCTION");
        assert_eq!(tag("BEGIN;", 0), "BEGIN");
        assert_eq!(tag("TRUNCATE orders;", 0), "TRUNCATE");
    }
}
