//! What stands beside a line that says so: the other rows of its table or list, and other values
//! of the same name. One row that is as it should be says little beside another that is not.

use super::numbers::counts;
use super::words::{data_lines, folded, is_good, is_known_state, is_rule, places, says_so};

/// Rows that are looked at.
const MOST: usize = 2_000;

/// What is compared in the other rows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A state: every row should say it.
    State,
    /// A version, an address, a hash: another one like it may be the one that counts.
    Value,
    /// A name: it is one among others.
    Name,
}

/// Another row, or another value of the same name, that is not as this line says; none where
/// there is none. `wanted` is folded, `line` is the line of the output that says it.
pub(super) fn other<'a>(wanted: &str, line: &str, output: &'a str) -> Option<&'a str> {
    let kind = kind_of(wanted);
    let rows: Vec<&str> = output.lines().take(MOST).collect();
    let at = rows.iter().position(|row| std::ptr::eq(*row, line))?;
    newest(wanted, &rows)
        .or_else(|| named(wanted, line, &rows))
        .or_else(|| in_cells(wanted, kind, at, &rows))
        .or_else(|| below_heads(wanted, kind, at, &rows))
        .or_else(|| in_list(wanted, kind, line, output))
}

fn kind_of(wanted: &str) -> Kind {
    let one = !wanted.contains(' ');
    if is_known_state(wanted) || one && is_ratio(wanted) {
        Kind::State
    } else if one && wanted.bytes().any(|b| b.is_ascii_digit()) {
        Kind::Value
    } else {
        Kind::Name
    }
}

/// `3/3`, `0/0`
fn is_ratio(word: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    word.split_once('/')
        .is_some_and(|(have, all)| digits(have) && digits(all))
}

/// Whether a cell says another thing than the one that is wanted.
fn differs(wanted: &str, kind: Kind, cell: &str) -> bool {
    let cell = folded(cell);
    match kind {
        Kind::State => !matches!(cell.as_str(), "" | "-" | "<none>") && !says_so(&cell, wanted),
        Kind::Value => cell
            .split(' ')
            .any(|word| is_like(wanted, word) && places(word, wanted).next().is_none()),
        Kind::Name => false,
    }
}

/// Whether a word is made as another is: `1.5.0` as `1.4.2`, `shop:2` as `shop:1`.
fn is_like(wanted: &str, word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    // The registry in front of an image.
    let own = word.rsplit('/').next().unwrap_or(word);
    let word = if wanted.contains('/') { word } else { own };
    is_hash(wanted) && is_hash(word) || skeleton(word).starts_with(stem(&skeleton(wanted)))
}

/// A skeleton up to the words behind its first number: `shop-#-` of `shop-2-blue`.
fn stem(skeleton: &str) -> &str {
    let number = skeleton.find('#').unwrap_or(skeleton.len());
    let behind = skeleton.get(number..).unwrap_or_default();
    let end = behind.find(char::is_alphabetic).map(|at| number + at);
    skeleton
        .get(..end.unwrap_or(skeleton.len()))
        .unwrap_or(skeleton)
}

/// The abbreviated or whole name of a commit.
pub(super) fn is_hash(word: &str) -> bool {
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    (7..=64).contains(&word.len())
        && word.bytes().all(hex)
        && word.bytes().any(|b| b.is_ascii_digit())
        && word.bytes().any(|b| b.is_ascii_alphabetic())
}

/// A word with its numbers taken out.
fn skeleton(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for c in word.chars() {
        let c = if c.is_ascii_digit() { '#' } else { c };
        if c != '#' || !out.ends_with('#') {
            out.push(c);
        }
    }
    out
}

/// The first commit that is named, where it is another one: `9f8e7d6 Merge a1b2c3d`.
fn newest<'a>(wanted: &str, rows: &[&'a str]) -> Option<&'a str> {
    if !is_hash(wanted) {
        return None;
    }
    let first = |row: &str| {
        let lower = row.to_lowercase();
        let mut words = lower.split(|c: char| !c.is_alphanumeric());
        words.find(|word| is_hash(word)).map(str::to_owned)
    };
    let (row, word) = rows.iter().find_map(|row| Some((*row, first(row)?)))?;
    (!word.starts_with(wanted)).then_some(row)
}

