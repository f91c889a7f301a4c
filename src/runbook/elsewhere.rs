//! Which actions are meant for a session elsewhere: what follows `ssh deploy@app-1` in a procedure
//! is for the inside, until the session is left, another one is opened or the procedure ends.
//!
//! A plan assumes one terminal. Run here, what it means for another machine would hit this one, so
//! it is marked, and where in doubt it is marked: a person then says where it runs.

use super::reading::Reading;
use crate::domain::plan::{Action, ActionKind, Elsewhere, Plan, Procedure, Step};
use crate::script::shell::{self, Leaving};

/// Marks the actions of every procedure.
pub fn mark(reading: &mut Reading<'_>) {
    let mut plan: Plan = std::mem::take(&mut reading.plan);
    // Most plans stay where they are.
    let opens = |a: &Action| a.kind == ActionKind::Shell && shell::stays_remote(&a.code);
    let mut all = plan.procedures.iter().flat_map(|p| &p.steps);
    if all.any(|s| s.actions.iter().any(opens)) {
        let children = children(&plan.procedures);
        for root in 0..plan.procedures.len() {
            if is_root(&plan.procedures, root) {
                let mut walk = Walk {
                    reading,
                    children: &children,
                    depth: 0,
                };
                walk.procedure(&mut plan.procedures, root, &mut Vec::new());
            }
        }
    }
    reading.plan = plan;
}

/// For each procedure those that are parts of it, in order.
fn children(all: &[Procedure]) -> Vec<Vec<usize>> {
    let index: std::collections::HashMap<_, _> = (0..).zip(all).map(|(n, p)| (&p.id, n)).collect();
    let mut found = vec![Vec::new(); all.len()];
    for (n, procedure) in all.iter().enumerate() {
        let parent = procedure.parent.as_ref().and_then(|p| index.get(p));
        if let Some(list) = parent.and_then(|p: &usize| found.get_mut(*p)) {
            list.push(n);
        }
    }
    found
}

fn is_root(all: &[Procedure], at: usize) -> bool {
    let parent = all.get(at).and_then(|p| p.parent.as_ref());
    parent.is_none_or(|id| !all.iter().any(|p| p.id == *id))
}

/// A session that is open.
#[derive(Clone, PartialEq, Debug)]
struct Open {
    /// Empty where it depends on what is chosen.
    opener: String,
    name: String,
    tool: Option<&'static str>,
    line: u32,
    /// Something is done in it.
    used: bool,
}

/// The sessions that are open, outermost first.
type Sessions = Vec<Open>;

struct Walk<'r, 'd> {
    reading: &'r Reading<'d>,
    children: &'r [Vec<usize>],
    depth: usize,
}

/// Procedures are not nested deeper by anybody who wants to be understood.
const DEEPEST: usize = 12;

impl Walk<'_, '_> {
    /// A procedure's own steps, then its parts. A part that is numbered goes on in the terminal of
    /// the one before it; another takes over only a session in which nothing was done yet.
    fn procedure(&mut self, all: &mut [Procedure], at: usize, open: &mut Sessions) {
        if let Some(procedure) = all.get_mut(at) {
            self.steps(&mut procedure.steps, open);
        }
        if self.depth < DEEPEST {
            self.depth += 1;
            let before_parts = open.clone();
            let mut ways = Ways::default();
            for part in self.children.get(at).cloned().unwrap_or_default() {
                let one = all.get(part);
                let key =
                    one.and_then(|p| Some((p.choice.as_ref()?.to_string(), p.id.to_string())));
                ways.enter(key, open);
                if one.is_some_and(|p| !goes_on(p)) {
                    open.retain(|o| !o.used || before_parts.contains(o));
                }
                self.procedure(all, part, open);
            }
            ways.join(open);
            self.depth -= 1;
        }
        if self.depth == 0 {
            open.clear();
        }
    }

    fn steps(&self, steps: &mut [Step], open: &mut Sessions) {
        let mut ways = Ways::default();
        for step in steps {
            let key = step.choice.as_ref().map(ToString::to_string);
            ways.enter(key.map(|k| (k, step.option().to_string())), open);
            self.actions(&mut step.actions, open);
        }
        ways.join(open);
    }

