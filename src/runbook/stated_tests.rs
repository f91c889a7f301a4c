//! What front matter states beats what is inferred, and what is wrong with it is found in place.

use super::read;
use crate::domain::plan::{ActionKind, ExpectRule, ParameterKind, Plan};

const BODY: &str = "\n# Shop\n\n## When to go back\n\n**CRITICAL** - go back within 5 minutes if:\n- it is down\n\n## Rollback\n\n```bash\nship --to <version> $TOKEN_PLACE\n```\n";

fn findings(plan: &Plan) -> Vec<(u32, u32, &str)> {
    plan.diagnostics
        .iter()
        .map(|d| (d.line, d.column, d.code.as_str()))
        .collect()
}

#[test]
fn every_key_finds_its_place_in_the_plan() {
    let front = "---\nowner: Ana\nbackout:\n  title: Back\n  service: checkout\n  environment: production\n  targets:\n    host: bastion-1\n    git_branch: main\n  connections:\n    orders: {url: \"$DATABASE_URL\"}\n    old: {service: past}\n  commit-within: 10m\n  parameters:\n    version: {default: 3, type: integer, min: 1, max: 9, help: which, secret: true, from: \"git tag\"}\n    colour: {type: choice, choices: [a, b], env: true, pattern: \"[ab]\"}\n  probes:\n    health: {http: \"https://shop.example/up\", expect: \"200\"}\n    queue: {run: \"redis-cli llen <list>\", expect: \"< 10\", every: 30s}\n  severities:\n    CRITICAL: {within: 15m, response: now, approver: Ana, notify: Bo, triggers: [smoke]}\n  deadlines: {HIGH: 1h}\n  messages:\n    customers: {channel: status page, every: 15m}\n  tested: 2026-11-01\n---\n";
    let plan = read(format!("{front}{BODY}").as_bytes());
    assert_eq!(findings(&plan), []);
    assert_eq!(plan.title, "Back");
    assert_eq!(plan.service.as_deref(), Some("checkout"));
    assert_eq!(plan.environment.as_deref(), Some("production"));
    assert_eq!(plan.aims[1].key, "git_branch");
    assert_eq!(plan.aims[1].span.first, 9);
    assert_eq!(plan.connections[0].url.as_deref(), Some("$DATABASE_URL"));
    assert_eq!(plan.commit_within_s, Some(600));
    assert_eq!(plan.connections[1].service.as_deref(), Some("past"));
    let named = |name: &str| {
        plan.parameters
            .iter()
            .find(|p| p.name.as_str() == name)
            .unwrap()
    };
    let version = named("version");
    assert_eq!(version.kind, ParameterKind::Integer);
    assert_eq!(version.default.as_deref(), Some("3"));
    assert_eq!(
        (version.min.as_deref(), version.max.as_deref()),
        (Some("1"), Some("9"))
    );
    assert!(version.secret);
    assert_eq!(version.pick_from.as_deref(), Some("git tag"));
    assert_eq!(version.help, "which");
    assert!(named("colour").environment);
    assert_eq!(named("colour").choices, ["a", "b"]);
    assert!(
        !named("list").uses.is_empty(),
        "a probe's blank is asked for"
    );
    assert_eq!(plan.probes[0].code, "GET https://shop.example/up");
    assert_eq!(plan.probes[1].every_s, Some(30));
    let probes = plan
        .procedures
        .iter()
        .find(|p| p.title == "Probes")
        .unwrap();
    let action = &probes.steps[0].actions[0];
    assert!(probes.off_path && action.sense && action.kind == ActionKind::Http);
    assert!(matches!(
        probes.steps[1].actions[0].expect[0].rule,
        ExpectRule::Number(..)
    ));
    let critical = &plan.severities[0];
    assert_eq!(
        (critical.within_s, critical.response.as_str()),
        (Some(900), "now")
    );
    assert_eq!(critical.triggers.len(), 2);
    assert_eq!(
        (
            plan.approvals[0].who.as_str(),
            plan.approvals[0].notify.as_str()
        ),
        ("Ana", "Bo")
    );
    assert_eq!(plan.severities[1].within_s, Some(3600));
    assert_eq!(plan.channels[0].channel, "status page");
    assert!(
        plan.facts
            .iter()
            .any(|f| f.key == "tested" && f.value == "2026-11-01")
    );
    let tree = super::tree::tree(&plan);
    for wanted in [
        "service checkout",
        "for host bastion-1",
        "connection orders: $DATABASE_URL",
        "SQL waits 10 min at most before its COMMIT",
        "probe health: GET https://shop.example/up",
        "messages to customers: status page",
        "a whole number",
    ] {
        assert!(tree.contains(wanted), "{wanted} is missing in\n{tree}");
    }
}

#[test]
fn what_is_wrong_is_found_where_it_stands() {
    let front = "---\nbackout:\n  servce: checkout\n  targets:\n    hots: x\n  connections:\n    orders: {url: a, service: b}\n  parameters:\n    version: {type: colour, pattern: \"[\", secret: maybe, min: [1]}\n    level: {type: integer, default: high}\n  probes:\n    health: {expect: \"200\"}\n  severities:\n    CRITICAL:\n      within: soon\n  deadlines: {HIGH: later}\n  messages: loud\n  commit-within: 2h\n---\n";
    let plan = read(format!("{front}{BODY}").as_bytes());
    assert_eq!(
        findings(&plan),
        [
            (3, 3, "unknown-key"),
            (5, 5, "unknown-key"),
            (7, 5, "bad-value"),
            (9, 15, "bad-value"),
            (9, 29, "bad-value"),
            (9, 43, "bad-value"),
            (9, 58, "bad-value"),
            (10, 28, "bad-value"),
            (12, 5, "bad-value"),
            (15, 7, "bad-value"),
            (16, 15, "bad-value"),
            (17, 3, "bad-value"),
            (18, 3, "bad-value"),
        ]
    );
}

#[test]
fn toml_is_read_with_its_places() {
    let front = "+++\n[backout]\nservice = \"checkout\"\n\n[backout.parameters.version]\ntype = \"integer\"\ncolour = \"red\"\n+++\n";
    let plan = read(format!("{front}{BODY}").as_bytes());
    assert_eq!(findings(&plan), [(7, 1, "unknown-key")]);
    assert_eq!(plan.service.as_deref(), Some("checkout"));
    let broken = read(format!("+++\ntitle = \"x\"\na: = 1\n+++\n{BODY}").as_bytes());
    assert_eq!(broken.diagnostics[0].code, "front-matter");
    assert_eq!(broken.diagnostics[0].line, 3);
}

#[test]
fn broken_yaml_is_found_where_it_breaks() {
    let plan =
        read(format!("---\ntitle: x\nbackout: {{service: [a\nowner: b\n---\n{BODY}").as_bytes());
    let first = &plan.diagnostics[0];
    assert_eq!(first.code, "front-matter");
    assert!((3..=5).contains(&first.line), "{first:?}");
}
