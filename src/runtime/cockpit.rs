//! The loop: one place that waits, for a key, a signal, a new state, an answer, more output or a
//! due time, whichever comes first; then draws if a frame is due.

use std::future::pending;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ratatui::Terminal;
use tokio::sync::{mpsc, watch};

use super::frames::Frames;
use super::hand::Hand;
use super::input::{Arrived, Reader};
use super::keys::Input;
use super::options::{ExitReport, Options, Why};
use super::screen::Screen;
use super::signals::{Notice, Signals, stop_here};
use super::tty::{Tty, size_of};
use super::viewer::Viewer;
use crate::app::layer::{LayerKind, SETTLE_MS};
use crate::app::{Clock, Key, Model, Msg, update};
use crate::domain::condition::Input as Waiting;
use crate::domain::event::Recorded;
use crate::domain::ids::AttemptId;
use crate::domain::incident::AttemptState;
use crate::domain::{Incident, Present};
use crate::report::words;
use crate::session::Session;

/// Between two ticks of the clocks in the header.
const TICK: Duration = Duration::from_secs(1);

/// Bytes of output up to which they may be the echo of a key.
const AN_ECHO: u64 = 4 * 1024;

/// Messages that may wait for the loop.
const MOST_WAITING: usize = 256;

/// The cockpit under way.
pub(super) struct Cockpit {
    pub(super) session: Arc<Session>,
    pub(super) model: Model,
    pub(super) options: Options,
    pub(super) tty: Tty,
    pub(super) terminal: Terminal<Screen>,
    pub(super) viewer: Viewer,
    pub(super) hand: Hand,
    /// Where tasks put what they have to say.
    pub(super) say: mpsc::Sender<Msg>,
    /// The input comes from a paste.
    pub(super) pasting: bool,
    pub(super) ended: Option<Why>,
    /// What is being saved is not wanted any more.
    pub(super) unsaved: Arc<AtomicBool>,
    frames: Frames,
    began: Instant,
    reader: Option<Reader>,
    keys: mpsc::Receiver<Arrived>,
    heard: mpsc::Receiver<Msg>,
    snapshots: watch::Receiver<Arc<Incident>>,
    present: watch::Receiver<Present>,
    pub(super) records: Arc<Vec<Recorded>>,
    evidence: Option<watch::Receiver<super::watch::Rung>>,
    hits: Option<watch::Receiver<super::find::Hits>>,
    ticked: Instant,
    /// There is more evidence than the screen has taken in. It is taken in when a frame is due,
    /// so that a flood costs no more than the frames do.
    behind: bool,
    /// When an open box may be run.
    settles: Option<Instant>,
    /// It was said that the program waits for input.
    waited: bool,
    /// Which attempt was last told the size of its pane, whether it ran then, rows and columns.
    fitted: Option<(AttemptId, bool, u16, u16)>,
}

/// What the loop woke up for.
enum Woken {
    Key(Arrived),
    NoKeys,
    Notice(Notice),
    State,
    Present,
    Heard(Msg),
    Evidence(bool),
    Hits(bool),
    Time,
}

impl Cockpit {
    pub(super) fn take_off(session: Session, options: Options) -> io::Result<Self> {
        let tty = Tty::take()?;
        let (reader, keys) = Reader::start(tty.reader()?)?;
        let screen = Screen::new(tty.writer()?, options.ability);
        let size = size_of(rustix::stdio::stdout());
        let terminal = Terminal::new(screen)?;
        let (say, heard) = mpsc::channel(MOST_WAITING);
        let complain = say.clone();
        let hand = Hand::start(move |why| {
            let _ = complain.try_send(Msg::Refused(why));
        })?;
        let mut snapshots = session.subscribe();
        let incident = Arc::clone(&snapshots.borrow_and_update());
        let records = Arc::new(session.records(0));
        let now = chrono::Utc::now();
        let present = session.present();
        let mut model = Model::new(incident, Arc::clone(&records), now, options.zone, size);
        model.incident_dir = session.dir().display().to_string();
        model.directory = std::env::current_dir()
            .map_or_else(|_| ".".to_owned(), |dir| dir.display().to_string());
        model.on_return = session.on_return().to_vec();
        let began = Instant::now();
        Ok(Self {
            session: Arc::new(session),
            model,
            options,
            tty,
            terminal,
            viewer: Viewer::default(),
            hand,
            say,
            pasting: false,
            fitted: None,
            ended: None,
            unsaved: Arc::default(),
            frames: Frames::default(),
            began,
            reader: Some(reader),
            keys,
            heard,
            snapshots,
            present,
            records,
            evidence: None,
            hits: None,
            ticked: began,
            behind: false,
            settles: None,
            waited: false,
        })
    }

