//! Drawings with branches side by side: boxes, columns, lines that part to the left and right.
//!
//! Lines are followed from thing to thing; an answer that stands in or beside a line is what is
//! written on it. Nothing is taken for connected that is not drawn so, and a drawing of which any
//! part stays unclear is not read at all.

use super::Drawn;
use super::chart::{answer, asks};
use super::graph::{Edge, Graph, Item};
use super::grid::{Cell, E, Grid, N, NE, NW, Place, S, SE, SW, W, Words};
use std::collections::HashSet;

/// Whether a drawing goes to both sides, so that it cannot be read line by line.
pub fn is_flat(code: &str) -> bool {
    let tree = code.contains(['├', '╠']);
    let corner = code.contains(['┌', '╔', '╭', '┏', '┬', '┴']) || code.contains("+--");
    let label = |t: &str| answer(t).filter(|(_, rest)| rest.is_empty()).map(|a| a.0);
    let both = |line: &str| {
        let said = || {
            line.split("  ")
                .filter(|t| !t.trim().is_empty())
                .filter_map(label)
        };
        !line.contains(['?', '→']) && said().any(|y| y) && said().any(|y| !y)
    };
    let slopes = |line: &str| {
        line.contains('/') && line.contains('\\') && !line.contains(char::is_alphanumeric)
    };
    let drawn = |line: &str| {
        let mut parts = line.split(['─', '━']).flat_map(|p| p.split("--"));
        parts.clone().count() > 1
            && parts.any(|p| !p.is_empty() && label(p).is_some_and(|_| p.trim().len() < 12))
            && asks(line)
    };
    let stem = |line: &str| {
        let line = line.trim();
        !line.is_empty() && line.chars().all(|c| matches!(c, '│' | '|' | '▼' | ' '))
    };
    corner && !tree
        || code.lines().any(|l| both(l) || slopes(l) || drawn(l))
        || !tree && !code.contains(['└', '╰', '`']) && code.lines().any(stem)
}

/// Reads a drawing.
pub fn read(code: &str, first: u32) -> Drawn {
    let found = Grid::of(code).and_then(|grid| Sheet::of(grid).graph(first));
    let Some(graph) = found else {
        return Drawn::Unclear;
    };
    match graph.read() {
        Drawn::Nothing | Drawn::Unclear => Drawn::Unclear,
        chart @ Drawn::Chart(..) => chart,
    }
}

/// A drawing of more things is no drawing of decisions.
const THINGS: usize = 300;

/// A thing on the sheet.
struct Thing {
    words: Words,
    /// It is an answer, and no more than that.
    label: bool,
}

/// The things of a drawing and the lines between them.
struct Sheet {
    grid: Grid,
    things: Vec<Thing>,
    edges: Vec<(usize, usize)>,
}

/// A line touches a thing.
struct Contact {
    thing: usize,
    /// The way from the line to the thing.
    way: u8,
    /// The line has its head there.
    head: bool,
}

fn is_label(text: &str) -> bool {
    matches!(answer(text), Some((_, "")))
}

impl Sheet {
    fn of(mut grid: Grid) -> Self {
        let boxes = grid.boxes();
        let mut sheet = Self {
            grid,
            things: Vec::new(),
            edges: Vec::new(),
        };
        for words in boxes {
            sheet.add(words);
        }
        for words in sheet.grid.loose_words().into_iter().take(THINGS + 1) {
            sheet.add_loose(words);
        }
        sheet.labels_beside_lines();
        sheet
    }

    fn add(&mut self, words: Words) -> usize {
        let at = self.things.len();
        self.own(&words, at);
        let label = is_label(&words.text);
        self.things.push(Thing { words, label });
        at
    }

    fn own(&mut self, words: &Words, thing: usize) {
        for row in words.from.0..=words.to.0 {
            for column in words.from.1..=words.to.1 {
                self.grid.put((row, column), Cell::Owned(thing));
            }
        }
    }

