//! The title and the facts that a plan states about itself.
//!
//! `**Key:** value` lines near the title or at the end, and a section about the document. What
//! looks like a fact inside a procedure belongs to the procedure.

use super::blocks::{Block, Kind};
use super::expect;
use super::inline::{Lead, lead, plain};
use super::outline::Section;
use super::reading::Reading;
use super::time;
use super::words::{self, Role};
use crate::domain::plan::{Aim, Fact, Span};

/// Reads title and facts.
pub fn read(reading: &mut Reading<'_>) {
    let title = reading.outline.sections.iter().find(|s| s.level == 1);
    let any = reading
        .outline
        .sections
        .iter()
        .find(|s| !s.title.is_empty());
    if let Some(section) = title.or(any) {
        reading.plan.title.clone_from(&section.title);
    }
    let last = reading.outline.sections.len().saturating_sub(1);
    let body = reading
        .outline
        .sections
        .iter()
        .position(|s| s.level == 2)
        .unwrap_or(0);
    // A subtitle may stand between the title and its facts.
    let untold = reading
        .outline
        .sections
        .iter()
        .all(|s| s.level > 1 || s.blocks.is_empty());
    for index in reading.sections() {
        let section = reading.section(index);
        let bare = section.children.is_empty() && section.blocks.iter().all(|b| b.para().is_some());
        let second = untold && index == body && bare;
        let head = section.level <= 1 || second;
        let about = section.role == Some(Role::About);
        let prose = |b: &Block| matches!(b.kind, Kind::Para(_) | Kind::Comment(_));
        let open = section.blocks.iter().take_while(|b| prose(b)).count();
        let tail = if index == last {
            tail_from(section)
        } else {
            usize::MAX
        };
        for (at, block) in section.blocks.iter().enumerate() {
            let leads = head && at < open;
            if leads || about || at >= tail {
                from_block(reading, block, about);
            }
        }
    }
    let mut facts = reading.plan.facts.iter();
    reading.plan.environment = facts.find_map(environment);
    let machines = reading.plan.facts.iter().filter_map(machine);
    let aims: Vec<Aim> = machines.take(1).collect();
    reading.plan.aims.extend(aims);
}

/// Drops the machine that a fact names where front matter names a host.
pub fn settle(reading: &mut Reading<'_>) {
    let aims = &mut reading.plan.aims;
    if aims.iter().any(|a| a.key == "host") {
        aims.retain(|a| a.key != "machine");
    }
}

/// The machine that a fact names, where it is the plain name of one: not an address, a service's
/// domain, or the kind of machine. Front matter that names a host has the last word.
fn machine(fact: &Fact) -> Option<Aim> {
    const KEYS: &[&str] = &[
        "host",
        "hostname",
        "target host",
        "target server",
        "zielhost",
    ];
    let key = words::bare(&fact.key).to_lowercase();
    let value = fact.value.trim().trim_matches(['`', '"', '*']);
    let mut names = value.split(',').map(str::trim);
    let named = KEYS.contains(&key.as_str()) && names.all(is_machine);
    named.then(|| Aim {
        key: "machine".to_owned(),
        value: value.to_owned(),
        span: fact.span,
    })
}

/// `app-1`, `web01`, `db-2.internal`; not `localhost`, `AWS`, `api.example.com`, `10.0.0.7`.
fn is_machine(name: &str) -> bool {
    const WITHIN: &[&str] = &["internal|intern|local|lan|localdomain|intra|corp|home"];
    let (short, domain) = name.split_once('.').unwrap_or((name, ""));
    let last = domain.rsplit('.').next().unwrap_or_default();
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let numbered = short.ends_with(|c: char| c.is_ascii_digit());
    let several = short.contains('-') && !short.starts_with('-') && !short.ends_with('-');
    name.chars().all(|c| letters(c) || c == '.')
        && short.starts_with(|c: char| c.is_ascii_alphabetic())
        && (numbered || several)
        && (domain.is_empty() || words::each(WITHIN).any(|w| w == last))
}

/// The environment that a fact names, by the word that people use for one; what else may stand
/// there (`AWS, eu-west-1`) names none. Front matter comes later and has the last word.
fn environment(fact: &Fact) -> Option<String> {
    const KEYS: &[&str] = &[
        "environment",
        "env",
        "target environment",
        "umgebung",
        "entorno",
    ];
    const NAMES: &[&str] = &[
        "production|prod|live|staging|stage|preproduction|preprod|pre-production|uat|qa|test",
        "testing|integration|development|dev|sandbox|demo|produktion|producción",
    ];
    let key = words::bare(&fact.key).to_lowercase();
    let value = fact
        .value
        .trim()
        .trim_matches(['`', '"', '*', '.'])
        .to_lowercase();
    let first = value
        .split(['(', ',', ';'])
        .next()
        .unwrap_or_default()
        .trim();
    let named = KEYS.contains(&key.as_str()) && words::each(NAMES).any(|name| name == first);
    // More than one is said of a plan that is for each of them.
    let tokens = value.split(|c: char| !(c.is_alphanumeric() || c == '-'));
    let names = tokens.filter(|token| words::each(NAMES).any(|name| name == *token));
    let several = names.count() > 1;
    (named && !several).then(|| first.to_owned())
}