    fn actions(&self, actions: &mut [Action], open: &mut Sessions) {
        let mut ways = Ways::default();
        for action in actions {
            let key = action.choice.as_ref().map(ToString::to_string);
            ways.enter(key.map(|k| (k, action.option().to_string())), open);
            self.action(action, open);
        }
        ways.join(open);
    }

    fn action(&self, action: &mut Action, open: &mut Sessions) {
        match action.kind {
            ActionKind::Text => {}
            ActionKind::Manual => {
                if says_leave(&action.code) {
                    open.pop();
                }
            }
            ActionKind::Include | ActionKind::Sql | ActionKind::Http => {
                action.place = place(open);
            }
            ActionKind::Shell => self.shell(action, open),
        }
    }

    fn shell(&self, action: &mut Action, open: &mut Sessions) {
        if says_here(&action.title) {
            open.clear();
        }
        let opened = (!action.opt_in)
            .then(|| shell::leaves_open(&action.code))
            .flatten();
        while let Some(last) = open.last()
            && let Some(tool) = last.tool
            && !(opened.is_some() && !last.used && tool == "ssh")
            && (shell::is_for_this_side(&action.code, tool, &last.name)
                || opened.as_ref().is_some_and(|o| o.tool == Some(tool)))
        {
            open.pop();
        }
        // What is typed into a session of the block itself is left there.
        let leaving = (!shell::is_remote(&action.code))
            .then(|| shell::leaving(&action.code))
            .flatten();
        match leaving {
            Some(Leaving::Only(times)) => {
                open.truncate(open.len().saturating_sub(times));
                return;
            }
            Some(Leaving::First) => {
                open.pop();
            }
            Some(Leaving::Last | Leaving::Within) | None => {}
        }
        action.place = place(open);
        if let Some(last) = open.last_mut() {
            last.used = true;
        }
        if matches!(leaving, Some(Leaving::Last | Leaving::Within)) {
            open.pop();
        }
        if let Some(opened) = opened {
            // Only gone through.
            if let Some(last) = open.last_mut()
                && action.code.lines().filter(|l| is_code(l)).count() == 1
                && last.tool == Some("ssh")
                && opened.tool == Some("ssh")
            {
                last.used = false;
            }
            open.push(Open {
                line: self.line_of(action, &opened.command),
                opener: opened.command,
                name: opened.name,
                tool: opened.tool,
                used: false,
            });
        }
    }

    /// The line of the runbook where a command stands.
    fn line_of(&self, action: &Action, command: &str) -> u32 {
        let lines = action.span.first..=action.span.last;
        let first = command.split_whitespace().next().unwrap_or_default();
        let mut holding = lines.filter(|n| {
            let raw = self.reading.raw(crate::domain::plan::Span {
                first: *n,
                last: *n,
            });
            raw.contains(command) || (raw.contains(first) && !raw.contains("```"))
        });
        holding.next_back().unwrap_or(action.span.first)
    }
}

fn goes_on(part: &Procedure) -> bool {
    use super::words::Numbered;
    let numbered = super::words::numbered(&part.title);
    matches!(numbered, Some((Numbered::Phase | Numbered::Step, _)))
}

fn is_code(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && !line.starts_with('#')
}

/// The place that the innermost session is.
fn place(open: &Sessions) -> Option<Elsewhere> {
    let (last, outer) = open.split_last()?;
    Some(Elsewhere {
        opener: last.opener.clone(),
        through: outer.iter().map(|o| o.opener.clone()).collect(),
        name: last.name.clone(),
        line: last.line,
        from: String::new(),
    })
}

/// Alternatives: each begins where the first did, and what is open after them is what all agree on.
#[derive(Default)]
struct Ways {
    /// The choice, the option under way, the sessions before, those after each option.
    under_way: Option<(String, String, Sessions, Vec<Sessions>)>,
}

impl Ways {
    /// The next thing comes: of an option of a choice, or of none.
    fn enter(&mut self, key: Option<(String, String)>, open: &mut Sessions) {
        let Some((choice, option)) = key else {
            return self.join(open);
        };
        match &mut self.under_way {
            Some((known, _, _, _)) if *known != choice => {
                self.join(open);
                self.under_way = Some((choice, option, open.clone(), Vec::new()));
            }
            Some((_, current, _, _)) if *current == option => {}
            Some((_, current, before, after)) => {
                after.push(std::mem::replace(open, before.clone()));
                *current = option;
            }
            None => self.under_way = Some((choice, option, open.clone(), Vec::new())),
        }
    }

