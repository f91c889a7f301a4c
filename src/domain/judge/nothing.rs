//! Outputs that hold nothing, and how programs say so: a table without rows, `total 0`, `[]`. And
//! tables, whose blanks at the ends of lines say nothing.

use super::numbers::{complains, counts};
use super::words::{complaint, is_rule};
use super::{Judgement, met, quote, unclear};

/// What to make of an output that should be empty and has lines; none where it is empty, or what is
/// in it is something.
pub(super) fn of(output: &str) -> Option<Judgement> {
    let said = output.lines().find(|line| !line.trim().is_empty())?;
    if let Some(line) = output
        .lines()
        .find(|line| complaint(line) || complains(line))
    {
        return Some(unclear(quote(line)));
    }
    if matches!(
        output.trim(),
        "[]" | "{}" | "null" | "nil" | "(nil)" | "\"\"" | "None"
    ) {
        return Some(unclear(format!("it printed {}", quote(said))));
    }
    if is_all(output) {
        return Some(met(quote(output.trim().lines().last().unwrap_or(said))));
    }
    // A row that holds nothing is a row.
    let counts = counts(output);
    let rows: i64 = counts.iter().map(|(count, _)| *count).sum();
    let last = counts.last()?.1;
    (rows > 0 && only_blank_rows(output)).then(|| {
        unclear(format!(
            "its rows hold nothing, but it says {}",
            quote(last)
        ))
    })
}

/// Whether an output says of nothing but that there is nothing: an empty one, complaints, a table
/// without rows.
pub(super) fn is_all(output: &str) -> bool {
    let counts = counts(output);
    if counts.iter().any(|(count, _)| *count != 0) {
        return false;
    }
    let none = |line: &str| {
        let said = line.trim();
        let lower = said.to_lowercase();
        said.is_empty()
            || complaint(line)
            || complains(line)
            || said == "total 0"
            || lower.starts_with("no resources found")
            || lower.starts_with("empty set")
            || lower == "(0 rows)"
            || matches!(said, "[]" | "{}" | "null" | "(nil)" | "(empty array)")
    };
    if counts.is_empty() {
        output.lines().all(none)
    } else {
        output.lines().all(none) || only_blank_rows(output)
    }
}

/// Whether the rows of a table hold nothing, or there are none: the names of columns and the count
/// apart.
fn only_blank_rows(output: &str) -> bool {
    let Some(rule) = output.lines().position(is_rule) else {
        return false;
    };
    let holds_none = |line: &str| is_rule(line) || !counts(line).is_empty() || is_blank(line);
    // In a frame the names stand below the first rule.
    let framed = output
        .lines()
        .nth(rule)
        .is_some_and(|line| line.starts_with('+'));
    let names = if framed { 2 } else { 1 };
    output.lines().skip(rule + names).all(holds_none)
}

/// Whether nothing but the borders of a table stands in a line, or what a table shows for NULL.
fn is_blank(line: &str) -> bool {
    let mut cells = line.split('|').map(str::trim);
    cells.all(|cell| matches!(cell, "" | "NULL" | "[null]" | "∅"))
}

/// Whether two texts are the same table, the blanks at the ends of its lines apart.
pub(super) fn same_table(wanted: &str, output: &str) -> bool {
    let lines = |text: &str| -> Vec<String> {
        let lines = text.trim().lines().map(|line| line.trim().to_owned());
        lines.collect()
    };
    wanted.lines().any(is_rule) && lines(wanted) == lines(output)
}

#[cfg(test)]
mod tests {
    use super::super::super::plan::{ExpectRule, Expectation};
    use super::super::{Verdict, judge};

    fn of(rule: ExpectRule, text: &str, output: &str) -> Verdict {
        let text = text.to_owned();
        judge(&Expectation::new(text, rule), output, Some(0)).verdict
    }

    #[test]
    fn what_holds_nothing_says_so_in_many_ways() {
        let empty = |output| of(ExpectRule::Exactly(String::new()), "empty", output);
        for output in [
            "",
            "\n",
            " id \n----\n(0 rows)\n\n",
            "Empty set (0.00 sec)\n",
            "total 0\n",
            "No resources found in default namespace.\n",
        ] {
            assert_eq!(empty(output), Verdict::Met, "{output:?}");
        }
        for output in [
            " to_regclass \n-------------\n \n(1 row)\n",
            "+------+\n| v    |\n+------+\n| NULL |\n+------+\n1 row in set (0.00 sec)\n",
            "null\n",
            "[]\n",
            "ls: cannot access 'x': No such file or directory\n",
        ] {
            assert_eq!(empty(output), Verdict::Inconclusive, "{output:?}");
        }
        for output in [
            " to_regclass \n-------------\n orders\n(1 row)\n",
            "a.lock\n",
            "total 8\n-rw-r--r-- 1 root root 0 a\n",
            "[1]\n",
        ] {
            assert_eq!(empty(output), Verdict::NotMet, "{output:?}");
        }
    }

    #[test]
    fn what_should_hold_something_does_not_by_saying_that_it_is_empty() {
        let full = |output| of(ExpectRule::Regex(r"\S".to_owned()), "not empty", output);
        for output in [
            "total 0\n",
            " id \n----\n(0 rows)\n",
            "No resources found in default namespace.\n",
            "[]\n",
            "",
        ] {
            assert_eq!(full(output), Verdict::NotMet, "{output:?}");
        }
        for output in [
            "total 8\n-rw-r--r-- 1 root root 7 backup.sql\n",
            " id \n----\n 42\n(1 row)\n",
            "backup.sql\n",
        ] {
            assert_eq!(full(output), Verdict::Met, "{output:?}");
        }
    }

    #[test]
    fn a_table_is_the_same_whatever_blanks_end_its_lines() {
        let same = |text, output| of(ExpectRule::Person, text, output);
        let table = "name | on\n-----+---\n beta | f\n(1 row)";
        assert_eq!(
            same(table, " name | on \n------+----\n beta | f\n(1 row)\n"),
            Verdict::ForPerson,
            "its rule is another"
        );
        let shown = " name | on \n-----+---\n beta | f  \n(1 row)\n\n";
        assert_eq!(same(table, shown), Verdict::Met);
        let other = shown.replace("| f", "| t");
        assert_eq!(same(table, &other), Verdict::ForPerson);
        // Indentation means something elsewhere.
        assert_eq!(same("a:\nb: 1", "a:\n  b: 1\n"), Verdict::ForPerson);
    }
}
