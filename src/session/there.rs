//! Making the run box of an action that runs elsewhere: over the command that the plan opened the
//! session with, its text given as input.
//!
//! What is shown is the whole of what runs here: the command line and the text. It is that text
//! whose hash is confirmed.

use super::Session;
use super::prepare::Filling;
use crate::domain::elsewhere::{Elsewhere, Goes};
use crate::domain::incident::Incident;
use crate::domain::plan::{Action, ActionKind};
use crate::domain::runbox::{Meant, RunBox};
use crate::journal::chain::hex;
use crate::script::blanks::secret;
use crate::script::shell::{self, FarShell, Leaving, Reach};
use sha2::{Digest as _, Sha256};

/// Why nothing takes it there.
const NO_WAY: &str = "backout knows no way to run this there by itself: do it there by hand and mark it (m), or run it here on purpose (h)";

/// The same of what a person has sent there.
const NOT_SENT: &str = "it cannot be taken there by itself (it leaves its session, or has an interpreter of its own): do it there by hand and mark it (m), or have it run here (m, then o, and “here”)";

impl Session {
    /// What a box says of where its action is meant to run.
    pub(super) fn meant(
        &self,
        incident: &Incident,
        place: &Elsewhere,
        action: &Action,
        shown: &RunBox,
    ) -> Meant {
        let reach = self.way(incident, place, action, &shown.code).0;
        Meant {
            on: place.on(),
            by: place.by(),
            chosen: incident.whereabouts(&shown.action),
            reach: reach.map(|r| r.line()),
            code: shown.code.clone(),
            word: incident.word_for_here().to_owned(),
            sent: place.line == 0,
        }
    }

    /// The place that a command opens a session in, for a person who sends something there.
    ///
    /// # Errors
    /// What is wrong with the command, in words.
    pub fn way_to(&self, opener: &str) -> Result<Goes, String> {
        let opener = opener.trim();
        let filling = self.fill_command(&self.incident(), opener);
        if let Some(name) = filling.missing.first() {
            return Err(format!("{name} in “{opener}” is not filled yet"));
        }
        // As it is now: what a blank is filled with later moves nothing.
        let filled = filling.text;
        let one_line = !opener.contains('\n');
        let known = one_line && Reach::new(&[filled.as_str()]).is_some();
        let name = shell::leaves_open(&filled).map(|opened| opened.name);
        match name.filter(|_| known) {
            Some(name) => Ok(Goes::to(&filled, &name)),
            None => Err(format!(
                "“{opener}” opens no session that takes a command: ssh USER@HOST, docker exec -it CONTAINER bash, kubectl exec -it POD -- sh, sudo -u USER -i"
            )),
        }
    }

    /// The way to a place, with what the blanks in its commands need.
    fn way(
        &self,
        incident: &Incident,
        place: &Elsewhere,
        action: &Action,
        code: &str,
    ) -> (Option<Reach>, Vec<Filling>) {
        let text = action.kind == ActionKind::Shell && action.interpreter.is_none();
        let leaves = matches!(shell::leaving(code), Some(Leaving::First | Leaving::Within));
        if !text || leaves || place.opener.is_empty() {
            return (None, Vec::new());
        }
        let openers = place.through.iter().chain([&place.opener]);
        let filled: Vec<Filling> = openers.map(|o| self.fill_command(incident, o)).collect();
        let lines: Vec<&str> = filled.iter().map(|f| f.text.as_str()).collect();
        (Reach::new(&lines), filled)
    }

    /// Turns a box into one that runs where the plan is.
    pub(super) fn send_there(
        &self,
        incident: &Incident,
        place: &Elsewhere,
        action: &Action,
        needs: &[String],
        shown: &mut RunBox,
    ) {
        let (reach, filled) = self.way(incident, place, action, &shown.code);
        let name = filled.last().and_then(|f| shell::leaves_open(&f.text));
        for filling in filled {
            shown.parameters.extend(filling.used);
            shown.missing.extend(filling.missing);
            shown.problems.extend(filling.problems);
        }
        shown.missing.dedup();
        let no_way = if place.line == 0 { NOT_SENT } else { NO_WAY };
        let Some(reach) = reach else {
            shown.problems.push(no_way.to_owned());
            return;
        };
        let line = if shown.interactive {
            self.on_terminal(incident, &reach, shown)
        } else {
            let line = reach.line();
            shown.code = shell::given_to(&line, &checked(needs, &shown.code));
            if shell::given(&line, &shown.code).is_none() {
                shown.problems.push(no_way.to_owned());
            }
            line
        };
        let named = Elsewhere {
            name: name.map_or_else(|| place.name.clone(), |o| o.name),
            ..place.clone()
        };
        shown.host = named.called();
        shown.sha256 = hex(&Sha256::digest(shown.code.as_bytes()));
        shown.notes.clear();
        if shown.monitor {
            shown.notes.push(
                "stopping it ends the connection; what it started there may go on".to_owned(),
            );
        }
        if reach.shell() == FarShell::Sh && !shown.interactive {
            shown
                .notes
                .push("the shell there is sh: only the directory is carried on".to_owned());
        }
        shown.there = Some(line);
    }

    /// On a terminal nothing can be given as input, so directory and variables stand in the text.
    fn on_terminal(&self, incident: &Incident, reach: &Reach, shown: &mut RunBox) -> String {
        if !self.references(incident).is_empty() && shown.code.contains(secret::PREFIX) {
            shown.problems.push(
                "a secret cannot be given to something that runs there on a terminal".to_owned(),
            );
        }
        let mut code = shown.code.clone();
        if shown.cwd != HOME
            && let Ok(dir) = shlex::try_quote(&shown.cwd)
        {
            code = format!("cd {dir} || exit\n{code}");
        }
        shown.code = reach.on_terminal(&code);
        shown
            .notes
            .push("on a terminal: variables set there before are not carried".to_owned());
        reach.line()
    }
}

/// Where a session begins, before anything was done in it.
pub(super) const HOME: &str = "~";

/// The text with a check, before anything of it runs, that the variables are there that it takes
/// from its environment.
fn checked(needs: &[String], code: &str) -> String {
    let mut text = String::new();
    for name in needs {
        let check = format!(": \"${{{name}:?is not set there}}\"\n");
        if !code.contains(check.trim_end()) {
            text.push_str(&check);
        }
    }
    text + code
}
