//! Doing what the model asks for: one line for each request, the work beside it. Whatever may
//! take its time runs in a task and comes back as a message.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::cockpit::Cockpit;
use super::options::Why;
use super::{choices, editor, keep, save};
use crate::app::layers::sends::{HERE, falls_back};
use crate::app::notice::size;
use crate::app::output::Selecting;
use crate::app::purpose::Purpose;
use crate::app::saving::{Saving, is_recording};
use crate::app::{BoxFor, Msg, Request};
use crate::domain::elsewhere::Goes;
use crate::domain::event::ParameterValue;
use crate::domain::ids::{ActionRef, AttemptId, ParameterName};
use crate::domain::{Command, Observation};
use crate::session::{Pending, Session, SubmitError, cast};

/// The most lines that are pinned at once: they go into the log.
const MOST_PINNED: usize = 200;

/// Bytes of output whose saving takes long enough to be said.
const NOTICED: u64 = 16 << 20;

/// How long a write may take before the screen says that it is waited for.
const UNNOTICED: Duration = Duration::from_millis(200);

impl Cockpit {
    pub(super) fn perform(&mut self, request: Request) {
        match request {
            Request::Submit(command) => self.submit(command),
            Request::Prepare {
                at,
                edited,
                purpose,
            } => self.prepare(at, edited, purpose),
            Request::Send { whose, opener } => self.send(whose, opener),
            Request::KeepSecret(name, value) => self.session.set_secret(name, value),
            Request::FetchSecret(name) => self.fetch_secret(name),
            Request::Input(attempt, bytes) => self.type_into(attempt, bytes),
            Request::Show(attempt) => self.show(attempt),
            Request::Scroll(scroll) => {
                self.viewer.scroll(scroll);
                self.see();
            }
            Request::Search(wanted) => {
                self.viewer.look_for(wanted);
                self.listen_to_search();
            }
            Request::Hit { forwards } => {
                self.viewer.hit(forwards);
                self.see();
            }
            Request::Select(how) => {
                if !self.viewer.select(how) {
                    self.model.say("it has printed nothing to select", false);
                }
                self.see();
            }
            Request::CopySelected => self.copy_selected(),
            Request::PinSelected => self.pin_selected(),
            Request::Save {
                saving,
                path,
                replace,
            } => self.save(saving, &path, replace),
            Request::Choices(name) => self.choices(name),
            Request::Edit(purpose, text) => self.edit(purpose, &text),
            Request::Copy(text) => self.copy(&text),
            Request::CopyFilled(at) => self.copy_filled(&at),
            Request::Attach(what) => self.attach(what),
            Request::Export => self.export(),
            Request::Bell => self.terminal.backend_mut().bell(),
            Request::Leave => self.leave(),
        }
    }

    fn submit(&mut self, command: Command) {
        let answer = self.session.submit(command);
        tokio::spawn(report(answer, self.say.clone()));
    }

    /// Sends something to where the typed command leads; nothing typed leaves it to what is said
    /// of more, where there is more.
    fn send(&mut self, whose: String, typed: String) {
        let goes = match typed.as_str() {
            "" if falls_back(&whose) => Ok(Goes::AsTheRest),
            "" | HERE => Ok(Goes::Here),
            opener => self.session.way_to(opener),
        };
        match goes {
            Ok(goes) => {
                self.submit(Command::SendElsewhere {
                    whose: whose.clone(),
                    goes: goes.clone(),
                });
                self.tell(Msg::Sent(whose, goes));
            }
            Err(why) => self.tell(Msg::Unsent(whose, typed, why)),
        }
    }

    /// Leaving is recorded before the terminal is given back, unless the disk takes too long.
    fn leave(&mut self) {
        let answer = self.session.submit(Command::Leave);
        drop(answer);
        self.ended = Some(Why::Left);
    }

    fn prepare(&mut self, at: ActionRef, edited: Option<String>, purpose: BoxFor) {
        let (session, say) = (Arc::clone(&self.session), self.say.clone());
        tokio::spawn(async move {
            let shown = prepared(session, at, edited).await;
            let _ = say.send(Msg::Prepared(shown.map(Box::new), purpose)).await;
        });
    }

    /// Takes a secret from its source; the journal gets no more than that it is filled.
    fn fetch_secret(&mut self, name: ParameterName) {
        let (session, say) = (Arc::clone(&self.session), self.say.clone());
        self.model
            .say(format!("taking {name} from its source…"), false);
        tokio::spawn(async move {
            let (held, what) = (Arc::clone(&session), name.clone());
            let fetched = tokio::task::spawn_blocking(move || held.fetch_secret(&what)).await;
            match fetched {
                Ok(Ok(())) => {
                    let _ = say.send(Msg::Said(format!("{name} was taken"))).await;
                    let value = ParameterValue::Secret;
                    let fill = Command::FillParameter { name, value };
                    report(session.submit(fill), say).await;
                }
                Ok(Err(why)) => {
                    let why = format!("{name} could not be had: {why}");
                    let _ = say.send(Msg::Refused(why)).await;
                }
                Err(_) => {}
            }
        });
    }

