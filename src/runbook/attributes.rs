//! The exact reading of what an author says in braces behind a fence, or in a comment.
//!
//! Two spellings that mean the same: JSON (`{"name":"stop"}`) and words (`{ name=stop }`). Every
//! word knows where it stands, so that what is wrong with it can be shown there. Nothing is
//! guessed: what cannot be read is an error, and the caller decides what follows from that.

use serde_json::Value;

/// A key with its value, or a value alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Word {
    /// Left of the `=`; empty for a value alone.
    pub key: String,
    /// Right of the `=`; nothing for a key alone.
    pub value: Option<String>,
    /// The value is written in quotes.
    pub quoted: bool,
    /// Where the word begins, in characters from the beginning of the text.
    pub at: usize,
}

impl Word {
    /// The value; a key alone means yes.
    #[must_use]
    pub fn text(&self) -> &str {
        self.value.as_deref().unwrap_or("true")
    }
}

/// Why a text cannot be read, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Malformed {
    /// In characters from the beginning of the text.
    pub at: usize,
    /// What is the matter.
    pub message: String,
}

fn malformed<T>(at: usize, message: impl Into<String>) -> Result<T, Malformed> {
    Err(Malformed {
        at,
        message: message.into(),
    })
}

/// The attributes of a fence: what stands behind its label. Text that is not in braces, braces
/// that pick lines to highlight (`{1,3-5}`) and the marks of other tools (`.class`, `#id`) are no
/// attributes of ours.
///
/// # Errors
/// Where the braces do not hold what either spelling asks for.
pub fn of_fence(text: &str) -> Result<Vec<Word>, Malformed> {
    let Some(start) = opening(text) else {
        return Ok(Vec::new());
    };
    let before = text.get(..start).unwrap_or_default().chars().count();
    let braces = text.get(start..).unwrap_or_default();
    let inner = braces.get(1..).unwrap_or_default();
    if picks_lines(inner) {
        return Ok(Vec::new());
    }
    let found = if inner.trim_start().starts_with(['"', '}']) {
        json(braces)
    } else {
        in_braces(inner)
    };
    let shift = |at: usize| at + before;
    let mut words = found.map_err(|e| Malformed {
        at: shift(e.at),
        ..e
    })?;
    for word in &mut words {
        word.at = shift(word.at);
    }
    twice(&words)?;
    Ok(words)
}

/// The byte at which the braces open: at the beginning, or behind words for other tools.
fn opening(text: &str) -> Option<usize> {
    if text.starts_with('{') {
        return Some(0);
    }
    text.find(" {").map(|at| at + 1)
}

fn picks_lines(inner: &str) -> bool {
    let Some((lines, _)) = inner.split_once('}') else {
        return false;
    };
    !lines.trim().is_empty()
        && lines
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, ',' | '-' | ' '))
}

fn twice(words: &[Word]) -> Result<(), Malformed> {
    for (n, word) in words.iter().enumerate() {
        let before = words.get(..n).unwrap_or_default();
        if !word.key.is_empty() && before.iter().any(|w| w.key == word.key) {
            return malformed(word.at, format!("\"{}\" is given twice", word.key));
        }
    }
    Ok(())
}

// ---- JSON ---------------------------------------------------------------------------------

/// One value at the beginning of a text, and the bytes that it takes.
fn value(text: &str, at: usize) -> Result<(Value, usize), Malformed> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    match stream.next() {
        Some(Ok(value)) => Ok((value, stream.byte_offset())),
        Some(Err(e)) if !e.is_eof() => {
            let bytes = e.column().saturating_sub(1);
            let chars = text
                .char_indices()
                .take_while(|(byte, _)| *byte < bytes)
                .count();
            malformed(at + chars, "this is not JSON")
        }
        _ => malformed(
            at + text.chars().count(),
            "the braces end too early: a value is missing or not closed",
        ),
    }
}

struct Json<'a> {
    rest: &'a str,
    at: usize,
}

impl Json<'_> {
    fn skip(&mut self, bytes: usize) {
        let (gone, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.at += gone.chars().count();
        self.rest = rest;
    }

    fn blanks(&mut self) {
        self.skip(self.rest.len() - self.rest.trim_start().len());
    }

    fn one(&mut self, mark: char) -> bool {
        self.blanks();
        let found = self.rest.starts_with(mark);
        if found {
            self.skip(mark.len_utf8());
        }
        found
    }

    fn value(&mut self) -> Result<Value, Malformed> {
        self.blanks();
        let (value, bytes) = value(self.rest, self.at)?;
        self.skip(bytes);
        Ok(value)
    }

    fn pair(&mut self) -> Result<Word, Malformed> {
        self.blanks();
        let at = self.at;
        if !self.rest.starts_with('"') {
            return malformed(at, "a key in quotes is missing here");
        }
        let key = scalar(self.value()?);
        if key.trim().is_empty() {
            return malformed(at, "this key is empty");
        }
        if !self.one(':') {
            return malformed(self.at, format!("a colon is missing after \"{key}\""));
        }
        let value = self.value()?;
        Ok(Word {
            key,
            quoted: value.is_string(),
            value: Some(scalar(value)),
            at,
        })
    }
}

