//! The way through a text: blocks that may run or not, again, or in a shell of their own, and what
//! is still known behind them.

use super::ground::{Ground, Touch};
use super::words::{means_itself, raw};
use super::{MOST_EACH, Walk};
use crate::script::shell::calls::{Call, Calls};
use crate::script::shell::course::{Block, Turn};
use crate::script::shell::values::variables;

/// Loops within loops are read this deep.
const DEEPEST: usize = 4;

/// A command of the text, or what lies between two.
#[derive(Clone, Copy)]
pub(super) enum Item<'a> {
    Call(&'a Call),
    Turn(&'a Turn),
}

/// Commands and turns in the order of the text.
pub(super) fn items(found: &Calls) -> Vec<Item<'_>> {
    let mut items = Vec::new();
    let mut turns = found.course.iter().peekable();
    for (at, call) in found.all.iter().enumerate() {
        while let Some((_, turn)) = turns.next_if(|(before, _)| *before <= at) {
            items.push(Item::Turn(turn));
        }
        items.push(Item::Call(call));
    }
    items.extend(turns.map(|(_, turn)| Item::Turn(turn)));
    items
}

/// What runs the commands: the words before them, and how deep they stand in others.
#[derive(Clone, Copy)]
pub(super) struct By<'a> {
    pub prefix: &'a [String],
    pub depth: u32,
}

