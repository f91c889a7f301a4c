//! Durations as people write them, in a dozen languages.
//!
//! `5-10 minutes`, `< 15 min`, `within 1 hour`, `30 Minuten`, `10 分钟`. A word that merely sounds
//! quick ("immediately") is no duration.

use super::words::each;
use crate::domain::plan::Estimate;
use regex::Regex;
use std::sync::LazyLock;

const UNITS: &[(u64, &[&str])] = &[
    (
        1,
        &[
            "s|sec|secs|second|seconds|segundo|segundos|seconde|secondes|sekunde",
            "sekunden|sekund|секунд|секунды|сек|秒|초|saniye",
        ],
    ),
    (
        60,
        &[
            "m|min|mins|minute|minutes|minuto|minutos|minuten|minut|minuta|minuty|минут",
            "минуты|мин|分钟|分鐘|分|분|dakika|دقيقة|دقائق",
        ],
    ),
    (
        3600,
        &[
            "h|hr|hrs|hour|hours|hora|horas|heure|heures|stunde|stunden|std|godzina",
            "godziny|godzin|час|часа|часов|小时|時間|시간|saat|ساعة",
        ],
    ),
    (
        86400,
        &[
            "d|day|days|día|días|dia|dias|jour|jours|tag|tage|tagen|dzień|dni|день|дня",
            "дней|天|日|일|gün",
        ],
    ),
    (604_800, &["week", "weeks"]),
];

/// Letters by blocks: the exact class takes longer to build than a short plan to read.
macro_rules! letter {
    () => {
        r"[A-Za-zªµºÀ-ÖØ-öø-\u{2C1}\u{370}-\u{5FF}\u{620}-\u{65F}\u{66E}-\u{6D3}\u{6D5}-\u{6EF}\u{6FA}-\u{1FFF}\u{3040}-\u{30FA}\u{30FC}-\u{D7FF}]"
    };
}

static DURATION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(r"(?P<less><=?|≤|(?i-u:under|within|max\.?|up to))?\s*~?\s*(?P<a>[0-9]{1,5}(?:\.[0-9])?)\s*(?P<ua>", letter!(), r"+\b\.?)?\s*(?:(?:-|–|—|(?i-u:to|bis|a)|à|À|～|~)\s*(?P<b>[0-9]{1,5}(?:\.[0-9])?))?[\s-]*(?P<u>", letter!(), r"+)?")).ok()
});

fn unit(word: &str) -> Option<u64> {
    let word = word.trim_end_matches('.').to_lowercase();
    let exact = UNITS
        .iter()
        .find(|(_, words)| each(words).any(|w| w == word));
    // Where words are not divided by spaces, the unit is how the word begins.
    let begins = || {
        let cjk = |w: &&str| !w.is_ascii() && w.chars().all(|c| u32::from(c) > 0x3000);
        UNITS
            .iter()
            .find(|(_, words)| each(words).filter(cjk).any(|w| word.starts_with(w)))
    };
    exact.or_else(begins).map(|(s, _)| *s)
}

/// The first duration in a text: least and most, with `<` as from 0.
#[must_use]
pub fn estimate(text: &str) -> Option<Estimate> {
    // Most headings hold no number, and none of those a duration.
    if !text.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let pattern = DURATION.as_ref()?;
    let text = &[" to ", " bis ", " à ", " a "]
        .iter()
        .fold(text.to_owned(), |t, w| t.replace(w, "-"));
    for found in pattern.captures_iter(text) {
        let group = |name| found.name(name).map(|m| m.as_str());
        let tail = group("u").and_then(unit);
        let own = group("ua").and_then(unit);
        let Some(scale) = tail.or(own) else { continue };
        let Some(a) = group("a").and_then(|t| seconds(t, own.unwrap_or(scale))) else {
            continue;
        };
        let b = group("b").and_then(|t| seconds(t, tail.or(own).unwrap_or(scale)));
        return Some(match b {
            Some(b) => Estimate {
                low_s: a.min(b),
                high_s: a.max(b),
            },
            None if group("less")
                .is_some_and(|l| l.starts_with(['<', '≤', 'u', 'U', 'm', 'M'])) =>
            {
                Estimate {
                    low_s: 0,
                    high_s: a,
                }
            }
            None => Estimate {
                low_s: a,
                high_s: a,
            },
        });
    }
    None
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "at most 99 999 weeks"
)]
fn seconds(text: &str, scale: u64) -> Option<u64> {
    let value: f64 = text.parse().ok()?;
    let scale = f64::from(u32::try_from(scale).ok()?);
    Some((value * scale).round() as u64)
}

/// A time and nothing else: `90s`, `2 min`, `1h30m`.
#[must_use]
pub fn exact(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    let mut sum = 0_u64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(end);
        let after = after.trim_start();
        let end = after
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(after.len());
        let (word, more) = after.split_at(end);
        sum = sum.checked_add(seconds(number, unit(word)?)?)?;
        rest = more.trim_start();
    }
    Some(sum)
}

/// An estimate and nothing else: `5m`, `5-10 min`, `30s-2m`.
#[must_use]
#[cfg_attr(not(test), expect(dead_code, reason = "comments use it next"))]
pub fn exact_estimate(text: &str) -> Option<Estimate> {
    let Some((low, high)) = text.split_once(['-', '–']) else {
        let both = exact(text)?;
        return Some(Estimate {
            low_s: both,
            high_s: both,
        });
    };
    let high_s = exact(high)?;
    // `5-10m`: the unit is said once.
    let unit_of = high
        .trim_start()
        .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let low_s = exact(low).or_else(|| exact(&format!("{low}{unit_of}")))?;
    (low_s <= high_s).then_some(Estimate { low_s, high_s })
}

