//! Clients of databases that go on after a statement that failed.
//!
//! `psql` reads a file or its input to the end whatever fails in it, and ends with 0; `mysql` does
//! so where it is told to. Looked at is the text as it is written: what is typed into a prompt
//! that a block opens gets its stop elsewhere ([`super::repl`]).

use super::calls::Call;
use super::danger::collect;
use super::repl::outside_with_openers;
use crate::script::{Danger, sql};

/// What a client goes on in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GoesOnIn {
    /// A file that it reads, or a text that another command gives it.
    File,
    /// SQL that stands in the command.
    Text,
    /// One order after the other: `-c … -c …`.
    Orders,
    /// It was told to go on: `--force`.
    Forced,
}

/// A client that goes on after an error.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GoesOn {
    /// Its name: `psql`.
    pub program: String,
    /// What it goes on in.
    pub within: GoesOnIn,
    /// All of it is one transaction, which is rolled back then.
    pub at_once: bool,
    /// The file that it reads, where it reads one by name.
    pub file: Option<String>,
    /// Words that stand with it in the text, to find the place by.
    pub words: Vec<String>,
}

/// The clients in a shell text that go on after an error in what may change something.
#[must_use]
pub fn goes_on(code: &str) -> Vec<GoesOn> {
    let mut found = Vec::new();
    // Most texts have neither.
    if !["psql", "mysql", "mariadb"]
        .iter()
        .any(|p| code.contains(p))
    {
        return found;
    }
    collect(&outside_with_openers(code), 0, &mut |call| {
        found.extend(match call.program() {
            Some("psql") => postgres(call),
            Some(program @ ("mysql" | "mariadb")) => forced(call, program),
            _ => None,
        });
    });
    found
}

/// Whether a text that `psql` reads says itself that it stops.
#[must_use]
pub fn stops_itself(text: &str) -> bool {
    text.lines().any(|line| {
        let mut words = line.trim().trim_end_matches(';').split_whitespace();
        let set = words.next() == Some("\\set") && words.next() == Some(VARIABLE);
        // Without a value it is set all the same.
        set && words.next().is_none_or(|v| is_on(v.trim_matches('\'')))
    })
}

const VARIABLE: &str = "ON_ERROR_STOP";

fn is_on(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    !matches!(
        value.as_str(),
        "0" | "off" | "of" | "f" | "false" | "n" | "no"
    )
}

/// The options of `psql` that bear on it.
#[derive(Default)]
struct Options<'c> {
    stops: bool,
    single: bool,
    looks: bool,
    orders: Vec<&'c str>,
    files: Vec<&'c str>,
}

impl<'c> Options<'c> {
    fn of(call: &'c Call) -> Self {
        let mut options = Self::default();
        let mut words = call.args();
        while let Some(word) = words.next() {
            if let Some(long) = word.strip_prefix("--") {
                let (name, own) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value)),
                    None => (long, None),
                };
                let value = own.or_else(|| {
                    let takes = VALUED.split_whitespace().any(|known| known == name);
                    takes.then(|| words.next()).flatten()
                });
                options.take(name, value);
                continue;
            }
            let Some(letters) = word.strip_prefix('-').filter(|l| !l.is_empty()) else {
                // Options that are only known when it runs may hold the stop.
                options.stops |= may_hold_options(word);
                continue;
            };
            for (at, letter) in letters.char_indices() {
                if !TAKING.contains(letter) {
                    options.take(&letter.to_string(), None);
                    continue;
                }
                let rest = letters.get(at + letter.len_utf8()..);
                let own = rest.filter(|rest| !rest.is_empty());
                let value = own.or_else(|| words.next());
                options.take(&letter.to_string(), value);
                break;
            }
        }
        options
    }

    fn take(&mut self, name: &str, value: Option<&'c str>) {
        match name {
            "v" | "set" | "variable" => {
                let pair = value.and_then(|v| v.trim().split_once('='));
                // A name alone takes the variable away.
                if let Some((VARIABLE, value)) = pair {
                    self.stops = value.is_empty() || is_on(value);
                }
            }
            "1" | "single-transaction" => self.single = true,
            "l" | "list" | "V" | "version" | "help" | "?" => self.looks = true,
            "c" | "command" => self.orders.extend(value),
            "f" | "file" => self.files.extend(value),
            _ => {}
        }
    }
}

