//! A drawing as things and the lines between them, and the questions that follow from it.
//!
//! Two drawings come to this: boxes and lines in a fence, and mermaid. A thing asks if a line
//! that leaves it carries an answer. Whatever branches otherwise is not understood.

use super::Drawn;
use super::chart::{Chart, Side, answer, asks};

/// A thing in a drawing.
pub struct Item {
    /// What it says.
    pub text: String,
    /// Its first and last line in the document.
    pub lines: (u32, u32),
    /// It is drawn as a decision, whatever it says.
    pub decides: bool,
}

/// A line from one thing to another.
pub struct Edge {
    /// The thing that it leaves.
    pub from: usize,
    /// The thing that it leads to.
    pub to: usize,
    /// What is written on it.
    pub label: String,
}

/// A drawing.
#[derive(Default)]
pub struct Graph {
    /// What is in it, in order.
    pub items: Vec<Item>,
    /// What connects them.
    pub edges: Vec<Edge>,
}

/// Where a line leads whose answer is known.
enum Way {
    /// A yes or a no.
    Said(bool, usize),
    /// An answer by name, such as `P1` or `the database`.
    Named(String, usize),
}

/// The lines that leave a thing, where it asks.
type Answers = Vec<Way>;

impl Graph {
    /// The questions of the drawing.
    pub fn read(&self) -> Drawn {
        let mut out: Vec<Vec<&Edge>> = vec![Vec::new(); self.items.len()];
        for edge in &self.edges {
            if let Some(list) = out.get_mut(edge.from) {
                list.push(edge);
            }
        }
        if out.iter().all(|o| o.len() < 2) {
            let answered = self.edges.iter().any(|e| answer(&e.label).is_some());
            return if answered {
                Drawn::Unclear
            } else {
                Drawn::Nothing
            };
        }
        let of = |(o, item): (&Vec<&Edge>, &Item)| {
            answers(o).or_else(|| (item.decides || asks(&item.text)).then(|| named(o))?)
        };
        let all = out.iter().zip(&self.items).map(of);
        let Some(answers) = all.collect::<Option<Vec<_>>>() else {
            return Drawn::Unclear;
        };
        let order = self.order(&out);
        let mut chart = Chart::default();
        let mut node_of: Vec<Option<usize>> = vec![None; self.items.len()];
        let mut used = vec![false; self.items.len()];
        for &at in &order {
            if let (Some(item), Some(false)) =
                (self.items.get(at), answers.get(at).map(Vec::is_empty))
                && let Some(slot) = node_of.get_mut(at)
            {
                *slot = Some(chart.nodes.len());
                begin(&mut chart, item, answers.get(at).map_or(&[], Vec::as_slice));
                mark(&mut used, at);
            }
        }
        for &at in &order {
            let (Some(&Some(node)), Some(found)) = (node_of.get(at), answers.get(at)) else {
                continue;
            };
            for (nth, way) in found.iter().enumerate() {
                let (node, yes, to) = match way {
                    Way::Said(yes, to) => (node, *yes, *to),
                    Way::Named(_, to) => (node + nth, true, *to),
                };
                let side = self.follow(to, &out, &node_of, &mut used);
                chart.set(node, yes, side);
            }
        }
        if chart.nodes.is_empty() {
            return Drawn::Nothing;
        }
        // A question that no line leaves and no answer leads to is a part that was not understood.
        let apart = |(at, item): (usize, &Item)| {
            let alone = out.get(at).is_none_or(Vec::is_empty);
            alone && asks(&item.text) && used.get(at) != Some(&true)
        };
        if self.items.iter().enumerate().any(apart) {
            return Drawn::Unclear;
        }
        Drawn::Chart(chart, self.left(&used))
    }

    /// What is to be done from a thing on, until a question is asked or the line ends.
    fn follow(
        &self,
        from: usize,
        out: &[Vec<&Edge>],
        node_of: &[Option<usize>],
        used: &mut [bool],
    ) -> Side {
        let mut doing: Vec<&str> = Vec::new();
        let mut passed: Vec<usize> = Vec::new();
        let mut at = from;
        loop {
            if let Some(&Some(node)) = node_of.get(at) {
                return Side::of(doing.join(", "), Some(node));
            }
            let Some(item) = self.items.get(at).filter(|_| !passed.contains(&at)) else {
                break;
            };
            passed.push(at);
            mark(used, at);
            doing.push(&item.text);
            let Some(edge) = out.get(at).and_then(|o| o.first()) else {
                break;
            };
            if !edge.label.is_empty() {
                doing.push(&edge.label);
            }
            // A way that is very long leads in circles or is no answer.
            if passed.len() > 40 {
                break;
            }
            at = edge.to;
        }
        doing.retain(|t| !t.is_empty());
        Side::of(doing.join(", "), None)
    }