    /// Flies until somebody or something ends it.
    pub(super) async fn fly(mut self) -> io::Result<ExitReport> {
        let mut signals = Signals::listen()?;
        self.begin();
        while self.ended.is_none() {
            // A terminal that does not take a frame any more is gone; there is nobody to tell.
            if self.draw_if_due().is_err() {
                self.ended = Some(Why::TerminalGone);
                break;
            }
            let woken = self.wait(&mut signals).await;
            self.on(woken);
        }
        Ok(self.land().await)
    }

    fn begin(&mut self) {
        let (columns, rows) = self.model.size;
        self.tell(Msg::Resized(columns, rows));
        let shown = self.session.incident();
        let live = shown.foreground().or(shown.attempts.last());
        if let Some(attempt) = live {
            self.show(attempt.intent.attempt);
        }
        if self.options.resumed {
            let card = crate::app::verbs::row_of(crate::app::Verb::Card);
            if let Some(key) = card.and_then(|row| row.keys.first()) {
                let at = self.millis(Instant::now());
                self.tell(Msg::Key(*key, at));
            }
        }
        self.frames.changed();
    }

    /// Gives a message to the model and does what it asks for.
    pub(super) fn tell(&mut self, msg: Msg) {
        let clock = Clock {
            wall: chrono::Utc::now(),
            mono_ms: self.millis(Instant::now()),
        };
        let requests = update(&mut self.model, msg, clock);
        self.frames.changed();
        for request in requests {
            self.perform(request);
        }
        self.fit_output();
    }

    fn millis(&self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.began);
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    fn on(&mut self, woken: Woken) {
        match woken {
            Woken::Key(arrived) => self.on_keys(arrived),
            Woken::NoKeys => self.ended = Some(Why::TerminalGone),
            Woken::Notice(notice) => self.on_notice(notice),
            Woken::State => self.on_state(),
            Woken::Present => {
                let present = self.present.borrow_and_update().clone();
                self.tell(Msg::Present(present));
            }
            Woken::Heard(msg) => self.tell(msg),
            Woken::Evidence(more) => self.on_evidence(more),
            Woken::Hits(more) => self.on_hits(more),
            Woken::Time => self.on_time(),
        }
    }

    /// Takes a key and all that have arrived with it.
    fn on_keys(&mut self, first: Arrived) {
        let mut next = Some(first);
        while let Some(arrived) = next {
            self.frames.key();
            self.on_input(arrived);
            if self.ended.is_some() {
                return;
            }
            next = self.keys.try_recv().ok();
        }
    }

    fn on_input(&mut self, arrived: Arrived) {
        let at = self.millis(arrived.at);
        match arrived.input {
            Input::Gone => self.ended = Some(Why::TerminalGone),
            Input::Key(Some(Key::Ctrl('l')), _) if self.model.typing.is_none() => self.repaint(),
            Input::Key(Some(key), _) => self.tell(Msg::Key(key, at)),
            Input::Key(None, bytes) => {
                if let Some(attempt) = self.model.typing {
                    self.type_into(attempt, bytes);
                }
            }
            Input::Paste(bytes) => {
                self.pasting = true;
                self.tell(Msg::Paste(String::from_utf8_lossy(&bytes).into_owned()));
                self.pasting = false;
            }
        }
    }

    fn on_notice(&mut self, notice: Notice) {
        match notice {
            Notice::Resized => {
                // Several changes may arrive as one that leads back to the same size, with the
                // screen lost on the way.
                self.repaint();
                let (columns, rows) = size_of(rustix::stdio::stdout());
                self.tell(Msg::Resized(columns, rows));
            }
            Notice::HungUp => self.ended = Some(Why::TerminalGone),
            Notice::Terminate => {
                let taken = self.session.successor().map(Why::TakenOver);
                self.ended = Some(taken.unwrap_or(Why::Terminated));
            }
            Notice::Stop => {
                let stopped = self.lend_terminal(stop_here);
                if stopped.is_none() {
                    self.ended = Some(Why::TerminalGone);
                }
            }
            Notice::Continued => self.repaint(),
        }
    }

    /// Draws everything anew: somebody else may have written on the screen.
    fn repaint(&mut self) {
        let _ = self.terminal.clear();
        self.frames.changed();
    }

