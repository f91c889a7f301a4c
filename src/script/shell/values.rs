//! What a shell makes of a command whose words name variables, where their values are known: those
//! that the text itself assigns, and those that are there before it begins.
//!
//! An unquoted variable becomes as many words as its value has, a command's name and options among
//! them. Of several values that a text assigns, each is tried; which of them holds is not asked.

use super::calls::{Assigned, Call, Calls, Word};

/// Values that lead from one to the next are followed this far.
const DEEPEST: u32 = 4;

/// A value with more pieces or bytes than this is not put in.
const MOST: usize = 4_000;

/// A value that is put together of more pieces than this is left out.
const MOST_PIECES: usize = 500;

/// What parts the elements of an array within one value.
pub(super) const BETWEEN: char = '\u{1f}';

/// A piece of a word that a shell expands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Piece {
    /// Text as it is.
    Text(String),
    /// A variable.
    Variable(Use),
    /// Something else that is only known when it runs, as written.
    Other(String),
}

/// A use of a variable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Use {
    /// Its name; of all elements of an array, the name with `[@]`.
    pub name: String,
    /// As written.
    pub written: String,
    /// It stands in double quotes, and stays one word.
    pub quoted: bool,
    /// What stands for it where it is not set: `${X:-y}`.
    pub or: Option<String>,
    /// `${X:+y}` is never its own value.
    pub only_or: bool,
}

impl Use {
    /// Reads `$X`, `${X}`, `${X[@]}`, `${X:-y}` and their like; none for what computes.
    pub fn of(written: &str, quoted: bool) -> Option<Self> {
        let inner = written.strip_prefix('$')?;
        let braced = inner.strip_prefix('{').and_then(|i| i.strip_suffix('}'));
        let inner = braced.unwrap_or(inner);
        let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = inner.find(|c| !letters(c)).unwrap_or(inner.len());
        let (name, rest) = inner.split_at(end);
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let (name, rest) = match rest.strip_prefix("[@]").or(rest.strip_prefix("[*]")) {
            Some(rest) => (format!("{name}[@]"), rest),
            None => (name.to_owned(), rest),
        };
        let (operator, or) = match rest.strip_prefix(':').unwrap_or(rest).split_at_checked(1) {
            Some((operator @ ("-" | "=" | "+"), or)) => (operator, Some(or)),
            _ if rest.is_empty() => ("", None),
            _ => return None,
        };
        Some(Self {
            name,
            written: written.to_owned(),
            quoted,
            or: or.map(|or| or.replace(['"', '\''], "")),
            only_or: operator == "+",
        })
    }
}

/// The values that variables may have, each name with all of its values.
#[derive(Clone, Default, Debug)]
pub(super) struct Values {
    known: Vec<(String, Vec<Vec<Piece>>)>,
}

impl Values {
    /// What is there before a text begins, and what it assigns itself.
    pub fn of(given: &[(String, String)], found: &Calls) -> Self {
        let mut values = Self::default();
        for (name, value) in given {
            values.add(name, vec![Piece::Text(value.clone())]);
        }
        for Assigned { name, pieces, adds } in &found.assigned {
            let before = values.candidates(name).last().cloned();
            let mut value = Vec::new();
            if *adds {
                value.extend(before.clone().unwrap_or_default());
                let array = name.ends_with("[@]") && !value.is_empty();
                value.extend(array.then(|| Piece::Text(BETWEEN.to_string())));
            }
            for piece in pieces {
                // `X="$X more"` holds what it held before.
                match (piece, &before) {
                    (Piece::Variable(used), Some(before)) if used.name == *name => {
                        value.extend(before.iter().cloned());
                    }
                    _ => value.push(piece.clone()),
                }
            }
            if value.len() < MOST_PIECES {
                values.add(name, value);
            }
        }
        values
    }

    fn add(&mut self, name: &str, value: Vec<Piece>) {
        // Of what only a run shows, nothing is known.
        let seen = |p: &Piece| matches!(p, Piece::Text(t) if !t.trim().is_empty());
        let whole = value.iter().all(|p| matches!(p, Piece::Text(_)));
        let leads = value.iter().any(|p| matches!(p, Piece::Variable(_)));
        if !whole && !leads && !value.iter().any(seen) {
            return;
        }
        match self.known.iter_mut().find(|(known, _)| known == name) {
            Some((_, all)) if all.contains(&value) => {}
            Some((_, all)) => all.push(value),
            None => self.known.push((name.to_owned(), vec![value])),
        }
    }