/// Another value of the same name: `status: ok` beside `status: starting`.
fn named<'a>(wanted: &str, line: &str, rows: &[&'a str]) -> Option<&'a str> {
    let said = folded(line);
    let (before, _) = places(&said, wanted).next()?;
    // `Replica_SQL_Running: Yes` has its name in itself.
    let own = wanted.split_once([':', '=']);
    let own = own.map(|(name, value)| (name, value.trim_start_matches([' ', '='])));
    let (before, wanted) = match own.filter(|(_, value)| !value.is_empty()) {
        Some((name, value)) if !name.contains('/') => (name, value),
        _ => (before.trim_end().strip_suffix([':', '='])?, wanted),
    };
    let kind = kind_of(wanted);
    let name = name_at_end(before)?;
    let last = name.rsplit('_').next().filter(|last| last.len() > 4);
    let first = wanted.split(' ').next().unwrap_or_default();
    rows.iter().copied().find(|row| {
        let row = folded(row);
        let mut values = row.match_indices([':', '=']).filter_map(|(at, _)| {
            let own = name_at_end(row.get(..at)?.trim_end())?;
            let alike = own == name
                || kind == Kind::State
                    && own.contains('_')
                    && last.is_some_and(|last| own.rsplit('_').next() == Some(last));
            let value = row.get(at + 1..)?.trim_start_matches([' ', '=']);
            let end = value.find(|c: char| c.is_whitespace() || ",};]|".contains(c));
            let value = value.get(..end.unwrap_or(value.len()))?;
            alike.then_some((own == name, value))
        });
        // Another good state is no other one.
        let both = |value: &str| is_good(first) && is_good(value);
        let is_word = |value: &str| {
            value.contains(char::is_alphabetic)
                && value
                    .chars()
                    .all(|c| c.is_alphabetic() || matches!(c, '_' | '-'))
        };
        values.any(|(same, value)| match kind {
            Kind::State => {
                value != first && !both(value) && (is_known_state(value) || same && is_word(value))
            }
            Kind::Value => places(value, wanted).next().is_none() && is_like(wanted, value),
            Kind::Name => false,
        })
    })
}

/// The name that a text ends with.
fn name_at_end(text: &str) -> Option<&str> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let begin = text.rfind(|c| !is_part(c)).map_or(0, |at| {
        at + text
            .get(at..)
            .and_then(|t| t.chars().next())
            .map_or(1, char::len_utf8)
    });
    let name = text.get(begin..)?;
    name.chars().any(char::is_alphabetic).then_some(name)
}

fn cells(row: &str) -> Vec<&str> {
    let inner = row.trim().trim_matches(['|', '│']);
    inner.split(['|', '│']).map(str::trim).collect()
}

/// The other rows of a table with lines between its columns.
fn in_cells<'a>(wanted: &str, kind: Kind, at: usize, rows: &[&'a str]) -> Option<&'a str> {
    let own = cells(rows.get(at)?);
    if own.len() < 2 {
        return None;
    }
    let column = own.iter().position(|cell| says_so(&folded(cell), wanted))?;
    let is_part = |row: &&str| is_drawn(row) || cells(row).len() == own.len();
    let above = rows
        .get(..at)?
        .iter()
        .rev()
        .take_while(|r| is_part(r))
        .count();
    let below = rows.get(at..)?.iter().take_while(|r| is_part(r)).count();
    let table = rows.get(at - above..at + below)?;
    let first = table.iter().position(|row| !is_drawn(row))?;
    let headed = table.get(first + 1).is_some_and(|row| is_drawn(row));
    table
        .iter()
        .enumerate()
        .filter(|(n, row)| !(is_drawn(row) || headed && *n == first))
        .map(|(_, row)| *row)
        .find(|row| {
            cells(row)
                .get(column)
                .is_some_and(|c| differs(wanted, kind, c))
        })
}