    /// Gives the terminal away while something else has it; none where it is gone afterwards.
    pub(super) fn lend_terminal<T>(&mut self, work: impl FnOnce() -> T) -> Option<T> {
        self.reader = None;
        self.tty.give_back();
        let result = work();
        self.tty.enter().ok()?;
        // What was typed for somebody else is not for the cockpit.
        self.tty.drop_typed();
        let (reader, keys) = Reader::start(self.tty.reader().ok()?).ok()?;
        (self.reader, self.keys) = (Some(reader), keys);
        let (columns, rows) = size_of(rustix::stdio::stdout());
        self.repaint();
        self.tell(Msg::Resized(columns, rows));
        Some(result)
    }

    fn on_state(&mut self) {
        let incident = Arc::clone(&self.snapshots.borrow_and_update());
        let fresh = self.session.records(self.records.len());
        if !fresh.is_empty() {
            Arc::make_mut(&mut self.records).extend(fresh);
        }
        self.tell(Msg::Incident(incident, Arc::clone(&self.records)));
    }

    fn on_evidence(&mut self, more: bool) {
        if !more {
            self.evidence = None;
        }
        self.behind = true;
        self.frames.changed();
    }

    /// Takes in what has been printed since the last frame.
    fn catch_up(&mut self) {
        if !std::mem::take(&mut self.behind) {
            return;
        }
        match self.viewer.absorb() {
            Ok(answers) if !answers.is_empty() => {
                if let Some((id, _)) = self.viewer.shown() {
                    self.type_into(id, answers);
                }
            }
            Ok(_) => {}
            Err(error) => self.model.say(format!("the evidence: {error}"), true),
        }
        self.waited = false;
        if self.hits.is_none() && self.viewer.search_on() {
            self.listen_to_search();
        }
        self.see();
    }

    fn on_hits(&mut self, more: bool) {
        self.viewer.bring_hit_into_view();
        if !more {
            self.hits = None;
            if self.viewer.search_on() {
                self.hits = self.viewer.search().map(super::find::Search::bell);
            }
        }
        self.see();
    }

    fn on_time(&mut self) {
        let now = Instant::now();
        self.viewer.settle(now);
        let settled = self.settles.take_if(|at| *at <= now).is_some();
        if settled || now.duration_since(self.ticked) >= TICK {
            self.ticked = now;
            self.session.beat();
            self.tell(Msg::Tick);
        }
        let waits = self.viewer.shown().is_some_and(|(id, pane)| {
            let told = self.model.present.attempts.get(&id).map(|c| c.input);
            // What its supervisor knows need not be guessed.
            told.unwrap_or_default() == Waiting::Untold && pane.seems_to_ask(now)
        });
        if waits && !std::mem::replace(&mut self.waited, true) {
            self.terminal.backend_mut().bell();
        }
        self.see();
    }

    /// Shows an attempt's output.
    pub(super) fn show(&mut self, id: AttemptId) {
        let dir = self.session.evidence_dir(id);
        if let Err(error) = self.viewer.show(id, &dir) {
            self.model
                .say(format!("its output cannot be shown: {error}"), true);
            return;
        }
        self.evidence = self.viewer.shown().map(|(_, pane)| pane.watcher().bell());
        self.hits = None;
        self.waited = false;
        let _ = self.viewer.absorb();
        self.see();
    }

    /// Listens to a search that has begun.
    pub(super) fn listen_to_search(&mut self) {
        self.hits = self.viewer.search().map(super::find::Search::bell);
        self.viewer.bring_hit_into_view();
        self.see();
    }

    /// Puts into the model what of the output is in view.
    pub(super) fn see(&mut self) {
        let view = self.viewer.view(Instant::now());
        if view != self.model.output {
            let clock = Clock {
                wall: chrono::Utc::now(),
                mono_ms: self.millis(Instant::now()),
            };
            let requests = update(&mut self.model, Msg::Output(view), clock);
            self.frames.changed();
            for request in requests {
                self.perform(request);
            }
        }
    }

    /// Keeps the output, the attempt's terminal and the next ones as large as the pane.
    fn fit_output(&mut self) {
        let (columns, rows) = self.model.size;
        let (rows, columns) = crate::tui::output_area(&self.model, columns, rows);
        let changed = self.viewer.resize(columns, rows);
        if changed {
            self.session.set_pane_size(rows, columns);
        }
        if let Some((id, pane)) = self.viewer.shown()
            && !pane.watcher().now().ended
        {
            // What is not there yet cannot be told: it is told again when it runs.
            let attempt = self.model.incident.attempt(id);
            let runs = attempt.is_some_and(|a| a.state == AttemptState::Running);
            let fits = Some((id, runs, rows, columns));
            if self.fitted != fits {
                self.fitted = fits;
                self.hand.resize(pane.dir(), rows, columns);
            }
        }
        if changed {
            self.see();
        }
    }