    fn candidates(&self, name: &str) -> &[Vec<Piece>] {
        let found = self.known.iter().find(|(known, _)| known == name);
        found.map_or(&[], |(_, all)| all)
    }

    /// What a use may stand for, in one of the ways that there are.
    fn value(&self, used: &Use, way: usize) -> Option<Vec<Piece>> {
        let all = self.candidates(&used.name);
        let all = if used.only_or { &[] } else { all };
        let or = used.or.as_ref().map(|or| vec![Piece::Text(or.clone())]);
        all.get(way).cloned().or(or).or_else(|| all.last().cloned())
    }

    /// In how many ways the words of a call may be read.
    fn ways(&self, call: &Call) -> usize {
        let pieces = call.words.iter().flat_map(|w| &w.pieces);
        let uses = pieces.filter_map(|piece| match piece {
            Piece::Variable(used) => Some(used),
            Piece::Text(_) | Piece::Other(_) => None,
        });
        let ways =
            uses.map(|used| self.candidates(&used.name).len() + usize::from(used.or.is_some()));
        ways.max().unwrap_or(0).max(1)
    }

    /// The call with what its variables stand for, in each of at most `most` ways; none where
    /// nothing of that is known.
    pub fn readings(&self, call: &Call, most: usize) -> Vec<Call> {
        let ways = self.ways(call).min(most);
        (0..ways)
            .filter_map(|way| self.reading(call, way))
            .collect()
    }

    fn reading(&self, call: &Call, way: usize) -> Option<Call> {
        let mut known = false;
        let mut words = Vec::new();
        for word in &call.words {
            if word.pieces.is_empty() {
                words.push(word.clone());
                continue;
            }
            known |= self.split(word, way, &mut words);
        }
        let in_text = |text: &String, known: &mut bool| {
            let put = self.put_in(text, way);
            *known |= put.is_some();
            put.unwrap_or_else(|| text.clone())
        };
        let piped = call.piped.as_ref().map(|piped| {
            let put = self.reading(piped, way);
            known |= put.is_some();
            Box::new(put.unwrap_or_else(|| (**piped).clone()))
        });
        let input = match &call.input {
            Some(input) if call.expands => Some(in_text(input, &mut known)),
            input => input.clone(),
        };
        let files = |files: &[String], known: &mut bool| -> Vec<String> {
            files.iter().map(|file| in_text(file, known)).collect()
        };
        let (writes, reads) = (
            files(&call.writes, &mut known),
            files(&call.reads, &mut known),
        );
        known.then(|| Call {
            words,
            writes,
            reads,
            input,
            piped,
            ..call.clone()
        })
    }

    /// Puts the words that a word becomes behind `words`; whether something of it was known.
    fn split(&self, word: &Word, way: usize, words: &mut Vec<Word>) -> bool {
        let mut known = false;
        let mut open: Option<Word> = None;
        let begun = |open: &mut Option<Word>, text: &str, fixed: bool| {
            let word = open.get_or_insert_with(|| Word {
                fixed: true,
                ..Word::default()
            });
            word.text.push_str(text);
            word.fixed &= fixed;
        };
        for piece in &word.pieces {
            let used = match piece {
                Piece::Text(text) => {
                    begun(&mut open, text, true);
                    continue;
                }
                Piece::Other(written) => {
                    begun(&mut open, written, false);
                    continue;
                }
                Piece::Variable(used) => used,
            };
            let Some(value) = self.whole(used, way) else {
                begun(&mut open, &used.written, false);
                continue;
            };
            known = true;
            if used.quoted {
                begun(&mut open, "", true);
            }
            for piece in value {
                match piece {
                    Piece::Text(text) => {
                        let parts =
                            |c: char| c == BETWEEN || !used.quoted && c.is_ascii_whitespace();
                        for (number, part) in text.split(parts).enumerate() {
                            if number > 0 {
                                words.extend(open.take());
                            }
                            if !part.is_empty() {
                                begun(&mut open, part, true);
                            }
                        }
                    }
                    Piece::Variable(Use { written, .. }) | Piece::Other(written) => {
                        begun(&mut open, &written, false);
                    }
                }
            }
        }
        words.extend(open);
        known
    }

