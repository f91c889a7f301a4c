//! The journal's promises, each with the control that must fail: nothing acknowledged is lost,
//! an error is never acknowledged, damage is never read as truth.

use std::io;

use super::chain::{GENESIS, write_line};
use super::disk::Disk;
use super::looked_form::samples;
use super::record::{from_stored, to_stored};
use super::replay::{Replay, replay};
use super::store::{JournalError, Store};
use crate::domain::event::{
    ActionMark, Answer, Confirmation, Decision, Ending, Event, Gate, Intent, ItemMark, Mode,
    ParameterValue, Person, Resolution, StopStage,
};
use crate::domain::fixture::stamp;
use crate::domain::ids::AttemptId;
use crate::domain::judge::{Judgement, Verdict};
use crate::domain::plan::{ActionKind, Danger};
use crate::domain::transaction;
use crate::domain::{Moment, elsewhere::Goes};

fn nothing() -> Replay {
    Replay {
        records: Vec::new(),
        head: GENESIS.to_owned(),
        whole: 0,
        torn: 0,
    }
}

/// One event of every type, with text that needs escaping.
fn every_event() -> Vec<Event> {
    let reason = || "because “it” \"hurts\"\n\u{1b}[31m".to_owned();
    let waived = |gate| Event::GateWaived {
        gate,
        reason: reason(),
    };
    let at = stamp(7).wall;
    let attempt = AttemptId(1);
    let driver = Person {
        name: "ana".into(),
        uid: 7,
        host: "b".into(),
        terminal: "/dev/pts/1".into(),
    };
    let sent = |goes| Event::SentElsewhere {
        whose: reason(),
        goes,
    };
    let intent = |confirmation| Intent {
        attempt,
        action: "inc>a".into(),
        title: "t".into(),
        kind: ActionKind::Sql,
        code: "SELECT 1;\n".into(),
        sha256: "ab".into(),
        cwd: "/srv".into(),
        host: "ana@b".into(),
        environment: "prod".into(),
        danger: Danger::Irreversible,
        confirmation,
        monitor: true,
        edited: true,
        wording: Some("SELECT <n>;\n".into()),
        scope: "procedure:x".into(),
        state_from: Some(AttemptId(3)),
        there: Some("ssh deploy@app-1 bash -s".into()),
        bearings: samples::bearings(),
        sources: samples::sources(),
        terms: Some(transaction::Terms {
            conduct: transaction::Conduct::HeldOwn(Some(3)),
            max_affected: Some(u64::MAX),
            statement_timeout_s: None,
            lock_timeout_s: Some(30),
            patience_s: 300,
            at_once: None,
        }),
        again_s: Some(u32::MAX),
    };
    let ending = Ending {
        exit: Some(-3),
        signal: Some(9),
        error: Some(reason()),
        cancelled: true,
        by_time_box: true,
        at: Some(at),
        duration_ms: u64::MAX / 2,
        bytes: 5,
        lost: Some(Box::new(crate::domain::event::LostOutput {
            bytes: 7,
            since: Some(chrono::DateTime::UNIX_EPOCH),
            why: "No space left on device".to_owned(),
        })),
        survivors: vec![crate::domain::event::Survivor {
            pid: u32::MAX,
            started: 1 << 40,
            boot: "b".to_owned(),
            command: "sleep 600".to_owned(),
        }],
        left_running: vec![1, u32::MAX],
        cwd_after: Some("/tmp/ü".into()),
        state_captured: true,
        failed_at: Some(u32::MAX),
        stages: vec![7, 0],
        fate: Some(transaction::Fate::RolledBack(reason())),
    };
    let judgements = [
        Verdict::Met,
        Verdict::NotMet,
        Verdict::Inconclusive,
        Verdict::ForPerson,
    ]
    .map(|verdict| Judgement {
        verdict,
        because: reason(),
    });
    vec![
        Event::Opened {
            incident: "inc".into(),
            plan_sha256: "ff".into(),
            runbook: "p.md".into(),
            mode: Mode::Practice,
            environment: None,
            driver: driver.clone(),
            start_dir: "/".into(),
            trusted: false,
        },
        Event::Resumed {
            driver: driver.clone(),
            over: None,
        },
        Event::Resumed {
            driver,
            over: Some("ana on pts/1, who left".into()),
        },
        Event::Left,
        Event::RunbookAccepted,
        Event::JournalRepaired { cut: 3 },
        Event::EnvironmentSet {
            name: "prod".into(),
        },
        Event::TriggerTicked {
            trigger: "t".into(),
            on: true,
        },
        Event::QuestionAnswered {
            question: "q".into(),
            answer: Answer::Unsure,
        },
        Event::Timed {
            moment: Moment::Detected,
            at,
            reason: reason(),
        },
        Event::Timed {
            moment: Moment::Deployed,
            at,
            reason: reason(),
        },
        Event::SeveritySet {
            severity: Some("s".into()),
            reason: reason(),
        },
        Event::SeveritySet {
            severity: None,
            reason: String::new(),
        },
        Event::Decided {
            decision: Decision::FixForward,
            reason: reason(),
        },
        Event::Approved {
            name: "n".into(),
            role: "r".into(),
            how: "h".into(),
        },
        Event::ItemMarked {
            item: "i".into(),
            mark: ItemMark::Deferred,
            reason: reason(),
        },
        waived(Gate::Decision),
        waived(Gate::Approval),
        waived(Gate::Checklist("c".into())),
        waived(Gate::Order("a".into())),
        waived(Gate::Stale("a".into(), AttemptId(7))),
        Event::WentAhead {
            to: "c".into(),
            over: vec!["a".into(), "b".into()],
            reason: reason(),
        },
        Event::CheckpointPlaced {
            checklist: "c".into(),
            before: None,
        },
        Event::CheckpointPlaced {
            checklist: "c".into(),
            before: Some("a".into()),
        },
        Event::ProcedureChosen {
            procedure: "p".into(),
            reason: reason(),
        },
        Event::AlternativeChosen {
            choice: "c".into(),
            option: "o".into(),
        },
        Event::PlaceChosen {
            scope: "procedure:p".into(),
            place: "deploy@app-1".into(),
            on: crate::domain::elsewhere::Whereabouts::There,
        },
        sent(Goes::to("ssh deploy@app-1", "deploy@app-1")),
        sent(Goes::AsTheRest),
        Event::ParameterFilled {
            name: "n".into(),
            value: ParameterValue::Text(reason()),
        },
        Event::ParameterFilled {
            name: "n".into(),
            value: ParameterValue::Secret,
        },
        Event::AttemptIntended(intent(Confirmation::Typed("prod".into()))),
        Event::AttemptIntended(intent(Confirmation::ReadOnly)),
        Event::AttemptIntended(intent(Confirmation::Pressed)),
        Event::AttemptIntended(intent(Confirmation::RunOn)),
        Event::AttemptIntended(intent(Confirmation::Drill)),
        Event::AttemptStarted { attempt, at },
        Event::SurvivorsStopAsked { attempt },
        Event::ProbeSensed {
            attempt,
            sensing: crate::domain::probes::Sensing {
                at,
                verdict: Verdict::NotMet,
                because: reason(),
            },
            times: 41,
            turns: u32::MAX,
        },
        Event::NameMade(samples::made_name()),
        Event::OtherTargetSeen {
            action: "inc>a".into(),
            bearings: samples::bearings(),
        },
        Event::SurvivorsSeen {
            attempt,
            alive: vec![1, u32::MAX],
            note: "7 sleep: killed".into(),
        },
        Event::JournalStalled {
            since: chrono::DateTime::UNIX_EPOCH,
            why: "No space left on device".into(),
        },
        Event::AttemptEnded {
            attempt,
            ending,
            judgements: judgements.to_vec(),
        },
        Event::AttemptEnded {
            attempt,
            ending: Ending::default(),
            judgements: Vec::new(),
        },
        Event::CommitAwaited {
            attempt,
            tally: transaction::Tally {
                statements: vec![transaction::Done {
                    verb: "DELETE".into(),
                    line: 2,
                    rows: Some(u64::MAX),
                }],
                tables: vec![transaction::Touched {
                    table: "a.\"b c\"".into(),
                    inserted: 1,
                    updated: 2,
                    deleted: 3,
                    emptied: Some(4),
                }],
                shut: Vec::new(),
                unmet: vec!["expected “0”: “4”".into()],
                place: "shop on db-1 as ana".into(),
                until: at,
            },
        },
        Event::CommitDecided {
            attempt,
            commit: true,
            confirmation: Confirmation::Typed("1204".into()),
        },
        Event::AttemptNeverRan {
            attempt,
            why: reason(),
        },
        Event::AttemptLost {
            attempt,
            why: reason(),
        },
        Event::AttemptResolved {
            attempt,
            resolution: Resolution::NeverRan,
            reason: reason(),
        },
        Event::AttemptJudged {
            attempt,
            met: false,
            reason: reason(),
        },
        Event::StopAsked {
            attempt,
            stage: StopStage::Kill,
        },
        Event::ActionMarked {
            action: "a".into(),
            mark: ActionMark::DoneByHand,
            reason: reason(),
            done_at: Some(at),
            pasted: reason(),
        },
        Event::PointOfNoReturnPassed { step: "s".into() },
        Event::NoteAdded { text: reason() },
        Event::LinesPinned {
            text: reason(),
            attempt: None,
        },
        Event::LinesPinned {
            text: reason(),
            attempt: Some(attempt),
        },
        Event::Attached {
            what: "/tmp/x".into(),
            sha256: "aa".into(),
        },
        Event::FieldWritten {
            field: "f".into(),
            text: reason(),
        },
        Event::MessageUsed {
            template: "m".into(),
            how: "copied".into(),
            text: reason(),
        },
        Event::Undone(Box::new(Event::TriggerTicked {
            trigger: "t".into(),
            on: false,
        })),
        Event::RollbackCompleted {
            at,
            reason: "the rest was done elsewhere".into(),
            running: vec!["load (attempt 0003)".into()],
        },
        Event::Closed {
            sign_off: "ana".into(),
            left_open: vec!["x".into()],
        },
        Event::Reopened { reason: reason() },
    ]
}

