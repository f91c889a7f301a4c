//! Decision questions from a mermaid flowchart.
//!
//! Only what such a chart says in words counts; how it looks does not. A line that is not
//! understood leaves the whole chart as it is.

use super::super::inline::plain;
use super::Drawn;
use super::chart::asks;
use super::graph::{Edge, Graph, Item};
use std::collections::HashMap;

/// A longer line, or more lines between things, is written by no person.
const LONGEST: usize = 2000;
const EDGES: usize = 4000;

/// Reads a chart.
pub fn read(code: &str, first: u32) -> Drawn {
    let mut parser = Parser::default();
    let mut begun = false;
    let mut braces = false;
    for (line, number) in code.lines().zip(first..) {
        let line = line.split("%%").next().unwrap_or_default();
        for statement in divide(line) {
            let word = statement.split_whitespace().next().unwrap_or_default();
            if !begun {
                begun = matches!(word, "graph" | "flowchart" | "flowchart-elk");
                if !begun && !matches!(word, "---") && !word.ends_with(':') {
                    return Drawn::Nothing;
                }
                continue;
            }
            braces |= statement.contains('{') || asks(statement);
            if is_looks(word) {
                continue;
            }
            if parser.statement(statement, number).is_none() {
                return if braces || code.contains('{') {
                    Drawn::Unclear
                } else {
                    Drawn::Nothing
                };
            }
        }
    }
    match parser.graph.read() {
        Drawn::Unclear if !braces => Drawn::Nothing,
        drawn => drawn,
    }
}

/// Statements that only say how the chart looks.
fn is_looks(word: &str) -> bool {
    matches!(
        word,
        "style" | "classDef" | "class" | "click" | "linkStyle" | "subgraph" | "end" | "direction"
    )
}

/// A line at its semicolons, those in quotes apart.
fn divide(line: &str) -> Vec<&str> {
    let mut quoted = false;
    let parts = line.split(|c: char| {
        quoted ^= c == '"';
        c == ';' && !quoted
    });
    parts.map(str::trim).filter(|s| !s.is_empty()).collect()
}

#[derive(Default)]
struct Parser {
    graph: Graph,
    ids: HashMap<String, usize>,
}

impl Parser {
    /// `A[…] -->|Yes| B & C --> D`. None where it is something else.
    fn statement(&mut self, text: &str, line: u32) -> Option<()> {
        if text.len() > LONGEST || self.graph.edges.len() > EDGES {
            return None;
        }
        let (mut from, mut rest) = self.group(text, line)?;
        while !rest.is_empty() {
            let (label, after) = link(rest)?;
            let (to, after) = self.group(after, line)?;
            for &from in &from {
                for &to in &to {
                    let label = label.clone();
                    self.graph.edges.push(Edge { from, to, label });
                }
            }
            (from, rest) = (to, after);
        }
        Some(())
    }

    /// Things that are joined by `&`.
    fn group<'t>(&mut self, text: &'t str, line: u32) -> Option<(Vec<usize>, &'t str)> {
        let (first, mut rest) = self.thing(text, line)?;
        let mut all = vec![first];
        while let Some(more) = rest.strip_prefix('&') {
            let (next, after) = self.thing(more, line)?;
            all.push(next);
            rest = after;
        }
        Some((all, rest))
    }

    /// A name, and what is written in its shape.
    fn thing<'t>(&mut self, text: &'t str, line: u32) -> Option<(usize, &'t str)> {
        let text = text.trim_start();
        let end = text
            .char_indices()
            .find(|(at, c)| {
                let dash = *c == '-'
                    && text
                        .get(at + 1..)
                        .is_some_and(|t| t.starts_with(char::is_alphanumeric));
                !(c.is_alphanumeric() || *c == '_' || dash)
            })
            .map_or(text.len(), |(at, _)| at);
        let (name, mut rest) = text.split_at(end);
        if name.is_empty() {
            return None;
        }
        let at = *self.ids.entry(name.to_owned()).or_insert_with(|| {
            self.graph.items.push(Item {
                text: name.to_owned(),
                lines: (line, line),
                decides: false,
            });
            self.graph.items.len() - 1
        });
        if rest.starts_with(['[', '(', '{', '>']) {
            let (label, after) = shape(rest)?;
            let decides = rest.starts_with('{') && !rest.starts_with("{{");
            if let Some(item) = self.graph.items.get_mut(at) {
                item.text = label;
                item.lines = (line, line);
                item.decides = decides;
            }
            rest = after;
        }
        if let Some(class) = rest.strip_prefix(":::") {
            let end = class.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-')));
            rest = class.get(end.unwrap_or(class.len())..).unwrap_or_default();
        }
        Some((at, rest.trim_start()))
    }
}