    fn draw_if_due(&mut self) -> io::Result<()> {
        let now = Instant::now();
        if self.frames.due(now).is_none_or(|due| due > now) {
            return Ok(());
        }
        // What a key changed is not kept waiting by a flood; a frame of its own follows for that.
        let behind = self.viewer.shown().map_or(0, |(_, pane)| pane.behind());
        let later = self.frames.answers() && self.behind && behind > AN_ECHO;
        if !later {
            self.catch_up();
        }
        let theme = self.options.theme();
        if self.model.top().is_some_and(|layer| layer.scroll > 0) {
            let most = crate::tui::reach(&self.model, theme);
            self.model.hold_scroll(most);
        }
        let model = &self.model;
        self.terminal
            .draw(|frame| crate::tui::draw(frame, model, theme))?;
        self.frames.drawn(Instant::now());
        if later {
            self.frames.changed();
        }
        Ok(())
    }

    /// The next time at which something is due, if anything is.
    fn next_due(&mut self) -> Option<Instant> {
        let now = Instant::now();
        let frame = self.frames.due(now);
        let has_clock = self.model.incident.closed.is_none() || self.model.toast.is_some();
        let tick = has_clock.then_some(self.ticked + TICK);
        let held = self.viewer.settle(now);
        if let Some(at) = self.box_settles().filter(|at| *at > now) {
            self.settles = Some(at);
        }
        let asks = self.viewer.shown().and_then(|(_, pane)| {
            let at = pane.heard() + Duration::from_millis(750);
            (!self.waited && !pane.watcher().now().ended && at > now).then_some(at)
        });
        [frame, tick, held, self.settles, asks]
            .into_iter()
            .flatten()
            .min()
    }

    /// When the box that is open may be run.
    fn box_settles(&self) -> Option<Instant> {
        let layer = self.model.top()?;
        match layer.kind {
            LayerKind::RunBox { .. } | LayerKind::RunOn(_) | LayerKind::Commit { .. } => {
                Some(self.began + Duration::from_millis(layer.since_ms + SETTLE_MS))
            }
            _ => None,
        }
    }

    async fn wait(&mut self, signals: &mut Signals) -> Woken {
        let due = self.next_due();
        let time = async {
            match due {
                Some(at) => tokio::time::sleep_until(at.into()).await,
                None => pending().await,
            }
        };
        tokio::select! {
            biased;
            notice = signals.next() => Woken::Notice(notice),
            key = self.keys.recv() => key.map_or(Woken::NoKeys, Woken::Key),
            Ok(()) = self.snapshots.changed() => Woken::State,
            Ok(()) = self.present.changed() => Woken::Present,
            Some(msg) = self.heard.recv() => Woken::Heard(msg),
            more = changed(&mut self.evidence), if !self.behind => Woken::Evidence(more),
            more = changed(&mut self.hits) => Woken::Hits(more),
            () = time => Woken::Time,
        }
    }

    /// The way out: whoever leaves on purpose is recorded, and the terminal is given back.
    async fn land(mut self) -> ExitReport {
        self.reader = None;
        self.unsaved.store(true, Ordering::Relaxed);
        if self.ended != Some(Why::Left) {
            let left = self.session.submit(crate::domain::Command::Leave);
            let _ = tokio::time::timeout(Duration::from_millis(150), left).await;
        }
        // What is still being written may take its time; the operator has the terminal meanwhile.
        self.tty.give_back();
        let incident = self.session.incident();
        let alive = incident.attempts.iter().filter(|a| a.is_alive());
        let (running, unkept): (Vec<_>, Vec<_>) = alive.partition(|a| self.model.runs(a));
        ExitReport {
            incident: incident.id.clone(),
            why: self.ended.unwrap_or(Why::Left),
            closed: incident.closed.is_some(),
            running: running.into_iter().map(words::under_way).collect(),
            unkept: unkept.iter().map(|a| a.intent.title.clone()).collect(),
        }
    }
}

/// Waits for a change; for ever where there is nothing to wait for. False where it was the last.
async fn changed<T>(bell: &mut Option<watch::Receiver<T>>) -> bool {
    match bell {
        Some(bell) => bell.changed().await.is_ok(),
        None => pending().await,
    }
}
