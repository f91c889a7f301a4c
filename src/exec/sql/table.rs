//! The results of a statement as text: aligned columns and a count, much as psql shows them.
//!
//! Null is shown as `NULL`, because an empty cell says too little; numbers stand to the right.

use std::io::Write;
use tokio_postgres::{SimpleQueryMessage, SimpleQueryRow};
use unicode_width::UnicodeWidthStr;

/// Shows what a statement gave.
pub(super) fn show(statement: &str, messages: &[SimpleQueryMessage], out: &mut impl Write) {
    let mut columns: Option<Vec<String>> = None;
    let mut rows: Vec<Vec<Option<String>>> = Vec::new();
    for message in messages {
        match message {
            SimpleQueryMessage::RowDescription(described) => {
                columns = Some(
                    described
                        .iter()
                        .map(|column| column.name().to_owned())
                        .collect(),
                );
            }
            SimpleQueryMessage::Row(row) => rows.push(cells(row)),
            SimpleQueryMessage::CommandComplete(count) => {
                let text = match columns.take() {
                    Some(columns) => table(&columns, &std::mem::take(&mut rows)),
                    None => format!("{}\n", tag(statement, *count)),
                };
                let _ = out.write_all(text.as_bytes());
            }
            _ => {}
        }
    }
    let _ = out.flush();
}

fn cells(row: &SimpleQueryRow) -> Vec<Option<String>> {
    (0..row.len())
        .map(|at| row.try_get(at).ok().flatten().map(str::to_owned))
        .collect()
}

/// The table and its count of rows.
fn table(columns: &[String], rows: &[Vec<Option<String>>]) -> String {
    use std::fmt::Write;
    let texts: Vec<Vec<&str>> = rows
        .iter()
        .map(|row| {
            row.iter()
                .map(|cell| cell.as_deref().unwrap_or("NULL"))
                .collect()
        })
        .collect();
    let layout: Vec<(usize, bool)> = columns
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let cells: Vec<&str> = texts
                .iter()
                .filter_map(|row| row.get(at).copied())
                .collect();
            let lines = cells.iter().flat_map(|cell| cell.lines());
            let width = lines
                .map(UnicodeWidthStr::width)
                .max()
                .unwrap_or(0)
                .max(name.width());
            (
                width,
                !cells.is_empty() && cells.iter().all(|cell| is_number(cell)),
            )
        })
        .collect();
    let mut text = String::new();
    let names: Vec<&str> = columns.iter().map(String::as_str).collect();
    push_line(&mut text, &names, &layout);
    let rules: Vec<String> = layout
        .iter()
        .map(|(width, _)| "-".repeat(width + 2))
        .collect();
    text.push_str(&rules.join("+"));
    text.push('\n');
    for row in &texts {
        push_row(&mut text, row, &layout);
    }
    let plural = if rows.len() == 1 { "row" } else { "rows" };
    let _ = writeln!(text, "({} {plural})", rows.len());
    text
}

/// A row takes as many lines as its highest cell.
fn push_row(text: &mut String, row: &[&str], layout: &[(usize, bool)]) {
    let split: Vec<Vec<&str>> = row.iter().map(|cell| cell.lines().collect()).collect();
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

/// `UPDATE 3`, `CREATE TABLE`: what a statement without a result is said to have done.
fn tag(statement: &str, count: u64) -> String {
    let bare: String = statement
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"))
        .flat_map(|line| [line, " "])
        .collect();
    let words: Vec<String> = bare
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .map(str::to_uppercase)
        .filter(|word| !MODIFIERS.contains(&word.as_str()))
        .take(2)
        .collect();
    let (first, second) = match words.as_slice() {
        [first, second] => (first.as_str(), second.as_str()),
        [first] => (first.as_str(), ""),
        _ => return "done".to_owned(),
    };
    match first {
        "INSERT" => format!("INSERT 0 {count}"),
        "UPDATE" | "DELETE" | "MERGE" | "COPY" | "SELECT" | "MOVE" | "FETCH" | "WITH" => {
            format!("{first} {count}")
        }
        "CREATE" | "DROP" | "ALTER" | "TRUNCATE" | "REFRESH" => format!("{first} {second}"),
        _ => first.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(cells: &[&str]) -> Vec<Option<String>> {
        cells
            .iter()
            .map(|cell| (*cell != "-").then(|| (*cell).to_owned()))
            .collect()
    }

    #[test]
    fn columns_stand_under_each_other() {
        let columns = ["n".to_owned(), "name".to_owned()];
        let text = table(&columns, &[some(&["1", "日本"]), some(&["100", "-"])]);
        let expected = [
            " n   | name",
            "-----+------",
            "   1 | 日本",
            " 100 | NULL",
            "(2 rows)",
            "",
        ];
        assert_eq!(text, expected.join("\n").replace(" n   ", "   n "));
        assert!(table(&columns, &[]).ends_with("(0 rows)\n"));
        assert!(table(&columns, &[some(&["1", "a\nb"])]).contains("   | b\n"));
    }

    #[test]
    fn a_statement_without_rows_is_named() {
        assert_eq!(tag("-- x\nupdate t set a = 1", 3), "UPDATE 3");
        assert_eq!(tag("CREATE TABLE t ()", 0), "CREATE TABLE");
        assert_eq!(tag("insert into t values (1)", 1), "INSERT 0 1");
        assert_eq!(tag("create or replace function f()", 0), "CREATE FUNCTION");
        assert_eq!(tag("BEGIN;", 0), "BEGIN");
    }
}
