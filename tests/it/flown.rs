//! An incident flown without a screen: the session, its boxes and what they start.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use backout::domain::event::{Confirmation, Decision, Mode};
use backout::domain::ids::ActionRef;
use backout::domain::incident::Attempt;
use backout::domain::{Command, RunBox};
use backout::session::run::Supervised;
use backout::session::{Home, NewIncident, Session};

use crate::scratch::{Scratch, binary};

/// An incident on a plan, decided and at its procedure.
pub struct Flown {
    pub session: Session,
    pub scratch: Scratch,
}

impl Flown {
    /// Opens the plan with these additions to the environment.
    pub fn with(plan: &str, env: &[(&str, String)]) -> Self {
        let scratch = Scratch::new();
        Self::within(scratch, plan, env)
    }

    pub fn within(scratch: Scratch, plan: &str, env: &[(&str, String)]) -> Self {
        Self::on_bytes(scratch, plan.as_bytes(), env)
    }

    pub fn on_bytes(scratch: Scratch, plan: &[u8], env: &[(&str, String)]) -> Self {
        let read = backout::runbook::read(plan);
        let procedure = read.procedures.first().map(|p| p.id.clone());
        let new = NewIncident {
            plan: read,
            runbook: plan.to_vec(),
            runbook_path: "ROLLBACK.md".to_owned(),
            mode: Mode::Real,
            environment: None,
            start_dir: scratch.path().to_owned(),
            env: env
                .iter()
                .map(|(n, v)| ((*n).to_owned(), v.clone()))
                .collect(),
            trusted: true,
        };
        let home = Home::locate(Some(scratch.join("home"))).expect("a home");
        let world = Arc::new(Supervised::by(binary().to_owned()));
        let session = Session::create(&home, new, world).expect("an incident");
        let flown = Self { session, scratch };
        flown.wants(Command::Decide {
            decision: Decision::RollBack,
            reason: String::new(),
        });
        if let Some(procedure) = procedure {
            flown.wants(Command::ChooseProcedure {
                procedure,
                reason: String::new(),
            });
        }
        flown
    }

    pub fn wants(&self, command: Command) {
        self.session.submit_and_wait(command).expect("done");
    }

    /// The places of the path, in order.
    pub fn places(&self) -> Vec<ActionRef> {
        let incident = self.session.incident();
        let path = incident.path();
        let steps = backout::domain::flight::steps(&path);
        let places = steps.iter().flat_map(|s| &s.places);
        places.map(|p| p.at.clone()).collect()
    }

    /// The box of the n-th action.
    pub fn shown(&self, n: usize) -> RunBox {
        let at = self.places()[n].clone();
        self.session.prepare(&at, None).expect("a box")
    }

    /// Starts what a box shows, with the word that is due; why not, if it is refused.
    pub fn starts(&self, shown: &RunBox) -> Result<(), String> {
        let confirmation = match &shown.word {
            Some(word) => Confirmation::Typed(word.clone()),
            None => Confirmation::Pressed,
        };
        let start = Command::Start {
            shown: Box::new(shown.clone()),
            confirmation,
        };
        let asked = self.session.submit_and_wait(start);
        asked.map(drop).map_err(|error| error.to_string())
    }

    /// The last attempt, once it is not under way any more.
    pub fn ended(&self) -> Attempt {
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            let incident = self.session.incident();
            if let Some(last) = incident.attempts.last().filter(|a| !a.is_alive()) {
                return last.clone();
            }
            assert!(Instant::now() < until, "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.scratch.join(name)
    }
}

/// A plan for some targets, with these blocks as its actions.
pub fn plan(front: &str, blocks: &[(&str, &str)]) -> String {
    let mut text =
        format!("---\nbackout:\n{front}---\n# Orchard rollback\n\n## Rollback Procedure\n\n");
    for (n, (label, block)) in blocks.iter().enumerate() {
        let n = n + 1;
        let step = format!("### Step {n}: Part {n}\n\n```{label}\n{block}\n```\n\n");
        text.push_str(&step);
    }
    text
}