/// A string without its quotes; anything else as JSON writes it.
fn scalar(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

fn json(braces: &str) -> Result<Vec<Word>, Malformed> {
    let mut json = Json {
        rest: braces,
        at: 0,
    };
    let mut words = Vec::new();
    json.one('{');
    if !json.one('}') {
        loop {
            words.push(json.pair()?);
            if json.one('}') {
                break;
            }
            if !json.one(',') {
                return malformed(json.at, "a comma or the closing brace is missing here");
            }
        }
    }
    json.blanks();
    if json.rest.is_empty() {
        Ok(words)
    } else {
        malformed(json.at, "nothing may follow the closing brace")
    }
}

// ---- words --------------------------------------------------------------------------------

/// Characters with their place.
struct Cursor {
    chars: Vec<char>,
    at: usize,
}

impl Cursor {
    fn new(text: &str, at: usize) -> Self {
        let mut chars = vec![' '; at];
        chars.extend(text.chars());
        Self { chars, at }
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek();
        self.at += usize::from(c.is_some());
        c
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    /// A comma between words, as some tools write them.
    fn comma(&mut self) {
        if self.peek() == Some(',') {
            self.at += 1;
        }
    }

    fn ends_word(&self) -> bool {
        match self.peek() {
            None => true,
            Some(',') => self
                .chars
                .get(self.at + 1)
                .is_none_or(|c| c.is_whitespace() || *c == '}'),
            Some(c) => c.is_whitespace(),
        }
    }
}

fn in_braces(inner: &str) -> Result<Vec<Word>, Malformed> {
    let mut cursor = Cursor::new(inner, 1);
    let mut words = Vec::new();
    loop {
        cursor.blanks();
        match cursor.peek() {
            Some('}') => break,
            None => return malformed(cursor.at, "the closing brace is missing"),
            // A mark of another tool.
            Some('.' | '#' | ':') => mark(&mut cursor),
            Some(_) => words.push(pair(&mut cursor, true)?),
        }
        cursor.comma();
    }
    cursor.at += 1;
    cursor.blanks();
    if cursor.peek().is_some() {
        return malformed(cursor.at, "nothing may follow the closing brace");
    }
    Ok(words)
}

fn mark(cursor: &mut Cursor) {
    while !cursor.ends_word() && cursor.peek() != Some('}') {
        cursor.at += 1;
    }
}

/// The words of a comment: keys with values, and values alone. Places count from `at`.
///
/// # Errors
/// Where a quote is not closed or a key is none.
pub fn of_comment(text: &str, at: usize) -> Result<Vec<Word>, Malformed> {
    let mut cursor = Cursor::new(text, at);
    let mut words = Vec::new();
    loop {
        cursor.blanks();
        let Some(c) = cursor.peek() else { break };
        let word = if is_quote(c) {
            let at = cursor.at;
            let value = Some(quoted(&mut cursor)?);
            Word {
                key: String::new(),
                value,
                quoted: true,
                at,
            }
        } else {
            pair(&mut cursor, false)?
        };
        words.push(word);
        cursor.comma();
    }
    twice(&words)?;
    Ok(words)
}

const fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'')
}

/// The value does not matter yet: a key that can be one.
fn is_key(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':')
}

fn pair(cursor: &mut Cursor, braces: bool) -> Result<Word, Malformed> {
    let at = cursor.at;
    let mut key = String::new();
    while let Some(c) = cursor.peek().filter(|c| is_key(*c)) {
        key.push(c);
        cursor.at += 1;
    }
    let end = braces && cursor.peek() == Some('}');
    if key.is_empty() {
        let found = cursor.peek().map(String::from).unwrap_or_default();
        return malformed(at, format!("a key is missing before \"{found}\""));
    }
    if cursor.ends_word() || end {
        return Ok(Word {
            key,
            value: None,
            quoted: false,
            at,
        });
    }
    if cursor.peek() != Some('=') {
        let found = cursor.peek().map(String::from).unwrap_or_default();
        return malformed(
            cursor.at,
            format!("\"{found}\" cannot stand in a key; a value is written {key}=…"),
        );
    }
    cursor.at += 1;
    let quoted_value = cursor.peek().is_some_and(is_quote);
    let value = if quoted_value {
        quoted(cursor)?
    } else {
        bare(cursor, &key, braces)?
    };
    if quoted_value && !cursor.ends_word() && !(braces && cursor.peek() == Some('}')) {
        return malformed(cursor.at, "a space is missing after the closing quote");
    }
    Ok(Word {
        key,
        value: Some(value),
        quoted: quoted_value,
        at,
    })
}

