//! Decision questions from lists: a question, and below it items that begin with the answers.
//!
//! A list is read where every item of it is a question that is answered. What an answer says
//! below itself belongs to its outcome; what belongs to no answer stays text.

use super::super::actions;
use super::super::blocks::{Block, Entry, List};
use super::super::flow;
use super::super::inline::plain;
use super::super::marks::Mark;
use super::super::reading::Reading;
use super::super::words::{self, Numbered, Role};
use super::chart::{Chart, Side, answer, answer_in, asks};
use crate::domain::plan::{Span, UnplacedKind};

/// Reads one block of a section, if it is a list of questions or the answers to one.
pub fn read(reading: &mut Reading<'_>, index: usize, at: usize, block: &Block) {
    let section = reading.section(index);
    let work = |m: &Mark| matches!(m, Mark::Procedure(_) | Mark::Step { .. });
    if section.marks.iter().any(work) || !block.marks.is_empty() || block.has_fence() {
        return;
    }
    let triage = section.role == Some(Role::Triage);
    let step = matches!(words::numbered(&section.title), Some((Numbered::Step, _)));
    if !triage && (step || block.list().is_some_and(names_commands)) {
        return;
    }
    if let Some(text) = block.para() {
        return said_in_prose(reading, index, at, block, text);
    }
    let Some(list) = block.list() else { return };
    let mut reader = Reader::default();
    if list.items.iter().all(|e| answer_in(&e.text).is_some()) {
        return answers_below(reading, index, at, block, list);
    }
    let found = reader.level(&list.items);
    if found.other.is_empty() && reader.is_sure() {
        reader.go_on(&found.nodes);
        take(reading, index, block, reader);
    }
}

/// The chart of a list that is declared to hold questions, and the lines that are in none.
pub fn declared(list: &List) -> (Chart, Vec<Span>) {
    let mut reader = Reader::default();
    let found = reader.level(&list.items);
    reader.left.extend(found.other.iter().map(|e| e.span));
    reader.go_on(&found.nodes);
    (reader.chart, reader.left)
}

fn take(reading: &mut Reading<'_>, index: usize, block: &Block, reader: Reader) {
    reading.take_block(block);
    leave(reading, index, &reader.left);
    super::publish(reading, reader.chart, block.span);
}

/// Keeps as text what is in no question.
pub fn leave(reading: &mut Reading<'_>, index: usize, left: &[Span]) {
    let heading = &reading.section(index).title;
    for span in left {
        let lines: Vec<u32> = (span.first..=span.last).collect();
        reading.leave_lines(UnplacedKind::List, heading, &lines);
    }
}

/// An item names a command, which would be offered where the list is work.
fn names_commands(list: &List) -> bool {
    list.items.iter().any(|e| {
        actions::inline_command(&flow::joined(&e.text)).is_some()
            || e.children
                .iter()
                .filter_map(Block::list)
                .any(names_commands)
    })
}

/// The question that stands before its answers: the end of the prose, or the heading.
fn asked_before(
    reading: &Reading<'_>,
    index: usize,
    at: usize,
) -> Option<(String, u32, Option<usize>)> {
    let section = reading.section(index);
    if let Some((para, _)) = reading.intro(index, at) {
        let block = section.blocks.get(para)?;
        let text = plain(&block.para()?.replace('\n', " "));
        let last = flow::last_sentence(&text);
        if asks(last) {
            let whole = last.len() == text.len() && reading.is_free(block.atom);
            return Some((last.to_owned(), block.span.first, whole.then_some(para)));
        }
    }
    asks(&section.title).then(|| (words::bare(&section.title).to_owned(), section.line, None))
}

/// A list of nothing but answers below a question.
fn answers_below(reading: &mut Reading<'_>, index: usize, at: usize, block: &Block, list: &List) {
    let Some((ask, line, para)) = asked_before(reading, index, at) else {
        return;
    };
    let mut reader = Reader::default();
    let node = reader.chart.node(&ask, line);
    for entry in &list.items {
        reader.branch(node, entry);
    }
    if !reader.is_sure() {
        return;
    }
    if let Some(block) = para.and_then(|p| reading.section(index).blocks.get(p)) {
        reading.take(block.atom);
    }
    let first = if para.is_some() {
        line
    } else {
        block.span.first
    };
    reading.take_block(block);
    leave(reading, index, &reader.left);
    let span = Span {
        first,
        last: block.span.last,
    };
    super::publish(reading, reader.chart, span);
}