/// Whether a line only draws the frame of a table.
fn is_drawn(line: &str) -> bool {
    let line = line.trim();
    is_rule(line)
        || !line.is_empty()
            && line
                .chars()
                .all(|c| "─━═│┃┌┐└┘├┤┬┴┼╔╗╚╝╠╣╦╩╬╭╮╰╯| ".contains(c))
}

/// The other rows below the names of columns: `NAME   READY   STATUS`.
fn below_heads<'a>(wanted: &str, kind: Kind, at: usize, rows: &[&'a str]) -> Option<&'a str> {
    let above = rows.get(..at)?;
    let head = above
        .iter()
        .rposition(|row| row.trim().is_empty() || are_heads(row))?;
    let heads = rows.get(head).filter(|row| are_heads(row))?;
    let line = rows.get(at)?;
    let columns = Columns::of(heads);
    let column = (0..columns.count())
        .find(|column| says_so(&folded(&columns.cell(line, *column)), wanted))?;
    // The first column is what a row is called.
    if column == 0 && kind != Kind::State {
        return None;
    }
    let below = rows.get(head + 1..)?.iter().copied();
    below
        .take_while(|row| !row.trim().is_empty())
        .find(|row| differs(wanted, kind, &columns.cell(row, column)))
}

/// Whether a line is the names of columns.
fn are_heads(line: &str) -> bool {
    let words = || line.split_whitespace();
    let is_name =
        |word: &str| word.chars().any(char::is_alphabetic) && !word.chars().any(char::is_lowercase);
    words().nth(1).is_some() && words().all(is_name) && line.chars().any(|c| c.is_ascii_uppercase())
}

/// Where the columns of a table begin, in characters; or that tabs part them.
enum Columns {
    Tabs(usize),
    At(Vec<usize>),
}

impl Columns {
    fn of(heads: &str) -> Self {
        if heads.contains('\t') {
            return Self::Tabs(heads.split('\t').count());
        }
        let mut starts = Vec::new();
        let mut between = true;
        for (at, c) in heads.chars().enumerate() {
            if between && !c.is_whitespace() {
                starts.push(at);
            }
            between = c.is_whitespace();
        }
        Self::At(starts)
    }

    fn count(&self) -> usize {
        match self {
            Self::Tabs(count) => *count,
            Self::At(starts) => starts.len(),
        }
    }

    fn cell(&self, row: &str, column: usize) -> String {
        match self {
            Self::Tabs(_) => row.split('\t').nth(column).unwrap_or_default().to_owned(),
            Self::At(starts) => {
                let from = starts.get(column).copied().unwrap_or_default();
                let to = starts.get(column + 1).copied().unwrap_or(usize::MAX);
                row.chars()
                    .skip(from)
                    .take(to.saturating_sub(from))
                    .collect()
            }
        }
    }
}