/// A disk in memory that counts what is synced, and fails when told to.
#[derive(Default)]
struct MemoryDisk {
    written: Vec<u8>,
    synced: usize,
    calls: usize,
    fail_at: Option<usize>,
    lies: bool,
}

impl MemoryDisk {
    fn call(&mut self) -> io::Result<()> {
        self.calls += 1;
        if self.fail_at == Some(self.calls) {
            return Err(io::Error::from_raw_os_error(28));
        }
        Ok(())
    }
}

impl Disk for &mut MemoryDisk {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.call()?;
        self.written.extend_from_slice(bytes);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.call()?;
        if !self.lies {
            self.synced = self.written.len();
        }
        Ok(())
    }
}

fn journal_of(events: usize) -> Vec<u8> {
    let mut disk = MemoryDisk::default();
    let mut store = Store::after(&mut disk, &nothing());
    for event in every_event().into_iter().cycle().take(events) {
        store
            .append(vec![event], &stamp(1), "ana")
            .expect("a disk that works");
    }
    disk.written
}

#[test]
fn every_event_reads_back_as_it_was() {
    for event in every_event() {
        let (kind, data) = to_stored(&event);
        assert_eq!(from_stored(kind, &data).as_ref(), Ok(&event));
    }
    let bytes = journal_of(60);
    let back = replay(&bytes).expect("whole");
    let events: Vec<Event> = back.records.into_iter().map(|r| r.event).collect();
    let expected: Vec<Event> = every_event().into_iter().cycle().take(60).collect();
    assert_eq!(events, expected);
}