    /// The alternatives are over.
    fn join(&mut self, open: &mut Sessions) {
        let Some((_, _, before, after)) = self.under_way.take() else {
            return;
        };
        let mut distinct: Vec<Sessions> = Vec::new();
        for way in after.into_iter().chain([std::mem::take(open)]) {
            let same = |d: &&Sessions| names(d) == names(&way);
            if way.len() > before.len() && distinct.iter().find(same).is_none() {
                distinct.push(way);
            }
        }
        *open = match distinct.len() {
            0 => before,
            1 => distinct.pop().unwrap_or(before),
            _ => {
                let tops = distinct.iter().filter_map(|d| d.last());
                let all: Vec<&str> = tops.map(|o| o.name.as_str()).collect();
                let line = distinct
                    .iter()
                    .filter_map(|d| d.last())
                    .map(|o| o.line)
                    .min();
                let mut open = before;
                open.push(Open {
                    opener: String::new(),
                    name: all.join(" or "),
                    tool: None,
                    line: line.unwrap_or(1),
                    used: false,
                });
                open
            }
        };
    }
}

fn names(sessions: &Sessions) -> Vec<&str> {
    sessions.iter().map(|o| o.name.as_str()).collect()
}

/// A thing for a person that leaves the session: `Exit the container`, `Log out of app-1`.
fn says_leave(text: &str) -> bool {
    const LEAVES: &[&str] = &[
        "exit",
        "log out",
        "logout",
        "log off",
        "leave",
        "disconnect",
        "close",
        "quit",
    ];
    const WHAT: &[&str] = &[
        "ssh",
        "session",
        "container",
        "shell",
        "server",
        "host",
        "pod",
        "machine",
        "terminal",
        "connection",
        "node",
        "vm",
        "instance",
    ];
    let text = text.to_lowercase().replace(['`', '*', '"'], "");
    let text = text.trim().trim_end_matches('.');
    let Some(rest) = LEAVES.iter().find_map(|l| text.strip_prefix(l)) else {
        return false;
    };
    let words = rest
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty());
    let words: Vec<&str> = words.collect();
    rest.is_empty() || words.len() <= 6 && words.iter().any(|w| WHAT.contains(w))
}

/// A title that says that what follows is for this machine.
fn says_here(title: &str) -> bool {
    const HERE: &[&str] = &[
        "locally",
        "local machine",
        "your machine",
        "your laptop",
        "your workstation",
        "localmente",
        "en local",
        "lokal",
        "локально",
        "本地",
        "ローカル",
    ];
    let title = title.to_lowercase();
    HERE.iter().any(|h| title.contains(h))
}

#[cfg(test)]
mod tests {
    use crate::domain::plan::Plan;

    /// What each action is meant for.
    fn places(text: &str) -> Vec<(String, String)> {
        let plan: Plan = crate::runbook::read(text.as_bytes());
        let all = plan.procedures.iter().flat_map(|p| &p.steps);
        all.flat_map(|s| &s.actions)
            .map(|a| {
                let code = a.code.lines().last().unwrap_or_default().to_owned();
                (
                    code,
                    a.place
                        .as_ref()
                        .map(super::Elsewhere::on)
                        .unwrap_or_default(),
                )
            })
            .collect()
    }

    fn pairs(text: &str) -> Vec<String> {
        let found = places(text).into_iter();
        found.map(|(code, on)| format!("{code} | {on}")).collect()
    }

    const HEAD: &str = "# Plan\n\n## Rollback Procedure\n\n";

    fn blocks(codes: &[&str]) -> String {
        let mut text = HEAD.to_owned();
        for (n, code) in codes.iter().enumerate() {
            let step = format!("### Step {}: Do it\n\n```bash\n{code}\n```\n\n", n + 1);
            text.push_str(&step);
        }
        text
    }

