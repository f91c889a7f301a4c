//! The numbers that stand in a line, and what each may come to in the unit that is expected.
//!
//! Parts of names, dates, times, addresses and ratios are no numbers. `2k`, `5min` and `50 GB` are
//! other numbers than 2, 5 and 50: where that matters nobody can say what is meant.

/// A number with the unit that is written to it.
pub(super) struct Figure<'a> {
    /// As it is written.
    pub value: f64,
    /// Empty where there is none.
    pub unit: &'a str,
}

impl Figure<'_> {
    pub fn thousandths(&self) -> i64 {
        thousandths(self.value)
    }
}

/// What a number may come to, in thousandths.
pub(super) enum Read {
    /// One of these.
    Sure(Vec<i64>),
    /// The first of these, if not the other.
    Rather(i64, i64),
    /// One of these, or it is none of what is asked for.
    Guessed(Vec<i64>),
    /// Nobody can say.
    Unknown,
}

/// What a unit measures, and how much of it.
enum Unit {
    None,
    Percent,
    Seconds(f64),
    Count(f64),
    Other,
}

fn unit(written: &str) -> Unit {
    match written {
        "" => return Unit::None,
        "%" => return Unit::Percent,
        // Minutes, millions, or thousandths.
        "m" => return Unit::Other,
        "M" => return Unit::Count(1e6),
        _ => {}
    }
    match written.to_lowercase().as_str() {
        "ns" => Unit::Seconds(1e-9),
        "us" | "µs" | "μs" => Unit::Seconds(1e-6),
        "ms" | "msec" | "millis" | "milliseconds" => Unit::Seconds(1e-3),
        "s" | "sec" | "secs" | "second" | "seconds" => Unit::Seconds(1.0),
        "min" | "mins" | "minute" | "minutes" => Unit::Seconds(60.0),
        "h" | "hr" | "hrs" | "hour" | "hours" => Unit::Seconds(3_600.0),
        "d" | "day" | "days" => Unit::Seconds(86_400.0),
        "w" | "week" | "weeks" => Unit::Seconds(604_800.0),
        "month" | "months" | "mon" | "mons" => Unit::Seconds(2_592_000.0),
        "y" | "year" | "years" => Unit::Seconds(31_536_000.0),
        "b" | "byte" | "bytes" => Unit::Count(1.0),
        "k" | "kb" | "kib" | "ki" | "thousand" => Unit::Count(1e3),
        "mb" | "mib" | "mi" | "million" => Unit::Count(1e6),
        "g" | "gb" | "gib" | "gi" | "billion" => Unit::Count(1e9),
        "t" | "tb" | "tib" | "ti" | "trillion" => Unit::Count(1e12),
        _ => Unit::Other,
    }
}

/// What a number with its own unit may come to where another is wanted: `ms`, `s`, `%` or none.
pub(super) fn readings(value: f64, own: &str, wanted: &str) -> Read {
    let times = |factor: f64| thousandths(value * factor);
    let own = unit(own);
    let is_none = value == 0.0 && !matches!(own, Unit::Other);
    match (wanted, own) {
        ("" | "%", _) if is_none => Read::Sure(vec![0]),
        ("ms", Unit::Seconds(each)) => Read::Sure(vec![times(each * 1e3)]),
        ("s", Unit::Seconds(each)) => Read::Sure(vec![times(each)]),
        ("%", Unit::Percent) | ("", Unit::None) => Read::Sure(vec![times(1.0)]),
        // A ratio, or a percentage that does not say so.
        ("%", Unit::None) => Read::Guessed(vec![times(1.0), times(100.0)]),
        ("", Unit::Percent) => Read::Rather(times(1.0), times(0.01)),
        ("", Unit::Count(each)) => Read::Sure(vec![times(1.0), times(each)]),
        ("", Unit::Seconds(each)) => {
            let in_each = [1e-3, 1.0, 60.0, 3_600.0].map(|meant| times(each / meant));
            Read::Sure(in_each.into_iter().chain([times(1.0)]).collect())
        }
        _ => Read::Unknown,
    }
}