#[test]
fn a_journal_cut_at_any_byte_keeps_every_whole_record() {
    let bytes = journal_of(12);
    for cut in 0..=bytes.len() {
        let kept = bytes.get(..cut).expect("a prefix");
        let back = replay(kept).expect("a torn end is not damage");
        let whole = memchr::memchr_iter(b'\n', kept).count();
        assert_eq!(back.records.len(), whole, "cut at {cut}");
        assert_eq!(back.whole + back.torn, u64::try_from(cut).expect("small"));
    }
}

#[test]
fn any_flipped_bit_shows() {
    let bytes = journal_of(4);
    let whole = replay(&bytes).expect("whole");
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            if let Some(byte) = changed.get_mut(at) {
                *byte ^= 1 << bit;
            }
            if let Ok(back) = replay(&changed) {
                assert!(back.torn > 0, "bit {bit} of byte {at} went unnoticed");
                assert!(back.records.len() < whole.records.len());
            }
        }
    }
}

#[test]
fn lines_that_are_deleted_swapped_doubled_or_foreign_show() {
    let bytes = journal_of(6);
    let lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
    let join = |order: &[usize]| {
        order
            .iter()
            .filter_map(|i| lines.get(*i))
            .fold(Vec::new(), |mut all, line| {
                all.extend_from_slice(line);
                all
            })
    };
    assert!(replay(&join(&[0, 1, 2, 3, 4, 5])).is_ok());
    for order in [
        &[0, 2, 3, 4, 5][..],
        &[1, 0, 2, 3],
        &[0, 1, 1, 2],
        &[1, 2, 3],
        &[0, 1, 3, 2],
    ] {
        assert!(replay(&join(order)).is_err(), "{order:?} went unnoticed");
    }
    let (foreign, _) = write_line(
        2,
        &stamp(3),
        "eve",
        &Event::NoteAdded { text: "x".into() },
        GENESIS,
    );
    let mut forged = lines.first().expect("a line").to_vec();
    forged.extend_from_slice(foreign.as_bytes());
    assert!(replay(&forged).is_err());
}