/// `**Down?**` and lines that begin with the answers, in one paragraph.
fn said_in_prose(reading: &mut Reading<'_>, index: usize, at: usize, block: &Block, text: &str) {
    let (own, said) = split_lines(text);
    if said.len() != 2 || said.iter().all(|s| s.0) || !said.iter().any(|s| s.0) {
        return;
    }
    let (ask, line) = if own.is_empty() {
        match asked_before(reading, index, at) {
            Some((ask, line, _)) => (ask, line),
            None => return,
        }
    } else {
        (own, block.span.first)
    };
    if !asks(&ask) || said.iter().any(|s| s.1.is_empty()) {
        return;
    }
    let mut chart = Chart::default();
    let node = chart.node(&ask, line);
    for (yes, rest) in said {
        chart.set(node, yes, Side::Outcome(rest));
    }
    reading.take(block.atom);
    super::publish(reading, chart, block.span);
}

/// What a text says before its answers, and the answers on lines of their own.
fn split_lines(text: &str) -> (String, Vec<(bool, String)>) {
    let mut own = String::new();
    let mut said: Vec<(bool, String)> = Vec::new();
    for line in text.lines() {
        if let Some((yes, rest)) = answer_in(line.trim()) {
            said.push((yes, rest));
            continue;
        }
        let to = said.last_mut().map_or(&mut own, |s| &mut s.1);
        if !to.is_empty() {
            to.push(' ');
        }
        to.push_str(&plain(line));
    }
    let inline = said.is_empty().then(|| own.find(['?', '？'])).flatten();
    if let Some(mark) = inline {
        let end = own
            .get(mark..)
            .and_then(|t| t.chars().next())
            .map_or(mark, |c| mark + c.len_utf8());
        let found = split_inline(own.get(end..).unwrap_or_default());
        if !found.is_empty() {
            own.truncate(end);
            return (own, found);
        }
    }
    (own, said)
}

/// `Yes → this. No → that` after a question.
fn split_inline(rest: &str) -> Vec<(bool, String)> {
    const SIGNS: &[char] = &['→', '⇒', ':', '：', '='];
    let rest = rest.trim();
    let Some((first, _)) = answer(rest) else {
        return Vec::new();
    };
    let words = rest.char_indices().filter(|(at, c)| {
        let before = rest.get(..*at).and_then(|t| t.chars().next_back());
        c.is_alphabetic() && before.is_some_and(|b| !b.is_alphanumeric())
    });
    let other = words.map(|(at, _)| at).find(|&at| {
        let tail = rest.get(at..).unwrap_or_default();
        let word = tail.trim_start_matches(char::is_alphabetic).trim_start();
        word.starts_with(SIGNS) && answer(tail).is_some_and(|(yes, _)| yes != first)
    });
    let (one, two) = rest.split_at(other.unwrap_or(rest.len()));
    let part = |t: &str| {
        let (yes, text) = answer(t)?;
        let text = text.trim_end_matches([' ', ';', '/', '|', ',', '，', '；']);
        Some((yes, text.to_owned()))
    };
    [one, two]
        .into_iter()
        .filter(|t| !t.is_empty())
        .filter_map(part)
        .collect()
}

/// What a level of a list holds.
struct Level<'a> {
    nodes: Vec<usize>,
    other: Vec<&'a Entry>,
}

#[derive(Default)]
struct Reader {
    chart: Chart,
    left: Vec<Span>,
}

impl Reader {
    /// Both answers are given somewhere.
    fn is_sure(&self) -> bool {
        let given = |side: fn(&super::chart::Node) -> &Side| {
            let nodes = &mut self.chart.nodes.iter();
            nodes.any(|n| !matches!(side(n), Side::Nowhere))
        };
        given(|n| &n.yes) && given(|n| &n.no)
    }