    /// Words without a box: a line of their own, or more of what stands directly above.
    fn add_loose(&mut self, words: Words) {
        if let Some((_, rest)) = answer(&words.text).filter(|(_, rest)| !rest.is_empty()) {
            // `NO: wait` is an answer with what it leads to.
            let at = words.text.len() - rest.len();
            let (label, rest) = words.text.split_at(at);
            let (from, to, row) = (words.from.1, words.to.1, words.from.0);
            let part = |text: &str| Words {
                text: text.trim().to_owned(),
                from: (row, from),
                to: (row, to),
                boxed: false,
            };
            let (label, rest) = (part(label), part(rest));
            let label = self.add(label);
            let rest = self.add(rest);
            if let Some(thing) = self.things.get_mut(label) {
                thing.label = true;
            }
            self.edges.push((label, rest));
            return;
        }
        let above = self.things.iter().position(|t| {
            !t.label
                && !t.words.boxed
                && t.words.to.0 + 1 == words.from.0
                && overlap(&t.words, &words, 0)
        });
        match above.filter(|_| !is_label(&words.text)) {
            Some(at)
                if self
                    .things
                    .get(at)
                    .is_some_and(|t| !t.words.text.ends_with(['?', '？'])) =>
            {
                self.own(&words, at);
                if let Some(thing) = self.things.get_mut(at) {
                    thing.words.text.push(' ');
                    thing.words.text.push_str(&words.text);
                    thing.words.to = (words.to.0, thing.words.to.1.max(words.to.1));
                    thing.words.from.1 = thing.words.from.1.min(words.from.1);
                }
            }
            _ => {
                self.add(words);
            }
        }
    }

    /// `│ YES`: the line goes through the answer.
    fn labels_beside_lines(&mut self) {
        for at in 0..self.things.len() {
            let Some(thing) = self.things.get(at).filter(|t| t.label && !t.words.boxed) else {
                continue;
            };
            let (row, left, right) = (thing.words.from.0, thing.words.from.1, thing.words.to.1);
            let near = [1, 2]
                .into_iter()
                .flat_map(|d| [left.checked_sub(d), Some(right + d)])
                .flatten();
            let upright = |c: &usize| matches!(self.grid.cell((row, *c)), Cell::Line(ways, _) if ways & (N | S) != 0 && ways & (E | W) == 0);
            let line = near.into_iter().find(upright);
            if let Some(column) = line {
                self.grid.put((row, column), Cell::Owned(at));
            }
        }
    }

    /// The drawing as things and lines between them. None where a line leads from many to many.
    fn graph(mut self, first: u32) -> Option<Graph> {
        if self.things.len() > THINGS {
            return None;
        }
        let mut seen: HashSet<Place> = HashSet::new();
        for row in 0..self.grid.cells.len() {
            for column in 0..self.grid.cells.get(row).map_or(0, Vec::len) {
                if matches!(self.grid.cell((row, column)), Cell::Line(..))
                    && !seen.contains(&(row, column))
                {
                    let contacts = self.line((row, column), &mut seen);
                    self.connect(&contacts)?;
                }
            }
        }
        self.stacked();
        self.edges.sort_unstable();
        self.edges.dedup();
        self.labelled(first)
    }

    /// Follows a line in all its ways, and says what it touches.
    fn line(&self, start: Place, seen: &mut HashSet<Place>) -> Vec<Contact> {
        let mut contacts: Vec<Contact> = Vec::new();
        let mut waiting = vec![start];
        seen.insert(start);
        while let Some(at) = waiting.pop() {
            let Cell::Line(ways, head) = self.grid.cell(at) else {
                continue;
            };
            for way in [N, E, S, W, NE, SE, SW, NW]
                .into_iter()
                .filter(|w| ways & w != 0)
            {
                for next in steps(at, way) {
                    match self.grid.cell(next) {
                        Cell::Owned(thing) => {
                            contacts.push(Contact {
                                thing,
                                way,
                                head: head == way,
                            });
                            break;
                        }
                        Cell::Line(theirs, _) if theirs & back(way) != 0 => {
                            if seen.insert(next) {
                                waiting.push(next);
                            }
                            break;
                        }
                        Cell::Space => {}
                        Cell::Line(..) | Cell::Letter => break,
                    }
                }
            }
        }
        contacts
    }