#[test]
fn a_later_format_is_refused_and_not_half_understood() {
    let (line, _) = write_line(1, &stamp(1), "ana", &Event::Left, GENESIS);
    let later = line.replacen("\"v\":1", "\"v\":2", 1);
    let error = replay(later.as_bytes()).expect_err("refused");
    assert_eq!(error.line, 1);
}

/// Whatever prefix of the bytes that were not synced a crash leaves, every acknowledged event is
/// there afterwards.
fn acknowledged_lost(lies: bool) -> usize {
    let mut lost = 0;
    let mut disk = MemoryDisk {
        lies,
        ..MemoryDisk::default()
    };
    for acknowledged in 1..=40_usize {
        let mut store = {
            let replayed = replay(&disk.written).expect("whole");
            Store::after(&mut disk, &replayed)
        };
        let event = Event::NoteAdded {
            text: format!("note {acknowledged}"),
        };
        store.append(vec![event], &stamp(1), "ana").expect("works");
        // The crash comes now, or in the middle of the next write.
        let (next, _) = write_line(
            u64::try_from(acknowledged).expect("small") + 1,
            &stamp(2),
            "ana",
            &Event::Left,
            store.head(),
        );
        drop(store);
        let mut image = disk.written.clone();
        image.extend_from_slice(next.as_bytes());
        for end in (disk.synced..=image.len()).step_by(5) {
            let left = image.get(..end).expect("a prefix");
            let back = replay(left).expect("a crash leaves no damage, only a torn end");
            lost += usize::from(back.records.len() < acknowledged);
        }
    }
    lost
}

#[test]
fn no_acknowledged_event_is_lost_in_any_crash() {
    assert_eq!(acknowledged_lost(false), 0);
}

#[test]
fn a_disk_that_lies_about_syncing_does_lose_events() {
    assert!(
        acknowledged_lost(true) > 0,
        "the simulation cannot see a loss"
    );
}

#[test]
fn an_error_is_never_acknowledged_and_is_final() {
    for fail_at in 1..=12 {
        let mut disk = MemoryDisk {
            fail_at: Some(fail_at),
            ..MemoryDisk::default()
        };
        let mut store = Store::after(&mut disk, &nothing());
        let mut acknowledged = 0;
        let mut failed = false;
        for _ in 0..10 {
            match store.append(vec![Event::Left], &stamp(1), "ana") {
                Ok(_) => {
                    assert!(!failed, "acknowledged after a failure");
                    acknowledged += 1;
                }
                Err(JournalError::Poisoned(_)) => failed = true,
                Err(other) => panic!("{other}"),
            }
        }
        assert!(failed);
        assert_eq!(acknowledged, (fail_at - 1) / 2);
        assert!(replay(&disk.written).is_ok_and(|back| back.records.len() >= acknowledged));
    }
}

#[test]
fn a_torn_end_is_kept_beside_the_journal_and_cut() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join(super::store::JOURNAL);
    let mut bytes = journal_of(3);
    bytes.extend_from_slice(b"{\"v\":1,\"seq\":4,");
    std::fs::write(&path, &bytes).expect("written");
    let (mut store, replayed) = super::store::open(dir.path()).expect("opens");
    assert_eq!((replayed.records.len(), replayed.torn), (3, 15));
    store
        .append(vec![Event::Left], &stamp(1), "ana")
        .expect("goes on");
    let back = super::store::read(dir.path()).expect("whole");
    assert_eq!((back.records.len(), back.torn), (4, 0));
    let beside = dir.path().join(format!("journal.torn-{}", replayed.whole));
    assert_eq!(std::fs::read(beside).expect("kept"), b"{\"v\":1,\"seq\":4,");
}

#[test]
fn one_driver_at_a_time() {
    let dir = tempfile::tempdir().expect("a directory");
    let first = super::store::lock(dir.path(), "ana on pts/1").expect("free");
    match super::store::lock(dir.path(), "ben").map(|_| ()) {
        Err(JournalError::Locked { who }) => assert_eq!(who, "ana on pts/1"),
        other => panic!("{other:?}"),
    }
    drop(first);
    assert!(super::store::lock(dir.path(), "ben").is_ok());
}
