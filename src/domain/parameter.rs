//! What a parameter's value has to be, as far as the plan says so.
//!
//! Asked where a value is entered. A pattern is not looked at here: it needs a machine of its own.

use super::plan::{Parameter, ParameterKind};

/// Why a value does not fit its parameter, if it does not; the end of "it …".
#[must_use]
pub fn misfit(parameter: &Parameter, value: &str) -> Option<String> {
    if !is_a(parameter, value) {
        return Some(format!("is not {}", wanted(parameter)));
    }
    let size = size(parameter.kind, value)?;
    let bound = |text: &Option<String>| text.as_deref().and_then(|t| self::size(parameter.kind, t));
    if let (Some(min), Some(text)) = (bound(&parameter.min), &parameter.min)
        && size < min
    {
        return Some(format!("is less than {text}"));
    }
    if let (Some(max), Some(text)) = (bound(&parameter.max), &parameter.max)
        && size > max
    {
        return Some(format!("is more than {text}"));
    }
    None
}

/// What a value has to be, in words; none where anything will do or the choices say it.
#[must_use]
pub fn told(parameter: &Parameter) -> Option<String> {
    let typed = !matches!(parameter.kind, ParameterKind::Text | ParameterKind::Choice);
    let mut told = Vec::new();
    if typed && parameter.choices.is_empty() {
        told.push(wanted(parameter));
    }
    match (&parameter.min, &parameter.max) {
        (Some(min), Some(max)) => told.push(format!("from {min} to {max}")),
        (Some(min), None) => told.push(format!("{min} at least")),
        (None, Some(max)) => told.push(format!("{max} at most")),
        (None, None) => {}
    }
    if let Some(pattern) = &parameter.pattern {
        told.push(format!("like {pattern}"));
    }
    (!told.is_empty()).then(|| told.join(", "))
}

fn is_a(parameter: &Parameter, value: &str) -> bool {
    let chosen = parameter.choices.is_empty() || parameter.choices.iter().any(|c| c == value);
    chosen
        && match parameter.kind {
            ParameterKind::Text | ParameterKind::Choice => true,
            ParameterKind::Integer => value.parse::<i64>().is_ok(),
            ParameterKind::Number => value.parse::<f64>().is_ok_and(f64::is_finite),
            ParameterKind::Duration => seconds(value).is_some(),
            ParameterKind::Url => {
                value
                    .split_once("://")
                    .is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty())
                    && !value.contains(char::is_whitespace)
            }
            ParameterKind::Path => !value.is_empty() && !value.contains('\0'),
            ParameterKind::Date => is_date(value),
        }
}

fn wanted(parameter: &Parameter) -> String {
    if !parameter.choices.is_empty() {
        return format!("one of {}", parameter.choices.join(", "));
    }
    match parameter.kind {
        ParameterKind::Text | ParameterKind::Choice => "a text",
        ParameterKind::Integer => "a whole number",
        ParameterKind::Number => "a number",
        ParameterKind::Duration => "a time such as 90s, 2m or 1h30m",
        ParameterKind::Url => "an address such as https://example.org",
        ParameterKind::Path => "a path",
        ParameterKind::Date => "a date such as 2026-11-21",
    }
    .to_owned()
}

/// What bounds are held against: the number, the seconds, the length of a text.
#[expect(clippy::cast_precision_loss, reason = "bounds are small")]
fn size(kind: ParameterKind, value: &str) -> Option<f64> {
    match kind {
        ParameterKind::Integer | ParameterKind::Number => value.parse().ok(),
        ParameterKind::Duration => seconds(value).map(|s| s as f64),
        _ => None,
    }
}

/// `90s`, `2m`, `1h30m`, or seconds alone.
fn seconds(value: &str) -> Option<u64> {
    if let Ok(alone) = value.parse() {
        return Some(alone);
    }
    let mut rest = value;
    let mut sum = 0_u64;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, after) = rest.split_at_checked(end)?;
        let unit = after.chars().next()?;
        let scale = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return None,
        };
        sum = sum.checked_add(number.parse::<u64>().ok()?.checked_mul(scale)?)?;
        rest = after.get(1..)?;
    }
    (!value.is_empty()).then_some(sum)
}

fn is_date(value: &str) -> bool {
    chrono::NaiveDate::parse_from_str(value, "%Y-%m-%d").is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: ParameterKind) -> Parameter {
        Parameter {
            kind,
            ..Parameter::default()
        }
    }

    #[test]
    fn values_are_held_against_their_kind() {
        for (kind, good, bad) in [
            (ParameterKind::Integer, "7", "7.5"),
            (ParameterKind::Number, "7.5", "seven"),
            (ParameterKind::Duration, "1h30m", "soon"),
            (ParameterKind::Url, "https://a.example", "a.example"),
            (ParameterKind::Path, "/srv/x", ""),
            (ParameterKind::Date, "2026-02-28", "2026-02-30"),
        ] {
            assert_eq!(misfit(&of(kind), good), None, "{good}");
            assert!(misfit(&of(kind), bad).is_some(), "{bad}");
        }
        assert_eq!(misfit(&of(ParameterKind::Text), ""), None);
    }

    #[test]
    fn values_stay_within_their_bounds_and_choices() {
        let parameter = Parameter {
            min: Some("1m".into()),
            max: Some("1h".into()),
            ..of(ParameterKind::Duration)
        };
        assert_eq!(misfit(&parameter, "5m"), None);
        assert_eq!(misfit(&parameter, "5s"), Some("is less than 1m".into()));
        assert_eq!(misfit(&parameter, "2h"), Some("is more than 1h".into()));
        assert_eq!(
            told(&parameter).as_deref(),
            Some("a time such as 90s, 2m or 1h30m, from 1m to 1h")
        );
        let parameter = Parameter {
            choices: vec!["a".into(), "b".into()],
            ..of(ParameterKind::Choice)
        };
        assert_eq!(misfit(&parameter, "b"), None);
        assert_eq!(misfit(&parameter, "c"), Some("is not one of a, b".into()));
    }
}