/// The longest time that a phrase allows: `within 15 min`, `Immediate (0-5 min)`, `< 4 hours`.
#[must_use]
pub fn within(text: &str) -> Option<u64> {
    estimate(text).map(|e| e.high_s)
}

/// The estimate that a heading carries in brackets, or after a label such as `Time Required`.
#[must_use]
pub fn in_brackets(title: &str) -> Option<Estimate> {
    let mut rest = title;
    while let Some(open) = rest.find(['(', '（', '[']) {
        let inner = rest.get(open..)?;
        let width = inner.chars().next()?.len_utf8();
        let inner = inner.get(width..)?;
        let end = inner.find([')', '）', ']']).unwrap_or(inner.len());
        let words = inner.get(..end)?;
        // `T+5 min` and "within" are points in time, not durations.
        let point = ["within", "t+", "t +"];
        if !point.iter().any(|p| words.to_lowercase().starts_with(p))
            && let Some(found) = estimate(words)
        {
            return Some(found);
        }
        rest = inner;
    }
    None
}

/// The text without brackets in front that hold a duration and nothing else: `(5 min) Stop it`.
#[must_use]
pub fn past_brackets(text: &str) -> &str {
    let inner = text.trim_start().strip_prefix(['(', '（']);
    let Some((inside, rest)) = inner.and_then(|i| i.split_once([')', '）'])) else {
        return text;
    };
    let whole = |found: regex::Match<'_>| found.as_str().trim() == inside.trim();
    let only = DURATION
        .as_ref()
        .and_then(|d| d.find(inside))
        .is_some_and(whole);
    if only && estimate(inside).is_some() {
        rest.trim_start()
    } else {
        text
    }
}

/// `for 30 minutes`, `sustained for 5 min`: how long a condition must hold.
#[must_use]
pub fn sustained(text: &str) -> Option<u64> {
    let lower = text.to_lowercase();
    let at = ["for ", "während ", "pendant ", "durante ", "持续"]
        .iter()
        .find_map(|w| lower.find(w).map(|at| at + w.len()))?;
    let rest = lower.get(at..)?;
    let number = rest
        .trim_start()
        .starts_with(|c: char| c.is_ascii_digit() || c == '~');
    if number { within(rest) } else { None }
}

/// `every 15 minutes`, `next update in 15 minutes`: a cadence.
#[must_use]
pub fn every(text: &str) -> Option<u64> {
    let lower = text.to_lowercase();
    [
        "every ",
        "update in ",
        "updates in ",
        "alle ",
        "toutes les ",
        "cada ",
        "каждые ",
        "每",
    ]
    .iter()
    .find_map(|word| {
        let at = lower.find(word)? + word.len();
        let rest = lower.get(at..)?.trim_start();
        rest.starts_with(|c: char| c.is_ascii_digit())
            .then(|| within(rest))
            .flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(text: &str) -> Option<(u64, u64)> {
        estimate(text).map(|e| (e.low_s, e.high_s))
    }

    #[test]
    fn durations_are_read() {
        let cases = [
            ("5-10 minutes", Some((300, 600))),
            ("< 10 minutes", Some((0, 600))),
            ("<15 minutes", Some((0, 900))),
            ("~10 minutes", Some((600, 600))),
            ("within 1 hour", Some((3600, 3600))),
            ("30 seconds to 2 minutes", Some((30, 120))),
            ("1–4 hours", Some((3600, 14400))),
            ("10 分钟", Some((600, 600))),
            ("5-Minuten", Some((300, 300))),
            ("1.5 hours", Some((5400, 5400))),
            ("Next Business Day", None),
            ("Error rate > 10%", None),
            ("P0", None),
            ("version 3 of it", None),
        ];
        for (text, want) in cases {
            assert_eq!(pair(text), want, "{text}");
        }
    }

    #[test]
    fn a_time_and_nothing_else() {
        let cases = [
            ("90s", Some(90)),
            ("1h30m", Some(5400)),
            ("2 min", Some(120)),
            ("1.5h", Some(5400)),
            ("soon 5m", None),
            ("5", None),
            ("", None),
            ("5m later", None),
        ];
        for (text, want) in cases {
            assert_eq!(exact(text), want, "{text}");
        }
        let both = |t: &str| exact_estimate(t).map(|e| (e.low_s, e.high_s));
        assert_eq!(both("5-10m"), Some((300, 600)));
        assert_eq!(both("30s-2m"), Some((30, 120)));
        assert_eq!(both("10m-5m"), None);
    }

    #[test]
    fn phrases_around_durations() {
        assert_eq!(within("Immediate (0-5 min)"), Some(300));
        assert_eq!(
            in_brackets("Full (keep v2) (< 30 minutes)").map(|e| e.high_s),
            Some(1800)
        );
        assert_eq!(in_brackets("Afterwards (Within 1 Hour)"), None);
        assert_eq!(past_brackets("(2-4 minutes)"), "");
        assert_eq!(past_brackets("(5 min) on both hosts"), "on both hosts");
        assert_eq!(
            past_brackets("(5 min, in parallel)"),
            "(5 min, in parallel)"
        );
        assert_eq!(past_brackets("(on host 2) now"), "(on host 2) now");
        assert_eq!(sustained("Error rate < 1% for 30 minutes"), Some(1800));
        assert_eq!(sustained("no data for users"), None);
        assert_eq!(every("We send updates every 15 minutes."), Some(900));
    }
}
