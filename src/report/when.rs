//! Times and durations in words. UTC always stands first; the local time stands beside it where
//! it differs, so that nobody has to guess which of the two a figure is.

use chrono::{DateTime, FixedOffset, Utc};

/// `2026-11-20 14:03:11 UTC`, and the local time behind it where the zone is not UTC.
#[must_use]
pub fn full(at: DateTime<Utc>, zone: &FixedOffset) -> String {
    let utc = at.format("%Y-%m-%d %H:%M:%S UTC").to_string();
    if zone.local_minus_utc() == 0 {
        return utc;
    }
    let local = at.with_timezone(zone);
    let shape = if local.date_naive() == at.date_naive() {
        "%H:%M:%S %:z"
    } else {
        "%Y-%m-%d %H:%M:%S %:z"
    };
    format!("{utc} ({})", local.format(shape))
}

/// `2026-11-20 14:03:11 UTC`.
#[must_use]
pub fn utc(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// `14:03:11`, in UTC.
#[must_use]
pub fn clock(at: DateTime<Utc>) -> String {
    at.format("%H:%M:%S").to_string()
}

/// `14:03 UTC`.
#[must_use]
pub fn minute(at: DateTime<Utc>) -> String {
    at.format("%H:%M UTC").to_string()
}

/// `2026-11-20`, in UTC.
#[must_use]
pub fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d").to_string()
}

/// From one time to another: the date once where both are of one day.
#[must_use]
pub fn span(from: DateTime<Utc>, to: DateTime<Utc>) -> String {
    let end = if from.date_naive() == to.date_naive() {
        clock(to)
    } else {
        to.format("%Y-%m-%d %H:%M:%S").to_string()
    };
    format!("{} to {end} UTC", from.format("%Y-%m-%d %H:%M:%S"))
}

/// A duration in seconds: `42 s`, `3 min 05 s`, `1 h 02 min`.
#[must_use]
pub fn seconds(total: u64) -> String {
    let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest} s"),
        (0, _) if rest == 0 => format!("{minutes} min"),
        (0, _) => format!("{minutes} min {rest:02} s"),
        _ if minutes == 0 => format!("{hours} h"),
        _ => format!("{hours} h {minutes:02} min"),
    }
}

/// A duration in milliseconds: tenths below ten seconds, like [`seconds`] above.
#[must_use]
pub fn millis(total: u64) -> String {
    if total < 10_000 {
        format!("{}.{} s", total / 1000, total % 1000 / 100)
    } else {
        seconds(total / 1000)
    }
}

/// Seconds from one time to a later one; none where it is not later.
#[must_use]
pub fn between(from: DateTime<Utc>, to: DateTime<Utc>) -> Option<u64> {
    u64::try_from((to - from).num_seconds()).ok()
}

/// An estimate: `5 to 10 min`, `5 min`, `90 s`.
#[must_use]
pub fn estimate(estimate: crate::domain::plan::Estimate) -> String {
    let (low, high) = (estimate.low_s, estimate.high_s);
    if low == high || low == 0 {
        let text = seconds(high);
        return if low == 0 && high > 0 {
            format!("up to {text}")
        } else {
            text
        };
    }
    if low % 60 == 0 && high % 60 == 0 && high < 7200 {
        return format!("{} to {} min", low / 60, high / 60);
    }
    format!("{} to {}", seconds(low), seconds(high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone as _;

    #[test]
    fn utc_stands_first_and_the_local_time_beside_it() {
        let at = Utc.with_ymd_and_hms(2026, 11, 20, 23, 3, 11).unwrap();
        let utc = FixedOffset::east_opt(0).unwrap();
        let berlin = FixedOffset::east_opt(3600).unwrap();
        let lima = FixedOffset::west_opt(5 * 3600).unwrap();
        assert_eq!(full(at, &utc), "2026-11-20 23:03:11 UTC");
        assert_eq!(
            full(at, &berlin),
            "2026-11-20 23:03:11 UTC (2026-11-21 00:03:11 +01:00)"
        );
        assert_eq!(full(at, &lima), "2026-11-20 23:03:11 UTC (18:03:11 -05:00)");
    }

    #[test]
    fn durations_read_like_words() {
        let said: Vec<String> = [42, 60, 185, 3600, 3725].into_iter().map(seconds).collect();
        assert_eq!(said, ["42 s", "1 min", "3 min 05 s", "1 h", "1 h 02 min"]);
        assert_eq!(millis(1_450), "1.4 s");
        assert_eq!(millis(61_000), "1 min 01 s");
    }
}
