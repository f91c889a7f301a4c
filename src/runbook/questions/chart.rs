//! What a decision drawing or list comes to: questions, and where each answer leads.

use super::super::inline::{lead, plain};
use super::super::words::each;

const YES: &[&str] = &["yes|y|sí|si|sì|sim|ja|oui|да|так|tak|evet|是|是的|はい|예|네|نعم|true"];
const NO: &[&str] =
    &["no|n|não|nein|non|нет|ні|nie|nee|nej|hayır|否|不是|いいえ|아니오|아니요|لا|false"];
/// What may stand before the answer, and what is a no by itself.
const IF: &[&str] = &["if|wenn|falls|si|se|если|jeśli|als|eğer|如果|若|إذا"];
const ELSE: &[&str] =
    &["otherwise|else|sonst|andernfalls|sinon|否则|否則|それ以外|иначе|inaczej|anders"];

/// The signs that set an answer off from what follows it.
const MARKS: &[char] = &[
    '→', '⇒', '➜', '➔', '➡', '►', ':', '-', '=', '>', '：', ',', '，', '、', '–', '—', '─',
    '\u{fe0f}',
];

/// A line that begins with an answer: whether it is yes, and what follows.
pub fn answer(text: &str) -> Option<(bool, &str)> {
    let body = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let (word, rest) = first_word(body);
    if each(ELSE).any(|w| w == word) {
        return said(false, rest);
    }
    let answer = polarity(&word).and_then(|yes| said(yes, rest));
    if answer.is_some() || !each(IF).any(|w| w == word) {
        return answer;
    }
    // `If yes, …`
    let (word, rest) = first_word(rest.trim_start());
    let yes = polarity(&word).or_else(|| matches!(word.as_str(), "not" | "nicht").then_some(false));
    said(yes?, rest)
}

fn polarity(word: &str) -> Option<bool> {
    if each(YES).any(|w| w == word) {
        return Some(true);
    }
    each(NO).any(|w| w == word).then_some(false)
}

/// The first word in lower case, without what Japanese adds to a condition, and what follows it.
fn first_word(body: &str) -> (String, &str) {
    let end = body
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(body.len());
    let (word, rest) = body.split_at(end);
    let word = word.to_lowercase();
    let bare = ["の場合は", "の場合"]
        .iter()
        .find_map(|s| word.strip_suffix(s));
    (bare.map(str::to_owned).unwrap_or(word), rest)
}

fn said(yes: bool, rest: &str) -> Option<(bool, &str)> {
    let after = rest.trim_start_matches([']', ')', '*', ' ']);
    let bracket = rest.starts_with(" (") && after.contains(')');
    let marked = after.is_empty() || bracket || after.starts_with(MARKS);
    let rest = after.trim_start_matches(|c| c == ' ' || MARKS.contains(&c));
    marked.then_some((yes, rest.trim()))
}

/// An answer in Markdown, where a bold word alone is set off as well: `**Yes** go back`.
pub fn answer_in(text: &str) -> Option<(bool, String)> {
    if let Some(lead) = lead(text)
        && let Some((yes, "")) = answer(&lead.label)
    {
        let rest = plain(&lead.rest);
        let rest = rest.trim_start_matches(|c| c == ' ' || MARKS.contains(&c));
        return Some((yes, rest.to_owned()));
    }
    answer(&plain(text)).map(|(yes, rest)| (yes, rest.to_owned()))
}

/// The text asks something.
pub fn asks(text: &str) -> bool {
    text.contains(['?', '？', '؟'])
}

/// A question.
#[derive(Default)]
pub struct Node {
    /// What is asked.
    pub ask: String,
    /// Where a yes leads.
    pub yes: Side,
    /// Where a no leads.
    pub no: Side,
    /// Its line in the document.
    pub line: u32,
    /// It asks for the last of several answers by name, so that a no is none of them.
    pub last_of_many: bool,
}

/// Where an answer leads.
#[derive(Default, Clone)]
pub enum Side {
    /// Nothing is said about it.
    #[default]
    Nowhere,
    /// To something to do.
    Outcome(String),
    /// To another question.
    Node(usize),
    /// To something to do, and then to another question.
    Then(String, usize),
}

impl Side {
    /// What the text of an outcome says.
    pub fn outcome(&self) -> Option<&str> {
        match self {
            Self::Outcome(text) | Self::Then(text, _) => Some(text),
            Self::Nowhere | Self::Node(_) => None,
        }
    }

    /// What is to be done, what is asked next, or both.
    pub fn of(text: String, next: Option<usize>) -> Self {
        match (text.is_empty(), next) {
            (true, None) => Self::Nowhere,
            (true, Some(at)) => Self::Node(at),
            (false, None) => Self::Outcome(text),
            (false, Some(at)) => Self::Then(text, at),
        }
    }
}

/// Questions that belong together; the first is asked first.
#[derive(Default)]
pub struct Chart {
    /// The questions.
    pub nodes: Vec<Node>,
}

impl Chart {
    /// Adds a question, and says which it is.
    pub fn node(&mut self, ask: &str, line: u32) -> usize {
        self.nodes.push(Node {
            ask: plain(ask),
            line,
            ..Node::default()
        });
        self.nodes.len() - 1
    }

    /// Says where an answer leads, unless that has been said.
    pub fn set(&mut self, node: usize, yes: bool, to: Side) {
        if self.is_open(node, yes)
            && let Some(n) = self.nodes.get_mut(node)
        {
            let side = if yes { &mut n.yes } else { &mut n.no };
            *side = to;
        }
    }

    /// Whether nothing is said yet about an answer.
    pub fn is_open(&self, node: usize, yes: bool) -> bool {
        self.nodes
            .get(node)
            .is_some_and(|n| matches!(if yes { &n.yes } else { &n.no }, Side::Nowhere))
    }

    /// The questions on a line each, for tests.
    #[cfg(test)]
    pub fn told(&self) -> Vec<String> {
        let side = |b: &Side| match b {
            Side::Nowhere => "-".to_owned(),
            Side::Outcome(t) => t.clone(),
            Side::Node(n) => format!("#{n}"),
            Side::Then(t, n) => format!("{t} #{n}"),
        };
        self.nodes
            .iter()
            .map(|n| format!("{} y:{} n:{}", n.ask, side(&n.yes), side(&n.no)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_set_off() {
        for (text, want) in [
            ("Yes → go back", Some((true, "go back"))),
            ("If yes, go back", Some((true, "go back"))),
            ("Wenn nein: warten", Some((false, "warten"))),
            ("Si oui, revenir", Some((true, "revenir"))),
            ("Si no: esperar", Some((false, "esperar"))),
            ("Otherwise: wait", Some((false, "wait"))),
            ("✅ Sim — voltar", Some((true, "voltar"))),
            ("是：回退", Some((true, "回退"))),
            ("いいえの場合、待つ", Some((false, "待つ"))),
            ("Да — откатить", Some((true, "откатить"))),
            ("No data was lost", None),
            ("If not all are up, wait", None),
            ("Yesterday: nothing", None),
            ("If the site is down, go back", None),
        ] {
            assert_eq!(answer(text), want, "{text}");
        }
        assert_eq!(answer_in("**No** wait"), Some((false, "wait".into())));
    }
}
