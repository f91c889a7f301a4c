//! The walk over the parser's tree that takes the commands of a text out of it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use shuck_ast::{
    ArrayElem, Assignment, AssignmentValue, BinaryCommand, BinaryOp, BuiltinCommand, Command,
    CompoundCommand, ConditionalExpr, DeclOperand, HeredocBodyPart, Pattern, PatternPart, Redirect,
    RedirectKind, RedirectTarget, Stmt, StmtSeq, StmtTerminator, Word as Tree, WordPart,
    WordPartNode, static_command_name_text,
};

use super::calls::{Assigned, Call, Calls, Word};
use super::feed;
use super::parse::{ParseProblem, parse_masked};
use super::values::{BETWEEN, Piece, Use};

/// What a text calls whose blanks are masked, by the parser's tree.
pub(super) fn walked(masked: &str) -> Result<Calls, ParseProblem> {
    let parsed = parse_masked(masked)?;
    let walked = catch_unwind(AssertUnwindSafe(|| {
        let mut walk = Walk {
            source: masked,
            out: Calls::default(),
            fed: 0,
            left: 0,
            subshell: 0,
        };
        walk.sequence(&parsed.file.body);
        walk.out
    }));
    walked.map_err(|_| ParseProblem {
        line: 1,
        column: 1,
        message: "it cannot be read".to_owned(),
    })
}

/// A simple command that was walked.
enum Walked {
    /// It stands at this place among the calls.
    Kept(usize),
    /// It does nothing by itself.
    Left(Box<Call>),
}

struct Walk<'a> {
    source: &'a str,
    out: Calls,
    /// How many compound commands around this place have an input of their own.
    fed: u32,
    /// How many statements around this place are left to run in the background.
    left: u32,
    /// The subshell around this place.
    subshell: usize,
}