/// Long options of `psql` with a value in the next word.
const VALUED: &str = "command dbname file set variable log-file output field-separator pset \
    record-separator table-attr host port username";

/// Short ones.
const TAKING: &str = "cdfFhLopPRTUv";

fn may_hold_options(word: &str) -> bool {
    let name = word.to_ascii_uppercase();
    let telling = ["OPT", "ARG", "FLAG", "PARAM"];
    word.starts_with('$') && telling.iter().any(|t| name.contains(t))
}

fn postgres(call: &Call) -> Option<GoesOn> {
    let options = Options::of(call);
    if options.stops || options.looks {
        return None;
    }
    let (within, file) = if options.orders.is_empty() && options.files.is_empty() {
        input(call)?
    } else {
        orders(call, &options)?
    };
    // Orders alone in one transaction: what follows the one that failed fails as well.
    if within == GoesOnIn::Orders && options.single {
        return None;
    }
    Some(GoesOn {
        program: "psql".to_owned(),
        within,
        at_once: options.single,
        words: words(call),
        file,
    })
}

/// What `psql` goes on in, of what its options give it.
fn orders(call: &Call, options: &Options<'_>) -> Option<(GoesOnIn, Option<String>)> {
    let named = options.files.iter().find(|f| **f != "-");
    if let Some(file) = named {
        return Some((GoesOnIn::File, Some((*file).to_owned())));
    }
    let (from_input, told) = (options.files.first(), &options.orders);
    if from_input.is_some() {
        return input(call);
    }
    // A file that an order names is read like any other.
    let included = told.iter().find_map(|order| {
        let mut words = order.split_whitespace();
        let reads = matches!(words.next(), Some("\\i" | "\\ir" | "\\include"));
        reads.then(|| words.next()).flatten()
    });
    if let Some(file) = included {
        return Some((GoesOnIn::File, Some(file.to_owned())));
    }
    // One order, of however many statements, ends at the first that fails.
    let changes = told.iter().any(|order| may_change(order));
    (told.len() > 1 && changes).then_some((GoesOnIn::Orders, None))
}

/// What `psql` goes on in, of its input; none where that is a person, or only reads.
fn input(call: &Call) -> Option<(GoesOnIn, Option<String>)> {
    if let Some(text) = &call.input {
        let quiet = stops_itself(text) || !may_change(text);
        return (!quiet).then_some((GoesOnIn::Text, None));
    }
    if let Some(file) = call.reads.last().filter(|f| !f.starts_with("/dev/")) {
        return Some((GoesOnIn::File, Some(file.clone())));
    }
    let feeder = call.piped.as_ref()?;
    let printed = matches!(feeder.program(), Some("echo" | "printf"));
    if !printed {
        let file = feeder.args().filter(|a| !a.starts_with('-')).last();
        return Some((GoesOnIn::File, file.map(str::to_owned)));
    }
    let text: Vec<&str> = feeder.args().collect();
    let text = text.join(" ").replace("\\n", "\n");
    let quiet = stops_itself(&text) || !may_change(&text);
    (!quiet).then_some((GoesOnIn::Text, None))
}

fn may_change(text: &str) -> bool {
    sql::danger(text).danger != Danger::None
}

/// `mysql` stops at the first error, unless it is told not to.
fn forced(call: &Call, program: &str) -> Option<GoesOn> {
    let told = call.args().any(|arg| {
        let letters = arg.strip_prefix('-').filter(|l| !l.starts_with('-'));
        // Letters behind one that takes a value are that value.
        let before = letters.and_then(|l| l.split(['p', 'u', 'h', 'P', 'D', 'e', 'S']).next());
        arg == "--force" || before.is_some_and(|l| l.contains('f'))
    });
    let fed = call.input.is_some() || call.piped.is_some() || !call.reads.is_empty();
    let ordered = call.args().any(|a| a == "-e" || a.starts_with("--execute"));
    (told && (fed || ordered)).then(|| GoesOn {
        program: program.to_owned(),
        within: GoesOnIn::Forced,
        at_once: false,
        file: call.reads.last().cloned(),
        words: words(call),
    })
}