/// The other lines of a list that has no names of columns: one word to a line, or a name and its
/// state.
fn in_list<'a>(wanted: &str, kind: Kind, line: &str, output: &'a str) -> Option<&'a str> {
    let lines: Vec<&str> = data_lines(output)
        .take(MOST)
        .filter(|row| !trimmed(row).is_empty() && !is_rule(row) && counts(row).is_empty())
        .collect();
    if let Some(row) = several_in_one(wanted, kind, &lines) {
        return Some(row);
    }
    // What has names of columns, or lines between them, was looked at as a table.
    if lines.len() < 2
        || lines
            .iter()
            .any(|row| are_heads(row) || cells(row).len() > 1)
    {
        return None;
    }
    if let Some(current) = starred(&lines) {
        return (!std::ptr::eq(current, line)).then_some(current);
    }
    let fields = |row: &'a str| -> Vec<&'a str> { trimmed(row).split_whitespace().collect() };
    let own = lines.iter().copied().find(|row| std::ptr::eq(*row, line))?;
    let first = wanted.split(' ').next().unwrap_or_default();
    let has_first = |word: &str| places(word, first).next().is_some();
    let column = fields(own)
        .iter()
        .position(|word| has_first(&folded(word)))?;
    // Of commits the newest stands first, and was looked at.
    if column == 0 && is_hash(wanted) {
        return None;
    }
    let counts = || lines.iter().map(|row| fields(row).len());
    let (least, most) = (counts().min()?, counts().max()?);
    let column_of = |row: &'a str| {
        fields(row)
            .get(column)
            .copied()
            .map(folded)
            .unwrap_or_default()
    };
    let another = |row: &&'a str| {
        let word = column_of(row);
        let word = word.trim_matches(|c: char| matches!(c, ',' | ';' | '(' | ')' | '.'));
        if has_first(word) {
            return false;
        }
        match (kind, column) {
            (Kind::State, 0) => most == 1,
            (Kind::State, 1) => {
                let a_name = !fields(row).first().is_some_and(|name| name.ends_with(':'));
                let plain = word.chars().all(char::is_alphabetic) || is_ratio(word);
                least >= 2 && a_name && (is_known_state(word) || most == 2 && plain)
            }
            (Kind::Value, 0 | 1) => most == column + 1 && is_like(wanted, word),
            _ => false,
        }
    };
    lines.iter().copied().find(another)
}

/// A list in one line, as of a query for all of them: `shop:1.5.0 shop:1.4.2`.
fn several_in_one<'a>(wanted: &str, kind: Kind, lines: &[&'a str]) -> Option<&'a str> {
    let [line] = lines else {
        return None;
    };
    let line: &'a str = line;
    let said = folded(line);
    let each = || said.split([' ', ',']).filter(|word| !word.is_empty());
    let of_a_kind = match kind {
        Kind::State => each().all(|word| {
            let plain = word
                .chars()
                .all(|c| c.is_alphanumeric() || c == '_' || c == '-');
            plain && (is_known_state(word) || word.contains('_'))
        }),
        Kind::Value => each().all(|word| is_like(wanted, word)),
        Kind::Name => false,
    };
    let other = |word: &str| match kind {
        Kind::State => word != wanted && !(is_good(word) && is_good(wanted)),
        _ => places(word, wanted).next().is_none(),
    };
    (of_a_kind && each().nth(1).is_some() && each().any(other)).then_some(line)
}

/// A line without what a list of JSON puts around it.
fn trimmed(line: &str) -> &str {
    line.trim().trim_matches(['[', ']', ',', '"', '\'']).trim()
}

/// The one that a list marks as the present one: `* main`, in a list of branches.
fn starred<'a>(lines: &[&'a str]) -> Option<&'a str> {
    let is_marked = |line: &&&str| line.starts_with("* ");
    let branches = lines
        .iter()
        .all(|line| line.starts_with("* ") || line.starts_with("  "));
    let mut marked = lines.iter().filter(is_marked);
    let one = marked.next().copied().filter(|_| branches)?;
    marked.next().is_none().then_some(one)
}

#[cfg(test)]
mod tests {
    use super::super::{Verdict, judge};
    use crate::domain::plan::{ExpectRule, Expectation};

    fn verdict(wanted: &str, output: &str) -> Verdict {
        let expect = Expectation::new(wanted, ExpectRule::Contains(wanted.to_owned()));
        judge(&expect, output, Some(0)).verdict
    }