impl Walk<'_> {
    /// What has a directory and variables of its own.
    fn subshell(&mut self, sequence: &StmtSeq) {
        let around = self.subshell;
        self.out.subshells.push(around);
        self.subshell = self.out.subshells.len();
        self.sequence(sequence);
        self.subshell = around;
    }

    fn sequence(&mut self, sequence: &StmtSeq) {
        for statement in &sequence.stmts {
            let left = matches!(statement.terminator, Some(StmtTerminator::Background(_)));
            self.left += u32::from(left);
            self.statement(statement, None);
            self.left -= u32::from(left);
        }
    }

    /// Walks a statement; returns its last simple command, for the next one in a pipe.
    fn statement(&mut self, statement: &Stmt, piped: Option<Call>) -> Option<Walked> {
        let mut call = Call {
            piped: piped.map(Box::new),
            fed: self.fed > 0,
            left: self.left > 0,
            subshell: self.subshell,
            ..Call::default()
        };
        self.redirects(&statement.redirects, &mut call);
        match &statement.command {
            Command::Simple(simple) => {
                let before = self.out.assigned.len();
                self.assignments(&simple.assignments);
                call.sets = self.sets(&simple.assignments);
                call.words.push(self.name(&simple.name));
                if call.words.iter().any(|w| !w.text.is_empty() || !w.fixed) {
                    // Before a command they are for it alone.
                    self.out.assigned.truncate(before);
                }
                call.words.extend(simple.args.iter().map(|w| self.word(w)));
                self.inside(&simple.name.parts);
                for word in &simple.args {
                    self.inside(&word.parts);
                }
                // Assignments alone have an empty name.
                if call
                    .words
                    .first()
                    .is_some_and(|w| w.text.is_empty() && w.fixed)
                {
                    call.words.clear();
                }
                Some(self.keep(call))
            }
            Command::Builtin(builtin) => {
                call.words.push(fixed(builtin_name(builtin)));
                Some(self.keep(call))
            }
            Command::Decl(declaration) => {
                self.assignments(&declaration.assignments);
                for operand in &declaration.operands {
                    match operand {
                        DeclOperand::Flag(word) | DeclOperand::Dynamic(word) => {
                            self.inside(&word.parts);
                        }
                        DeclOperand::Assignment(assignment) => self.assignment(assignment),
                        DeclOperand::Name(_) => {}
                    }
                }
                call.words.push(fixed(declaration.variant.as_str()));
                Some(self.keep(call))
            }
            Command::Binary(binary) => {
                let last = self.chain(binary, call.piped.take().map(|c| *c));
                self.keep(call);
                last
            }
            Command::Compound(compound) => {
                let fed = !call.reads.is_empty() || call.input.is_some() || call.piped.is_some();
                self.fed += u32::from(fed);
                self.compound(compound);
                self.fed -= u32::from(fed);
                self.keep(call);
                None
            }
            Command::Function(function) => {
                let names: Vec<String> = function
                    .static_names()
                    .map(|n| n.as_str().to_owned())
                    .collect();
                self.out.functions.extend(names);
                self.statement(&function.body, None);
                None
            }
            Command::AnonymousFunction(function) => {
                self.statement(&function.body, None);
                None
            }
        }
    }

    /// Walks `a | b && c …`, which the tree nests to the left as deep as it is long, without
    /// going down into it; returns its last simple command.
    fn chain(&mut self, binary: &BinaryCommand, piped: Option<Call>) -> Option<Walked> {
        let mut links = vec![(binary.op, binary.right.as_ref())];
        let mut first = binary.left.as_ref();
        while let Command::Binary(inner) = &first.command
            && first.redirects.is_empty()
        {
            links.push((inner.op, inner.right.as_ref()));
            first = inner.left.as_ref();
        }
        let mut from = self.out.all.len();
        let mut last = self.statement(first, piped);
        for (op, right) in links.into_iter().rev() {
            let pipe = matches!(op, BinaryOp::Pipe | BinaryOp::PipeAll);
            let feeder = match last.take().filter(|_| pipe) {
                Some(walked) => self.walked(walked).map(feeding),
                None if pipe => feed::group(self.out.all.get(from..).unwrap_or_default()),
                None => None,
            };
            from = self.out.all.len();
            last = self.statement(right, feeder);
        }
        last
    }

    /// Keeps a call that does something by itself: it runs a program or writes a file.
    fn keep(&mut self, call: Call) -> Walked {
        if call.words.is_empty() && call.writes.is_empty() {
            return Walked::Left(Box::new(call));
        }
        self.out.all.push(call);
        Walked::Kept(self.out.all.len() - 1)
    }

    fn walked(&self, walked: Walked) -> Option<Call> {
        match walked {
            Walked::Kept(at) => self.out.all.get(at).cloned(),
            Walked::Left(call) => Some(*call),
        }
    }

    fn compound(&mut self, compound: &CompoundCommand) {
        match compound {
            CompoundCommand::If(c) => {
                self.sequence(&c.condition);
                self.sequence(&c.then_branch);
                for (condition, branch) in &c.elif_branches {
                    self.sequence(condition);
                    self.sequence(branch);
                }
                if let Some(branch) = &c.else_branch {
                    self.sequence(branch);
                }
            }
            CompoundCommand::For(c) => {
                self.words(c.words.as_deref().unwrap_or_default());
                for target in &c.targets {
                    let name = target.word.render(self.source);
                    for word in c.words.iter().flatten() {
                        self.out.assigned.push(Assigned {
                            name: name.clone(),
                            pieces: self.value(word),
                            adds: false,
                        });
                    }
                }
                self.sequence(&c.body);
            }
            CompoundCommand::Repeat(c) => self.sequence(&c.body),
            CompoundCommand::Foreach(c) => {
                self.words(&c.words);
                self.sequence(&c.body);
            }
            CompoundCommand::ArithmeticFor(c) => {
                self.out.endless |= c.condition_span.is_none() && self.left == 0;
                self.sequence(&c.body);
            }
            CompoundCommand::While(c) => {
                self.endless(&c.condition, &["true", ":"]);
                self.sequence(&c.condition);
                self.sequence(&c.body);
            }
            CompoundCommand::Until(c) => {
                self.endless(&c.condition, &["false"]);
                self.sequence(&c.condition);
                self.sequence(&c.body);
            }
            CompoundCommand::Case(c) => {
                self.inside(&c.word.parts);
                for case in &c.cases {
                    for pattern in &case.patterns {
                        self.pattern(pattern);
                    }
                    self.sequence(&case.body);
                }
            }
            CompoundCommand::Select(c) => {
                self.words(&c.words);
                self.sequence(&c.body);
            }
            CompoundCommand::Subshell(body) => self.subshell(body),
            CompoundCommand::BraceGroup(body) => self.sequence(body),
            CompoundCommand::Arithmetic(c) => {
                self.endless_text(c.expr_span.map(|s| s.slice(self.source)));
            }
            CompoundCommand::Time(c) => {
                if let Some(statement) = &c.command {
                    self.statement(statement, None);
                }
            }
            CompoundCommand::Conditional(c) => self.condition(&c.expression),
            CompoundCommand::Coproc(c) => {
                self.statement(&c.body, None);
            }
            CompoundCommand::Always(c) => {
                self.sequence(&c.body);
                self.sequence(&c.always_body);
            }
        }
    }

    /// A substitution hidden in arithmetic is not walked; the call with no name says so.
    fn endless_text(&mut self, expression: Option<&str>) {
        if expression.is_some_and(|e| e.contains("$(") || e.contains('`')) {
            self.unknown();
        }
    }

    /// A call of which nothing is known.
    fn unknown(&mut self) {
        self.out.all.push(Call {
            words: vec![Word::default()],
            ..Call::default()
        });
    }

    fn endless(&mut self, condition: &StmtSeq, always: &[&str]) {
        let [only] = condition.stmts.as_slice() else {
            return;
        };
        let name = match &only.command {
            Command::Simple(simple) if simple.args.is_empty() => self.name(&simple.name).text,
            Command::Compound(CompoundCommand::Arithmetic(c)) => {
                let text = c.expr_span.map(|s| s.slice(self.source).trim().to_owned());
                if text.as_deref() == Some("1") {
                    always.first().map_or(String::new(), |a| (*a).to_owned())
                } else {
                    String::new()
                }
            }
            _ => String::new(),
        };
        self.out.endless |= self.left == 0 && always.contains(&name.as_str());
    }

    fn condition(&mut self, expression: &ConditionalExpr) {
        match expression {
            ConditionalExpr::Binary(e) => {
                let numbers = ["-eq", "-ne", "-lt", "-le", "-gt", "-ge"].contains(&e.op.as_str());
                for side in [&e.left, &e.right] {
                    if let ConditionalExpr::Word(word) = &**side
                        && numbers
                        && word.render(self.source).contains("[$(")
                    {
                        self.unknown();
                    }
                }
                self.condition(&e.left);
                self.condition(&e.right);
            }
            ConditionalExpr::Unary(e) => {
                if let ConditionalExpr::Word(word) = &*e.expr
                    && ["-v", "-R"].contains(&e.op.as_str())
                {
                    // The subscript of a name is evaluated.
                    self.endless_text(Some(&word.render(self.source)));
                }
                let text = ["-t", "-z", "-n", "-o", "-v", "-R", "!"].contains(&e.op.as_str());
                if !text && let ConditionalExpr::Word(word) = &*e.expr {
                    let path = self.word(word).text;
                    self.out
                        .asked
                        .push((self.out.all.len(), self.subshell, path));
                }
                self.condition(&e.expr);
            }
            ConditionalExpr::Parenthesized(e) => self.condition(&e.expr),
            ConditionalExpr::Word(word) | ConditionalExpr::Regex(word) => self.inside(&word.parts),
            ConditionalExpr::Pattern(pattern) => self.pattern(pattern),
            ConditionalExpr::VarRef(name) => {
                self.endless_text(Some(name.span.slice(self.source)));
            }
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        for part in &pattern.parts {
            match &part.kind {
                PatternPart::Word(word) => self.inside(&word.parts),
                PatternPart::Group { patterns, .. } => {
                    for pattern in patterns {
                        self.pattern(pattern);
                    }
                }
                PatternPart::Literal(_)
                | PatternPart::AnyString
                | PatternPart::AnyChar
                | PatternPart::CharClass(_) => {}
            }
        }
    }

    fn assignments(&mut self, assignments: &[Assignment]) {
        for assignment in assignments {
            self.assignment(assignment);
        }
    }

    /// What assignments before a command set for it.
    fn sets(&self, assignments: &[Assignment]) -> Vec<(String, Word)> {
        let plain = assignments.iter().filter_map(|a| match &a.value {
            AssignmentValue::Scalar(word) => Some((a.target.name.to_string(), self.word(word))),
            AssignmentValue::Compound(_) => None,
        });
        plain.collect()
    }

    fn assignment(&mut self, assignment: &Assignment) {
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

    fn assigned(&mut self, assignment: &Assignment, all: &str, pieces: Vec<Piece>) {
        self.out.assigned.push(Assigned {
            name: format!("{}{all}", assignment.target.name),
            pieces,
            adds: assignment.append,
        });
    }

    /// What a word stands for as a value.
    fn value(&self, word: &Tree) -> Vec<Piece> {
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

    fn words(&mut self, words: &[Tree]) {
        for word in words {
            self.inside(&word.parts);
        }
    }

    /// Walks what a word's substitutions run.
    fn inside(&mut self, parts: &[WordPartNode]) {
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

    fn redirects(&mut self, redirects: &[Redirect], call: &mut Call) {
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

    fn name(&self, word: &Tree) -> Word {
        match static_command_name_text(word, self.source) {
            Some(text) => fixed(&text),
            None => self.expanded(word),
        }
    }

    fn word(&self, word: &Tree) -> Word {
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

/// A call as what feeds the next: what feeds the feeder does not matter, unless it hands that on.
fn feeding(call: Call) -> Call {
    match call.piped {
        Some(first)
            if feed::hands_on(&Call {
                piped: None,
                ..call.clone()
            }) =>
        {
            *first
        }
        _ => Call {
            piped: None,
            ..call
        },
    }
}

fn fixed(text: &str) -> Word {
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

fn builtin_name(builtin: &BuiltinCommand) -> &'static str {
    match builtin {
        BuiltinCommand::Break(_) => "break",
        BuiltinCommand::Continue(_) => "continue",
        BuiltinCommand::Return(_) => "return",
        BuiltinCommand::Exit(_) => "exit",
    }
}
