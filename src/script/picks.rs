//! What the output of a command offers for a blank: tags that were listed, revisions of a history,
//! files of a directory.
//!
//! Said by what the command is and by what the blank is called, and by the words around a blank
//! that is part of a name (`backup_<stamp>.sql`). Offered and nothing more: which one is meant, a
//! person says.

use std::ops::Range;

use regex::Regex;

/// What a command lists.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Listed {
    /// Tags of a repository, or of images.
    Tags,
    /// Commits.
    Commits,
    /// Branches.
    Branches,
    /// Numbers of revisions.
    Revisions,
    /// Revisions of a schema.
    Migrations,
    /// Files.
    Files,
    /// Names of what runs.
    Names,
}

/// The most that one output offers.
const MOST: usize = 40;

/// What a blank of this name may be picked from; nothing where the name does not say.
#[must_use]
pub fn wanted(name: &str) -> Vec<Listed> {
    let lower = name.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).collect();
    let says = |any: &[&str]| words.iter().any(|w| any.contains(w));
    let mut wanted = Vec::new();
    if says(&["tag", "tags", "version", "release", "ref"]) {
        wanted.push(Listed::Tags);
    }
    if says(&["commit", "sha", "hash", "ref", "merge"]) {
        wanted.push(Listed::Commits);
    }
    if says(&["branch", "ref"]) {
        wanted.push(Listed::Branches);
    }
    if says(&["revision", "rev", "number", "no", "release"]) {
        wanted.push(Listed::Revisions);
    }
    if says(&["revision", "rev", "migration", "schema"]) {
        wanted.push(Listed::Migrations);
    }
    if says(&[
        "file", "filename", "backup", "dump", "archive", "snapshot", "path", "bundle", "artifact",
    ]) {
        wanted.push(Listed::Files);
    }
    if says(&[
        "pod",
        "deployment",
        "container",
        "service",
        "name",
        "statefulset",
        "job",
        "node",
    ]) {
        wanted.push(Listed::Names);
    }
    wanted
}

/// What the last command of a text lists, where it is one that lists something.
#[must_use]
pub fn listed(code: &str) -> Option<Listed> {
    let mut lines = code.lines().map(str::trim);
    let last = lines.rfind(|l| !l.is_empty() && !l.starts_with('#'))?;
    // What comes after a pipe only chooses among the lines, as far as it keeps them whole.
    let (command, rest) = last.split_once('|').unwrap_or((last, ""));
    let keeps = ["head", "tail", "grep", "sort", "uniq", "less", "cat", "tac"];
    let filters = rest.split('|').filter_map(|p| p.split_whitespace().next());
    if !filters.into_iter().all(|p| keeps.contains(&p)) || command.contains(['>', ';', '&']) {
        return None;
    }
    let words: Vec<&str> = command
        .split_whitespace()
        .skip_while(|w| *w == "sudo" || w.contains('='))
        .collect();
    let says = |word: &str| words.contains(&word);
    let (program, rest) = words.split_first()?;
    match program.rsplit('/').next().unwrap_or(program) {
        "git" if says("tag") => Some(Listed::Tags),
        "git" if says("log") || says("reflog") || says("rev-parse") || says("rev-list") => {
            Some(Listed::Commits)
        }
        "git" if says("branch") => Some(Listed::Branches),
        "helm" if says("history") || says("hist") => Some(Listed::Revisions),
        "helm" if says("list") || says("ls") => Some(Listed::Names),
        "kubectl" | "oc" if says("rollout") && says("history") => Some(Listed::Revisions),
        "kubectl" | "oc" if says("get") && !rest.iter().any(|w| w.starts_with("-o")) => {
            Some(Listed::Names)
        }
        "docker" | "podman" if says("ps") => Some(Listed::Names),
        "alembic" | "flask" if says("history") || says("current") || says("heads") => {
            Some(Listed::Migrations)
        }
        "ls" | "find" => Some(Listed::Files),
        "aws" if says("s3") && says("ls") => Some(Listed::Files),
        _ => None,
    }
}

/// What an output offers, in its order.
#[must_use]
pub fn offered(listed: Listed, output: &str) -> Vec<String> {
    let mut offered: Vec<String> = Vec::new();
    let mut heads = false;
    for line in output.lines() {
        let found = match listed {
            Listed::Tags => whole(line),
            Listed::Commits => commit(line),
            Listed::Branches => whole(line.trim_start_matches(['*', '+', ' '])),
            Listed::Revisions => first(line).filter(|w| w.bytes().all(|b| b.is_ascii_digit())),
            Listed::Migrations => first(line).filter(|w| is_hash(w)),
            Listed::Files => file(line),
            Listed::Names => {
                let word = first(line).filter(|_| heads);
                // A heading in capitals begins a table.
                heads |= first(line).is_some_and(|w| w.bytes().all(|b| b.is_ascii_uppercase()));
                word
            }
        };
        let Some(found) = found.filter(|f| is_plain(f)) else {
            continue;
        };
        if offered.iter().rev().take(MOST).all(|o| o != found) {
            offered.push(found.to_owned());
        }
    }
    // A history of commits and a schema's begin with the newest, every other list ends with it.
    match listed {
        Listed::Commits | Listed::Migrations => offered.truncate(MOST),
        _ => drop(offered.drain(..offered.len().saturating_sub(MOST))),
    }
    offered
}

fn is_plain(word: &str) -> bool {
    word.len() < 200 && !word.contains(char::is_control) && !word.contains("[secret")
}

fn first(line: &str) -> Option<&str> {
    line.split_whitespace().next()
}

/// The line, where it is one word.
fn whole(line: &str) -> Option<&str> {
    let line = line.trim();
    (!line.is_empty() && !line.contains(char::is_whitespace)).then_some(line)
}