    /// What a use stands for, with what that leads to put in; none where nothing is known of it.
    fn whole(&self, used: &Use, way: usize) -> Option<Vec<Piece>> {
        let mut out = Vec::new();
        let mut room = MOST;
        self.follow(used, way, DEEPEST, &mut room, &mut out)?;
        Some(out)
    }

    fn follow(
        &self,
        used: &Use,
        way: usize,
        depth: u32,
        room: &mut usize,
        out: &mut Vec<Piece>,
    ) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        for piece in self.value(used, way)? {
            let size = match &piece {
                Piece::Text(text) => text.len() + 1,
                Piece::Variable(_) | Piece::Other(_) => 1,
            };
            *room = room.checked_sub(size)?;
            match piece {
                Piece::Variable(inner) => {
                    let before = out.len();
                    if self.follow(&inner, way, depth, room, out).is_none() {
                        out.truncate(before);
                        out.push(Piece::Variable(inner));
                    }
                }
                piece => out.push(piece),
            }
        }
        let empty = out.is_empty();
        let seen = out.iter().any(|p| matches!(p, Piece::Text(_)));
        (seen || empty).then_some(())
    }

    /// A text with the values of the variables that it names; none where none of them is known.
    fn put_in(&self, text: &str, way: usize) -> Option<String> {
        let mut out = String::new();
        let (mut rest, mut known) = (text, false);
        while let Some(at) = rest.find('$') {
            let (before, from) = rest.split_at(at);
            out.push_str(before);
            let escaped = before.ends_with('\\');
            let length = length(from);
            let used = Use::of(from.get(..length).unwrap_or_default(), true);
            let value = used.filter(|_| !escaped).and_then(|u| self.whole(&u, way));
            let Some(value) = value.filter(|_| out.len() < MOST) else {
                out.push('$');
                rest = from.get(1..).unwrap_or_default();
                continue;
            };
            known = true;
            for piece in value {
                match piece {
                    Piece::Text(text) => out.push_str(&text.replace(BETWEEN, " ")),
                    Piece::Variable(Use { written, .. }) | Piece::Other(written) => {
                        out.push_str(&written);
                    }
                }
            }
            rest = from.get(length..).unwrap_or_default();
        }
        out.push_str(rest);
        known.then_some(out)
    }

    /// Whether a word is one variable whose name says that it holds options, and whose value is
    /// not known.
    pub fn are_unknown_options(&self, word: &Word) -> bool {
        let [Piece::Variable(used)] = word.pieces.as_slice() else {
            return false;
        };
        !used.quoted && names_options(&used.name) && self.whole(used, 0).is_none()
    }
}