    /// Types into an attempt, in the form that its program asked for.
    pub(super) fn type_into(&mut self, attempt: AttemptId, bytes: Vec<u8>) {
        let shown = self.viewer.shown().filter(|(id, _)| *id == attempt);
        let modes = shown.map(|(_, pane)| pane.modes()).unwrap_or_default();
        let bytes = if self.pasting && modes.bracketed_paste {
            bracketed(&bytes)
        } else if modes.application_cursor {
            as_application(bytes)
        } else {
            bytes
        };
        let dir = self.session.evidence_dir(attempt);
        if !self.hand.type_into(&dir, bytes) {
            let why = "not typed: too much waits to be typed already";
            self.model.say(why, true);
        }
    }

    fn choices(&mut self, name: ParameterName) {
        let (session, say) = (Arc::clone(&self.session), self.say.clone());
        tokio::spawn(async move {
            let found = choices::of(session, &name).await;
            let _ = say.send(Msg::Choices(name, found)).await;
        });
    }

    fn edit(&mut self, purpose: Purpose, text: &str) {
        match self.lend_terminal(|| editor::edit(text)) {
            Some(Ok(text)) => self.tell(Msg::Edited(purpose, text)),
            Some(Err(why)) => self.tell(Msg::Refused(why)),
            None => self.ended = Some(Why::TerminalGone),
        }
    }

    fn copy(&mut self, text: &str) {
        self.terminal.backend_mut().copy(text);
        let kept = keep::copied(self.session.dir(), text);
        self.model.say(
            match kept {
                Ok(path) => format!(
                    "sent to the terminal's clipboard; also in {}",
                    path.display()
                ),
                Err(error) => format!("sent to the terminal's clipboard; not kept: {error}"),
            },
            false,
        );
    }

    fn copy_selected(&mut self) {
        let Some(text) = self.viewer.selected_text() else {
            let why = "that is too much to copy at once: s saves it to a file";
            return self.model.say(why, true);
        };
        self.viewer.select(Selecting::Nothing);
        self.see();
        self.copy(&text);
    }

    fn pin_selected(&mut self) {
        let text = self.viewer.selected_text();
        let Some(text) = text.filter(|text| text.lines().count() <= MOST_PINNED) else {
            let why =
                format!("no more than {MOST_PINNED} lines are pinned: s saves them to a file");
            return self.model.say(why, true);
        };
        let attempt = self.viewer.shown().map(|(id, _)| id);
        self.viewer.select(Selecting::Nothing);
        self.see();
        self.submit(Command::Pin { text, attempt });
    }

    /// Writes an output to a file, and records it with its hash.
    fn save(&mut self, saving: Saving, typed: &str, replace: bool) {
        let (mut from, mut skip) = (0, 0);
        if let Some((first, _)) = saving.lines {
            let shown = self.viewer.shown().filter(|(id, _)| *id == saving.attempt);
            let Some((_, pane)) = shown else {
                let why = "not saved: another output came into view, and the selection went (s)";
                return self.model.say(why, true);
            };
            (from, skip) = pane.watcher().index(|index| index.before(first));
        }
        let incident = self.session.incident();
        let output = self.session.evidence_dir(saving.attempt).join("output");
        let part = save::Part {
            from,
            skip,
            lines: saving.lines.map(|(first, last)| last - first + 1),
            until: std::fs::metadata(&output).map_or(0, |output| output.len()),
        };
        let to = save::Place {
            path: save::meant(typed, &saving.name(&incident)),
            replace,
            unwanted: Arc::clone(&self.unsaved),
        };
        self.viewer.select(Selecting::Nothing);
        self.see();
        if part.until > NOTICED {
            self.model.say("saving…", false);
        }
        let (session, say) = (Arc::clone(&self.session), self.say.clone());
        let records = Arc::clone(&self.records);
        tokio::spawn(async move {
            let path = to.path.clone();
            let of = Arc::clone(&session);
            let written = tokio::task::spawn_blocking(move || {
                if !is_recording(&to.path.to_string_lossy()) {
                    return save::text(&output, part, &to);
                }
                save::write(&to, |out| {
                    cast::write(of.dir(), &incident, &records, Some(saving.attempt), out)
                })
            });
            let msg = match written.await {
                Ok(Ok(written)) => saved(&session, &written).await,
                Ok(Err(save::Unwritten::Taken)) => Msg::Taken(saving, path.display().to_string()),
                Ok(Err(save::Unwritten::Failed(error))) => Msg::Refused(save::why(&path, &error)),
                Err(_) => return,
            };
            let _ = say.send(msg).await;
        });
    }