/// The numbers of a line, each with the unit that is written to it.
pub(super) fn figures(line: &str) -> Vec<Figure<'_>> {
    let is_part =
        |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | ':' | '/' | '-' | '+' | ',' | '%');
    let mut found = Vec::new();
    let mut rest = line;
    while let Some(start) = rest.find(is_part) {
        let run = rest.get(start..).unwrap_or_default();
        let end = run.find(|c| !is_part(c)).unwrap_or(run.len());
        let (run, after) = run.split_at(end);
        let before = rest.get(..start).and_then(|t| t.chars().next_back());
        // `>100`, `~3`: not the number itself.
        let near = before.filter(|c| matches!(c, '~' | '<' | '>' | '≥' | '≤' | '≈' | '±'));
        let spaced = || near.map_or_else(|| unit_after(after), |_| "~");
        for part in parts(run) {
            found.extend(number_in(part, spaced));
        }
        rest = after;
    }
    found
}

/// A run of characters without blanks, at its commas and colons, where no digits stand on both
/// sides of them.
fn parts(run: &str) -> Vec<&str> {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, mark) in run.match_indices([',', ':']) {
        let before = run.get(..at).and_then(|t| t.chars().next_back());
        let after = run.get(at + mark.len()..).and_then(|t| t.chars().next());
        if !(digit(before) && digit(after)) {
            parts.extend(run.get(from..at));
            from = at + mark.len();
        }
    }
    parts.extend(run.get(from..));
    parts
}

/// The unit that stands a blank behind a number: `1.25 %`, `850 ms`.
fn unit_after(after: &str) -> &str {
    let word = after.strip_prefix(' ').unwrap_or_default();
    let end = word
        .find(|c: char| !c.is_alphanumeric() && c != '%')
        .unwrap_or(word.len());
    let unit = word.get(..end).unwrap_or_default();
    if is_unit(unit) { unit } else { "" }
}

/// Whether a word behind a number is its unit. One letter may be the next column.
fn is_unit(word: &str) -> bool {
    let known = !matches!(unit(word), Unit::None | Unit::Other);
    known && (word.len() > 1 || matches!(word, "%" | "s" | "h" | "k" | "K" | "M" | "G" | "T"))
}

/// A number that is all of a part, its unit and the marks around it apart.
fn number_in<'a>(part: &'a str, spaced: impl Fn() -> &'a str) -> Option<Figure<'a>> {
    let open = part.ends_with('+');
    let part = part.trim_end_matches(['.', '-', '+', '/']);
    let part = part.trim_start_matches(['.', '/', '+']);
    let digits = part.strip_prefix('-').unwrap_or(part);
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let end = digits
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ','))
        .unwrap_or(digits.len());
    let (number, unit) = digits.split_at(end);
    let (number, unit) = match unit.strip_prefix(['e', 'E']) {
        Some(power) if power.parse::<i8>().is_ok() => (digits, ""),
        _ => (number, unit),
    };
    if !unit.is_empty() && !unit.chars().all(|c| c.is_alphabetic() || c == '%') {
        return None;
    }
    // Groups of three, or it is no number that can be read for sure.
    let whole = number.split('.').next().unwrap_or(number);
    if whole.split(',').skip(1).any(|group| group.len() != 3) {
        return None;
    }
    let value: f64 = number.replace(',', "").parse().ok()?;
    let value = if part.starts_with('-') { -value } else { value };
    let unit = match unit {
        // `3+`: three or more.
        _ if open => "+",
        "" => spaced(),
        unit => unit,
    };
    Some(Figure { value, unit })
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "what is larger than can be held is held as the largest"
)]
fn thousandths(value: f64) -> i64 {
    let thousandths = value * 1000.0;
    // Less than a thousandth is not nothing.
    let away = if value > 0.0 {
        thousandths.ceil()
    } else {
        thousandths.floor()
    };
    let near = thousandths.round();
    if (near - thousandths).abs() < 1e-6 {
        near as i64
    } else {
        away as i64
    }
}