    /// What a line connects: what it comes from is above or to the left of it, unless its head
    /// says otherwise.
    fn connect(&mut self, contacts: &[Contact]) -> Option<()> {
        let above = contacts
            .iter()
            .any(|c| !c.head && c.way & (N | NE | NW) != 0);
        let headed = contacts.iter().any(|c| c.head);
        let below = contacts.iter().any(|c| c.way & (S | SW | SE) != 0);
        let mut from: Vec<usize> = Vec::new();
        let mut to: Vec<usize> = Vec::new();
        for contact in contacts {
            let source = match contact.way {
                _ if contact.head => false,
                N | NE | NW => true,
                S | SW | SE => false,
                // Sideways: away from what stands above, and on to what stands below.
                W => !above,
                _ => !above && (below || headed) && !contacts.iter().any(|c| c.way == W && !c.head),
            };
            let side = if source { &mut from } else { &mut to };
            if !side.contains(&contact.thing) {
                side.push(contact.thing);
            }
        }
        to.retain(|t| !from.contains(t) || contacts.iter().any(|c| c.head && c.thing == *t));
        if from.len() + to.len() < 2 {
            return Some(());
        }
        if from.is_empty() || to.is_empty() || from.len() > 1 && to.len() > 1 {
            return None;
        }
        for &from in &from {
            self.edges.extend(to.iter().map(|&to| (from, to)));
        }
        Some(())
    }

    /// Answers without a line to them or from them belong to what stands directly above and below.
    fn stacked(&mut self) {
        let mut more = Vec::new();
        for (at, thing) in self.things.iter().enumerate().filter(|(_, t)| t.label) {
            let near = |other: &Thing, gap: usize, below: bool| {
                let (upper, lower) = if below {
                    (&thing.words, &other.words)
                } else {
                    (&other.words, &thing.words)
                };
                !other.label && upper.to.0 + gap == lower.from.0 && overlap(upper, lower, 2)
            };
            let only = |below: bool| {
                [1, 2].into_iter().find_map(|gap| {
                    let mut all = (0..self.things.len())
                        .filter(|i| self.things.get(*i).is_some_and(|t| near(t, gap, below)));
                    let one = all.next()?;
                    Some((one, all.next().is_none()))
                })
            };
            if !self.edges.iter().any(|e| e.1 == at)
                && let Some((one, true)) = only(false)
            {
                more.push((one, at));
            }
            if !self.edges.iter().any(|e| e.0 == at)
                && let Some((one, true)) = only(true)
            {
                more.push((at, one));
            }
        }
        self.edges.extend(more);
    }

    /// The graph in which the answers are what is written on the lines.
    fn labelled(&self, first: u32) -> Option<Graph> {
        let line = |row: usize| first + u32::try_from(row).unwrap_or(0);
        let mut graph = Graph::default();
        let is_label = |at: usize| self.things.get(at).is_some_and(|t| t.label);
        for thing in &self.things {
            let text = if thing.label {
                String::new()
            } else {
                bare(&thing.words.text).to_owned()
            };
            let lines = (line(thing.words.from.0), line(thing.words.to.0));
            graph.items.push(Item {
                text,
                lines,
                decides: false,
            });
        }
        for &(from, to) in self.edges.iter().filter(|(f, _)| !is_label(*f)) {
            let mut edge = Edge {
                from,
                to,
                label: String::new(),
            };
            if is_label(to) {
                edge.label.clone_from(&self.things.get(to)?.words.text);
                let mut on = self.edges.iter().filter(|e| e.0 == to).map(|e| e.1);
                edge.to = on.next().unwrap_or(to);
                if on.next().is_some() || (edge.to != to && is_label(edge.to)) {
                    return None;
                }
            }
            graph.edges.push(edge);
        }
        // An answer to nothing.
        let lost =
            (0..self.things.len()).any(|at| is_label(at) && !self.edges.iter().any(|e| e.1 == at));
        (!lost).then_some(graph)
    }
}