    #[test]
    fn one_good_row_says_little_beside_a_bad_one() {
        let head = "NAME    READY   STATUS              RESTARTS   AGE\n";
        let pods = |second: &str| {
            format!("{head}shop-1  1/1     Running             0          3d\n{second}\n")
        };
        for (wanted, output) in [
            ("Running", pods("shop-2  1/1     CreateContainerError 0          3d")),
            ("Running", pods("shop-2  1/1     Init:0/1            0          3d")),
            ("Running", pods("shop-2  0/1     Completed           0          3d")),
            ("Running", "shop-1   Running\nshop-2   PodInitializing\n".to_owned()),
            ("3/3", "NAME   READY   UP-TO-DATE\nshop   3/3     3\nworker 0/3     3\n".to_owned()),
            ("0/0", "NAME   READY   UP-TO-DATE\nshop   0/0     0\nworker 3/3     3\n".to_owned()),
            ("Up", "shop Up 3 minutes\nworker Created\n".to_owned()),
            ("Up", "shop Up 3 minutes (Paused)\n".to_owned()),
            ("exited", "exited\nrunning\n".to_owned()),
            ("inactive", "inactive\nactive\n".to_owned()),
            ("online", "┌────┬──────┬───────────┐\n│ id │ name │ status    │\n├────┼──────┼───────────┤\n│ 0  │ shop │ online    │\n│ 1  │ mail │ launching │\n└────┴──────┴───────────┘\n".to_owned()),
            ("available", "db-1 available\ndb-2 restoring\n".to_owned()),
            ("running", "[\n    \"running\",\n    \"shutting-down\"\n]\n".to_owned()),
            ("RUNNING", "shop   RUNNING   pid 1\nmail   STOPPING\n".to_owned()),
            ("Yes", "Replica_IO_Running: Connecting\nReplica_SQL_Running: Yes\n".to_owned()),
            ("10.0.0.1", "10.0.0.1\n10.0.0.99\n".to_owned()),
            ("1.4.2", "1.4.2\n1.5.0\n".to_owned()),
            ("1.4.2", "app-1 1.4.2\napp-2 1.5.0\n".to_owned()),
            ("shop:1.4.2", "NAME   IMAGE\na      shop:1.4.2\nb      shop:1.5.0\n".to_owned()),
            ("f", "t\nf\n".to_owned()),
            ("f", " enabled \n---------\n t\n f\n(2 rows)\n".to_owned()),
            ("healthy", "{\"State\":\"healthy\"}\n{\"State\":\"initial\"}\n".to_owned()),
            ("main", "* feature-x\n  main\n".to_owned()),
            ("shop:v1.4.2", "reg.example.com/team/shop:v1.4.2\nreg.example.com/team/shop:v1.5.0\n".to_owned()),
            ("shop:1.4.2", "shop:1.5.0 shop:1.4.2\n".to_owned()),
            ("available", "available\tmodifying\n".to_owned()),
            ("COMPLETED", "IN_PROGRESS\tCOMPLETED\n".to_owned()),
            ("COMPLETED", "{\"rolloutState\":\"IN_PROGRESS\"},\n{\"rolloutState\":\"COMPLETED\"}\n".to_owned()),
            ("ok", "{\"status\":\"ok\",\"db\":{\"status\":\"lagging\"}}\n".to_owned()),
            ("a1b2c3d", "9f8e7d6 Merge a1b2c3d into release\n".to_owned()),
            ("a1b2c3d", "commit 9f8e7d6aa\n\n    Cherry-pick of a1b2c3d\n".to_owned()),
            ("Replica_SQL_Running: Yes", "Replica_IO_Running: Connecting\nReplica_SQL_Running: Yes\n".to_owned()),
            ("Replica_SQL_Running: Yes", "Replica_IO_Running: No\nReplica_SQL_Running: Yes\n".to_owned()),
            ("Listening on port 3000", "Listening on port 3000\n[error] EADDRINUSE\n".to_owned()),
            ("shop_1.dump", "shop_1.dump.part\n".to_owned()),
            ("abc1234", "def5678 Add the list\nabc1234 Fix the till\n".to_owned()),
            ("20251101_init", " version\n---------\n 20251128_phase4\n 20251101_init\n(2 rows)\n".to_owned()),
            ("healthy", "healthy hosts: 0 of 3\n".to_owned()),
            ("healthy", "1 of 3 hosts healthy\n".to_owned()),
            ("restored", "Only 3 of 20 tables restored\n".to_owned()),
            ("restored", "[dry-run] would be restored: 400 files\n".to_owned()),
            ("success", "Partial success\n".to_owned()),
            ("done", "Almost done, trying again in 5s\n".to_owned()),
            ("OK", "<html><button>OK</button></html>\n".to_owned()),
            ("No changes", "No changes to outputs. Plan: 1 to add, 0 to change, 4 to destroy.\n".to_owned()),
        ] {
            assert_ne!(verdict(wanted, &output), Verdict::Met, "{wanted} in {output}");
        }
    }

