//! What has to hold of every reading.
//!
//! For any bytes: a plan, the same one each time; every span within the document; the stored form
//! reads back as the same plan; the repaired text reads as the same plan. For a document that is
//! whole, also the account: every mark of it is in the plan, in one place.

use std::collections::BTreeMap;

use backout::domain::plan::Plan;
use backout::journal::plan_form;
use backout::runbook;
use serde_json::Value;

use super::inputs::Input;

/// Holds an input against all of it; says what does not hold.
pub fn all(input: &Input) -> Result<(), String> {
    let bytes = match input {
        Input::Plan(text) => text.as_bytes(),
        Input::Damaged(bytes) | Input::Noise(bytes) => bytes,
    };
    let plan = runbook::read(bytes);
    if runbook::read(bytes) != plan {
        return Err("a second reading gives another plan".into());
    }
    let form = plan_form::to_json(&plan);
    match plan_form::from_json(&form) {
        Ok(again) if again == plan => {}
        Ok(_) => return Err("the stored form reads back as another plan".into()),
        Err(e) => return Err(format!("the stored form does not read back: {e}")),
    }
    let text = runbook::text(bytes);
    repaired(&plan, &text)?;
    let lines = u32::try_from(text.lines().count())
        .unwrap_or(u32::MAX)
        .max(1);
    let mut nodes = Vec::new();
    collect(&form, "", &mut nodes);
    for node in &nodes {
        let (first, last) = node.span;
        if first < 1 || last < first || last > lines {
            return Err(format!(
                "{} has the span {first} to {last} of {lines} lines",
                node.kind
            ));
        }
    }
    unique_ids(&plan)?;
    let tree = runbook::tree::tree(&plan);
    if let Some(bad) = tree.chars().find(|c| c.is_control() && *c != '\n') {
        return Err(format!("{bad:?} is in the tree that show prints"));
    }
    for found in runbook::lint::check(&plan, &text) {
        if found.line < 1 || found.line > lines || found.column < 1 {
            return Err(format!(
                "a finding stands at {}:{} of {lines} lines",
                found.line, found.column
            ));
        }
    }
    if let Input::Plan(text) = input {
        account(text, &form, &nodes)?;
    }
    Ok(())
}

/// Reading the repaired text gives the same plan, but for its hash and what is said of the repair.
fn repaired(plan: &Plan, text: &str) -> Result<(), String> {
    let strip = |mut plan: Plan| {
        plan.sha256.clear();
        plan.diagnostics.retain(|d| d.code != "encoding-repaired");
        plan
    };
    let again = strip(runbook::read(text.as_bytes()));
    if again == strip(plan.clone()) {
        Ok(())
    } else {
        Err("the repaired text gives another plan".into())
    }
}

fn unique_ids(plan: &Plan) -> Result<(), String> {
    let steps = plan.procedures.iter().flat_map(|p| &p.steps);
    let items = plan.checklists.iter().flat_map(|c| &c.items);
    let actions = steps.clone().flat_map(|s| &s.actions);
    let actions = actions.chain(items.clone().flat_map(|i| &i.actions));
    let mut ids: Vec<&str> = plan.procedures.iter().map(|p| p.id.as_str()).collect();
    ids.extend(steps.map(|s| s.id.as_str()));
    ids.extend(items.map(|i| i.id.as_str()));
    ids.extend(actions.map(|a| a.id.as_str()));
    ids.sort_unstable();
    match ids.windows(2).find(|w| w[0] == w[1]) {
        Some(pair) => Err(format!("two things have the id {}", pair[0])),
        None => Ok(()),
    }
}

/// A node of the stored form that has a span, with the strings that are its own.
struct Node {
    kind: String,
    span: (u32, u32),
    text: String,
}

/// Strings that name or explain and are not the document's text in its place.
const NOT_TEXT: &[&str] = &[
    "id",
    "heading",
    "danger_why",
    "choice",
    "branch",
    "target",
    "parameters",
    "diagnostics",
    "parent",
    "next",
];