impl Walk {
    pub(super) fn run(&mut self, items: &[Item<'_>], by: By<'_>) {
        let mut at = 0;
        while let Some(item) = items.get(at) {
            match item {
                Item::Call(call) => self.call(call, by.prefix, by.depth),
                Item::Turn(Turn::Enter(block)) => {
                    let end = end_of(items, at);
                    let body = items.get(at + 1..end).unwrap_or_default();
                    self.block(block, body, by);
                    at = end;
                }
                Item::Turn(turn) => self.turn(turn),
            }
            at += 1;
        }
    }

    fn turn(&mut self, turn: &Turn) {
        match turn {
            Turn::Set {
                name,
                value,
                adds,
                how,
            } => {
                let touch = self.ground.set(name, value.as_ref(), *adds, how);
                self.touched.push(touch);
            }
            Turn::Counts(text) => self.counts(text),
            Turn::Anything(text) => self.touch(Touch::All(format!(
                "what {text} sets is only known when it runs"
            ))),
            Turn::Enter(_) | Turn::Leave | Turn::And | Turn::Or => {}
        }
    }

    /// Arithmetic may set each name in it.
    pub(super) fn counts(&mut self, text: &str) {
        let names = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        for name in names.filter(|n| n.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')) {
            self.open(name, format!("${name} is only known when it runs"));
        }
    }

    pub(super) fn open(&mut self, name: &str, why: String) {
        let touch = self.ground.opened(name, why);
        self.touched.push(touch);
    }

    fn block(&mut self, block: &Block, body: &[Item<'_>], by: By<'_>) {
        match block {
            Block::Chain => self.chain(body, by),
            Block::Subshell => self.apart(|walk| walk.run(body, by)),
            Block::Branch => {
                let (saved, from) = (self.ground.clone(), self.touched.len());
                self.run(body, by);
                if exits(body) {
                    self.touched.truncate(from);
                    self.ground = saved;
                } else {
                    self.ground = saved.without(self.since(from), "in a branch that may not run");
                }
            }
            Block::Again => self.again(None, body, by),
            Block::Each {
                names,
                words,
                given,
            } => {
                let plain = *given
                    && names.len() == 1
                    && !words.is_empty()
                    && words.len() <= MOST_EACH
                    && words.iter().all(means_itself);
                if let (Some(name), true) = (names.first(), plain) {
                    let words = words.iter().filter_map(|w| raw(w).ok());
                    let words = words.map(|raw| raw.text).collect();
                    return self.again(Some((name.clone(), words)), body, by);
                }
                for name in names {
                    self.open(name, format!("${name} is only known when it runs"));
                }
                self.again(None, body, by);
            }
            Block::Function(names) => {
                let (saved, from) = (self.ground.clone(), self.touched.len());
                let why = "it stands in a function, whose calls are not followed";
                self.ground.all = Some(why.to_owned());
                self.run(body, by);
                let touched = self.touched.split_off(from);
                self.ground = saved;
                let new = names.iter().map(|name| (name.clone(), touched.clone()));
                self.functions.extend(new);
            }
        }
    }

    fn since(&self, from: usize) -> &[Touch] {
        self.touched.get(from..).unwrap_or_default()
    }

    /// Something in a shell of its own: what it leaves is what is on the disk.
    pub(super) fn apart(&mut self, inner: impl FnOnce(&mut Self)) {
        let (saved, from) = (self.ground.clone(), self.touched.len());
        inner(self);
        let touched = self.touched.split_off(from);
        let within = std::mem::replace(&mut self.ground, saved);
        for touch in touched {
            if self.ground.takes(&within, &touch) {
                self.touched.push(touch);
            }
        }
    }

    /// Commands that run several times, or not at all: what one round leaves is there in the next.
    fn again(&mut self, each: Option<(String, Vec<String>)>, body: &[Item<'_>], by: By<'_>) {
        let why = "in a loop";
        if self.loops >= DEEPEST {
            let why = "it stands in loops too deep to be followed";
            return self.touch(Touch::All(why.to_owned()));
        }
        self.loops += 1;
        let (saved, from) = (self.ground.clone(), self.touched.len());
        let kept = (self.found.len(), self.remarks.len(), self.functions.len());
        self.run(body, by);
        self.found.truncate(kept.0);
        self.remarks.truncate(kept.1);
        self.functions.truncate(kept.2);
        let left = self.touched.split_off(from);
        self.ground = saved.clone().without(&left, why);
        let name = each.as_ref().map(|(name, _)| name.clone());
        if let Some(each) = each {
            let touch = self.ground.each(&each.0);
            self.touched.push(touch);
            self.each.push(each);
        }
        self.run(body, by);
        if name.is_some() {
            self.each.pop();
        }
        self.loops -= 1;
        self.ground = saved.without(self.since(from), why);
    }

    /// Commands with `&&` and `||` between them.
    fn chain(&mut self, body: &[Item<'_>], by: By<'_>) {
        let (base, from) = (self.ground.clone(), self.touched.len());
        let mut links = links(body).into_iter();
        if let Some((_, first)) = links.next() {
            self.run(first, by);
        }
        // What is so whether or not the rest of it runs.
        let mut sure: Option<(Ground, usize)> = None;
        for (or, link) in links {
            if !or {
                sure.get_or_insert_with(|| (self.ground.clone(), self.touched.len()));
                self.run(link, by);
                continue;
            }
            let (well, mark) = (self.ground.clone(), self.touched.len());
            let why = "in a command that may have failed";
            self.ground = base.clone().without(self.since(from), why);
            self.run(link, by);
            if exits(link) {
                self.touched.truncate(mark);
                self.ground = well;
            } else {
                self.ground = base.clone().without(self.since(from), why);
            }
            sure = Some((self.ground.clone(), self.touched.len()));
        }
        if let Some((sure, mark)) = sure {
            self.ground = sure.without(self.since(mark), "in a command that may not run");
        }
    }

    /// The values of the loops around that a question may rest on; none where they are too many.
    pub(super) fn ways(&self, names: &[String]) -> Option<Vec<Vec<(String, String)>>> {
        let set = variables(&self.ground.before(&[], true));
        let mut ways = vec![Vec::new()];
        for (name, words) in &self.each {
            if !names.contains(name) && !set.contains(name) {
                continue;
            }
            ways = ways
                .iter()
                .flat_map(|way: &Vec<(String, String)>| {
                    words.iter().map(|word| {
                        let mut way = way.clone();
                        way.push((name.clone(), word.clone()));
                        way
                    })
                })
                .collect();
        }
        (ways.len() <= MOST_EACH).then_some(ways)
    }
}

/// Where the block that begins at a place ends.
fn end_of(items: &[Item<'_>], at: usize) -> usize {
    let mut open = 0;
    for (here, item) in items.iter().enumerate().skip(at) {
        match item {
            Item::Turn(Turn::Enter(_)) => open += 1,
            Item::Turn(Turn::Leave) => open -= 1,
            Item::Turn(_) | Item::Call(_) => {}
        }
        if open == 0 {
            return here;
        }
    }
    items.len()
}

/// The links of a chain, each with whether it runs where something before it failed.
fn links<'a, 'i>(body: &'a [Item<'i>]) -> Vec<(bool, &'a [Item<'i>])> {
    let mut links = Vec::new();
    let (mut at, mut from, mut or) = (0, 0, false);
    while let Some(item) = body.get(at) {
        match item {
            Item::Turn(Turn::Enter(_)) => at = end_of(body, at),
            Item::Turn(turn @ (Turn::And | Turn::Or)) => {
                links.push((or, body.get(from..at).unwrap_or_default()));
                or = *turn == &Turn::Or;
                from = at + 1;
            }
            Item::Turn(_) | Item::Call(_) => {}
        }
        at += 1;
    }
    links.push((or, body.get(from..).unwrap_or_default()));
    links
}

/// Whether nothing behind it runs.
fn exits(body: &[Item<'_>]) -> bool {
    match body.last() {
        Some(Item::Call(call)) => matches!(call.program(), Some("exit" | "return")),
        Some(Item::Turn(_)) | None => false,
    }
}