/// What is written in a shape, and what follows it.
fn shape(text: &str) -> Option<(String, &str)> {
    let opens = text.find(|c| !matches!(c, '[' | '(' | '{' | '>' | '/' | '\\'))?;
    let (open, inner) = text.split_at(opens);
    let close: String = open.chars().rev().map(mirror).collect();
    if let Some(quoted) = inner.strip_prefix('"') {
        let (label, after) = quoted.split_once('"')?;
        // A trapezoid closes with either slash.
        let after = after.trim_start();
        let width = close.len();
        let ends = after
            .get(..width)
            .filter(|t| t.ends_with([']', ')', '}']))?;
        return Some((clean(label), after.get(ends.len()..)?));
    }
    let end = inner
        .find(close.as_str())
        .or_else(|| inner.find([']', ')', '}']))?;
    let label = inner.get(..end)?;
    let after = inner.get(end..)?;
    let rest = after.trim_start_matches([']', ')', '}', '/', '\\']);
    (!label.contains(['{', '['])).then(|| (clean(label), rest))
}

fn mirror(c: char) -> char {
    match c {
        '[' | '>' => ']',
        '(' => ')',
        '{' => '}',
        other => other,
    }
}

fn clean(label: &str) -> String {
    let text = label.trim().trim_matches(['"', '`']);
    let text = text.replace("\\n", " ").replace("#quot;", "\"");
    plain(
        &text
            .replace("<br>", " ")
            .replace("<br/>", " ")
            .replace("<br />", " "),
    )
}

/// The line to the next thing: what is written on it, and what follows.
fn link(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start().trim_start_matches('<');
    let (head, after) = run(text)?;
    // `-- Yes -->`: what stands between two halves.
    let whole = head.ends_with(['>', 'o', 'x'])
        || head.len() > 2 && head.bytes().all(|b| matches!(b, b'-' | b'='));
    if !whole && !head.ends_with(".-") {
        let at = ["--", "==", ".-"]
            .iter()
            .filter_map(|m| after.find(m))
            .min()?;
        let (label, tail) = (after.get(..at)?, after.get(at..)?);
        let (_, after) = run(tail)?;
        return Some((clean(label), after));
    }
    if let Some(inner) = after.trim_start().strip_prefix('|') {
        let (label, after) = inner.split_once('|')?;
        return Some((clean(label), after));
    }
    Some((String::new(), after))
}

