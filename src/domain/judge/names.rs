//! Whether a name that is found is the name that is meant: it may go on (`v1.4.2-rc1`,
//! `main-broken`), be what was so before (`was v1.4.2`), or be less than the words that follow.

use super::fellows::is_hash;
use super::words::{listed, tokens};

/// Words that speak of what was so before.
const PAST: &str = "previous previously prev old older was former formerly revert reverts reverted replaced replaces deprecated";

/// Words that speak of what is so now.
const NOW: &str = "to now current currently new is at";

/// Words that take back a part of what was said.
const BUT: &str = "but except however although yet unless only";

/// What stands in front of a name, with a slash, and changes nothing of it.
const BEFORE_SLASH: &str = "origin upstream heads tags remotes pod pods deployment deployments service services svc job jobs configmap secret node namespace statefulset daemonset ingress";

/// Whether what was found is a part of a longer name, is said of the past, or is taken back.
pub(super) fn is_doubtful(before: &str, after: &str, wanted: &str) -> bool {
    let one = !wanted.contains(' ');
    let edges = [wanted.chars().next(), wanted.chars().next_back()];
    let whole = edges
        .into_iter()
        .all(|c| c.is_some_and(char::is_alphanumeric));
    one && whole && (goes_on(after, wanted) || is_led(before, wanted))
        || one && is_past(before, after)
        || tokens(after).take(4).any(|word| listed(BUT, word))
}

/// Whether a name goes on behind what was found of it: `v1.4.2-rc1`, `v1.4.2.1`, `main/x`.
fn goes_on(after: &str, wanted: &str) -> bool {
    // A file has its extension already: `shop.dump.part`.
    let extension = wanted.rsplit_once('.').map(|(_, end)| end);
    let is_file = extension.is_some_and(|end| end.chars().all(char::is_alphabetic));

    let mut rest = after.chars();
    let (joint, next) = (rest.next(), rest.next());
    match joint {
        // `v1.4.2.tar` is the file of that version.
        Some('.') => next.is_some_and(|c| c.is_ascii_digit() || is_file && c.is_alphabetic()),
        Some('-' | '+' | '~' | '/') => next.is_some_and(char::is_alphanumeric),
        _ => false,
    }
}

/// Whether a name has begun before what was found of it: `old-shop`, `hotfix/main`.
fn is_led(before: &str, wanted: &str) -> bool {
    let own = before
        .rsplit(char::is_whitespace)
        .next()
        .unwrap_or_default();
    if let Some(path) = own.strip_suffix('/') {
        let last = path.rsplit('/').next().unwrap_or_default();
        let qualified =
            path.contains(['.', ':']) || path.starts_with(['/', '~']) || path.is_empty();
        return !qualified && !wanted.contains([':', '.', '/']) && !listed(BEFORE_SLASH, last);
    }
    let numbered = wanted.starts_with(|c: char| c.is_ascii_digit()) || is_version_of(wanted);
    let joined = own
        .strip_suffix(['-', '~', '+'])
        .is_some_and(|name| name.ends_with(char::is_alphanumeric));
    joined && !numbered
}

fn is_version_of(wanted: &str) -> bool {
    let number = wanted.strip_prefix('v');
    number.is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether the words shortly in front speak of what was so before.
fn is_past(before: &str, after: &str) -> bool {
    let near = tokens(before).rev().take(4);
    for word in near {
        if listed(NOW, word) {
            return false;
        }
        if listed(PAST, word) || word == "from" && tokens(after).take(3).any(|w| w == "to") {
            return true;
        }
    }
    false
}

/// A line in which the whole name of a commit, or a longer one, stands as the shorter one that is wanted.
pub(super) fn shortened(line: &str, wanted: &str) -> Option<String> {
    if !is_hash(wanted) {
        return None;
    }
    let whole = tokens(line)
        .find(|word| word.len() > wanted.len() && is_hash(word) && word.starts_with(wanted))?;
    Some(line.replace(whole, wanted))
}

#[cfg(test)]
mod tests {
    use super::super::{Verdict, judge};
    use crate::domain::plan::{ExpectRule, Expectation};

    #[test]
    fn a_longer_name_and_a_name_of_the_past_are_not_the_name() {
        let verdict = |wanted: &str, output: &str| {
            let expect = Expectation::new(wanted, ExpectRule::Contains(wanted.to_owned()));
            judge(&expect, output, Some(0)).verdict
        };
        for (wanted, output) in [
            ("main", "main-broken"),
            ("main", "hotfix/main"),
            ("main", "## release...origin/main [ahead 3]"),
            ("abc1234", "def5678 Revert \"abc1234 deploy\""),
            ("1.4.2", "{\"version\":\"1.5.0\",\"previous\":\"1.4.2\"}"),
            ("shop@1.4.2", "shop@1.5.0 (deduped, was shop@1.4.2)"),
            ("shop:1.4.2", "shop:1.4.2-debug"),
            ("shop-1.4.2", "shop-1.4.2-rc1"),
            ("ae1027a6acf", "bd1027a6acf (head), was ae1027a6acf"),
            ("blue", "{\"color\":\"green\",\"previous\":\"blue\"}"),
            ("1.5.0", "rolled back from 1.5.0 to 1.4.2"),
        ] {
            assert_ne!(
                verdict(wanted, output),
                Verdict::Met,
                "{wanted} in {output}"
            );
        }
        for (wanted, output) in [
            ("main", "main"),
            ("main", "On branch main"),
            ("main", "refs/heads/main"),
            ("1.4.2", "shop-1.4.2"),
            ("1.4.2", "rolled back from 1.5.0 to 1.4.2"),
            ("1.4.2", "{\"version\":\"1.4.2\",\"previous\":\"1.5.0\"}"),
            ("shop:1.4.2", "registry.example.com/team/shop:1.4.2"),
            ("shop", "deployment.apps/shop"),
            ("shop", "shop.service loaded"),
            ("abc1234", "HEAD is now at abc1234 Fix the till"),
            ("v1.4.2", "was v1.5.0, now v1.4.2"),
        ] {
            assert_eq!(
                verdict(wanted, output),
                Verdict::Met,
                "{wanted} in {output}"
            );
        }
    }
}
