//! The walk over the parser's tree that takes the commands of a text out of it.

mod words;

use std::panic::{AssertUnwindSafe, catch_unwind};

use shuck_ast::{
    BinaryCommand, BinaryOp, BuiltinCommand, Command, CompoundCommand, ConditionalExpr, DeclClause,
    DeclOperand, ForCommand, Pattern, PatternPart, Stmt, StmtSeq, StmtTerminator,
};

use super::calls::{Assigned, Call, Calls, Word};
use super::course::{Block, Turn};
use super::feed;
use super::parse::{ParseProblem, parse_masked};
use words::fixed;

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
    /// Something that changes the course between the calls before and those after.
    fn turn(&mut self, turn: Turn) {
        self.out.course.push((self.out.all.len(), turn));
    }

    /// What stands within a block.
    fn within<T>(&mut self, block: Block, inner: impl FnOnce(&mut Self) -> T) -> T {
        self.turn(Turn::Enter(block));
        let out = inner(self);
        self.turn(Turn::Leave);
        out
    }

    /// What has a directory and variables of its own.
    fn subshell(&mut self, sequence: &StmtSeq) {
        let around = self.subshell;
        self.out.subshells.push(around);
        self.subshell = self.out.subshells.len();
        self.within(Block::Subshell, |walk| walk.sequence(sequence));
        self.subshell = around;
    }

    fn sequence(&mut self, sequence: &StmtSeq) {
        for statement in &sequence.stmts {
            let left = matches!(statement.terminator, Some(StmtTerminator::Background(_)));
            self.left += u32::from(left);
            if left {
                self.within(Block::Subshell, |walk| walk.statement(statement, None));
            } else {
                self.statement(statement, None);
            }
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
                } else {
                    for assignment in &simple.assignments {
                        let set = self.set("", assignment);
                        self.turn(set);
                    }
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
                self.declaration(declaration);
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
                self.out.functions.extend(names.iter().cloned());
                self.within(Block::Function(names), |walk| {
                    walk.statement(&function.body, None)
                });
                None
            }
            Command::AnonymousFunction(function) => {
                self.within(Block::Again, |walk| walk.statement(&function.body, None));
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
        let is_pipe = |op: &BinaryOp| matches!(op, BinaryOp::Pipe | BinaryOp::PipeAll);
        self.turn(Turn::Enter(Block::Chain));
        let mut last = if links.last().is_some_and(|(op, _)| is_pipe(op)) {
            self.within(Block::Subshell, |walk| walk.statement(first, piped))
        } else {
            self.statement(first, piped)
        };
        for (op, right) in links.into_iter().rev() {
            let pipe = is_pipe(&op);
            let feeder = match last.take().filter(|_| pipe) {
                Some(walked) => self.walked(walked).map(feeding),
                None if pipe => feed::group(self.out.all.get(from..).unwrap_or_default()),
                None => None,
            };
            from = self.out.all.len();
            last = match op {
                BinaryOp::Pipe | BinaryOp::PipeAll => {
                    self.within(Block::Subshell, |walk| walk.statement(right, feeder))
                }
                BinaryOp::And => {
                    self.turn(Turn::And);
                    self.statement(right, feeder)
                }
                BinaryOp::Or => {
                    self.turn(Turn::Or);
                    self.statement(right, feeder)
                }
            };
        }
        self.turn(Turn::Leave);
        last
    }

    /// What `export`, `declare` and their like say.
    fn declaration(&mut self, declaration: &DeclClause) {
        self.assignments(&declaration.assignments);
        let mut how = declaration.variant.as_str().to_owned();
        for operand in &declaration.operands {
            match operand {
                DeclOperand::Flag(word) => {
                    how = format!("{how} {}", word.render(self.source));
                    self.inside(&word.parts);
                }
                DeclOperand::Dynamic(word) => {
                    self.inside(&word.parts);
                    self.turn(Turn::Anything(word.render(self.source)));
                }
                DeclOperand::Assignment(assignment) => {
                    self.assignment(assignment);
                    let set = self.set(&how, assignment);
                    self.turn(set);
                }
                DeclOperand::Name(name) => self.turn(Turn::Set {
                    name: name.name.to_string(),
                    value: None,
                    adds: false,
                    how: how.clone(),
                }),
            }
        }
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
                self.within(Block::Branch, |walk| walk.sequence(&c.then_branch));
                for (condition, branch) in &c.elif_branches {
                    self.within(Block::Branch, |walk| {
                        walk.sequence(condition);
                        walk.sequence(branch);
                    });
                }
                if let Some(branch) = &c.else_branch {
                    self.within(Block::Branch, |walk| walk.sequence(branch));
                }
            }
            CompoundCommand::For(c) => self.each(c),
            CompoundCommand::Repeat(c) => {
                self.within(Block::Again, |walk| walk.sequence(&c.body));
            }
            CompoundCommand::Foreach(c) => {
                self.words(&c.words);
                self.within(Block::Again, |walk| walk.sequence(&c.body));
            }
            CompoundCommand::ArithmeticFor(c) => {
                self.out.endless |= c.condition_span.is_none() && self.left == 0;
                let spans = [c.init_span, c.condition_span, c.step_span];
                self.within(Block::Again, |walk| {
                    for span in spans.into_iter().flatten() {
                        walk.turn(Turn::Counts(span.slice(walk.source).to_owned()));
                    }
                    walk.sequence(&c.body);
                });
            }
            CompoundCommand::While(c) => {
                self.endless(&c.condition, &["true", ":"]);
                self.within(Block::Again, |walk| {
                    walk.sequence(&c.condition);
                    walk.sequence(&c.body);
                });
            }
            CompoundCommand::Until(c) => {
                self.endless(&c.condition, &["false"]);
                self.within(Block::Again, |walk| {
                    walk.sequence(&c.condition);
                    walk.sequence(&c.body);
                });
            }
            CompoundCommand::Case(c) => {
                self.inside(&c.word.parts);
                for case in &c.cases {
                    for pattern in &case.patterns {
                        self.pattern(pattern);
                    }
                    self.within(Block::Branch, |walk| walk.sequence(&case.body));
                }
            }
            CompoundCommand::Select(c) => {
                self.words(&c.words);
                self.within(Block::Again, |walk| {
                    walk.turn(Turn::Counts(c.variable.to_string()));
                    walk.sequence(&c.body);
                });
            }
            CompoundCommand::Subshell(body) => self.subshell(body),
            CompoundCommand::BraceGroup(body) => self.sequence(body),
            CompoundCommand::Arithmetic(c) => {
                let text = c.expr_span.map(|s| s.slice(self.source));
                self.endless_text(text);
                self.turn(Turn::Counts(text.unwrap_or_default().to_owned()));
            }
            CompoundCommand::Time(c) => {
                if let Some(statement) = &c.command {
                    self.statement(statement, None);
                }
            }
            CompoundCommand::Conditional(c) => self.condition(&c.expression),
            CompoundCommand::Coproc(c) => {
                self.within(Block::Subshell, |walk| walk.statement(&c.body, None));
            }
            CompoundCommand::Always(c) => {
                self.sequence(&c.body);
                self.sequence(&c.always_body);
            }
        }
    }

    /// A loop over words.
    fn each(&mut self, c: &ForCommand) {
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
        let names = c.targets.iter().map(|t| t.word.render(self.source));
        let names = names.collect();
        let words = c.words.iter().flatten().map(|w| self.word(w)).collect();
        let given = c.words.is_some();
        self.within(
            Block::Each {
                names,
                words,
                given,
            },
            |walk| walk.sequence(&c.body),
        );
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

fn builtin_name(builtin: &BuiltinCommand) -> &'static str {
    match builtin {
        BuiltinCommand::Break(_) => "break",
        BuiltinCommand::Continue(_) => "continue",
        BuiltinCommand::Return(_) => "return",
        BuiltinCommand::Exit(_) => "exit",
    }
}
