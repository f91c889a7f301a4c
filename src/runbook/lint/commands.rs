//! Commands that cannot work as they stand: what the shell cannot read, and what only its author
//! has.

use std::sync::LazyLock;

use super::{Place, Review, codes, walk};
use crate::domain::plan::{Action, ActionKind};
use crate::script::{shell, sql};
use regex::Regex;

/// Looks at every command that may run.
pub fn check(review: &mut Review<'_>) {
    let plan = review.plan;
    for action in walk::of_steps(plan).chain(walk::of_items(plan)) {
        match action.kind {
            ActionKind::Shell => {
                shell_text(review, action);
                personal(review, action);
            }
            ActionKind::Sql => sql_text(review, action),
            ActionKind::Http | ActionKind::Manual | ActionKind::Include | ActionKind::Text => {}
        }
    }
}

fn shell_text(review: &mut Review<'_>, action: &Action) {
    // Another interpreter reads another language.
    if action.interpreter.is_some() {
        return;
    }
    if let Some(line) = action.code.lines().find(|l| is_cut(l)) {
        let place = review.source.locate(action.span, line.trim());
        let message = "something stands behind the backslash, so the command ends here";
        return review.say(&codes::DOES_NOT_PARSE, place, message);
    }
    let Err(problem) = shell::parses(&action.code) else {
        return;
    };
    let index = problem.line.saturating_sub(1) as usize;
    let line = action.code.lines().nth(index);
    let line = line.filter(|l| !l.trim().is_empty());
    let place = match line {
        Some(line) => review.source.locate(action.span, line),
        None => review.offender(action),
    };
    let message = format!("the shell cannot read this: {}", problem.message);
    review.say(&codes::DOES_NOT_PARSE, place, message);
}

/// A backslash that was to continue the line, with spaces or a remark behind it.
fn is_cut(line: &str) -> bool {
    let Some(at) = line.rfind('\\') else {
        return false;
    };
    let words = |t: &str| t.ends_with(char::is_whitespace);
    let (before, behind) = (line.get(..at), line.get(at + 1..));
    let rest = behind.unwrap_or_default();
    let spaced = rest.starts_with([' ', '\t']);
    let remark = rest.trim().is_empty() || rest.trim_start().starts_with("# ");
    spaced && remark && before.is_some_and(words)
}

/// Nothing but an unclosed quote or comment is said of SQL: there are too many dialects.
fn sql_text(review: &mut Review<'_>, action: &Action) {
    if action.interpreter.is_none() && sql::places(&action.code).open {
        let place = review.offender(action);
        let message = "this SQL ends inside a quote or a comment";
        review.say(&codes::DOES_NOT_PARSE, place, message);
    }
}

static HOME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:/Users|/home)/(?P<who>[A-Za-z][\w.-]*)(?:/[\w./-]*)?|[A-Z]:\\Users\\(?P<win>\w+)[\w\\.-]*")
        .ok()
});

/// Accounts of machines, not of people.
const SERVICE: &[&str] = &[
    "ubuntu",
    "ec2-user",
    "admin",
    "centos",
    "debian",
    "deploy",
    "deployer",
    "app",
    "apps",
    "www",
    "www-data",
    "node",
    "runner",
    "vagrant",
    "git",
    "gitlab-runner",
    "jenkins",
    "azureuser",
    "user",
    "username",
    "you",
    "root",
    "core",
    "opc",
    "rocky",
    "fedora",
    "pi",
    "coder",
    "vscode",
    "ansible",
    "backup",
    "postgres",
    "service",
    "linuxbrew",
    "shared",
    "appuser",
    "public",
    "web",
    "your",
    "yourname",
    "name",
    "container",
    "site",
    "sbx",
    "nonroot",
    "steam",
    "bitnami",
];

fn personal(review: &mut Review<'_>, action: &Action) {
    let hit = HOME
        .as_ref()
        .and_then(|p| p.captures_iter(&action.code).find(is_somebody));
    let Some(path) = hit.and_then(|c| c.get(0)) else {
        return;
    };
    let place: Place = review.source.locate(action.span, path.as_str());
    let message = format!("{} is in somebody's own home directory", path.as_str());
    review.say(&codes::PERSONAL_PATH, place, message);
}

fn is_somebody(path: &regex::Captures<'_>) -> bool {
    let who = path.name("who").or_else(|| path.name("win"));
    who.is_some_and(|w| {
        let name = w.as_str().to_lowercase();
        !SERVICE.contains(&name.as_str()) && !name.starts_with("your")
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NONE, at, underlined};

    fn plan(command: &str) -> String {
        format!("# P\n## Rollback\n```bash\n{command}\n```\n")
    }

    #[test]
    fn what_stands_behind_a_continuation_ends_the_command() {
        for cut in ["ls \\ # all of it\n  -l", "ls \\ \n  -l"] {
            assert_eq!(at(&plan(cut), "does-not-parse").len(), 1, "{cut}");
        }
        for fine in ["ls \\\n  -l", "ls a\\ b", "ls my\\ # x", "ls  # a \\ b"] {
            assert_eq!(at(&plan(fine), "does-not-parse"), NONE, "{fine}");
        }
    }

    #[test]
    fn what_the_shell_cannot_read_is_an_error() {
        let text = plan("cd /srv\necho \"done\nls");
        assert_eq!(at(&text, "does-not-parse").len(), 1);
        let loop_ = plan("for h in a b; do\n  ssh $h true");
        assert_eq!(at(&loop_, "does-not-parse").len(), 1);
        for fine in [
            "cat <<EOF\nx\nEOF",
            "psql <host> -c \"SELECT\n 1\"",
            "for h in a b; do ssh $h true; done",
            "git checkout [TAG]",
        ] {
            assert_eq!(at(&plan(fine), "does-not-parse"), NONE, "{fine}");
        }
    }

    #[test]
    fn an_open_quote_in_sql_is_an_error() {
        let text = "# P\n## Rollback\n```sql\nUPDATE a SET b = 'c WHERE d = 1;\n```\n";
        assert_eq!(at(text, "does-not-parse"), [4]);
        let fine = text.replace("'c", "'c'");
        assert_eq!(at(&fine, "does-not-parse"), NONE);
    }

    #[test]
    fn a_home_of_somebody_is_nobody_elses() {
        let text = plan("cd /home/ana/shop && ls");
        assert_eq!(underlined(&text, "personal-path"), ["/home/ana/shop"]);
        for fine in ["cd /home/ubuntu/shop", "cd /home/<user>/x", "ls /home"] {
            assert_eq!(at(&plan(fine), "personal-path"), NONE, "{fine}");
        }
    }
}