/// The words without the brackets that stand for a box.
fn bare(text: &str) -> &str {
    let inner = [('[', ']'), ('(', ')'), ('{', '}'), ('<', '>')]
        .iter()
        .find_map(|(open, close)| {
            let inner = text.strip_prefix(*open)?.strip_suffix(*close)?;
            (!inner.contains([*open, *close])).then(|| inner.trim())
        });
    inner.unwrap_or(text)
}

/// The words stand over each other, give or take some columns.
fn overlap(a: &Words, b: &Words, slack: usize) -> bool {
    a.from.1 <= b.to.1 + slack && b.from.1 <= a.to.1 + slack
}

fn back(way: u8) -> u8 {
    match way {
        N => S | SE | SW,
        S => N | NE | NW,
        E => W,
        W => E,
        NE => SW | S,
        SW => NE | N,
        NW => SE | S,
        _ => NW | N,
    }
}

/// Where a line goes on in a way; one space may be between, and slopes are drawn loosely.
fn steps((row, column): Place, way: u8) -> Vec<Place> {
    let up = row.checked_sub(1);
    let left = |by: usize| column.checked_sub(by);
    let places = match way {
        N => vec![up.map(|r| (r, column))],
        S => vec![Some((row + 1, column))],
        E => vec![Some((row, column + 1)), Some((row, column + 2))],
        W => vec![left(1).map(|c| (row, c)), left(2).map(|c| (row, c))],
        NE => vec![up.map(|r| (r, column + 1)), up.map(|r| (r, column + 2))],
        SE => vec![Some((row + 1, column + 1)), Some((row + 1, column + 2))],
        SW => vec![left(1).map(|c| (row + 1, c)), left(2).map(|c| (row + 1, c))],
        _ => vec![up.zip(left(1)), up.zip(left(2))],
    };
    places.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(code: &str) -> Vec<String> {
        assert!(is_flat(code), "{code}");
        match read(code, 1) {
            Drawn::Chart(chart, left) => {
                let mut all = chart.told();
                all.extend(left.iter().map(|l| format!("left {l}")));
                all
            }
            Drawn::Unclear => vec!["unclear".into()],
            Drawn::Nothing => Vec::new(),
        }
    }

    #[test]
    fn boxes_side_by_side() {
        let got = told(concat!(
            "          ┌────────────────────┐\n",
            "          │ Is the shop down?  │\n",
            "          └─────────┬──────────┘\n",
            "              ┌─────┴──────┐\n",
            "             YES           NO\n",
            "              │            │\n",
            "              ▼            ▼\n",
            "       ┌────────────┐ ┌──────────────┐\n",
            "       │ Go back    │ │ More than 5% │\n",
            "       │ at once    │ │ errors?      │\n",
            "       └────────────┘ └──────┬───────┘\n",
            "                        ┌────┴────┐\n",
            "                        │ YES     │ NO\n",
            "                        ▼         ▼\n",
            "                     Go back    Watch\n",
        ));
        assert_eq!(
            got,
            [
                "Is the shop down? y:Go back at once n:#1",
                "More than 5% errors? y:Go back n:Watch"
            ]
        );
    }

    #[test]
    fn three_boxes_in_a_row_and_ascii() {
        let got = told(concat!(
            "+-----------+        +-----------+        +---------+\n",
            "| Dienst    |--JA--->| Daten     |--JA--->| Sichern |\n",
            "| gestört?  |        | kaputt?   |        | zuerst  |\n",
            "+-----------+        +-----------+        +---------+\n",
            "      |                    |\n",
            "     NEIN                 NEIN\n",
            "      |                    |\n",
            "      v                    v\n",
            "  Beobachten          Zurückrollen\n",
        ));
        assert_eq!(
            got,
            [
                "Dienst gestört? y:#1 n:Beobachten",
                "Daten kaputt? y:Sichern zuerst n:Zurückrollen"
            ]
        );
    }

    #[test]
    fn brackets_for_boxes_and_a_tree_in_ascii() {
        let got = told(concat!(
            "[Is the queue stuck?] --YES--> [Go back]\n",
            "        |\n       NO\n        |\n        v\n",
            "[Can it be patched?] --NO--> [Go back]\n",
            "        |\n       YES\n        v\n     [Patch]\n",
        ));
        assert_eq!(
            got,
            [
                "Is the queue stuck? y:Go back n:#1",
                "Can it be patched? y:Patch n:Go back"
            ]
        );
        let got = told(
            "Down?\n  |\n  +-- YES --> Go back\n  |\n  +-- NO --> Slow?\n               |\n               +-- YES --> Add a node\n               |\n               +-- NO --> Watch\n",
        );
        assert_eq!(got, ["Down? y:Go back n:#1", "Slow? y:Add a node n:Watch"]);
    }

    #[test]
    fn slopes_to_both_sides() {
        let got = told(concat!(
            "          Is the API down?\n",
            "            /        \\\n",
            "          YES        NO\n",
            "          /            \\\n",
            "     Go back       Are jobs late?\n",
            "                     /     \\\n",
            "                   YES     NO\n",
            "                   /         \\\n",
            "             Add workers    Watch\n",
        ));
        assert_eq!(
            got,
            [
                "Is the API down? y:Go back n:#1",
                "Are jobs late? y:Add workers n:Watch"
            ]
        );
    }

    #[test]
    fn a_spine_with_drawn_lines() {
        let got = told(concat!(
            "Alarm\n  │\n  ▼\n",
            "¿Está caído? ──SÍ──► Revertir\n  │\n  NO\n  │\n  ▼\n",
            "¿Va lento? ── SÍ ──► Añadir nodos\n  │ NO\n  ▼\n",
            "Vigilar\n",
        ));
        assert_eq!(
            got,
            [
                "¿Está caído? y:Revertir n:#1",
                "¿Va lento? y:Añadir nodos n:Vigilar",
                "left 1"
            ]
        );
    }

    #[test]
    fn columns_under_answers_on_one_line() {
        let got = told(
            "        数据损坏？\n         │\n    ┌────┴────┐\n    是        否\n    ↓         ↓\n  恢复备份   仅回退代码\n",
        );
        assert_eq!(got, ["数据损坏？ y:恢复备份 n:仅回退代码"]);
        let got = told("     Is it down?\n    ↓ YES      ↓ NO\n   Go back    Watch\n");
        assert_eq!(got, ["Is it down? y:Go back n:Watch"]);
    }

    #[test]
    fn what_is_unclear_is_not_read_by_halves() {
        // Three ways, an answer to nothing, a question that no line leads to.
        let three = "      Which part?\n     ┌────┼────┐\n    YES   NO  MAYBE\n     │    │    │\n     A    B    C\n";
        assert_eq!(told(three), ["unclear"]);
        let torn = "  Down?\n\n\n\n   YES        NO\n    │          │\n    ▼          ▼\n  Go back    Wait\n";
        assert_eq!(told(torn), ["unclear"]);
        let apart = "  Is it up?\n  /     \\\n YES    NO\n  |      |\n Stop   Go\n\n\n  Is it clean?     +---+\n";
        assert_eq!(told(apart), ["unclear"]);
    }
}
