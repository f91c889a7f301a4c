//! Whether a statement that changes rows means every row: it has no condition, or one that always
//! holds; and the statements of that kind within another.

use super::danger::words;
use super::places::{SqlPlace, places};

/// Whether the text of a `DELETE` or an `UPDATE` leaves no row out.
pub(super) fn means_every_row(text: &str) -> bool {
    let seen = places(text);
    let bare = |at: usize| seen.at(at) == SqlPlace::Bare;
    let upper = text.to_ascii_uppercase();
    let word = |at: usize, word: &str| {
        let bytes = upper.as_bytes();
        let edge = |b: Option<&u8>| b.is_none_or(|b| !(b.is_ascii_alphanumeric() || *b == b'_'));
        bare(at)
            && edge(at.checked_sub(1).and_then(|at| bytes.get(at)))
            && edge(bytes.get(at + word.len()))
    };
    let find = |from: usize, name: &str| {
        let rest = upper.get(from..).unwrap_or_default();
        let mut found = rest.match_indices(name).map(|(at, _)| from + at);
        found.find(|at| word(*at, name))
    };
    let Some(at) = find(0, "WHERE") else {
        return true;
    };
    let from = at + "WHERE".len();
    let ends = ["RETURNING", "ORDER", "LIMIT"];
    let end = ends.iter().filter_map(|name| find(from, name)).min();
    let Some(condition) = upper.get(from..end.unwrap_or(upper.len())) else {
        return false;
    };
    let parts =
        |text: &str, by: &str| -> Vec<String> { text.split(by).map(str::to_owned).collect() };
    let spaced = condition.split_whitespace().collect::<Vec<_>>().join(" ");
    parts(&spaced, " OR ")
        .iter()
        .any(|either| parts(either, " AND ").iter().all(|one| always_holds(one)))
}

/// `TRUE`, `1=1`, `'a'='a'`, `x = x`
fn always_holds(condition: &str) -> bool {
    let marks = |c: char| c.is_whitespace() || "();".contains(c);
    let plain: String = condition.chars().filter(|c| !marks(*c)).collect();
    match plain.split_once('=') {
        Some((left, right)) => {
            let simple = |c: char| c.is_ascii_alphanumeric() || "_.'".contains(c);
            left == right && !left.is_empty() && left.chars().all(simple)
        }
        None => matches!(plain.as_str(), "TRUE" | "1" | "NOTFALSE"),
    }
}

/// What a query within a statement does to every row: `DELETE` or `UPDATE`; the text is a query
/// (`WITH x AS (DELETE …)`) or explains and runs one.
pub(super) fn within(text: &str) -> Option<&'static str> {
    let upper = text.to_ascii_uppercase();
    let seen = places(text);
    let begins = |verb: &'static str| {
        let found = upper.match_indices(verb).filter(|(at, _)| {
            let before = at.checked_sub(1).and_then(|at| upper.as_bytes().get(at));
            seen.at(*at) == SqlPlace::Bare
                && before.is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'_')
        });
        found.map(move |(at, _)| at).collect::<Vec<_>>()
    };
    let every = |at: usize| means_every_row(statement(text, at));
    if begins("DELETE").into_iter().any(|at| {
        let next = words(text.get(at..).unwrap_or_default());
        let is = |at: usize, word: &str| next.get(at).is_some_and(|w| w.eq_ignore_ascii_case(word));
        is(0, "delete") && is(1, "from") && every(at)
    }) {
        return Some("DELETE");
    }
    // `FOR UPDATE` only locks.
    let sets = |at: usize| {
        let next = words(statement(text, at));
        next.iter().take(5).any(|w| w.eq_ignore_ascii_case("set"))
    };
    let updates = begins("UPDATE").into_iter().any(|at| sets(at) && every(at));
    updates.then_some("UPDATE")
}

/// The statement that begins here: to the parenthesis that closes what it stands in.
fn statement(text: &str, from: usize) -> &str {
    let rest = text.get(from..).unwrap_or_default();
    let seen = places(rest);
    let mut depth = 0_u32;
    for (at, c) in rest
        .char_indices()
        .filter(|(at, _)| seen.at(*at) == SqlPlace::Bare)
    {
        match (c, depth) {
            ('(', _) => depth += 1,
            (')', 0) => return rest.get(..at).unwrap_or_default(),
            (')', _) => depth -= 1,
            _ => {}
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_that_always_hold_are_none() {
        for text in [
            "DELETE FROM t",
            "DELETE FROM t WHERE 1=1",
            "delete from t where ( 1 = 1 );",
            "DELETE FROM t WHERE true RETURNING *",
            "UPDATE t SET a = 1 WHERE 'x' = 'x'",
            "DELETE FROM t WHERE id = 3 OR 1=1",
            "DELETE FROM t WHERE id = id",
            "DELETE FROM t WHERE TRUE AND 1 = 1",
            "DELETE FROM t -- WHERE id = 1",
        ] {
            assert!(means_every_row(text), "{text}");
        }
        for text in [
            "DELETE FROM t WHERE id = 1",
            "DELETE FROM t WHERE 1=1 AND id = 3",
            "DELETE FROM t WHERE active = true",
            "DELETE FROM t WHERE a = b",
            "UPDATE t SET a = 1 WHERE id IN (SELECT id FROM u)",
            "DELETE FROM t WHERE n = 'x OR 1=1'",
        ] {
            assert!(!means_every_row(text), "{text}");
        }
    }

    #[test]
    fn what_stands_within_is_found() {
        for (text, want) in [
            (
                "WITH d AS (DELETE FROM users RETURNING *) SELECT * FROM d WHERE id = 1",
                Some("DELETE"),
            ),
            (
                "WITH d AS (DELETE FROM users WHERE id = 1 RETURNING *) SELECT * FROM d",
                None,
            ),
            (
                "WITH d AS (UPDATE users SET a = 1 RETURNING *) SELECT 1",
                Some("UPDATE"),
            ),
            ("EXPLAIN ANALYZE DELETE FROM users", Some("DELETE")),
            ("SELECT * FROM t FOR UPDATE", None),
            ("SELECT 'DELETE FROM users'", None),
            ("SELECT deleted FROM t", None),
        ] {
            assert_eq!(within(text), want, "{text}");
        }
    }
}
