//! Blanks and values: what nobody explained, what says nothing, what the author has still to
//! write, what may be only an example.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use super::{Place, Review, codes, walk};
use crate::domain::plan::{ActionKind, Parameter, Span};
use crate::script::blanks::{fill_placed, names_nothing};
use regex::Regex;

/// How far below the line of a use a blank may stand: a command with continuations.
const REACH: u32 = 60;

/// Looks at every blank, at unfinished places and at fixed values.
pub fn check(review: &mut Review<'_>) {
    for parameter in &review.plan.parameters {
        one(review, parameter);
    }
    secrets(review);
    unfinished(review);
    samples(review);
}

fn one(review: &mut Review<'_>, parameter: &Parameter) {
    let explained = (!parameter.help.is_empty() && parameter.place.is_none())
        || parameter.default.is_some()
        || parameter.pattern.is_some()
        || parameter.pick_from.is_some()
        || parameter.secret_from.is_some();
    let Some(line) = parameter.uses.first().filter(|_| !explained) else {
        return;
    };
    let place = place(review, *line, parameter);
    let syntax = &parameter.syntax;
    if parameter.environment {
        let message = format!("{syntax} is used and the plan assigns it nowhere");
        review.say(&codes::UNSET_VARIABLE, place, message);
    } else if parameter.place.is_some() || names_nothing(parameter.name.as_str()) {
        let message = format!("the blank {syntax} does not say what belongs there");
        review.say(&codes::MEANINGLESS_BLANK, place, message);
    } else {
        let message = format!("the blank {syntax} is not explained");
        review.say(&codes::BARE_BLANK, place, message);
    }
}

fn place(review: &Review<'_>, line: u32, parameter: &Parameter) -> Place {
    let near = Span {
        first: line,
        last: line.saturating_add(REACH),
    };
    let found = parameter
        .spellings
        .iter()
        .filter_map(|s| review.source.find(near, s));
    found.min().unwrap_or_else(|| review.source.whole(line))
}

/// Secrets that stand where a command cannot be given one.
fn secrets(review: &mut Review<'_>) {
    let plan = review.plan;
    let secret = |p: &&Parameter| p.secret && !p.environment;
    let secrets: BTreeMap<String, String> = plan
        .parameters
        .iter()
        .filter(secret)
        .map(|p| (p.name.as_str().to_owned(), "SECRET".to_owned()))
        .collect();
    if secrets.is_empty() {
        return;
    }
    let plain: BTreeMap<String, String> = plan
        .parameters
        .iter()
        .map(|p| (p.name.as_str().to_owned(), "1".to_owned()))
        .collect();
    for action in walk::of_items(plan).chain(walk::of_steps(plan)) {
        let lang = match action.kind {
            ActionKind::Shell => "bash",
            ActionKind::Sql => "sql",
            ActionKind::Http => "http",
            ActionKind::Manual | ActionKind::Include | ActionKind::Text => continue,
        };
        if !action
            .parameters
            .iter()
            .any(|n| secrets.contains_key(n.as_str()))
        {
            continue;
        }
        let placed = plan.placed(&action.id);
        let places: Vec<String> = placed.iter().map(|p| p.name.as_str().to_owned()).collect();
        let Err(problem) = fill_placed(&action.code, lang, &plain, &secrets, &places) else {
            continue;
        };
        for refused in problem
            .refused
            .iter()
            .filter(|r| secrets.contains_key(&r.name))
        {
            let parameter = plan
                .parameters
                .iter()
                .find(|p| p.name.as_str() == refused.name);
            let Some(parameter) = parameter else { continue };
            let found = parameter
                .spellings
                .iter()
                .filter_map(|s| review.source.find(action.span, s));
            let place = found
                .min()
                .unwrap_or_else(|| review.source.whole(action.span.first));
            let message = format!(
                "{} cannot be given here: {}",
                parameter.syntax, refused.reason
            );
            review.say(&codes::SECRET_OUT_OF_PLACE, place, message);
        }
    }
}

static UNFINISHED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(?:TODO|FIXME)(?:\([^)]*\))?(?::|\]|\)|>|\s*$|\s*[-–—])|\bTB[DC]\b").ok()
});

/// `TODO:` and the like, outside templates, where a blank is meant, and away from people, whose
/// blanks are said by themselves.
fn unfinished(review: &mut Review<'_>) {
    let Some(pattern) = UNFINISHED.as_ref() else {
        return;
    };
    let plan = review.plan;
    let spans = plan.templates.iter().map(|t| t.span);
    let spans = spans.chain(plan.contacts.iter().map(|c| c.span));
    let spans: Vec<Span> = spans.chain(plan.approvals.iter().map(|a| a.span)).collect();
    let mut found = Vec::new();
    for (number, line) in review.source.lines() {
        // Hardly any line has one; look for them before the pattern does.
        if !(line.contains("TODO") || line.contains("FIXME") || line.contains("TB")) {
            continue;
        }
        let meant = spans.iter().any(|s| (s.first..=s.last).contains(&number));
        if let Some(hit) = pattern.find(line).filter(|_| !meant) {
            found.push(review.source.bytes(number, hit.start(), hit.end()));
        }
    }
    for place in found {
        let message = "something has still to be written here";
        review.say(&codes::UNFINISHED, place, message);
    }
}

static SAMPLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:\b|_)(?:[0-9a-f]{7,40}|20\d{6}(?:[_-]?\d{6})?|v\d+\.\d+\.\d+)\b").ok()
});

/// Each fixed value once, where it stands first.
fn samples(review: &mut Review<'_>) {
    let Some(pattern) = SAMPLE.as_ref() else {
        return;
    };
    let plan = review.plan;
    let mut seen: HashSet<&str> = HashSet::new();
    for action in walk::of_steps(plan).chain(walk::of_items(plan)) {
        if !matches!(action.kind, ActionKind::Shell | ActionKind::Sql) {
            continue;
        }
        for hit in pattern.find_iter(&action.code) {
            // `dump_20260114`: the name before it is no part of the date.
            let value = hit.as_str().trim_start_matches('_');
            let comment = line_of(&action.code, hit.start())
                .trim_start()
                .starts_with(['#', '-']);
            if comment || !is_sample(value) || !seen.insert(value) {
                continue;
            }
            let place = review.source.locate(action.span, value);
            let message = format!("{value} is fixed in the plan; it may be an example");
            review.say(&codes::SAMPLE_VALUE, place, message);
        }
    }
}

fn line_of(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |n| n + 1);
    let rest = text.get(start..).unwrap_or_default();
    rest.lines().next().unwrap_or_default()
}

/// A hash has letters and digits; a word such as `defaced` and a plain number are none.
fn is_sample(text: &str) -> bool {
    let dated = text.starts_with("20") || text.starts_with('v');
    dated
        || (text.bytes().any(|b| b.is_ascii_digit())
            && text.bytes().any(|b| b.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NONE, at, underlined};

    fn plan(command: &str) -> String {
        format!("# P\n## Rollback\n```bash\n{command}\n```\n")
    }

    #[test]
    fn a_blank_that_nothing_explains_is_said() {
        let text = plan("cd /srv\npsql -h <db-host> -d shop");
        assert_eq!(underlined(&text, "bare-blank"), ["<db-host>"]);
        assert_eq!(at(&text, "bare-blank"), [5]);
        let front = "---\nbackout:\n  parameters:\n    db-host: {help: the first replica}\n---\n";
        assert_eq!(at(&format!("{front}{text}"), "bare-blank"), NONE);
        for from in ["env: DB_HOST", "file: host.txt", "command: get host"] {
            let told =
                format!("---\nbackout:\n  parameters:\n    db-host: {{secret: {{{from}}}}}\n---\n");
            assert_eq!(at(&format!("{told}{text}"), "bare-blank"), NONE, "{from}");
        }
    }

    #[test]
    fn a_blank_that_says_nothing_is_worse() {
        assert_eq!(underlined(&plan("kill <x>"), "meaningless-blank"), ["<x>"]);
        assert_eq!(at(&plan("kill <pid>"), "meaningless-blank"), NONE);
    }

    #[test]
    fn a_variable_that_nothing_sets_is_said() {
        let text = plan("psql \"$DATABASE_URL\" -c 'SELECT 1'");
        assert_eq!(underlined(&text, "unset-variable"), ["$DATABASE_URL"]);
        let set =
            plan("export DATABASE_URL=postgres:///shop\npsql \"$DATABASE_URL\" -c 'SELECT 1'");
        assert_eq!(at(&set, "unset-variable"), NONE);
    }

    #[test]
    fn a_secret_where_none_can_be_given_is_said() {
        let text = plan("bash -c 'login shop <password>'");
        assert_eq!(underlined(&text, "secret-out-of-place"), ["<password>"]);
        let text = plan("psql -c \"ALTER USER shop PASSWORD '<password>'\"");
        assert_eq!(at(&text, "secret-out-of-place"), NONE);
        let fine = plan("docker login -u shop -p <password> registry.test");
        assert_eq!(at(&fine, "secret-out-of-place"), NONE);
        let sql = "# P\n## Rollback\n```sql\nSELECT 1 AS <password>;\n```\n";
        assert_eq!(at(sql, "secret-out-of-place"), [4]);
    }

    #[test]
    fn what_is_still_to_be_written_is_said() {
        let text = plan("ls\n# TODO: add the real command");
        assert_eq!(underlined(&text, "unfinished"), ["TODO:"]);
        let prose =
            "# P\n## Rollback\nSee TODO.md, and the TODO list.\n```bash\ngrep TODO x\n```\n";
        assert_eq!(at(prose, "unfinished"), NONE);
        let log = "# P\n## Incident Log\n```\nStarted: TBD\nEnded: ____\n```\n";
        assert_eq!(at(log, "unfinished"), NONE);
    }

    #[test]
    fn a_fixed_version_is_said_once() {
        let text = plan("git checkout v1.2.3\ngit push origin v1.2.3");
        assert_eq!(underlined(&text, "sample-value"), ["v1.2.3"]);
        assert_eq!(at(&plan("echo defaced 1234567"), "sample-value"), NONE);
    }
}