    /// All things, each after what leads to it, from those that nothing leads to.
    fn order(&self, out: &[Vec<&Edge>]) -> Vec<usize> {
        let count = self.items.len();
        let mut led = vec![false; count];
        for edge in self.edges.iter().filter(|e| e.from != e.to) {
            mark(&mut led, edge.to);
        }
        let roots = (0..count).filter(|i| led.get(*i) == Some(&false));
        let mut waiting: std::collections::VecDeque<usize> = roots.collect();
        let mut seen = vec![false; count];
        let mut order = Vec::new();
        let mut rest = 0..count;
        loop {
            let Some(at) = waiting.pop_front().or_else(|| rest.next()) else {
                return order;
            };
            if seen.get(at) != Some(&false) {
                continue;
            }
            mark(&mut seen, at);
            order.push(at);
            waiting.extend(out.get(at).into_iter().flatten().map(|e| e.to));
        }
    }

    /// The lines of what is in no question and no answer.
    fn left(&self, used: &[bool]) -> Vec<u32> {
        let is_used = |at: usize| used.get(at) == Some(&true);
        let items = || self.items.iter().enumerate();
        let mut left: Vec<u32> = items()
            .filter(|(at, i)| !is_used(*at) && !i.text.is_empty())
            .flat_map(|(_, i)| i.lines.0..=i.lines.1)
            .collect();
        left.sort_unstable();
        left.dedup();
        left
    }
}

fn mark(flags: &mut [bool], at: usize) {
    if let Some(flag) = flags.get_mut(at) {
        *flag = true;
    }
}

/// The answers on the lines that leave a thing: none where it asks nothing, and nothing at all
/// where it branches otherwise. One line without an answer beside one with is the other answer.
fn answers(out: &[&Edge]) -> Option<Answers> {
    let said = |e: &&Edge| match answer(&e.label) {
        Some((yes, "")) => Some(yes),
        _ => None,
    };
    match out {
        [] => Some(Vec::new()),
        [one] => Some(
            said(one)
                .map(|yes| Way::Said(yes, one.to))
                .into_iter()
                .collect(),
        ),
        [one, two] => {
            let (first, second) = match (said(one), said(two)) {
                (Some(a), Some(b)) if a != b => (a, b),
                (Some(a), None) if two.label.is_empty() => (a, !a),
                (None, Some(b)) if one.label.is_empty() => (!b, b),
                _ => return None,
            };
            Some(vec![Way::Said(first, one.to), Way::Said(second, two.to)])
        }
        _ => None,
    }
}

/// The answers by name on the lines that leave a question: each line says one, and no two the same.
fn named(out: &[&Edge]) -> Option<Answers> {
    let mut seen = std::collections::HashSet::new();
    let fits = |e: &&Edge| {
        let label = e.label.trim();
        !label.is_empty() && answer(label).is_none() && seen.insert(label.to_lowercase())
    };
    let whole = (2..=MOST_ANSWERS).contains(&out.len()) && out.iter().all(fits);
    whole.then(|| {
        let way = |e: &&Edge| Way::Named(e.label.trim().to_owned(), e.to);
        out.iter().map(way).collect()
    })
}

/// More ways from one thing are no answers to a question.
const MOST_ANSWERS: usize = 9;

/// Puts a question into the chart. Of answers by name each is asked for, one after the other.
fn begin(chart: &mut Chart, item: &Item, ways: &[Way]) {
    let first = chart.nodes.len();
    let names: Vec<&str> = ways
        .iter()
        .filter_map(|w| match w {
            Way::Named(name, _) => Some(name.as_str()),
            Way::Said(..) => None,
        })
        .collect();
    if names.is_empty() {
        chart.node(&item.text, item.lines.0);
        return;
    }
    let ask = item.text.trim_end_matches([':', '：', ' ']);
    for (nth, name) in names.iter().enumerate() {
        let mark = if asks(ask) { " " } else { ": " };
        let node = chart.node(&format!("{ask}{mark}{name}?"), item.lines.0);
        if nth + 1 < names.len() {
            chart.set(node, false, Side::Node(first + nth + 1));
        } else if let Some(node) = chart.nodes.get_mut(node) {
            // None of the names that the plan gives: it says nothing about that.
            node.last_of_many = true;
        }
    }
}