    /// The questions among some items, with their answers; these may stand beside them as well.
    fn level<'a>(&mut self, items: &'a [Entry]) -> Level<'a> {
        let mut found = Level {
            nodes: Vec::new(),
            other: Vec::new(),
        };
        let mut bare: Option<usize> = None;
        for (at, entry) in items.iter().enumerate() {
            if answer_in(&entry.text).is_some() {
                match bare {
                    Some(node) => self.branch(node, entry),
                    None => found.other.push(entry),
                }
                continue;
            }
            bare = None;
            let beside = items
                .get(at + 1)
                .is_some_and(|e| answer_in(&e.text).is_some());
            if let Some(node) = self.question(entry) {
                found.nodes.push(node);
            } else if beside && asks(&entry.text) {
                let node = self
                    .chart
                    .node(&entry.text.replace('\n', " "), entry.span.first);
                self.left.extend(entry.children.iter().map(|c| c.span));
                found.nodes.push(node);
                bare = Some(node);
            } else {
                found.other.push(entry);
            }
        }
        found
    }

    /// An item that asks and is answered.
    fn question(&mut self, entry: &Entry) -> Option<usize> {
        let (own, said) = split_lines(&entry.text);
        let below = || {
            let lists = entry.children.iter().filter_map(Block::list);
            lists
                .flat_map(|l| &l.items)
                .filter_map(|e| answer_in(&e.text))
                .map(|a| a.0)
        };
        let all: Vec<bool> = said.iter().map(|s| s.0).chain(below()).collect();
        let both = all.contains(&true) && all.contains(&false);
        if own.is_empty() || all.is_empty() || !(asks(&own) || both) {
            return None;
        }
        let node = self.chart.node(&own, entry.span.first);
        for (yes, rest) in said {
            self.chart.set(node, yes, Side::of(rest, None));
        }
        self.answers(node, entry);
        Some(node)
    }

    /// The answers below an item, for a question that is known.
    fn answers(&mut self, node: usize, entry: &Entry) {
        for child in &entry.children {
            let Some(list) = child.list() else {
                self.left.push(child.span);
                continue;
            };
            for inner in &list.items {
                if answer_in(&inner.text).is_some() {
                    self.branch(node, inner);
                } else {
                    self.left.push(inner.span);
                }
            }
        }
    }

    /// What an answer says.
    fn branch(&mut self, node: usize, entry: &Entry) {
        let Some((yes, mut rest)) = answer_in(&entry.text.replace('\n', " ")) else {
            return;
        };
        if !self.chart.is_open(node, yes) {
            return self.left.push(entry.span);
        }
        let lists = || entry.children.iter().filter_map(Block::list);
        let answered = lists()
            .flat_map(|l| &l.items)
            .any(|e| answer_in(&e.text).is_some());
        if answered && !rest.is_empty() {
            // `No: is it slow?`, and the answers to that below.
            let next = self.chart.node(&rest, entry.span.first);
            self.answers(next, entry);
            return self.chart.set(node, yes, Side::Node(next));
        }
        let mut next = None;
        for child in &entry.children {
            let Some(list) = child.list() else {
                match child.para() {
                    Some(text) => add(&mut rest, &plain(&text.replace('\n', " "))),
                    None => self.left.push(child.span),
                }
                continue;
            };
            let found = self.level(&list.items);
            let asked = found.nodes.first().and_then(|n| self.chart.nodes.get(*n));
            let asked = next.map_or(asked.map_or(u32::MAX, |n| n.line), |_| 0);
            for entry in &found.other {
                // What follows a question is no part of what is done before it.
                if entry.span.first < asked {
                    add(&mut rest, &entry.said());
                } else {
                    self.left.push(entry.span);
                }
            }
            self.go_on(&found.nodes);
            next = next.or(found.nodes.first().copied());
        }
        self.chart.set(node, yes, Side::of(rest, next));
    }

    /// `No → continue` leads to the question that follows, `No → question 3` to the third.
    fn go_on(&mut self, nodes: &[usize]) {
        for (at, &node) in nodes.iter().enumerate() {
            let Some(n) = self.chart.nodes.get_mut(node) else {
                continue;
            };
            for side in [&mut n.yes, &mut n.no] {
                let to = match side {
                    Side::Outcome(text) => goes_on(text, at),
                    _ => None,
                };
                if let Some(next) = to.and_then(|t| nodes.get(t)) {
                    *side = Side::Node(*next);
                }
            }
        }
    }
}

fn add(text: &mut String, more: &str) {
    if !text.is_empty() && !more.is_empty() {
        text.push_str("; ");
    }
    text.push_str(more);
}

/// The number of the question that an outcome leads to, where it says nothing else.
fn goes_on(text: &str, from: usize) -> Option<usize> {
    const NEXT: &[&str] = &[
        "continue|continue to next question|continue to the next question|next question|go to next question|go to the next question|go on",
        "weiter|nächste frage|weiter mit der nächsten frage|siguiente pregunta|siguiente|ir a la siguiente pregunta",
        "continuar|próxima pergunta|ir para a próxima pergunta|question suivante|passer à la question suivante",
        "下一个问题|继续|次の質問へ|次の質問|다음 질문|следующий вопрос|далее|następne pytanie|dalej|sonraki soru",
    ];
    const QUESTION: &[&str] =
        &["question|frage|pregunta|pergunta|вопрос|вопросу|pytanie|pytania|soru|问题|質問|질문"];
    let lower = text.to_lowercase();
    let lower = lower.trim_matches(|c: char| !c.is_alphanumeric());
    if words::each(NEXT).any(|w| w == lower) {
        return Some(from + 1);
    }
    let (before, number) = lower.rsplit_once([' ', '#']).unwrap_or((lower, ""));
    let says = before.split([' ', '#']).rfind(|w| !w.is_empty());
    let asked = says.is_some_and(|w| words::each(QUESTION).any(|q| q == w));
    let short = before.split_whitespace().count() <= 4;
    let number: usize = number.parse().ok().filter(|_| asked && short)?;
    number.checked_sub(1).filter(|n| *n != from)
}