    #[test]
    fn what_follows_a_bare_opener_is_meant_for_the_inside_until_it_is_left() {
        let text = blocks(&[
            "git fetch",
            "ssh deploy@orchard-1",
            "cd /srv/orchard\ngit reset --hard v3",
            "rm -rf dist",
            "exit",
            "curl -s https://orchard.test/",
        ]);
        assert_eq!(
            pairs(&text),
            [
                "git fetch | ",
                "ssh deploy@orchard-1 | ",
                "git reset --hard v3 | on deploy@orchard-1",
                "rm -rf dist | on deploy@orchard-1",
                "exit | ",
                "curl -s https://orchard.test/ | ",
            ]
        );
        let plan = crate::runbook::read(text.as_bytes());
        let place = plan.procedures[0].steps[2].actions[0].place.clone();
        let place = place.expect("meant for there");
        assert_eq!(
            (place.opener.as_str(), place.line),
            ("ssh deploy@orchard-1", 14)
        );
        assert_eq!(place.by(), "by the ssh of line 14");
    }

    #[test]
    fn a_session_in_a_session_and_the_way_back() {
        let text = blocks(&[
            "ssh deploy@orchard-1",
            "uptime",
            "docker exec -it web bash",
            "rm -rf /app/cache",
            "exit",
            "docker restart web",
            "systemctl stop x\nexit",
            "ls",
        ]);
        assert_eq!(
            pairs(&text),
            [
                "ssh deploy@orchard-1 | ",
                "uptime | on deploy@orchard-1",
                "docker exec -it web bash | on deploy@orchard-1",
                "rm -rf /app/cache | in container web",
                "exit | ",
                "docker restart web | on deploy@orchard-1",
                "exit | on deploy@orchard-1",
                "ls | ",
            ]
        );
    }

    #[test]
    fn the_next_opener_and_what_can_only_be_from_here_end_it() {
        let text = blocks(&[
            "ssh deploy@orchard-1",
            "uptime",
            "ssh deploy@orchard-2",
            "uptime -p",
            "scp dump.gz deploy@orchard-2:/srv/",
            "ls dump.gz",
            "docker exec -it web sh",
            "ls /app",
            "docker restart web",
        ]);
        assert_eq!(
            pairs(&text),
            [
                "ssh deploy@orchard-1 | ",
                "uptime | on deploy@orchard-1",
                "ssh deploy@orchard-2 | ",
                "uptime -p | on deploy@orchard-2",
                "scp dump.gz deploy@orchard-2:/srv/ | ",
                "ls dump.gz | ",
                "docker exec -it web sh | ",
                "ls /app | in container web",
                "docker restart web | ",
            ]
        );
    }

    #[test]
    fn a_procedure_ends_its_sessions_and_what_is_told_what_to_do_opens_none() {
        let text = "# Plan\n\n## Rollback Procedures\n\n### Option 1: Quick\n\n```bash\nssh ops@gate\n```\n\n```bash\nmake back\n```\n\n### Option 2: Slow\n\n```bash\nssh ops@gate uptime\n```\n\n```bash\nmake slow\n```\n";
        assert_eq!(
            pairs(text),
            [
                "ssh ops@gate | ",
                "make back | on ops@gate",
                "ssh ops@gate uptime | ",
                "make slow | ",
            ]
        );
    }

    #[test]
    fn numbered_parts_go_on_in_the_same_terminal_and_others_begin_here() {
        let parts = |second: &str| {
            format!(
                "# Plan\n\n## Rollback Procedure\n\n### Phase 1: Stop (5 minutes)\n\n1. **Go there**\n   ```bash\n   ssh ops@gate\n   ```\n2. **Stop**\n   ```bash\n   make stop\n   ```\n\n### {second} (5 minutes)\n\n1. **Back**\n   ```bash\n   make back\n   ```\n"
            )
        };
        let last = |text: &str| pairs(text).pop().expect("an action");
        assert_eq!(last(&parts("Phase 2: Restore")), "make back | on ops@gate");
        assert_eq!(last(&parts("Restoring the data")), "make back | ");
    }

    #[test]
    fn a_person_may_be_told_to_leave() {
        let text = format!(
            "{HEAD}1. **Connect**\n   ```bash\n   su - orchard\n   ```\n2. **Stop**\n   ```bash\n   ./stop.sh\n   ```\n3. **Leave**\n   - Exit the shell\n4. **Look**\n   ```bash\n   ls -l\n   ```\n"
        );
        assert_eq!(
            pairs(&text),
            [
                "su - orchard | ",
                "./stop.sh | as user orchard",
                "Exit the shell | ",
                "ls -l | ",
            ]
        );
    }
}