fn collect(value: &Value, kind: &str, nodes: &mut Vec<Node>) -> String {
    match value {
        Value::String(text) => format!("{text}\n"),
        Value::Array(all) => all.iter().map(|v| collect(v, kind, nodes)).collect(),
        Value::Object(map) => {
            let at = nodes.len();
            let span = map.get("span").and_then(|s| {
                let n = |i: usize| u32::try_from(s.get(i)?.as_u64()?).ok();
                Some((n(0)?, n(1)?))
            });
            if let Some(span) = span {
                let kind = kind.to_owned();
                nodes.push(Node {
                    kind,
                    span,
                    text: String::new(),
                });
            }
            let names = |key: &str| {
                // The target of an include is an id; that of a figure is the figure.
                NOT_TEXT.contains(&key) && !(kind == "targets" && key == "target")
            };
            let own: String = map
                .iter()
                .filter(|(key, _)| !names(key))
                .map(|(key, value)| collect(value, key, nodes))
                .collect();
            match nodes.get_mut(at) {
                Some(node) if span.is_some() => {
                    node.text = own;
                    String::new()
                }
                _ => own,
            }
        }
        _ => String::new(),
    }
}

/// Every mark of the document is in the plan, and in one place only.
fn account(text: &str, form: &Value, nodes: &[Node]) -> Result<(), String> {
    let mut places: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
    for node in nodes {
        let mut marks = marks(&node.text);
        marks.sort_unstable();
        marks.dedup();
        for mark in marks {
            places.entry(mark).or_default().push(node);
        }
    }
    let mut inside: Option<&str> = None;
    for (number, line) in text.lines().enumerate() {
        let bare = line.trim_start();
        let tick = ["````", "```", "~~~"]
            .into_iter()
            .find(|t| bare.starts_with(t));
        if let Some(tick) = tick {
            inside = if inside == Some(tick) {
                None
            } else {
                inside.or(Some(tick))
            };
        }
        // A heading names what stands below it, and prose may: both may be said again.
        if inside.is_none() && bare.starts_with('#') {
            continue;
        }
        let atom = inside.is_some()
            || bare.starts_with(['-', '*', '+', '|']) && !bare.starts_with("**")
            || bare.starts_with(|c: char| c.is_ascii_digit());
        // An option's comment names all that goes with it.
        let names = bare.starts_with("# Option ");
        for mark in marks(line) {
            let here = places.get(mark).map_or(&[][..], Vec::as_slice);
            if here.is_empty() && !form["title"].as_str().is_some_and(|t| t.contains(mark)) {
                return Err(format!("{mark} of line {} is nowhere: {line}", number + 1));
            }
            if let Some((one, other)) = twice(here).filter(|_| atom && !names) {
                return Err(format!(
                    "{mark} of line {} is in two places, {} {:?} and {} {:?}: {line}",
                    number + 1,
                    one.kind,
                    one.span,
                    other.kind,
                    other.span
                ));
            }
        }
    }
    Ok(())
}

/// Two nodes that hold the same words and are not one inside the other.
///
/// A figure to hold is read from an item or a row and stands beside it.
fn twice<'n>(nodes: &[&'n Node]) -> Option<(&'n Node, &'n Node)> {
    let beside = |n: &&&Node| !matches!(n.kind.as_str(), "targets" | "objectives");
    let nodes: Vec<&Node> = nodes.iter().filter(beside).copied().collect();
    nodes.iter().enumerate().find_map(|(n, one)| {
        let other = nodes.iter().skip(n + 1).find(|other| {
            let text = [one, *other].iter().any(|x| x.kind == "unplaced");
            let apart = one.span.1 < other.span.0 || other.span.1 < one.span.0;
            // A level that is named twice has triggers below both: each is one of the level's.
            let own = one.kind == "severities" && other.kind == "trigger_nodes";
            apart && !own || text
        })?;
        Some((*one, *other))
    })
}

/// The marks in a text, in its order.
fn marks(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("mk").map(|p| p + from) {
        let digits = text[at + 2..]
            .bytes()
            .take_while(u8::is_ascii_digit)
            .count();
        let end = at + 2 + digits;
        if digits > 0 && text[end..].starts_with('z') {
            found.push(&text[at..=end]);
        }
        from = end;
    }
    found
}
