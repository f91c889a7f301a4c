//! Durations as people write them, in a dozen languages.
//!
//! `5-10 minutes`, `< 15 min`, `within 1 hour`, `30 Minuten`, `10 分钟`. A word that merely sounds
//! quick ("immediately") is no duration.

use super::words::each;
use crate::domain::plan::Estimate;
use crate::script::lists::QuickHash;
use regex::Regex;
use std::collections::HashMap;
use std::sync::LazyLock;

const UNITS: &[(u64, &[&str])] = &[
    (
        1,
        &[
            "s|sec|secs|second|seconds|segundo|segundos|seconde|secondes|sekunde",
            "sekunden|sekund|секунд|секунды|сек|秒|초|saniye|secondi|giây|ثانية|ثوان",
        ],
    ),
    (
        60,
        &[
            "m|min|mins|minute|minutes|minuto|minutos|minuten|minut|minuta|minuty|минут",
            "минуты|минута|мин|хв|分钟|分鐘|分間|分|분|dakika|dk|minuti|phút|minuter|دقيقة|دقائق",
        ],
    ),
    (
        3600,
        &[
            "h|hr|hrs|hour|hours|hora|horas|heure|heures|stunde|stunden|std|godzina",
            "godziny|godzin|godz|час|часа|часов|ч|小时|小時|時間|시간|saat|ore|ora|uur|giờ|ساعة|ساعات",
        ],
    ),
    (
        86400,
        &[
            "d|day|days|día|días|dia|dias|jour|jours|tag|tage|tagen|dzień|dni|день|дня",
            "дней|天|日|일|gün|giorni|giorno|dagen|ngày|يوم",
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

/// The units by their words: asked about every word behind a number.
static UNIT: LazyLock<HashMap<&'static str, u64, QuickHash>> = LazyLock::new(|| {
    let all = UNITS
        .iter()
        .flat_map(|(seconds, words)| each(words).map(|w| (w, *seconds)));
    // Of a word that stands for two units the first one counts.
    let mut known = HashMap::default();
    all.for_each(|(word, seconds)| {
        known.entry(word).or_insert(seconds);
    });
    known
});

fn unit(word: &str) -> Option<u64> {
    let word = word.trim_end_matches('.').to_lowercase();
    if let Some(seconds) = UNIT.get(word.as_str()) {
        return Some(*seconds);
    }
    if word.is_ascii() {
        return None;
    }
    // Where words are not divided by spaces, the unit is how the word begins.
    let cjk = |w: &&str| !w.is_ascii() && w.chars().all(|c| u32::from(c) > 0x3000);
    UNITS
        .iter()
        .find(|(_, words)| each(words).filter(cjk).any(|w| word.starts_with(w)))
        .map(|(s, _)| *s)
}

/// Whether a text may hold a duration: most numbers stand beside no unit of time.
fn may_hold(text: &str) -> bool {
    let Some(digit) = text.bytes().position(|b| b.is_ascii_digit()) else {
        return false;
    };
    !text.is_ascii()
        || text
            .get(digit..)
            .unwrap_or_default()
            .split(|c: char| !c.is_ascii_alphabetic())
            .any(|w| !w.is_empty() && unit(w).is_some())
}

/// The first duration in a text: least and most, with `<` as from 0.
#[must_use]
pub fn estimate(text: &str) -> Option<Estimate> {
    if !may_hold(text) {
        return None;
    }
    let pattern = DURATION.as_ref()?;
    let text = &[" to ", " bis ", " à ", " a "]
        .iter()
        .fold(text.to_owned(), |t, w| t.replace(w, "-"));
    pattern
        .captures_iter(text)
        .find_map(|found| duration(&found, text))
}

fn duration(found: &regex::Captures<'_>, text: &str) -> Option<Estimate> {
    let group = |name| found.name(name).map(|m| m.as_str());
    // The day of `3月5日` and the minutes of `10時30分` belong to a date and to a clock.
    let before = found.name("a").and_then(|a| text.get(..a.start()));
    if before.is_some_and(|t| {
        t.trim_end()
            .ends_with(['月', '월', '時', '时', '点', '點', '시'])
    }) {
        return None;
    }
    let tail = group("u").and_then(unit);
    let own = group("ua").and_then(unit);
    let scale = tail.or(own)?;
    let a = group("a").and_then(|t| seconds(t, own.unwrap_or(scale)))?;
    if let Some(b) = group("b").and_then(|t| seconds(t, scale)) {
        return Some(Estimate {
            low_s: a.min(b),
            high_s: a.max(b),
        });
    }
    let end = found.get(0)?.end();
    let a = a + smaller(text.get(end..).unwrap_or_default(), scale);
    let atmost = group("less").is_some_and(|l| l.starts_with(['<', '≤', 'u', 'U', 'm', 'M']))
        || [group("u"), group("ua")]
            .into_iter()
            .flatten()
            .any(|u| AT_MOST.iter().any(|w| u.ends_with(w)))
        || text.get(..found.get(0)?.start()).is_some_and(|t| {
            UP_TO
                .iter()
                .any(|w| t.trim_end().to_lowercase().ends_with(w))
        });
    Some(Estimate {
        low_s: if atmost { 0 } else { a },
        high_s: a,
    })
}

/// What makes the number after it an upper bound.
const UP_TO: &[&str] = &[
    "не более",
    "до",
    "máx.",
    "max.",
    "máximo",
    "bis zu",
    "höchstens",
    "jusqu'à",
    "hasta",
    "até",
    "最多",
    "最大",
    "최대",
    "tối đa",
    "maks.",
    "en fazla",
    "massimo",
    "بحد أقصى",
];
/// What makes the unit before it an upper bound.
const AT_MOST: &[&str] = &["以内", "以内で", "以下", "이내", "之内"];

/// The seconds of `30 min` after `1 hour`, or of `30` after `1h`.
fn smaller(after: &str, scale: u64) -> u64 {
    let rest = after.strip_prefix(" and").unwrap_or(after).trim_start();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (number, tail) = rest.split_at_checked(digits).unwrap_or_default();
    let word: String = tail
        .trim_start()
        .chars()
        .take_while(|c| c.is_alphabetic())
        .collect();
    let own = if word.is_empty() && after.len() == rest.len() && scale == 3600 && digits == 2 {
        Some(60)
    } else {
        unit(&word)
    };
    match (number.parse::<u64>(), own) {
        (Ok(n), Some(own)) if digits <= 2 && own < scale => n * own,
        _ => 0,
    }
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

/// The words before a colon say that how long something takes comes behind it.
#[must_use]
pub fn is_label(label: &str) -> bool {
    const TIME: &[&str] = &[
        "estimated|estimate|time required|duration|eta|total time|time|expected duration|takes",
        "tiempo|tempo|duración|duração|durata|stima|délai|délais|dauer|geschätzt|zeit|durée|temps|duur|czas|szacowan",
        "时间|耗时|预计|预估|時間|所要|想定|推定|소요|예상 시간|예상 소요|время|длительность|ожидаемое время",
        "примерное|süre|tahmini|thời gian|المدة|الوقت",
    ];
    let label = label.to_lowercase();
    let label = label.trim_start_matches(|c: char| !c.is_alphanumeric());
    each(TIME).any(|w| {
        let short = w.is_ascii() && w.len() <= 4;
        label
            .strip_prefix(w)
            .is_some_and(|rest| !(short && rest.starts_with(char::is_alphanumeric)))
    })
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

/// A bracket that holds a time and says nothing else: `(STOP, 2 min)` says something.
#[must_use]
pub fn is_bracket(text: &str) -> bool {
    let told = |s: &str| s.contains(char::is_alphabetic) && !s.contains(|c: char| c.is_numeric());
    in_brackets(text).is_some() && !text.split([',', ';', '，', '、', '|']).any(told)
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

/// The estimate that a heading carries: in brackets, or behind a dash or a clock at its end, with
/// the heading without that tail.
#[must_use]
pub fn of_title(title: &str) -> Option<(&str, Estimate)> {
    const CLOCKS: &[&str] = &["⏱", "⏰", "⏲", "⏳", "⌛", "🕐", "🕑", "🕒"];
    if !title.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    if let Some(found) = in_brackets(title) {
        return Some((title, found));
    }
    let dash = [" - ", " – ", " — ", " | ", " · "]
        .iter()
        .filter_map(|m| Some((title.rfind(m)?, m.len())));
    let clock = CLOCKS
        .iter()
        .filter_map(|m| Some((title.rfind(m)?, m.len())));
    dash.chain(clock).find_map(|(at, width)| {
        let tail = title.get(at + width..)?;
        Some((title.get(..at)?.trim_end(), only(tail)?))
    })
}

/// The estimate of a text that is a duration and nothing else.
fn only(text: &str) -> Option<Estimate> {
    let text =
        text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{fe0f}' | '*' | '_'));
    let body = text.trim_start_matches(['~', '≈', '<', '≤', ' ']);
    let starts = body.starts_with(|c: char| c.is_ascii_digit());
    let words = body
        .split(|c: char| !c.is_alphabetic())
        .filter(|w| !w.is_empty());
    let all = words
        .clone()
        .all(|w| unit(w).is_some() || matches!(w, "to" | "bis" | "a" | "à" | "and"));
    (starts && all && words.count() > 0)
        .then(|| estimate(text))
        .flatten()
}

/// `for 30 minutes`, `sustained for 5 min`: how long a condition must hold.
#[must_use]
pub fn sustained(text: &str) -> Option<u64> {
    if !may_hold(text) {
        return None;
    }
    let lower = text.to_lowercase();
    HOLDS
        .iter()
        .flat_map(|w| lower.match_indices(w).map(|(at, w)| at + w.len()))
        .find_map(|at| {
            let rest = lower.get(at..)?.trim_start();
            let rest = OVER
                .iter()
                .find_map(|w| rest.strip_prefix(w))
                .unwrap_or(rest)
                .trim_start();
            let number = rest.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '~' | '>'));
            if number { within(rest) } else { None }
        })
        .or_else(|| held(&lower))
}

/// Words in front of the time that a condition must hold.
const HOLDS: &[&str] = &[
    "for ",
    "während ",
    "für ",
    "seit ",
    "pendant ",
    "durante ",
    "por ",
    "в течение ",
    "przez ",
    "持续",
    "持續",
    "连续",
    "連續",
    "trong ",
    "لمدة ",
];
const OVER: &[&str] = &[
    "at least ",
    "more than ",
    "over ",
    "the last ",
    "mindestens ",
    "más de ",
];

/// `5分間続く`, `10분 동안`, `15 dakika boyunca`: the time stands in front of the word.
fn held(lower: &str) -> Option<u64> {
    const AFTER: &[&str] = &["続", "동안", "지속", "boyunca", " lang"];
    if lower.is_ascii() && !lower.contains(" lang") && !lower.contains("boyunca") {
        return None;
    }
    let at = AFTER.iter().filter_map(|w| lower.find(w)).min()?;
    let before = lower.get(..at)?;
    let number = before.rfind(|c: char| c.is_ascii_digit())?;
    let start = before
        .get(..=number)?
        .rfind(|c: char| !(c.is_ascii_digit() || c == '.'))
        .map_or(0, |p| p + 1);
    let start = (start..=number).find(|s| before.is_char_boundary(*s))?;
    within(before.get(start..)?)
}

/// `every 15 minutes`, `next update in 15 minutes`: a cadence.
#[must_use]
pub fn every(text: &str) -> Option<u64> {
    if !may_hold(text) {
        return None;
    }
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
            ("2026年3月5日", None),
            ("3월 5일 10시 30분", None),
            ("3月5日から2日", Some((172_800, 172_800))),
            ("1時間30分", Some((5400, 5400))),
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
