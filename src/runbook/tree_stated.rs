//! What the front matter states, as lines of the tree.

use super::page::Page;
use super::tree::{joined, judged, time};
use crate::domain::plan::{ActionKind, Parameter, ParameterKind, Plan};

/// The service, what the plan is for, connections, probes and ways that messages go.
pub(super) fn stated(page: &mut Page, plan: &Plan) {
    if let Some(service) = &plan.service {
        page.line(1, &format!("service {service}"));
    }
    for aim in &plan.aims {
        page.line(1, &format!("for {} {}", aim.key, aim.value));
    }
    for one in &plan.connections {
        let to = match (&one.url, &one.service) {
            (Some(url), _) => harmless(url),
            (None, Some(service)) => format!("service {service}"),
            (None, None) => String::new(),
        };
        page.line(1, &format!("connection {}: {to}", one.name));
    }
    if let Some(seconds) = plan.commit_within_s {
        let text = format!("SQL waits {} at most before its COMMIT", time(seconds));
        page.line(1, &text);
    }
    for probe in &plan.probes {
        let how = if probe.kind == ActionKind::Http {
            ""
        } else {
            "$ "
        };
        let shows = probe.expect.as_ref();
        let note = joined(&[
            shows
                .map(|e| format!("{} {}", e.text, judged(&e.rule)))
                .unwrap_or_default(),
            every(probe.every_s),
        ]);
        page.noted(
            1,
            &format!("probe {}: {how}{}", probe.name, probe.code),
            &note,
        );
    }
    for channel in &plan.channels {
        let text = format!("messages to {}: {}", channel.name, channel.channel);
        page.noted(1, &text, &every(channel.every_s));
    }
}

fn every(seconds: Option<u64>) -> String {
    seconds
        .map(|s| format!("every {}", time(s)))
        .unwrap_or_default()
}

/// An address without the password in it.
fn harmless(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    match rest.rsplit_once('@') {
        Some((login, place)) => {
            let user = login.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}@{place}")
        }
        None => url.to_owned(),
    }
}

/// What a parameter's value may be, where the author says so.
pub(super) fn allowed(parameter: &Parameter) -> String {
    let kind = match parameter.kind {
        ParameterKind::Text => "",
        ParameterKind::Integer => "a whole number",
        ParameterKind::Number => "a number",
        ParameterKind::Duration => "a time",
        ParameterKind::Url => "an address",
        ParameterKind::Path => "a path",
        ParameterKind::Date => "a date",
        ParameterKind::Choice => "a choice",
    };
    let bound = |word: &str, value: &Option<String>| {
        value
            .as_ref()
            .map(|v| format!("{word} {v}"))
            .unwrap_or_default()
    };
    joined(&[
        kind.to_owned(),
        bound("from", &parameter.min),
        bound("to", &parameter.max),
        parameter.choices.join("|"),
    ])
}
