//! Names with a time in them: `backup_$(date +%Y%m%d_%H%M%S).sql`.
//!
//! Who writes such a name in two commands means one file, and a shell would make it anew each
//! time. Found here are the names, by what stands before the time; not a time that is only said
//! (`echo "done at $(date)"`), nor one in a loop, which is meant to be another one each time.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::script::places::{Place, Places, scan};

/// A time in a name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stamp {
    /// What a time takes the place of: the substitution.
    pub range: Range<usize>,
    /// What stands before it in the same name; may be empty.
    pub prefix: String,
    /// Its format, as `date` and `strftime` know it.
    pub format: String,
    /// It is asked for in UTC.
    pub utc: bool,
}

impl Stamp {
    /// Whether two are one name.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        (&self.prefix, &self.format, self.utc) == (&other.prefix, &other.format, other.utc)
    }

    /// The values that stand in a text where this stamp would, the last one last.
    #[must_use]
    pub fn values_in(&self, text: &str) -> Vec<String> {
        let Some(shape) = shape(&self.format) else {
            return Vec::new();
        };
        // What the blanks and variables before it became is not known here.
        let known = self.prefix.rsplit(['>', ']', '}']).next().unwrap_or("");
        let pattern = format!(r"{}({shape})(?:\D|$)", regex::escape(known));
        let found = Regex::new(&pattern).ok();
        found.map_or_else(Vec::new, |pattern| {
            let all = pattern.captures_iter(text);
            all.filter_map(|c| Some(c.get(1)?.as_str().to_owned()))
                .collect()
        })
    }
}

/// What a time in this format looks like; none where it holds what no name should.
fn shape(format: &str) -> Option<String> {
    let mut shape = String::new();
    let mut characters = format.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            let plain = character.is_ascii_alphanumeric() || "-_.:".contains(character);
            shape.push_str(&regex::escape(&plain.then_some(character)?.to_string()));
            continue;
        }
        shape.push_str(match characters.next()? {
            'Y' => r"\d{4}",
            'm' | 'd' | 'H' | 'M' | 'S' | 'y' | 'I' => r"\d{2}",
            'j' => r"\d{3}",
            's' => r"\d{10}",
            'F' => r"\d{4}-\d{2}-\d{2}",
            'T' => r"\d{2}:\d{2}:\d{2}",
            'R' => r"\d{2}:\d{2}",
            'b' | 'a' => "[A-Z][a-z]{2}",
            _ => return None,
        });
    }
    Some(shape)
}

static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let date = r#"[ \t]*date[ \t]+(?:(-u|--utc)[ \t]+)?(?:['"]?\+['"]?([%A-Za-z0-9_.:-]+)['"]?|(-I|--iso-8601))[ \t]*"#;
    // Written twice, because each way to write a substitution has its own end.
    Regex::new(&format!(r"\$\({date}\)|`{date}`")).ok()
});

/// A loop, a function or a watch: what is in it runs more than once.
static AGAIN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?m)(?:^|[\t-\r ;&|({])(?:for|while|until|select|watch|function)[\t-\r ]|\(\)[\t-\r ]*\{",
    )
    .ok()
});

/// The times in names of a shell text.
#[must_use]
pub fn stamps(code: &str) -> Vec<Stamp> {
    if !code.contains("date") {
        return Vec::new();
    }
    let Some(pattern) = DATE.as_ref().filter(|p| p.is_match(code)) else {
        return Vec::new();
    };
    if AGAIN.as_ref().is_some_and(|again| again.is_match(code)) {
        return Vec::new();
    }
    let places = scan(code, &[]);
    let found = pattern.captures_iter(code).filter_map(|captures| {
        let range = captures.get(0)?.range();
        let format = captures.get(2).or(captures.get(5)).map(|m| m.as_str());
        let format = format.unwrap_or("%F").to_owned();
        shape(&format)?;
        let prefix = prefix(code, range.start).to_owned();
        let utc = captures.get(1).or(captures.get(4)).is_some();
        let named = is_expanded(&places, range.start) && is_name(code, &range, &prefix);
        named.then_some(Stamp {
            range,
            prefix,
            format,
            utc,
        })
    });
    found.collect()
}

