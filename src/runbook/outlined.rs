//! A block without a label that is a plan in itself: `STEP 1: …`, with what is to be done below.
//!
//! Read as the numbered list that its author drew: a step for each head, bullets and numbered
//! lines as things to do in it, stretches of commands as blocks of their own. Only a block that
//! begins with such a head, and has another, is read so; everything else stays a block.

use std::sync::OnceLock;

use super::blocks::{Atom, Block, Entry, Fence, Kind, List};
use super::time;
use super::told::Told;
use super::words::{self, Numbered, each};
use crate::domain::plan::Span;
use crate::script::shell;

/// The numbered list that a block is, if it is one.
pub fn list(code: &str, first: u32, atom: &mut impl FnMut() -> Atom) -> Option<List> {
    let lines: Vec<Line<'_>> = (first..).zip(code.lines()).filter_map(Line::of).collect();
    let base = lines.first().filter(|l| l.head().is_some())?.column;
    let heads = |l: &&Line<'_>| l.column == base && l.head().is_some();
    let form = code.matches("____").count() >= 3;
    let drawn = |l: &Line<'_>| !l.text.contains(char::is_alphanumeric);
    if form || lines.iter().filter(heads).count() < 2 || lines.iter().any(drawn) {
        return None;
    }
    let mut items: Vec<Entry> = Vec::new();
    let mut rest = lines.as_slice();
    while let Some((head, below)) = rest.split_first() {
        let count = below.iter().take_while(|l| !heads(l)).count();
        let (own, after) = below.split_at_checked(count)?;
        let (number, text) = head.head()?;
        items.push(Entry {
            span: Span {
                first: head.number,
                last: own.last().map_or(head.number, |l| l.number),
            },
            atom: atom(),
            number: Some(number),
            task: None,
            marks: Vec::new(),
            text,
            children: children(own, atom),
        });
        rest = after;
    }
    Some(List {
        ordered: true,
        items,
    })
}

#[derive(Clone, Copy)]
struct Line<'a> {
    number: u32,
    column: usize,
    text: &'a str,
}

