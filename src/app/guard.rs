//! Keeps a key from acting on something other than what it was pressed for. What a key is for can
//! change between two presses without a hand in it: the cursor goes on when a step ends, a step
//! begins or ends to read the keyboard, a menu opens a question. A key that is held down or
//! bounces, and a password whose prompt went away, would then decide, run or leave.
//!
//! It looks at times and places only; it does not know what a key does.

use super::key::Key;
use super::layer::SETTLE_MS;
use super::model::Model;

/// Two presses of `enter` closer together than this are one hand that did not look in between.
const BOUNCE_MS: u64 = 250;

/// Two keys closer together than this are of no hand: a paste that its terminal did not mark.
const QUICK_MS: u64 = 12;

/// Such keys go on until there is a pause of this length.
const PAUSE_MS: u64 = 50;

/// Where `enter` would act: how much is open and since when, and the cursor below it.
type Place = (usize, u64, usize, usize);

/// What is known about the last keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct KeyGuard {
    /// The last `enter`: when, and where it acted.
    entered: Option<(u64, Place)>,
    /// When the cursor last went on by itself.
    moved_ms: Option<u64>,
    /// When the keys were last given to a step, or taken from it, without being asked to.
    switched_ms: Option<u64>,
    /// When the key that is being looked at was read.
    read_ms: u64,
    /// There was a key.
    any: bool,
    /// Since when keys come faster than any hand is, while they do.
    burst_ms: Option<u64>,
    /// The last key that would have run something had it not come too soon.
    early_ms: Option<u64>,
}

/// Whether the key at hand may run what the box on top shows: the box had been in view for long
/// enough when the key was *read*, however late it is looked at, and no such key came too soon
/// just before it. A key that is held down never runs anything.
pub(super) fn may_run(model: &mut Model) -> bool {
    let read = model.guard.read_ms;
    let since = model.top().map_or(u64::MAX, |layer| layer.since_ms);
    let held = model
        .guard
        .early_ms
        .is_some_and(|early| since <= early && read < early.saturating_add(BOUNCE_MS));
    let may = read.saturating_sub(since) >= SETTLE_MS && !held;
    model.guard.early_ms = (!may).then_some(read);
    may
}

/// Whether the key at hand may decide what is open: no such decision is made by the keys of one
/// burst that have also opened the question.
pub(super) fn may_settle(model: &mut Model) -> bool {
    let since = model.top().map_or(0, |layer| layer.since_ms);
    let blind = model.guard.burst_ms.is_some_and(|burst| since >= burst);
    if blind {
        model.say(
            "that came faster than a hand: look, then press it again",
            true,
        );
    }
    !blind
}

/// Keeps account of how fast keys come.
fn paces(model: &mut Model, at_ms: u64) {
    let guard = &mut model.guard;
    let (last, gap) = (guard.read_ms, at_ms.saturating_sub(guard.read_ms));
    if guard.any && gap < QUICK_MS {
        guard.burst_ms = guard.burst_ms.or(Some(last));
    } else if gap >= PAUSE_MS {
        guard.burst_ms = None;
    }
    guard.any = true;
}

/// The cursor went on without a key, because what it was on has ended.
pub(super) fn cursor_moved(model: &mut Model) {
    model.guard.moved_ms = Some(model.mono_ms);
}

/// The keys went to a running step without a key, or came back because it ended.
pub(super) fn keys_switched(model: &mut Model) {
    model.guard.switched_ms = Some(model.mono_ms);
}

/// Whether a key is to be dropped, because it was most likely meant for what was there before.
pub(super) fn drops(model: &mut Model, key: Key, at_ms: u64) -> bool {
    paces(model, at_ms);
    model.guard.read_ms = at_ms;
    if let Some(since) = model.guard.switched_ms {
        if at_ms < since.saturating_add(SETTLE_MS) {
            // Somebody who is still typing has not seen it: what comes after it waits as well.
            if model.typing.is_none() {
                model.guard.switched_ms = Some(since.max(at_ms));
            }
            return true;
        }
        model.guard.switched_ms = None;
    }
    if model.typing.is_some() {
        return false;
    }
    if key != Key::Enter {
        model.guard.entered = None;
        return false;
    }
    let here = place(model);
    if let Some((before, there)) = model.guard.entered
        && there != here
        && at_ms < before.saturating_add(BOUNCE_MS)
    {
        model.guard.entered = Some((at_ms, there));
        return true;
    }
    model.guard.entered = Some((at_ms, here));
    let moved = model.guard.moved_ms.filter(|_| model.layers.is_empty());
    let too_early = moved.is_some_and(|moved| at_ms < moved.saturating_add(SETTLE_MS));
    if too_early {
        model.say("the cursor has just gone on: look, then enter", false);
    }
    too_early
}

fn place(model: &Model) -> Place {
    let since = model.top().map_or(0, |layer| layer.since_ms);
    (model.layers.len(), since, model.entry, model.row)
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