    fn copy_filled(&mut self, at: &ActionRef) {
        self.model.preparing = false;
        match self.session.prepare(at, None) {
            Some(shown) => {
                self.copy(&shown.code);
                if !shown.names.is_empty() {
                    let named = Observation::Named(shown.names);
                    self.submit(Command::Observe(named));
                }
            }
            None => self.model.say("the plan has no such action", true),
        }
    }

    fn attach(&mut self, what: String) {
        let (session, say) = (Arc::clone(&self.session), self.say.clone());
        tokio::spawn(async move {
            let looked = tokio::task::spawn_blocking(move || keep::attached(&what)).await;
            match looked {
                Ok(Ok((what, sha256))) => {
                    report(session.submit(Command::Attach { what, sha256 }), say).await;
                }
                Ok(Err(why)) => drop(say.send(Msg::Refused(why)).await),
                Err(_) => {}
            }
        });
    }

    fn export(&mut self) {
        let written = keep::export(
            self.session.dir(),
            &self.model.incident,
            &self.model.records,
            self.model.now,
            self.options.zone,
        );
        match written {
            Ok(dir) => {
                let text = format!("written to {}", dir.display());
                self.model.say_whole("Exported", text, false);
            }
            Err(error) => self.model.say(format!("not exported: {error}"), true),
        }
    }
}

/// Records what was saved, and says what and where.
async fn saved(session: &Session, written: &save::Written) -> Msg {
    let what = written.path.display().to_string();
    let (lines, size) = (written.lines, size(written.bytes));
    let attach = Command::Attach {
        what: what.clone(),
        sha256: written.sha256.clone(),
    };
    let recorded = match session.submit(attach).await {
        Ok(Ok(_)) => "on record with its hash".to_owned(),
        Ok(Err(error)) => format!("but not on record: {error}"),
        Err(_) => format!("but not on record: {}", SubmitError::Ended),
    };
    let s = if lines == 1 { "" } else { "s" };
    let text = format!("{lines} line{s}, {size}, in {what}; {recorded}");
    Msg::Told("Saved".to_owned(), text)
}

async fn prepared(
    session: Arc<Session>,
    at: ActionRef,
    edited: Option<String>,
) -> Option<crate::domain::RunBox> {
    let look = move || session.prepare(&at, edited.as_deref());
    tokio::task::spawn_blocking(look).await.ok().flatten()
}

/// Waits for the answer to a command; says when it takes long, and what was refused.
async fn report(mut answer: Pending, say: mpsc::Sender<Msg>) {
    let answered = match tokio::time::timeout(UNNOTICED, &mut answer).await {
        Ok(answered) => answered,
        Err(_) => {
            let _ = say.send(Msg::Writing(true)).await;
            let answered = answer.await;
            let _ = say.send(Msg::Writing(false)).await;
            answered
        }
    };
    let why = match answered {
        Ok(Ok(_)) => return,
        Ok(Err(error)) => error.to_string(),
        Err(_) => SubmitError::Ended.to_string(),
    };
    let _ = say.send(Msg::Refused(why)).await;
}

/// A paste as a program gets it that asked to be told; an end of paste inside it is taken out.
fn bracketed(bytes: &[u8]) -> Vec<u8> {
    let mut text = b"\x1b[200~".to_vec();
    text.extend(bytes.iter().copied().filter(|b| *b != 0x1b));
    text.extend_from_slice(b"\x1b[201~");
    text
}

/// Arrow keys in their application form.
fn as_application(mut bytes: Vec<u8>) -> Vec<u8> {
    if let [0x1b, bracket @ b'[', b'A'..=b'D' | b'F' | b'H'] = bytes.as_mut_slice() {
        *bracket = b'O';
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::{as_application, bracketed};

    #[test]
    fn arrows_change_their_form_and_nothing_else_does() {
        assert_eq!(as_application(b"\x1b[A".to_vec()), b"\x1bOA");
        assert_eq!(as_application(b"[A".to_vec()), b"[A");
        assert_eq!(as_application(b"\x1b[5~".to_vec()), b"\x1b[5~");
    }

    #[test]
    fn a_paste_cannot_end_its_own_bracket() {
        let text = bracketed(b"a\x1b[201~rm\r");
        assert_eq!(text, b"\x1b[200~a[201~rm\r\x1b[201~");
    }
}
