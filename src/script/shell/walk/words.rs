//! What the words of a text are made of, what its assignments give, and where its redirections
//! lead.

use shuck_ast::{
    ArrayElem, Assignment, AssignmentValue, HeredocBodyPart, Redirect, RedirectKind,
    RedirectTarget, Word as Tree, WordPart, WordPartNode, static_command_name_text,
};

use super::Walk;
use crate::script::shell::calls::{Assigned, Call, Word};
use crate::script::shell::course::Turn;
use crate::script::shell::values::{BETWEEN, Piece, Use};

impl Walk<'_> {
    pub(super) fn assignments(&mut self, assignments: &[Assignment]) {
        for assignment in assignments {
            self.assignment(assignment);
        }
    }

    /// What assignments before a command set for it.
    pub(super) fn sets(&self, assignments: &[Assignment]) -> Vec<(String, Word)> {
        let plain = assignments.iter().filter_map(|a| match &a.value {
            AssignmentValue::Scalar(word) => Some((a.target.name.to_string(), self.word(word))),
            AssignmentValue::Compound(_) => None,
        });
        plain.collect()
    }

    pub(super) fn assignment(&mut self, assignment: &Assignment) {
        if assignment.target.subscript.is_some() {
            self.endless_text(Some(assignment.target.span.slice(self.source)));
        }
        match &assignment.value {
            AssignmentValue::Scalar(word) => {
                self.inside(&word.parts);
                self.assigned(assignment, "", self.value(word));
            }
            AssignmentValue::Compound(array) => {
                let mut pieces = Vec::new();
                for element in &array.elements {
                    match element {
                        ArrayElem::Sequential(value)
                        | ArrayElem::Keyed { value, .. }
                        | ArrayElem::KeyedAppend { value, .. } => {
                            self.inside(&value.word.parts);
                            if !pieces.is_empty() {
                                pieces.push(Piece::Text(BETWEEN.to_string()));
                            }
                            pieces.extend(self.value(&value.word));
                        }
                    }
                }
                self.assigned(assignment, "[@]", pieces);
            }
        }
    }

    /// What an assignment that stays does, declared by the words `how`.
    pub(super) fn set(&self, how: &str, assignment: &Assignment) -> Turn {
        let value = match &assignment.value {
            AssignmentValue::Scalar(word) if assignment.target.subscript.is_none() => {
                Some(self.word(word))
            }
            AssignmentValue::Scalar(_) | AssignmentValue::Compound(_) => None,
        };
        Turn::Set {
            name: assignment.target.name.to_string(),
            // What is not one text is not followed.
            how: match value {
                Some(_) => how.to_owned(),
                None => "array".to_owned(),
            },
            value,
            adds: assignment.append,
        }
    }

    fn assigned(&mut self, assignment: &Assignment, all: &str, pieces: Vec<Piece>) {
        self.out.assigned.push(Assigned {
            name: format!("{}{all}", assignment.target.name),
            pieces,
            adds: assignment.append,
        });
    }

    /// What a word stands for as a value.
    pub(super) fn value(&self, word: &Tree) -> Vec<Piece> {
        let word = self.word(word);
        if word.fixed {
            vec![Piece::Text(word.text)]
        } else {
            word.pieces
        }
    }

    /// What a word is made of that is not fixed.
    fn pieces(&self, parts: &[WordPartNode], quoted: bool, out: &mut Vec<Piece>) {
        for part in parts {
            match &part.kind {
                WordPart::Literal(text) => {
                    let text = text.as_str(self.source, part.span);
                    out.push(Piece::Text(text.to_owned()));
                }
                WordPart::SingleQuoted { value, .. } => {
                    out.push(Piece::Text(value.slice(self.source).to_owned()));
                }
                WordPart::DoubleQuoted { parts, .. } => {
                    // What is empty in quotes is a word all the same.
                    out.push(Piece::Text(String::new()));
                    self.pieces(parts, true, out);
                }
                _ => {
                    let written = part.span.slice(self.source);
                    let other = || Piece::Other(written.to_owned());
                    out.push(Use::of(written, quoted).map_or_else(other, Piece::Variable));
                }
            }
        }
    }

    pub(super) fn words(&mut self, words: &[Tree]) {
        for word in words {
            self.inside(&word.parts);
        }
    }

    /// Walks what a word's substitutions run.
    pub(super) fn inside(&mut self, parts: &[WordPartNode]) {
        for part in parts {
            match &part.kind {
                WordPart::CommandSubstitution { body, .. }
                | WordPart::ProcessSubstitution { body, .. } => self.subshell(body),
                WordPart::DoubleQuoted { parts, .. } => self.inside(parts),
                WordPart::Literal(_) | WordPart::SingleQuoted { .. } | WordPart::Variable(_) => {}
                // The operand of an expansion may hold a substitution of its own.
                _ => {
                    let text = part.span.slice(self.source);
                    // The first three bytes may be the `$((` of arithmetic itself.
                    if text.get(3..).is_some_and(|t| t.contains("$(")) || text.contains('`') {
                        self.unknown();
                    }
                }
            }
        }
    }

    pub(super) fn redirects(&mut self, redirects: &[Redirect], call: &mut Call) {
        for redirect in redirects {
            match &redirect.target {
                RedirectTarget::Heredoc(heredoc) => {
                    for part in &heredoc.body.parts {
                        if let HeredocBodyPart::CommandSubstitution { body, .. } = &part.kind {
                            self.subshell(body);
                        }
                    }
                    call.expands = heredoc.body.mode.expands();
                    call.input = Some(heredoc.body.span.slice(self.source).to_owned());
                }
                RedirectTarget::Word(word) => {
                    self.inside(&word.parts);
                    let word = self.word(word);
                    let (target, word_is_fixed) = (word.text, word.fixed);
                    match redirect.kind {
                        RedirectKind::HereString => {
                            call.expands = !word_is_fixed;
                            call.input = Some(target);
                        }
                        RedirectKind::Input => call.reads.push(target),
                        RedirectKind::Output
                        | RedirectKind::Clobber
                        | RedirectKind::Append
                        | RedirectKind::ReadWrite
                        | RedirectKind::OutputBoth => call.writes.push(target),
                        // `>&2` names a descriptor, `>&file` a file.
                        RedirectKind::DupOutput if !is_descriptor(&target) => {
                            call.writes.push(target);
                        }
                        RedirectKind::DupOutput
                        | RedirectKind::DupInput
                        | RedirectKind::HereDoc
                        | RedirectKind::HereDocStrip => {}
                    }
                }
            }
        }
    }

    pub(super) fn name(&self, word: &Tree) -> Word {
        match static_command_name_text(word, self.source) {
            Some(text) => fixed(&text),
            None => self.expanded(word),
        }
    }

    pub(super) fn word(&self, word: &Tree) -> Word {
        match word.try_static_text(self.source) {
            Some(text) => fixed(&text),
            None => self.expanded(word),
        }
    }

    /// A word in which something is expanded.
    fn expanded(&self, word: &Tree) -> Word {
        let mut pieces = Vec::new();
        self.pieces(&word.parts, false, &mut pieces);
        Word {
            text: word.render(self.source),
            fixed: false,
            pieces,
        }
    }
}

pub(super) fn fixed(text: &str) -> Word {
    Word {
        text: text.to_owned(),
        fixed: true,
        ..Word::default()
    }
}

fn is_descriptor(target: &str) -> bool {
    target == "-"
        || target
            .trim_end_matches('-')
            .bytes()
            .all(|b| b.is_ascii_digit())
}