/// The names of the variables that a text uses, each once, in order.
#[must_use]
pub fn variables(code: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (at, _) in code.match_indices('$') {
        let rest = code.get(at + 1..).unwrap_or_default();
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let name = rest.split(|c| !letter(c)).next().unwrap_or_default();
        let is_name = !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit());
        if is_name && !names.iter().any(|n| n == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// How long the use of a variable is that a text begins with.
fn length(text: &str) -> usize {
    if text.starts_with("${") {
        return text.find('}').map_or(text.len(), |end| end + 1);
    }
    let rest = text.get(1..).unwrap_or_default();
    let name = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    1 + name.unwrap_or(rest.len())
}

/// Whether a variable is named after options or arguments: `OPTS`, `FINDOPTS`, `extra_args`.
fn names_options(name: &str) -> bool {
    let lower = name.to_lowercase();
    let alone = ["opt", "arg", "option", "extra", "params", "param"];
    let ending = ["opts", "args", "options", "flags"];
    lower.split('_').any(|part| {
        let part = part.trim_end_matches(|c: char| c.is_ascii_digit());
        alone.contains(&part) || ending.iter().any(|e| part.ends_with(e))
    })
}

/// Whether a variable is one that a plan puts before a command to run it in some way, or not at
/// all: what stands behind it is a command.
pub(super) fn is_prefix(word: &Word) -> bool {
    const NAMES: &[&str] = &[
        "SUDO", "DOAS", "AS_ROOT", "RUN", "RUN_CMD", "DRY", "DRYRUN", "DRY_RUN", "PREFIX", "EXEC",
        "NICE", "ECHO",
    ];
    let [Piece::Variable(used)] = word.pieces.as_slice() else {
        return false;
    };
    NAMES.contains(&used.name.to_uppercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::super::calls::calls;
    use super::*;

    fn readings(code: &str, given: &[(&str, &str)]) -> Vec<String> {
        let found = calls(code).expect("shell");
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let given: Vec<(String, String)> = given.iter().map(own).collect();
        let values = Values::of(&given, &found);
        let call = found.all.last().expect("a call");
        let shown = |call: Call| {
            let words: Vec<String> = call.words.into_iter().map(|w| w.text).collect();
            let rest = call.writes.into_iter().chain(call.input);
            words.into_iter().chain(rest).collect::<Vec<_>>().join("|")
        };
        values.readings(call, 4).into_iter().map(shown).collect()
    }

    #[test]
    fn an_unquoted_variable_becomes_the_words_of_its_value() {
        for (code, want) in [
            (
                "O='-type f -delete'; find /srv $O",
                "find|/srv|-type|f|-delete",
            ),
            ("export O=\"-x y\"; a ${O}z", "a|-x|yz"),
            ("O='-x y'; a \"$O\"", "a|-x y"),
            ("R='rm -rf'; $R $D/x", "rm|-rf|$D/x"),
            ("S=; $S rm x", "rm|x"),
            ("P=\"psql -h $HOST\"; $P -c x", "psql|-h|$HOST|-c|x"),
            ("A=rm; B=\"$A -rf\"; $B x", "rm|-rf|x"),
            ("A=(rm -rf 'a b'); \"${A[@]}\"", "rm|-rf|a b"),
            ("A=(x); A+=(-delete); find ${A[@]}", "find|x"),
            ("a ${O:--delete x}", "a|-delete|x"),
            ("D=/dev/sda; cat x > $D", "cat|x|/dev/sda"),
            ("C='rm x'; bash <<E\n$C\nE\n", "bash|rm x\n"),
            ("for o in -a -b; do x $o; done", "x|-a"),
        ] {
            let found = readings(code, &[]);
            assert_eq!(found.first().map(String::as_str), Some(want), "{code}");
        }
        assert_eq!(
            readings("find $O", &[("O", "-delete x")]),
            ["find|-delete|x"]
        );
    }

    #[test]
    fn each_value_is_tried_and_what_is_not_known_stays() {
        assert_eq!(
            readings("if t; then O=-a; else O='-b c'; fi; x $O", &[]),
            ["x|-a", "x|-b|c"]
        );
        assert_eq!(
            readings("A=(x); A+=(-delete); find \"${A[@]}\"", &[]),
            ["find|x", "find|x|-delete"]
        );
        assert_eq!(readings("A=x; A=\"$A y\"; a $A", &[]), ["a|x", "a|x|y"]);
        for code in [
            "x $O",
            "O=$(y); x $O",
            "O=1; x '$O'",
            "O=1; bash <<'E'\n$O\nE\n",
            "O=$O; x $O",
        ] {
            assert_eq!(readings(code, &[]), Vec::<String>::new(), "{code}");
        }
    }

    #[test]
    fn values_that_grow_are_not_followed() {
        let mut code = "A=aaaaaaaa\n".to_owned();
        for _ in 0..40 {
            code.push_str("A=\"$A$A$A$A$A$A$A$A\"\n");
        }
        code.push_str("x $A");
        assert!(readings(&code, &[]).iter().all(|r| r.len() < 3 * MOST));
    }

    #[test]
    fn names_say_what_a_variable_is_for() {
        for name in [
            "OPTS",
            "FINDOPTS",
            "curl_opts",
            "EXTRA_ARGS",
            "ARGS2",
            "Flags",
            "PARAMS",
        ] {
            assert!(names_options(name), "{name}");
        }
        for name in ["URL", "DIR", "TARGET", "OPTIMIZER", "LARGE", "EXTRACT"] {
            assert!(!names_options(name), "{name}");
        }
    }
}
