//! Templates: the incident log, messages, post-mortems and figures to keep.
//!
//! A fence is one by what it holds and where it stands; a list is one when it is full of blanks.

use super::blocks::{Block, Fence, Grid, List};
use super::inline::plain;
use super::outline::Section;
use super::reading::Reading;
use super::time;
use super::words::{Role, says_any, slug};
use super::{fields, forms};
use crate::domain::ids::TemplateId;
use crate::domain::plan::{Template, TemplateKind};

/// Reads the templates of a plan.
pub fn read(reading: &mut Reading<'_>) {
    for index in reading.sections() {
        let section = reading.section(index);
        if section.role == Some(Role::Contents) {
            continue;
        }
        for (at, block) in section.blocks.iter().enumerate() {
            if !reading.all_free(block) {
                continue;
            }
            if let Some(fence) = block.fence() {
                if fence.told.is_decided() {
                    continue;
                }
                let name = reading.name_of(index, at);
                if let Some(kind) = kind_of(section, communicates(reading, index), &name, fence)
                    && !is_filled_in(kind, fence)
                {
                    from_fence(reading, index, at, block, fence, kind);
                }
            } else if let Some(list) = block.list().filter(|l| blanks_in_list(l) >= 3) {
                from_list(reading, index, at, block, list);
            } else if let Some(grid) = block.grid().filter(|g| forms::is_form(section, g)) {
                from_table(reading, index, at, block, grid);
            }
        }
    }
}

fn blanks_in_list(list: &List) -> usize {
    list.items
        .iter()
        .map(|e| {
            usize::from(has_rule(&e.text))
                + e.bullets().iter().filter(|b| has_rule(&b.text)).count()
        })
        .sum()
}

fn has_rule(text: &str) -> bool {
    let mangled = text.contains("_****") && (text.contains("****\\_") || text.contains("****_"));
    text.contains("____") || mangled
}

/// The section, or one that it is a part of, is about messages: `Rollback complete` among them is
/// the message about it.
fn communicates(reading: &Reading<'_>, index: usize) -> bool {
    let says = |i: usize| reading.section(i).own_role == Some(Role::Communication);
    reading.section(index).role == Some(Role::Communication)
        || reading.outline.above(index).any(says)
}

fn kind_of(
    section: &Section,
    communicates: bool,
    name: &str,
    fence: &Fence,
) -> Option<TemplateKind> {
    let text = fence.code.trim_start();
    let lower = text.to_lowercase();
    let prose = matches!(
        fence.lang.as_str(),
        "" | "text" | "txt" | "plaintext" | "markdown" | "md" | "email" | "plain" | "mail"
    );
    if !prose {
        let figures = fence.lang == "json" && section.role == Some(Role::Metrics);
        return figures.then_some(TemplateKind::Metrics);
    }
    let heading = text.starts_with("# ") || text.starts_with("## ");
    let says_log = |t: &str| {
        says_any(
            t,
            &[
                "incident log",
                "rollback log",
                "execution log",
                "incident record",
            ],
        )
    };
    let subject = [
        "subject:",
        "asunto:",
        "assunto:",
        "betreff:",
        "objet :",
        "objet:",
        "主题",
        "件名",
        "제목",
        "тема:",
    ];
    if subject.iter().any(|s| lower.starts_with(s))
        || lower.lines().take(3).any(|l| l.starts_with("subject:"))
    {
        return Some(TemplateKind::Message);
    }
    let form = is_form(text);
    let log = section.role == Some(Role::IncidentLog) || says_log(name) || says_log(&section.title);
    if log && (form || fence.lang != "bash") {
        return Some(TemplateKind::IncidentLog);
    }
    if form && !communicates {
        return Some(TemplateKind::IncidentLog);
    }
    let blanks = fields::find("", text, 0, heading).len();
    if heading && blanks >= 2 {
        return Some(TemplateKind::PostMortem);
    }
    if communicates && !has_command(fence) {
        return Some(TemplateKind::Message);
    }
    (section.role == Some(Role::Retrospective) && blanks >= 2).then_some(TemplateKind::PostMortem)
}

/// The report of an incident that was, or that was made up to show one: its times and findings
/// are somebody else's, and in the log of another incident they would be false.
fn is_filled_in(kind: TemplateKind, fence: &Fence) -> bool {
    if !matches!(kind, TemplateKind::IncidentLog | TemplateKind::PostMortem) {
        return false;
    }
    let told = fence.code.lines().filter(|l| has_clock(l)).count();
    let blanks = fields::find("", &fence.code, 0, true).len();
    told >= 3 && blanks * 2 < told
}

/// A time of day in figures: `14:05`.
fn has_clock(line: &str) -> bool {
    let bytes = line.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    line.match_indices(':').any(|(at, _)| {
        let hour = at.checked_sub(1).is_some_and(digit);
        hour && digit(at + 1) && digit(at + 2) && !digit(at + 3)
    })
}

/// Three blanks, of which one at least is a rule to write on: a `Label:` alone may be a setting.
fn is_form(text: &str) -> bool {
    let rules = text.lines().filter(|l| has_rule(l)).count();
    rules >= 3 || rules > 0 && fields::find("", text, 0, true).len() >= 3
}

/// Whether a fence reads like commands rather than words to somebody.
fn has_command(fence: &Fence) -> bool {
    let first = fence
        .code
        .lines()
        .find(|l| !l.trim().is_empty())
        .unwrap_or_default();
    let word = first.split_whitespace().next().unwrap_or_default();
    fence.lang.is_empty()
        && (first.starts_with("$ ")
            || matches!(
                word,
                "curl" | "echo" | "gh" | "git" | "docker" | "kubectl" | "mail"
            ))
}