fn is_expanded(places: &Places, at: usize) -> bool {
    !matches!(
        places.at(at),
        Place::Single | Place::Ansi | Place::HeredocRaw | Place::Comment | Place::Arithmetic
    )
}

/// What stands before an offset in the same name, a blank `<db>` included.
fn prefix(code: &str, at: usize) -> &str {
    let before = code.get(..at).unwrap_or_default();
    let mut start = before.len();
    while let Some(last) = before.get(..start).and_then(|b| b.chars().next_back()) {
        if last == '>' {
            let head = before.get(..start - 1).unwrap_or_default();
            match head
                .rfind(['<', ' ', '\n'])
                .filter(|o| head.as_bytes().get(*o) == Some(&b'<'))
            {
                Some(open) => start = open,
                None => break,
            }
        } else if last.is_whitespace() || "\"'/=:<|;&(),`@".contains(last) {
            break;
        } else {
            start -= last.len_utf8();
        }
    }
    before.get(start..).unwrap_or_default()
}

/// Whether a time is part of a name: something that names stands before it, or it is a part of a
/// path by itself.
fn is_name(code: &str, range: &Range<usize>, prefix: &str) -> bool {
    if prefix.chars().any(char::is_alphanumeric) {
        return true;
    }
    let before = code.get(..range.start).unwrap_or_default();
    let after = code.get(range.end..).unwrap_or_default();
    let ending = after.strip_prefix('.').and_then(|a| a.chars().next());
    prefix.is_empty()
        && (before.ends_with('/')
            || after.starts_with('/')
            || ending.is_some_and(|c| c.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(code: &str) -> Vec<(String, String)> {
        let all = stamps(code).into_iter();
        all.map(|s| (s.prefix, s.format)).collect()
    }

    #[test]
    fn names_with_a_time_are_found_and_times_that_are_said_are_not() {
        for (code, prefix, format) in [
            (
                "pg_dump x > backup_$(date +%Y%m%d_%H%M%S).sql",
                "backup_",
                "%Y%m%d_%H%M%S",
            ),
            ("pg_dump -f \"/b/shop-$(date +'%F').dump\"", "shop-", "%F"),
            ("mkdir -p /srv/keep/$(date +%F)", "", "%F"),
            ("touch `date +%s`.log", "", "%s"),
            ("cp a <db>_$(date -u +%H%M)", "<db>_", "%H%M"),
            ("cp a ${DB}_$(date -I)", "${DB}_", "%F"),
            ("git tag rollback-$(date +%Y%m%d)", "rollback-", "%Y%m%d"),
            ("docker tag a host:5000/a:old-$(date +%s)", "old-", "%s"),
        ] {
            assert_eq!(
                found(code),
                [(prefix.to_owned(), format.to_owned())],
                "{code}"
            );
        }
        for code in [
            "echo \"done at $(date +%H:%M)\"",
            "echo \"[$(date +%T)] up\" >> log",
            "NOW=$(date +%s)",
            "curl h/?t=$(date +%s)",
            "echo 'b_$(date +%F)'",
            "while true; do top > t_$(date +%s).txt; sleep 5; done",
            "ls b_$(date -d yesterday +%F).sql",
            "cat > x.sh <<'E'\ncp a b_$(date +%F)\nE\n",
            "touch \"b_$(date '+%F %T')\"",
        ] {
            assert_eq!(found(code), [], "{code}");
        }
    }

    #[test]
    fn a_value_is_found_again_where_its_name_is() {
        let of = |code: &str, text: &str| stamps(code)[0].values_in(text);
        let code = "pg_dump x > backup_$(date +%Y%m%d_%H%M%S).sql";
        assert_eq!(
            of(code, "pg_dump x > backup_20260102_030405.sql"),
            ["20260102_030405"]
        );
        assert!(of(code, "pg_dump x > backup_20260102.sql").is_empty());
        assert!(of(code, "other_20260102_030405.sql").is_empty());
        assert_eq!(
            of("cp a <db>_$(date +%F)", "cp a shop_2026-01-02"),
            ["2026-01-02"]
        );
    }
}