    #[test]
    fn rows_that_agree_and_lines_of_another_kind_are_no_doubt() {
        for (wanted, output) in [
            (
                "Running",
                "NAME    READY   STATUS    RESTARTS   AGE\nshop-1  1/1     Running   0          3d\nshop-2  1/1     Running   2          3d\n",
            ),
            ("3/3", "NAME   READY   UP-TO-DATE\nshop   3/3     3\n"),
            (
                "Up",
                "CONTAINER ID   IMAGE        STATUS         NAMES\n0123456789ab   shop:1.4.2   Up 3 minutes   shop\nba9876543210   postgres:15  Up 2 days      db\n",
            ),
            (
                "shop:1.4.2",
                "CONTAINER ID   IMAGE        STATUS         NAMES\n0123456789ab   shop:1.4.2   Up 3 minutes   shop\nba9876543210   postgres:15  Up 2 days      db\n",
            ),
            (
                "shop",
                "NAME\tNAMESPACE\tSTATUS\nshop\tprod\tdeployed\nmail\tprod\tfailed\n",
            ),
            (
                "online",
                "┌────┬──────┬────────┐\n│ id │ name │ status │\n├────┼──────┼────────┤\n│ 0  │ shop │ online │\n│ 1  │ mail │ online │\n└────┴──────┴────────┘\n",
            ),
            (
                "active (running)",
                "● nginx.service - A web server\n     Loaded: loaded (/lib/systemd/system/nginx.service; enabled)\n     Active: active (running) since Mon\n   Main PID: 123 (nginx)\n",
            ),
            ("active", "active\n"),
            ("running", "Status: running\nUptime: 5\n"),
            ("started", "Loading the map\nServer started on 3000\n"),
            ("OK", "Reading the list\nOK\n"),
            ("main", "* main\n  feature-x\n"),
            (
                "healthy",
                "{\"status\":\"healthy\",\"db\":{\"status\":\"connected\"}}\n",
            ),
            (
                "Healthy",
                "Sync Status:   Synced to v1.4.2\nHealth Status: Healthy\n",
            ),
            (
                "Synced",
                "Sync Status:   Synced to v1.4.2\nHealth Status: Healthy\n",
            ),
            (
                "online",
                "┌────┬──────┬────────┬──────────┐\n│ id │ name │ status │ watching │\n├────┼──────┼────────┼──────────┤\n│ 0  │ shop │ online │ disabled │\n└────┴──────┴────────┴──────────┘\n",
            ),
            ("a1b2c3d", "a1b2c3d4f00\n"),
            (
                "Replica_SQL_Running: Yes",
                "Replica_IO_Running: Yes\nReplica_SQL_Running: Yes\n",
            ),
            ("main", "## main...origin/main\n"),
            ("abc1234", "abc1234 Fix the till\ndef5678 Add the list\n"),
            ("abc1234", "abc1234567890abcdef1234567890abcdef12345\n"),
            (
                "orders",
                " tablename\n-----------\n customers\n orders\n(2 rows)\n",
            ),
            ("PONG", "PONG\n"),
            (
                "Successfully built",
                "Step 1/3 : FROM shop\nStep 3/3 : CMD x\nSuccessfully built 0a1b2c3d4e5f\n",
            ),
            (
                "No changes",
                "No changes. Your infrastructure matches the configuration.\n",
            ),
            ("No pending migrations", "No pending migrations to apply.\n"),
            ("true", "[\n  true,\n  true\n]\n"),
        ] {
            assert_eq!(
                verdict(wanted, output),
                Verdict::Met,
                "{wanted} in {output}"
            );
        }
    }
}