/// A template from a fence.
pub fn from_fence(
    reading: &mut Reading<'_>,
    section: usize,
    at: usize,
    block: &Block,
    fence: &Fence,
    kind: TemplateKind,
) {
    let named = reading.name_of(section, at);
    let heading = reading.section(section).title.clone();
    let title = if is_file_label(&named) {
        heading.clone()
    } else {
        named
    };
    let id = reading.id(&format!("template/{}", slug(&title)));
    let form = matches!(kind, TemplateKind::IncidentLog | TemplateKind::PostMortem);
    let fields = if kind == TemplateKind::Metrics {
        Vec::new()
    } else {
        fields::find(&id, &fence.code, fence.code_line, form)
    };
    let message = kind == TemplateKind::Message;
    let first = fence.code.lines().next().unwrap_or_default();
    // What it is called says when it is sent; its first line says so where the name does not.
    let when = [format!("{title} {heading}"), first.to_owned()]
        .iter()
        .map(|t| moment(t))
        .find(|m| !m.is_empty())
        .unwrap_or_default();
    reading.take(block.atom);
    claim_lead(reading, section, at);
    reading.plan.templates.push(Template {
        id: TemplateId::new(id),
        kind,
        title,
        moment: if message {
            when.to_owned()
        } else {
            String::new()
        },
        every_s: if message {
            cadence(reading, section, &fence.code)
        } else {
            None
        },
        text: fence.code.clone(),
        fields,
        span: block.span,
    });
}

/// A lead-in that says nothing but the template's name became its title.
fn claim_lead(reading: &mut Reading<'_>, section: usize, at: usize) {
    let Some((para, lead)) = reading.intro_lead(section, at) else {
        return;
    };
    let Some(block) = reading.section(section).blocks.get(para) else {
        return;
    };
    if lead.rest.is_empty() && block.para().is_some_and(|t| !t.contains('\n')) {
        reading.take(block.atom);
    }
}

/// The lead-in says where the filled template goes, not what it is.
fn is_file_label(label: &str) -> bool {
    matches!(
        label.to_lowercase().as_str(),
        "file"
            | "create"
            | "path"
            | "location"
            | "save as"
            | "template"
            | "document template"
            | "archivo"
            | "arquivo"
            | "datei"
            | "fichier"
    )
}

/// `every 15 minutes` in the message itself, or in the prose of its section.
fn cadence(reading: &Reading<'_>, section: usize, code: &str) -> Option<u64> {
    time::every(code).or_else(|| {
        reading
            .section(section)
            .blocks
            .iter()
            .filter_map(Block::para)
            .find_map(time::every)
    })
}

fn moment(text: &str) -> &'static str {
    const AFTER: &[&str] = &[
        "after|complete|completed|resolved|restored|done|success|all clear|final",
        "después|completad|concluíd|nach|abgeschlossen|après|terminé|完成|恢复|完了|완료",
        "заверш|zakończ",
    ];
    const DURING: &[&str] = &[
        "during|in progress|progress|update|ongoing|durante|en curso|em andamento",
        "während|pendant|en cours|进行中|実施中|進行中|진행|в процессе|w trakcie",
    ];
    const BEFORE: &[&str] = &[
        "before|initiat|initial|start|begin|alert|announce|antes|inicio|início|vor",
        "beginn|avant|début|开始|開始|시작|начал|przed|action",
    ];
    if says_any(text, &["initial alert", "when initiating"]) {
        "before"
    } else if says_any(text, DURING) {
        "during"
    } else if says_any(text, AFTER) {
        "after"
    } else if says_any(text, BEFORE) {
        "before"
    } else {
        ""
    }
}

/// A table with a column to be filled in.
fn from_table(reading: &mut Reading<'_>, section: usize, at: usize, block: &Block, grid: &Grid) {
    let title = plain(&reading.name_of(section, at));
    let id = reading.id(&format!("template/{}", slug(&title)));
    let text = reading.raw(block.span).clone();
    let fields = forms::fields(&id, &text, block, grid);
    reading.take_block(block);
    claim_lead(reading, section, at);
    reading.plan.templates.push(Template {
        id: TemplateId::new(id),
        kind: TemplateKind::IncidentLog,
        title,
        moment: String::new(),
        every_s: None,
        text,
        fields,
        span: block.span,
    });
}

/// A list of blanks, such as a retrospective to fill in: one log over the whole list.
fn from_list(reading: &mut Reading<'_>, section: usize, at: usize, block: &Block, list: &List) {
    let title = reading.name_of(section, at);
    let id = reading.id(&format!("template/{}", slug(&title)));
    let raw = reading.raw(block.span);
    let indent = raw
        .lines()
        .filter(|l| !l.trim().is_empty())
        .map(|l| l.len() - l.trim_start().len())
        .min()
        .unwrap_or(0);
    let text = raw
        .lines()
        .map(|l| l.get(indent..).unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n");
    let fields = fields::find(&id, &text, block.span.first, true);
    debug_assert!(!list.items.is_empty());
    reading.take_block(block);
    claim_lead(reading, section, at);
    let title = plain(&title);
    reading.plan.templates.push(Template {
        id: TemplateId::new(id),
        kind: TemplateKind::IncidentLog,
        title,
        moment: String::new(),
        every_s: None,
        text,
        fields,
        span: block.span,
    });
}
