//! Front matter: what an author states about the plan before it begins.
//!
//! YAML between `---` lines or TOML between `+++` lines. Ours is nested under `backout:`; the rest
//! are facts. Front matter that cannot be read is reported and otherwise ignored.

use super::reading::Reading;
use super::time;
use super::words::slug;
use crate::domain::ids::{ParameterName, SeverityId};
use crate::domain::plan::{Fact, Level, Parameter, Severity, Span};
use serde_json::{Map, Value};

/// What front matter says, if there is any.
#[derive(Default)]
pub struct Front {
    /// Number of lines that it takes.
    pub lines: usize,
    /// What it says, as one tree.
    values: Map<String, Value>,
    /// Why it could not be read.
    problem: Option<String>,
}

/// Reads the front matter of a document.
#[must_use]
pub fn read(lines: &[&str]) -> Front {
    let Some(fence) = lines
        .first()
        .map(|l| l.trim_end())
        .filter(|l| matches!(*l, "---" | "+++"))
    else {
        return Front::default();
    };
    let Some(end) = lines
        .iter()
        .skip(1)
        .take(500)
        .position(|l| l.trim_end() == fence)
    else {
        return Front::default();
    };
    let body = lines.get(1..=end).unwrap_or_default().join("\n");
    let parsed = if fence == "+++" {
        toml::from_str::<Value>(&body).map_err(|e| e.message().to_owned())
    } else {
        serde_saphyr::from_str::<Value>(&body)
            .map_err(|e| e.to_string().lines().next().unwrap_or_default().to_owned())
    };
    // A rule, prose and another rule at the top of a document are not front matter.
    let prose = body
        .lines()
        .any(|l| l.starts_with('#') && l.contains("# ") && !l.contains(':'));
    match parsed {
        Ok(Value::Object(values)) => Front {
            lines: end + 2,
            values,
            problem: None,
        },
        Ok(Value::Null) if body.trim().is_empty() => Front {
            lines: end + 2,
            ..Front::default()
        },
        // What cannot be read stays in the document, where it can be seen.
        Err(problem) if !prose && body.contains(':') => Front {
            problem: Some(problem),
            ..Front::default()
        },
        _ => Front::default(),
    }
}

/// Puts into the plan what the front matter says; it beats what was inferred.
pub fn apply(reading: &mut Reading<'_>, front: &Front) {
    if let Some(problem) = &front.problem {
        let message = format!("the front matter cannot be read: {problem}");
        reading.note(
            1,
            Level::Warning,
            "front-matter",
            message,
            "mend it or take it out",
        );
    }
    let last = u32::try_from(front.lines).unwrap_or(u32::MAX);
    let span = Span {
        first: 1,
        last: last.max(1),
    };
    let mut facts = Vec::new();
    for (key, value) in &front.values {
        match key.as_str() {
            "backout" => ours(reading, value, span),
            "title" if reading.plan.title.is_empty() => reading.plan.title = words(value),
            _ => facts.push(Fact {
                key: key.clone(),
                value: words(value),
                span,
            }),
        }
    }
    facts.append(&mut reading.plan.facts);
    reading.plan.facts = facts;
}

fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn ours(reading: &mut Reading<'_>, value: &Value, span: Span) {
    let Value::Object(map) = value else { return };
    for (key, value) in map {
        match key.as_str() {
            "title" => reading.plan.title = words(value),
            "environment" => reading.plan.environment = Some(words(value)),
            "parameters" => parameters(reading, value),
            "severities" => severities(reading, value, span),
            // Read by the layers that use them, from the document that is kept with the incident.
            "service" | "targets" | "connections" | "probes" | "deadlines" | "messages" => {
                reading.plan.facts.push(Fact {
                    key: key.clone(),
                    value: words(value),
                    span,
                });
            }
            other => {
                let message =
                    format!("backout does not know the key \"{other}\" in its front matter");
                reading.note(
                    span.first,
                    Level::Warning,
                    "unknown-key",
                    message,
                    "see the handbook for those that it knows",
                );
            }
        }
    }
}

fn parameters(reading: &mut Reading<'_>, value: &Value) {
    let Value::Object(map) = value else { return };
    for (name, settings) in map {
        let normal = crate::script::blanks::normalise(name);
        let known = reading
            .plan
            .parameters
            .iter_mut()
            .find(|p| p.name.as_str() == name || p.name.as_str() == normal);
        let text = |key: &str| settings.get(key).map(words);
        let set = |p: &mut Parameter| {
            p.default = text("default").or(p.default.take());
            p.pattern = text("pattern").or(p.pattern.take());
            p.secret = settings
                .get("secret")
                .and_then(Value::as_bool)
                .unwrap_or(p.secret);
            p.help = text("help").unwrap_or_else(|| std::mem::take(&mut p.help));
            p.pick_from = text("from").or(p.pick_from.take());
        };
        if let Some(parameter) = known {
            set(parameter);
            continue;
        }

        let mut parameter = Parameter {
            name: ParameterName::new(normal),
            syntax: String::new(),
            spellings: Vec::new(),
            uses: Vec::new(),
            environment: false,
            default: None,
            pattern: None,
            secret: false,
            help: String::new(),
            pick_from: None,
        };
        set(&mut parameter);
        reading.plan.parameters.push(parameter);
    }
}

/// `severities: {CRITICAL: 15m}` or a list of `{name, within, response}`.
fn severities(reading: &mut Reading<'_>, value: &Value, span: Span) {
    let named: Vec<(String, Value)> = match value {
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
        Value::Array(list) => list
            .iter()
            .filter_map(|v| Some((words(v.get("name")?), v.clone())))
            .collect(),
        _ => return,
    };
    for (name, settings) in named {
        let within = settings
            .get("within")
            .map_or_else(|| words(&settings), words);
        let response = settings.get("response").map(words).unwrap_or_default();
        let known = reading
            .plan
            .severities
            .iter_mut()
            .find(|s| s.name.eq_ignore_ascii_case(&name));
        if let Some(severity) = known {
            severity.within_s = time::within(&within).or(severity.within_s);
            if !response.is_empty() {
                severity.response = response;
            }
            continue;
        }
        let id = SeverityId::new(reading.id(&format!("severity/{}", slug(&name))));
        reading.plan.severities.push(Severity {
            id,
            name,
            response,
            within_s: time::within(&within),
            triggers: Vec::new(),
            span,
        });
    }
}
