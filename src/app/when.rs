//! Reading a time as an operator types it: `14:03`, `-12m`, `2026-11-20 14:03`, all UTC.

use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, Utc};

/// The time that a text means at a time; none where it means none.
#[must_use]
pub fn read(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let text = text.trim().trim_end_matches("UTC").trim();
    if text.is_empty() || text == "now" {
        return Some(now);
    }
    if let Some(ago) = text.strip_prefix('-') {
        return now.checked_sub_signed(span(ago)?);
    }
    for form in ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, form) {
            return Some(time.and_utc());
        }
    }
    let time = ["%H:%M:%S", "%H:%M"]
        .iter()
        .find_map(|form| NaiveTime::parse_from_str(text, form).ok())?;
    let today = now.date_naive().and_time(time).and_utc();
    // A time that is still to come was yesterday: nobody detects what has not happened.
    if today > now {
        today.checked_sub_signed(TimeDelta::days(1))
    } else {
        Some(today)
    }
}

fn span(text: &str) -> Option<TimeDelta> {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let number: i64 = digits.parse().ok()?;
    match text.get(digits.len()..)?.trim() {
        "s" => TimeDelta::try_seconds(number),
        "" | "m" | "min" => TimeDelta::try_minutes(number),
        "h" => TimeDelta::try_hours(number),
        "d" => TimeDelta::try_days(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use chrono::{TimeZone as _, Utc};

    #[test]
    fn times_are_read_as_they_are_typed() {
        let now = Utc
            .with_ymd_and_hms(2026, 11, 20, 3, 10, 0)
            .single()
            .expect("a time");
        let said = |text| read(text, now).map(|t| t.format("%d %H:%M").to_string());
        assert_eq!(said("02:51").as_deref(), Some("20 02:51"));
        assert_eq!(said("23:40").as_deref(), Some("19 23:40"));
        assert_eq!(said("-12m").as_deref(), Some("20 02:58"));
        assert_eq!(said("-2h").as_deref(), Some("20 01:10"));
        assert_eq!(said("2026-11-19 22:00").as_deref(), Some("19 22:00"));
        assert_eq!(said("noon-ish"), None);
        assert_eq!(said("-9999999999999999d"), None);
    }
}
