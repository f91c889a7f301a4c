//! A journal on a disk that has no room for a while: it goes on with exactly what was
//! acknowledged, and not at all where that is not there any more.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;

use super::chain::GENESIS;
use super::disk::Disk;
use super::replay::{Replay, replay};
use super::store::Store;
use crate::domain::event::Event;
use crate::domain::fixture::stamp;

/// What is on it and whether it is full, shared with the test.
#[derive(Clone, Default)]
struct SmallDisk {
    written: Rc<RefCell<Vec<u8>>>,
    full: Rc<Cell<bool>>,
}

impl Disk for SmallDisk {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        // Half of it gets through where there is no room for the whole.
        let room = if self.full.get() {
            bytes.len() / 2
        } else {
            bytes.len()
        };
        self.written.borrow_mut().extend(bytes.iter().take(room));
        if self.full.get() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn renew(&mut self, whole: u64, holds: &dyn Fn(&[u8]) -> bool) -> io::Result<()> {
        if self.full.get() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let whole = usize::try_from(whole).expect("a length");
        let kept = self.written.borrow().get(..whole).map(<[u8]>::to_vec);
        let kept = kept.filter(|kept| holds(kept));
        *self.written.borrow_mut() = kept.ok_or(io::ErrorKind::InvalidData)?;
        Ok(())
    }
}

fn note(text: &str) -> Vec<Event> {
    vec![Event::NoteAdded {
        text: text.to_owned(),
    }]
}

fn on(disk: &SmallDisk) -> Store<SmallDisk> {
    let nothing = Replay {
        records: Vec::new(),
        head: GENESIS.to_owned(),
        whole: 0,
        torn: 0,
    };
    Store::after(disk.clone(), &nothing)
}

#[test]
fn after_a_failure_it_goes_on_with_what_was_acknowledged_and_nothing_else() {
    let disk = SmallDisk::default();
    let mut store = on(&disk);
    store
        .append(note("one"), &stamp(1), "ana")
        .expect("written");
    store
        .append(note("two"), &stamp(2), "ana")
        .expect("written");
    disk.full.set(true);
    assert!(store.append(note("lost"), &stamp(3), "ana").is_err());
    assert!(store.mend().is_err(), "there is still no room");
    disk.full.set(false);
    assert!(
        store.append(note("lost"), &stamp(4), "ana").is_err(),
        "never by itself to the file that has failed"
    );
    store.mend().expect("there is room");
    store
        .append(note("three"), &stamp(5), "ana")
        .expect("written");
    let found = replay(&disk.written.borrow()).expect("whole");
    let events: Vec<Event> = found.records.into_iter().map(|r| r.event).collect();
    assert_eq!(events, [note("one"), note("two"), note("three")].concat());
    assert_eq!(found.torn, 0);
}

#[test]
fn where_what_was_acknowledged_is_not_there_any_more_it_does_not_go_on() {
    let disk = SmallDisk::default();
    let mut store = on(&disk);
    store
        .append(note("one"), &stamp(1), "ana")
        .expect("written");
    disk.full.set(true);
    assert!(store.append(note("lost"), &stamp(2), "ana").is_err());
    disk.full.set(false);
    let other = SmallDisk::default();
    on(&other)
        .append(note("two"), &stamp(1), "ana")
        .expect("written");
    disk.written.replace(other.written.take());
    assert!(store.mend().is_err(), "another record of the same length");
    disk.written.borrow_mut().clear();
    assert!(store.mend().is_err(), "nothing at all");
    assert!(store.append(note("three"), &stamp(3), "ana").is_err());
}