impl<'a> Line<'a> {
    fn of((number, line): (u32, &'a str)) -> Option<Self> {
        let text = line.trim();
        let column = line.chars().take_while(|c| c.is_whitespace()).count();
        (!text.is_empty()).then_some(Self {
            number,
            column,
            text,
        })
    }

    /// `STEP 2: Stop`: the number and the words.
    fn head(&self) -> Option<(u32, String)> {
        let (Numbered::Step, ordinal) = words::numbered(self.text)? else {
            return None;
        };
        let at = self.text.find(ordinal.as_str())? + ordinal.len();
        let rest = self.text.get(at..)?.trim_start();
        let words = rest
            .strip_prefix([':', '：', '.', ')', '-', '–', '—'])?
            .trim();
        let number = ordinal.parse().ok()?;
        (!words.is_empty()).then(|| (number, words.to_owned()))
    }

    /// The words behind a bullet, a box or a number.
    fn item(&self) -> Option<(Option<u32>, &'a str)> {
        let digits = self.text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = self.text.split_at_checked(digits)?;
        let rest = if digits > 0 {
            rest.strip_prefix(['.', ')'])?
        } else {
            let marks = ['✅', '☐', '□', '☑', '✓', '✔', '•', '-', '*', '▪', '◦'];
            rest.strip_prefix(marks)?.trim_start_matches('\u{fe0f}')
        };
        let rest = rest.strip_prefix(' ')?.trim_start();
        let boxed = ["[ ]", "[x]", "[X]"]
            .iter()
            .find_map(|b| rest.strip_prefix(b));
        Some((number.parse().ok(), boxed.unwrap_or(rest).trim_start()))
    }

    fn span(&self) -> Span {
        Span {
            first: self.number,
            last: self.number,
        }
    }
}

/// What stands below a head or a bullet.
fn children(lines: &[Line<'_>], atom: &mut impl FnMut() -> Atom) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut rest = lines;
    while let Some((line, below)) = rest.split_first() {
        let Some((number, text)) = line.item() else {
            let count = rest.iter().take_while(|l| l.item().is_none()).count();
            let (own, after) = rest.split_at(count);
            plain(own, &mut found, atom);
            rest = after;
            continue;
        };
        let count = below.iter().take_while(|l| l.column > line.column).count();
        let (own, after) = below.split_at(count);
        rest = after;
        if let Some(said) = remark(text).filter(|_| own.is_empty()) {
            found.push(block(line.span(), Kind::Para(said), atom));
            continue;
        }
        let command = number.is_some() && shell::looks_like_shell(text);
        let entry = Entry {
            span: Span {
                first: line.number,
                last: own.last().map_or(line.number, |l| l.number),
            },
            atom: atom(),
            number,
            task: None,
            marks: Vec::new(),
            text: if command {
                format!("`{text}`")
            } else {
                text.to_owned()
            },
            children: children(own, atom),
        };
        join(&mut found, entry, atom);
    }
    found
}

/// Adds an item to the list that is open, or begins one.
fn join(found: &mut Vec<Block>, entry: Entry, atom: &mut impl FnMut() -> Atom) {
    let ordered = entry.number.is_some();
    if let Some(last) = found.last_mut()
        && let Kind::List(list) = &mut last.kind
        && list.ordered == ordered
    {
        last.span.last = entry.span.last;
        list.items.push(entry);
        return;
    }
    let span = entry.span;
    let items = vec![entry];
    found.push(block(span, Kind::List(List { ordered, items }), atom));
}

/// Lines without a mark: commands where they are nothing else, or words.
fn plain(lines: &[Line<'_>], found: &mut Vec<Block>, atom: &mut impl FnMut() -> Atom) {
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else {
        return;
    };
    let column = lines.iter().map(|l| l.column).min().unwrap_or(0);
    let mut code = String::new();
    let mut next = first.number;
    for line in lines {
        code.extend(std::iter::repeat_n('\n', (line.number - next) as usize));
        code.extend(std::iter::repeat_n(' ', line.column - column));
        code.push_str(line.text);
        next = line.number;
    }
    let span = Span {
        first: first.number,
        last: last.number,
    };
    let kind = if shell::looks_like_shell(&code) {
        Kind::Fence(Fence {
            lang: String::new(),
            attributes: String::new(),
            code,
            code_line: first.number,
            closed: true,
            implied: false,
            told: Told::default(),
            seen: OnceLock::new(),
        })
    } else {
        let words: Vec<&str> = lines.iter().map(|l| l.text).collect();
        Kind::Para(words.join("\n"))
    };
    found.push(block(span, kind, atom));
}

fn block(span: Span, kind: Kind, atom: &mut impl FnMut() -> Atom) -> Block {
    Block {
        span,
        atom: atom(),
        marks: Vec::new(),
        kind,
    }
}

/// `Time: 2 min`, `Note: …`: said about the step, and nothing to do in it.
fn remark(text: &str) -> Option<String> {
    const ABOUT: &[&str] = &[
        "note|nota|hinweis|notiz|remarque|owner|responsible|responsável|pessoa responsável",
        "responsable|verantwortlich|platform|plataforma|plattform|zuständig|ответственный",
        "примечание|备注|负责人|備考|担当",
    ];
    let (label, value) = text.split_once([':', '：'])?;
    let (label, value) = (label.trim(), value.trim());
    let lower = label.to_lowercase();
    let timed = time::estimate(value).is_some() && words::says_any(&lower, TIME);
    let about = each(ABOUT).any(|w| lower == w);
    (!value.is_empty() && (timed || about)).then(|| format!("**{label}:** {value}"))
}

/// Labels of how long something takes.
const TIME: &[&str] = &[
    "time|duration|estimated|eta|tempo|tiempo|duración|duração|zeit|dauer|temps|durée|время",
    "длительность|czas|时间|耗时|時間|시간",
];