fn is_hash(word: &str) -> bool {
    (7..=40).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The first word that is one, behind `commit` and the lines of a graph.
fn commit(line: &str) -> Option<&str> {
    let drawn = |w: &&str| *w == "commit" || w.chars().all(|c| "*|/\\_".contains(c));
    let word = line.split_whitespace().find(|w| !drawn(w))?;
    is_hash(word).then_some(word)
}

/// The name at the end of a line of `ls`, short or long, or of `aws s3 ls`.
fn file(line: &str) -> Option<&str> {
    let line = line.trim_end();
    let is_long = line.len() > 10
        && line.starts_with(['-', 'd', 'l'])
        && line
            .bytes()
            .take(10)
            .skip(1)
            .all(|b| b"rwxsStT-".contains(&b));
    if line.starts_with("total ") || line.starts_with("ls: ") || line.starts_with("find: ") {
        return None;
    }
    let is_dated = first(line).is_some_and(|w| w.len() == 10 && w.as_bytes().get(4) == Some(&b'-'));
    if is_long || (is_dated && line.contains(' ')) {
        let name = line.split(" -> ").next().unwrap_or(line);
        return name.split_whitespace().next_back();
    }
    whole(line)
}

/// What stands in a text where a blank would, the name around it being the same: for a blank that
/// is part of a name, the parts of it before and after.
#[must_use]
pub fn within(code: &str, blank: &Range<usize>, text: &str) -> Vec<String> {
    let edge = |c: char| c.is_whitespace() || "\"'/=:<>|;&(),`".contains(c);
    let before = code.get(..blank.start).unwrap_or_default();
    let before = before.rsplit(edge).next().unwrap_or_default();
    let after = code.get(blank.end..).unwrap_or_default();
    let after = after.split(edge).next().unwrap_or_default();
    if !before.chars().any(char::is_alphanumeric) {
        return Vec::new();
    }
    let pattern = format!(
        r"(?:^|[\s/=:>']){}([A-Za-z0-9][A-Za-z0-9_.:-]*?){}(?:$|[\s/:'])",
        regex::escape(before).replace('"', ""),
        regex::escape(after)
    );
    let mut found: Vec<String> = Vec::new();
    let Ok(pattern) = Regex::new(&pattern) else {
        return found;
    };
    for line in text.lines() {
        let Some(captures) = pattern.captures(line) else {
            continue;
        };
        let value = captures.get(1).map_or("", |m| m.as_str()).to_owned();
        if !value.is_empty() && !found.contains(&value) && found.len() < MOST {
            found.push(value);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lists_something_is_known_and_its_lines_are_read() {
        for (code, output, wanted) in [
            (
                "git tag -l 'v*' | tail -3",
                "v1.2\nv1.3\n",
                vec!["v1.2", "v1.3"],
            ),
            (
                "git log --oneline -3",
                "a1b2c3d Fix it\n* 0123abc (HEAD) More\nand prose\n",
                vec!["a1b2c3d", "0123abc"],
            ),
            (
                "helm history shop -n prod",
                "REVISION\tUPDATED\tSTATUS\n3\tMon\tsuperseded\n4\tTue\tdeployed\n",
                vec!["3", "4"],
            ),
            (
                "kubectl rollout history deployment/shop",
                "deployment.apps/shop\nREVISION  CHANGE-CAUSE\n1         <none>\n2  <none>\n",
                vec!["1", "2"],
            ),
            (
                "ls -lt /backups | head",
                "total 8\n-rw-r--r-- 1 a a 12 Jan  2 10:00 shop_a.dump\n",
                vec!["shop_a.dump"],
            ),
            ("ls", "a.sql\nb.sql\n", vec!["a.sql", "b.sql"]),
            (
                "kubectl get pods",
                "NAME   READY\nshop-7f 1/1\n",
                vec!["shop-7f"],
            ),
        ] {
            let kind = listed(code).expect(code);
            assert_eq!(offered(kind, output), wanted, "{code}");
        }
        for code in [
            "git log | wc -l",
            "echo git tag",
            "git checkout v1",
            "ls > x",
            "make",
        ] {
            assert_eq!(listed(code), None, "{code}");
        }
    }

    #[test]
    fn of_a_long_list_the_newest_are_offered() {
        let lines = |of: &dyn Fn(u32) -> String| (1000..1100).map(of).collect::<String>();
        let tags = offered(Listed::Tags, &lines(&|n| format!("v{n}\n")));
        assert_eq!((tags.len(), tags[39].as_str()), (40, "v1099"));
        let log = offered(Listed::Commits, &lines(&|n| format!("abc{n} words\n")));
        assert_eq!((log.len(), log[0].as_str()), (40, "abc1000"));
    }

    #[test]
    fn a_name_says_what_it_is_picked_from() {
        assert_eq!(wanted("stable_tag"), [Listed::Tags]);
        assert_eq!(wanted("backup_file"), [Listed::Files]);
        assert!(wanted("revision").contains(&Listed::Revisions));
        assert_eq!(wanted("reason"), []);
    }

    #[test]
    fn a_blank_within_a_name_is_found_by_what_stands_around_it() {
        let code = "psql shop < /b/backup_<stamp>.sql";
        let at = code.find("<stamp>").unwrap_or(0);
        let text =
            "pg_dump > backup_20260102.sql\n/b/backup_20260103.sql\nother_1.sql\nbackup_x.gz";
        let found = within(code, &(at..at + 7), text);
        assert_eq!(found, ["20260102", "20260103"]);
        assert!(within("git checkout <tag>", &(13..18), "git checkout v1").is_empty());
    }
}