fn words(call: &Call) -> Vec<String> {
    let own = call.words.iter().map(|w| &w.text).chain(&call.reads);
    let telling = own.filter(|w| w.len() > 1 && !w.contains('\n'));
    telling.cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(code: &str) -> Vec<GoesOnIn> {
        goes_on(code).into_iter().map(|g| g.within).collect()
    }

    #[test]
    fn what_psql_reads_to_the_end_is_found() {
        for (code, want) in [
            ("psql shop -f down.sql", GoesOnIn::File),
            ("psql -Xqf down.sql shop", GoesOnIn::File),
            ("psql --file=down.sql shop", GoesOnIn::File),
            ("psql \"$URL\" < <dump>.sql", GoesOnIn::File),
            ("psql -f - shop < down.sql", GoesOnIn::File),
            ("gunzip -c dump.gz | psql shop", GoesOnIn::File),
            ("pg_dump old | sudo -u postgres psql new", GoesOnIn::File),
            ("psql shop -c '\\i down.sql'", GoesOnIn::File),
            ("psql -c 'SELECT 1' -f down.sql", GoesOnIn::File),
            ("ssh db-1 \"psql -f down.sql shop\"", GoesOnIn::File),
            ("docker exec -i db psql -U app < dump.sql", GoesOnIn::File),
            ("psql -v ON_ERROR_STOP -f down.sql", GoesOnIn::File),
            ("psql -v ON_ERROR_STOP=off -f down.sql", GoesOnIn::File),
            ("psql -v on_error_stop=1 -f down.sql", GoesOnIn::File),
            (
                "psql shop <<EOF\nDELETE FROM a;\nDROP TABLE b;\nEOF",
                GoesOnIn::Text,
            ),
            ("psql shop <<< 'DELETE FROM a'", GoesOnIn::Text),
            ("echo 'DROP TABLE a;' | psql shop", GoesOnIn::Text),
            (
                "psql shop <<EOF\n\\set ON_ERROR_STOP off\nDELETE FROM a;\nEOF",
                GoesOnIn::Text,
            ),
            (
                "psql -c 'DELETE FROM a' -c 'DROP TABLE a'",
                GoesOnIn::Orders,
            ),
            ("mysql --force shop < dump.sql", GoesOnIn::Forced),
            ("mysql -uroot -f shop < dump.sql", GoesOnIn::Forced),
        ] {
            assert_eq!(within(code), [want], "{code}");
        }
    }

    #[test]
    fn what_stops_or_only_reads_is_not() {
        for code in [
            "psql -v ON_ERROR_STOP=1 -f down.sql",
            "psql -vON_ERROR_STOP=1 < down.sql",
            "psql -Xqv ON_ERROR_STOP=1 -f down.sql",
            "psql --set=ON_ERROR_STOP=on -f down.sql",
            "psql --set ON_ERROR_STOP=true -f down.sql",
            "psql --variable=ON_ERROR_STOP= -f down.sql",
            "zcat d.gz | psql \"$URL\" -v \"ON_ERROR_STOP=1\"",
            "psql $PSQL_OPTS -f down.sql",
            "psql shop <<'EOF'\n\\set ON_ERROR_STOP on\nDELETE FROM a;\nEOF",
            "psql shop <<'EOF'\n  \\set ON_ERROR_STOP\nDELETE FROM a;\nEOF",
            "psql shop <<EOF\nSELECT 1;\nSELECT 2;\nEOF",
            "echo 'SELECT 1' | psql shop",
            "psql shop -c 'DELETE FROM a'",
            "psql shop -c 'DELETE FROM a; DELETE FROM b'",
            "psql -c 'SELECT 1' -c 'SELECT 2'",
            "psql -1 -c 'DELETE FROM a' -c 'DROP TABLE a'",
            "psql shop",
            "psql -l | grep shop",
            "psql --version",
            "psql shop\nDELETE FROM a;\n\\q\n",
            "pg_dump shop > dump.sql",
            "mysql shop < dump.sql",
            "mysql -uforce -pfun shop < dump.sql",
            "mysql --force shop",
            "echo psql -f down.sql",
            "# psql -f down.sql",
        ] {
            assert_eq!(within(code), [], "{code}");
        }
    }

    #[test]
    fn one_transaction_is_told_apart() {
        let found = goes_on("psql -1 -f down.sql; psql --single-transaction -f a.sql; psql -f b");
        let once: Vec<bool> = found.iter().map(|g| g.at_once).collect();
        assert_eq!(once, [true, true, false]);
        assert_eq!(found[1].file.as_deref(), Some("a.sql"));
    }
}