/// A value in quotes. In double quotes a backslash stands before a quote or a backslash that is
/// meant, and `\n`, `\t` are what they are everywhere; in single quotes all is as it stands.
fn quoted(cursor: &mut Cursor) -> Result<String, Malformed> {
    let start = cursor.at;
    let mark = cursor.next();
    let mut value = String::new();
    while let Some(c) = cursor.next() {
        if Some(c) == mark {
            return Ok(value);
        }
        if c != '\\' || mark == Some('\'') {
            value.push(c);
            continue;
        }
        match cursor.next() {
            Some('n') => value.push('\n'),
            Some('t') => value.push('\t'),
            Some(c @ ('"' | '\\' | '\'')) => value.push(c),
            // Patterns are full of backslashes that mean themselves.
            Some(c) => value.extend(['\\', c]),
            None => break,
        }
    }
    malformed(start, "this quote is never closed")
}

/// A value without quotes: to the next blank, braces inside it in pairs.
fn bare(cursor: &mut Cursor, key: &str, braces: bool) -> Result<String, Malformed> {
    let start = cursor.at;
    let mut value = String::new();
    let mut depth = 0_usize;
    while let Some(c) = cursor.peek() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 && braces => break,
            '}' => depth = depth.saturating_sub(1),
            _ if depth == 0 && cursor.ends_word() => break,
            _ => {}
        }
        value.push(c);
        cursor.at += 1;
    }
    if depth > 0 {
        return malformed(
            start,
            format!("a brace in the value of {key} is not closed"),
        );
    }
    if value.is_empty() {
        return malformed(start, format!("a value is missing after {key}="));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        of_fence(text)
            .unwrap()
            .into_iter()
            .map(|w| (w.key.clone(), w.text().to_owned()))
            .collect()
    }

    fn pair_of(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn both_spellings_say_the_same() {
        let want = [pair_of("name", "stop"), pair_of("timeout", "2m")];
        assert_eq!(pairs(r#"{"name":"stop","timeout":"2m"}"#), want);
        assert_eq!(pairs("{ name=stop timeout=2m }"), want);
        assert_eq!(pairs("{name=stop, timeout=\"2m\"}"), want);
        assert_eq!(pairs("title=x {name=stop timeout='2m'}"), want);
    }

    #[test]
    fn quotes_escapes_and_nested_braces() {
        assert_eq!(
            pairs(r#"{"expect":"{\"a\":{\"b\":1}}","tag":["a","b"],"n":3,"interactive":false}"#),
            [
                pair_of("expect", r#"{"a":{"b":1}}"#),
                pair_of("tag", r#"["a","b"]"#),
                pair_of("n", "3"),
                pair_of("interactive", "false"),
            ]
        );
        assert_eq!(
            pairs(r#"{ title="say \"go\" to \d {x}" cwd=${HOME}/x expect='a "b"' sense }"#),
            [
                pair_of("title", r#"say "go" to \d {x}"#),
                pair_of("cwd", "${HOME}/x"),
                pair_of("expect", "a \"b\""),
                pair_of("sense", "true"),
            ]
        );
    }

    #[test]
    fn what_is_for_other_tools_is_none_of_ours() {
        for text in [
            "",
            "title.sh",
            "{1,3-5}",
            "{ 2 }",
            "{.numberLines #part}",
            "{}",
        ] {
            assert_eq!(pairs(text), [], "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_found_where_it_stands() {
        let cases = [
            (r#"{"name":"stop""#, 14),
            (r#"{"name" "stop"}"#, 8),
            (r#"{"name":stop}"#, 8),
            (r#"{"name":"a","name":"b"}"#, 12),
            (r#"{"name":"a"} x"#, 13),
            ("{ name=stop", 11),
            ("{ name= }", 7),
            ("{ name=\"stop }", 7),
            ("{ name=\"a\"b }", 10),
            ("{ =x }", 2),
            ("{ na/me=x }", 4),
            ("{ name=a name=b }", 9),
            ("{ cwd={a }", 10),
            ("{ cwd={a", 6),
            ("bash { näme=a name=b } x", 23),
        ];
        for (text, at) in cases {
            assert_eq!(of_fence(text).map_err(|e| e.at), Err(at), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in "\\PC{0,60}") {
            let _ = of_fence(&text);
            let _ = of_fence(&format!("{{{text}}}"));
            let _ = of_comment(&text, 3);
        }

        #[test]
        fn no_braces_are_too_strange(text in r#"[{}"'\\=,: a1.-]{0,40}"#) {
            if let Err(e) = of_fence(&text) {
                prop_assert!(e.at <= text.chars().count());
            }
        }

        #[test]
        fn what_is_accepted_agrees(
            all in proptest::collection::btree_map("[a-z][a-z0-9-]{0,8}", "\\PC{0,20}", 1..5)
        ) {
            let object: serde_json::Map<String, Value> =
                all.iter().map(|(k, v)| (k.clone(), Value::String(v.clone()))).collect();
            let words: Vec<String> = all
                .iter()
                .map(|(k, v)| format!("{k}=\"{}\"", v.replace('\\', "\\\\").replace('"', "\\\"")))
                .collect();
            let want: Vec<_> = all.into_iter().collect();
            prop_assert_eq!(&pairs(&Value::Object(object).to_string()), &want);
            prop_assert_eq!(&pairs(&format!("{{ {} }}", words.join(" "))), &want);
        }
    }
}