/// From which block on there is nothing but keys and values.
fn tail_from(section: &Section) -> usize {
    let said = |b: &Block| match &b.kind {
        Kind::Para(text) => {
            text.lines().all(|l| lead(l).is_some_and(|l| l.colon)) || is_closing(text)
        }
        // A list with commands is a procedure, and what stands before it is about that.
        Kind::List(_) => !b.has_fence(),
        Kind::Comment(_) => true,
        _ => false,
    };
    let from = section
        .blocks
        .iter()
        .rposition(|b| !said(b))
        .map_or(0, |at| at + 1);
    // What a command should show, and how long it takes, is said of the command above it.
    let below = from
        .checked_sub(1)
        .and_then(|at| section.blocks.get(at))
        .is_some_and(Block::has_fence);
    let of_command = |b: &Block| {
        b.para()
            .is_some_and(|text| text.lines().filter_map(lead).any(|l| is_of_command(&l)))
    };
    let rest = section.blocks.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|b| below && of_command(b)).count()
}

fn is_of_command(lead: &Lead) -> bool {
    time::is_label(&lead.label) && time::estimate(&lead.rest).is_some()
        || expect::is_label(&lead.label)
}

/// A last sentence in italics, or links to other documents.
fn is_closing(text: &str) -> bool {
    text.starts_with(['*', '_']) || text.starts_with("**")
}

fn from_block(reading: &mut Reading<'_>, block: &Block, about: bool) {
    match &block.kind {
        Kind::Para(text) => {
            let facts: Vec<_> = text.lines().filter_map(lead).collect();
            let whole = facts.len() == text.lines().count()
                && facts.iter().all(|l| l.colon && !l.rest.is_empty());
            // A title line such as `**Part 12: Deployment**` is a fact without a value.
            let heads = !facts.is_empty()
                && facts.len() == text.lines().count()
                && facts.iter().any(|l| l.colon && !l.rest.is_empty());
            let remark = facts.iter().all(|l| is_remark(&l.label));
            let form = text.lines().all(|l| plain(l).contains("___"));
            if (whole || heads) && !remark && !form && reading.take(block.atom) {
                for (offset, lead) in facts.into_iter().enumerate() {
                    let line = block.span.first + u32::try_from(offset).unwrap_or(0);
                    push(reading, lead.label, plain(&lead.rest), line);
                }
            }
        }
        Kind::List(list) if about => {
            for entry in &list.items {
                let Some(lead) = lead(&entry.text).filter(|l| l.colon) else {
                    continue;
                };
                if entry.children.is_empty() && reading.take(entry.atom) {
                    push(reading, lead.label, plain(&lead.rest), entry.span.first);
                }
            }
        }
        _ => {}
    }
}

/// `**Remember:** …` says nothing about the plan.
fn is_remark(label: &str) -> bool {
    const REMARKS: &[&str] = &[
        "note",
        "remember",
        "important",
        "warning",
        "caution",
        "tip",
        "disclaimer",
        "nota",
        "hinweis",
        "achtung",
        "wichtig",
        "importante",
        "remarque",
        "注意",
        "备注",
        "重要",
    ];
    let label = words::bare(label).to_lowercase();
    REMARKS.contains(&label.as_str())
}

fn push(reading: &mut Reading<'_>, key: String, value: String, line: u32) {
    reading.plan.facts.push(Fact {
        key,
        value,
        span: Span {
            first: line,
            last: line,
        },
    });
}

#[cfg(test)]
mod tests {
    use crate::runbook::read;

    #[test]
    fn the_plain_name_of_a_machine_is_what_the_plan_is_for() {
        let of = |line: &str| {
            let plan = format!("# Shop\n\n{line}\n\n## Rollback\n\n```bash\nls\n```\n");
            let aims = read(plan.as_bytes()).aims;
            aims.first().map(|a| (a.key.clone(), a.value.clone()))
        };
        for (line, machine) in [
            ("**Host:** app-1", Some("app-1")),
            ("**Hostname:** `web01`", Some("web01")),
            ("**Target host:** app-1, app-2", Some("app-1, app-2")),
            ("**Host:** db-2.shop.internal", Some("db-2.shop.internal")),
            ("**Host:** localhost", None),
            ("**Host:** AWS", None),
            ("**Host:** <host>", None),
            ("**Host:** 10.0.0.7", None),
            ("**Host:** shop-1.example.com", None),
            ("**Host:** app-1 (primary)", None),
            ("**Server:** nginx-1", None),
            ("**Owner:** app-1", None),
        ] {
            let machine = machine.map(|m| ("machine".to_owned(), m.to_owned()));
            assert_eq!(of(line), machine, "{line}");
        }
        let front = "---\nbackout:\n  targets: {host: bastion-1}\n---\n# Shop\n\n**Host:** app-1\n";
        let aims = read(front.as_bytes()).aims;
        assert_eq!(aims.len(), 1);
        assert_eq!(aims[0].key, "host");
    }

    #[test]
    fn an_environment_that_is_stated_under_the_title_is_that_of_the_plan() {
        let of = |line: &str| {
            let plan = format!(
                "# Shop\n\n{line}\n\n## Rollback\n\n1. Go back\n\n   ```bash\n   ls\n   ```\n"
            );
            read(plan.as_bytes()).environment
        };
        for (line, environment) in [
            ("**Environment:** production", Some("production")),
            ("**Env:** Staging (cluster 2)", Some("staging")),
            ("**Environment:** AWS, eu-west-1", None),
            ("**Environment:** staging, production", None),
            ("**Owner:** production", None),
        ] {
            assert_eq!(of(line).as_deref(), environment, "{line}");
        }
        let front =
            "---\nbackout:\n  environment: demo\n---\n# Shop\n\n**Environment:** production\n";
        assert_eq!(read(front.as_bytes()).environment.as_deref(), Some("demo"));
    }
}
