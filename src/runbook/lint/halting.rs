//! SQL that a command goes on with after an error: said of text that runs as it is written.

use super::source::Place;
use super::{Review, codes, walk};
use crate::domain::plan::{Action, ActionKind};
use crate::script::shell::{self, GoesOn, GoesOnIn};

/// Looks at every command that may run.
pub fn check(review: &mut Review<'_>) {
    let plan = review.plan;
    for action in walk::of_steps(plan).chain(walk::of_items(plan)) {
        // Another interpreter reads another language.
        if action.kind != ActionKind::Shell || action.interpreter.is_some() {
            continue;
        }
        let mut said: Vec<Place> = Vec::new();
        for found in shell::goes_on(&action.code) {
            if found.file.as_ref().is_some_and(|f| stops(review, f)) {
                continue;
            }
            let place = place(review, action, &found);
            if !said.contains(&place) {
                said.push(place);
                review.say(&codes::GOES_ON, place, message(&found));
            }
        }
    }
}

fn message(found: &GoesOn) -> String {
    let program = &found.program;
    if found.at_once {
        return format!("after an error {program} rolls this back, and ends with 0 all the same");
    }
    match found.within {
        GoesOnIn::File => {
            format!("{program} goes on after an error in what it reads, and ends with 0")
        }
        GoesOnIn::Text => format!("{program} goes on after an error in this text, and ends with 0"),
        GoesOnIn::Orders => {
            format!(
                "{program} goes on with the next -c after an error, and ends as the last one does"
            )
        }
        GoesOnIn::Forced => format!("{program} is told to go on after an error"),
    }
}

/// A file that the plan itself writes, and that says that it stops.
fn stops(review: &Review<'_>, file: &str) -> bool {
    let name = base(file);
    let known = review.plan.files.iter();
    let mut known = known.filter(|f| base(&f.path) == name);
    let written = || {
        walk::of_steps(review.plan)
            .filter(|a| a.kind == ActionKind::Shell && a.code.contains("\\set"))
            .any(|a| a.code.contains(name) && shell::stops_itself(&a.code))
    };
    !name.is_empty() && (known.any(|f| shell::stops_itself(&f.code)) || written())
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The command from its program to its end on that line.
fn place(review: &Review<'_>, action: &Action, found: &GoesOn) -> Place {
    let told = |line: &&str| {
        let words = found.words.iter();
        words.filter(|w| line.contains(w.as_str())).count()
    };
    let lines = action
        .code
        .lines()
        .filter(|l| program_in(l, &found.program).is_some());
    // Of equals the first.
    let best = lines.rev().max_by_key(told);
    let command = best.and_then(|line| {
        let at = program_in(line, &found.program)?;
        Some(command(line.get(at..)?))
    });
    let place = command.and_then(|c| review.source.find(action.span, c));
    place.unwrap_or_else(|| review.offender(action))
}

/// The byte at which a program is called in a line that is no comment.
fn program_in(line: &str, program: &str) -> Option<usize> {
    let part = |c: char| c.is_alphanumeric() || "_-./=".contains(c);
    let comment = line.trim_start().starts_with('#');
    let called = |at: usize| {
        let before = line.get(..at).and_then(|t| t.chars().next_back());
        let after = line.get(at + program.len()..);
        let after = after.and_then(|t| t.chars().next());
        // `/usr/bin/psql` is called by its path.
        before.is_none_or(|c| c == '/' || !part(c)) && after.is_none_or(char::is_whitespace)
    };
    let mut places = line.match_indices(program).map(|(at, _)| at);
    places.find(|at| !comment && called(*at))
}

/// A command up to what ends it, quotes left alone.
fn command(text: &str) -> &str {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some((at, c)),
            (Some((_, open)), c) if c == open => quote = None,
            (None, ';' | '|' | '&') if !text.get(..at).is_some_and(|t| t.ends_with('>')) => {
                return text.get(..at).unwrap_or(text).trim_end();
            }
            _ => {}
        }
    }
    // The quote that was opened before the program, and ends here.
    let outer = quote.filter(|(at, _)| text.trim_end().len() == at + 1);
    let end = outer.map_or(text.len(), |(at, _)| at);
    let end = text.get(..end).unwrap_or(text).trim_end();
    end.trim_end_matches('\\').trim_end()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NONE, at, findings, underlined};
    use super::command;

    fn plan(command: &str) -> String {
        format!("# P\n## Rollback\n```bash\n{command}\n```\n")
    }

    fn shown(command: &str) -> Vec<String> {
        underlined(&plan(command), "goes-on-after-error")
    }

    #[test]
    fn each_client_that_goes_on_is_underlined() {
        assert_eq!(
            shown("psql \"$DATABASE_URL\" -f down.sql"),
            ["psql \"$DATABASE_URL\" -f down.sql"]
        );
        let two =
            "set -e\nzcat <dump>.gz | psql shop 2>&1 | tee log\npsql shop -f b.sql && echo ok";
        assert_eq!(shown(two), ["psql shop 2>&1", "psql shop -f b.sql"]);
        assert_eq!(
            shown("ssh db-1 \"psql shop -f down.sql\""),
            ["psql shop -f down.sql"]
        );
        let text = "psql shop <<'SQL'\nDELETE FROM a;\nDELETE FROM b;\nSQL";
        assert_eq!(shown(text), ["psql shop <<'SQL'"]);
        let long = "psql \"$DATABASE_URL\" \\\n  -f down.sql";
        assert_eq!(shown(long), ["psql \"$DATABASE_URL\""]);
    }

    #[test]
    fn what_stops_is_left_alone() {
        for fine in [
            "psql -v ON_ERROR_STOP=1 shop -f down.sql",
            "psql shop -c 'DELETE FROM a'",
            "psql shop <<'SQL'\n\\set ON_ERROR_STOP on\nDELETE FROM a;\nSQL",
            "psql shop <<'SQL'\nSELECT count(*) FROM a;\nSQL",
            "mysql shop < down.sql",
            // backout adds the stop to what a block opens and types into.
            "psql shop\nDELETE FROM a;\nDELETE FROM b;\n\\q",
            "cat > down.sql <<'SQL'\n\\set ON_ERROR_STOP on\nDELETE FROM a;\nSQL\npsql shop -f down.sql",
        ] {
            assert_eq!(at(&plan(fine), "goes-on-after-error"), NONE, "{fine}");
        }
    }

    #[test]
    fn what_is_said_is_what_happens() {
        let message = |command: &str| {
            let all = findings(&plan(command));
            let found = all.into_iter().find(|d| d.code == "goes-on-after-error");
            found.map(|d| d.message).unwrap_or_default()
        };
        assert!(message("psql -f a.sql").contains("goes on after an error in what it reads"));
        assert!(message("psql -1 -f a.sql").contains("rolls this back, and ends with 0"));
        let two = "psql -c 'DELETE FROM a' -c 'DROP TABLE a'";
        assert!(message(two).contains("ends as the last one does"));
        assert!(message("mysql -f shop < a.sql").contains("told to go on"));
    }

    #[test]
    fn a_command_ends_where_the_shell_ends_it() {
        for (text, want) in [
            ("psql -c 'a; b' x; ls", "psql -c 'a; b' x"),
            ("psql a \\", "psql a"),
            ("psql a'", "psql a"),
            ("psql a 2>&1 | tee b", "psql a 2>&1"),
            ("psql a", "psql a"),
        ] {
            assert_eq!(command(text), want);
        }
    }
}