/// A run of the signs that lines are made of, with the head at its end.
fn run(text: &str) -> Option<(&str, &str)> {
    let body = text
        .bytes()
        .take_while(|b| matches!(b, b'-' | b'=' | b'.' | b'~'))
        .count();
    let rest = text.get(body..)?;
    let head = match rest.bytes().next() {
        Some(b'>') => 1,
        // `--o B` has a round head; `--only if--` says something.
        Some(b'o' | b'x') if rest.get(1..).is_some_and(|t| t.starts_with([' ', '|'])) => 1,
        _ => 0,
    };
    (body >= 2).then(|| text.split_at(body + head))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(code: &str) -> Vec<String> {
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
    fn labels_stand_between_bars_or_dashes() {
        let got = told(
            "graph TD\n    A([Alarm]) --> B{\"Is it down?\"}\n    B -->|Yes| C[Go back]\n    B -- No --> D{Slow?}\n    D -->|Yes| E[Add a node] --> F{Better?}\n    F ==>|No| C\n    F -. Yes .-> G((Done))\n    D -->|\"No\"| G\n    style C fill:#f00;",
        );
        assert_eq!(
            got,
            [
                "Is it down? y:Go back n:#1",
                "Slow? y:Add a node #2 n:Done",
                "Better? y:Done n:Go back",
                "left 2",
            ]
        );
    }

    #[test]
    fn answers_by_name_are_asked_for_one_after_the_other() {
        let got = told(
            "graph TD\n  A{What is broken?} -->|the web| B[Go back]\n  A -->|the data| C[Restore]\n  A -->|mail| D{Since today?}\n  D -->|Yes| B\n  D -->|No| E[Watch]",
        );
        assert_eq!(
            got,
            [
                "What is broken? the web? y:Go back n:#1",
                "What is broken? the data? y:Restore n:#2",
                "What is broken? mail? y:#3 n:-",
                "Since today? y:Go back n:Watch",
            ]
        );
        let got = told("graph TD\n  A{Level} -->|P0| B[Go back]\n  A -->|P1| C[Wait]");
        assert_eq!(got, ["Level: P0? y:Go back n:#1", "Level: P1? y:Wait n:-"]);
        // Labels on the lines of a map are no answers.
        let map = "graph LR\n  A[Web] -->|reads| B[Data]\n  A -->|writes| C[Log]";
        assert!(told(map).is_empty());
    }

    #[test]
    fn other_languages_and_one_line() {
        assert_eq!(
            told("flowchart LR; A{¿Caído?} -->|Sí| B[Revertir]; A -->|No| C[Esperar]"),
            ["¿Caído? y:Revertir n:Esperar"]
        );
        assert_eq!(
            told(
                "flowchart TB\n  x1{\"Daten<br/>kaputt?\"}:::rot -- \"Ja\" --> y2[(Sicherung)]\n  x1 -- \"Nein\" --> z3[/Warten/]"
            ),
            ["Daten kaputt? y:Sicherung n:Warten"]
        );
        assert_eq!(
            told(
                "flowchart TD\n  开始 --> 判断{服务中断？}\n  判断 -->|是| 回退\n  判断 -->|否| 观察"
            ),
            ["服务中断？ y:回退 n:观察", "left 2"]
        );
    }

    #[test]
    fn circles_end_and_open_answers_stay_open() {
        assert_eq!(
            told(
                "graph TD\n  A{Up?} -->|No| B[Wait]\n  B --> A\n  A -->|Yes| C{Clean?}\n  C -->|No| A"
            ),
            ["Up? y:#1 n:Wait #0", "Clean? y:- n:#0"]
        );
        assert_eq!(
            told(
                "graph TD\n  A{Up?} -->|No| B[Wait]\n  B --> D[Look]\n  D --> B\n  A -->|Yes| C[Done]"
            ),
            ["Up? y:Done n:Wait, Look"]
        );
    }

    #[test]
    fn what_is_not_understood_stays_whole() {
        // Two ways by one name, and one without any.
        assert_eq!(
            told("graph TD\n  A{Which part?} -->|Web| B[One]\n  A -->|Web| C[Two]"),
            ["unclear"]
        );
        assert_eq!(
            told("graph TD\n  A{Which part?} -->|Web| B[One]\n  A --> C[Two]"),
            ["unclear"]
        );
        assert_eq!(
            told("graph TD\n  A{Up?} -->|No| B[One]\n  A -->|Yes| C[Two]\n  A -->|Maybe| D"),
            ["unclear"]
        );
        assert!(told("sequenceDiagram\n  A->>B: is it up?").is_empty());
        assert!(told("graph LR\n  A[Web] --> B[Data]\n  A --> C[Cache]").is_empty());
    }
}
