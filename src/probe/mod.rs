//! Repeated checks: when each is due, how it went up to now, and which of it goes on record.
//!
//! Pure: time comes in, and who senses is elsewhere. What is recorded is bounded: a verdict that
//! turns is told at once, so often in an hour; everything else is counted, and the count is told
//! with the next record, once an hour, and at the end.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::domain::ids::AttemptId;
use crate::domain::judge::Verdict;
use crate::domain::probes::{Repeat, Sensing, Sensings, Watch};

/// So many records of one probe are made in an hour.
pub const MOST_AN_HOUR: usize = 12;
/// So many verdicts are kept to be shown.
const TRAIL: usize = 24;
const HOUR: Duration = Duration::from_hours(1);

/// The repeated checks of a session.
#[derive(Debug, Default)]
pub struct Schedule {
    watched: BTreeMap<AttemptId, Watched>,
}

#[derive(Debug)]
struct Watched {
    every_s: u32,
    due: Duration,
    under_way: bool,
    /// What the record says.
    recorded: Verdict,
    /// What it came to the last time, here or on record.
    verdict: Verdict,
    last: Option<Sensing>,
    trail: VecDeque<Verdict>,
    times: u32,
    uncounted: u32,
    turns: u32,
    /// When the records of the last hour were made.
    records: VecDeque<Duration>,
    /// Since when the count runs.
    since: Duration,
}

impl Schedule {
    /// Takes in what is to be sensed again; gives the counts of what no longer is.
    pub fn follow(&mut self, repeats: &[Repeat], now: Duration) -> Vec<Sensings> {
        let kept = |id: &AttemptId| repeats.iter().any(|r| r.attempt == *id);
        let gone: Vec<AttemptId> = self
            .watched
            .keys()
            .copied()
            .filter(|id| !kept(id))
            .collect();
        let ended = gone.iter().filter_map(|id| {
            let mut watched = self.watched.remove(id)?;
            watched.count(*id, now)
        });
        let ended = ended.collect();
        for repeat in repeats {
            let new = || Watched::new(repeat, now);
            self.watched.entry(repeat.attempt).or_insert_with(new);
        }
        ended
    }

    /// Which are due; they count as under way until they are given back.
    pub fn due(&mut self, now: Duration) -> Vec<AttemptId> {
        let mut due = Vec::new();
        for (id, watched) in &mut self.watched {
            if !watched.under_way && watched.due <= now {
                watched.under_way = true;
                due.push(*id);
            }
        }
        due
    }

    /// One was sensed, or could not be; gives what goes on record of it, if anything does.
    pub fn sensed(
        &mut self,
        id: AttemptId,
        sensing: Option<Sensing>,
        now: Duration,
    ) -> Option<Sensings> {
        let watched = self.watched.get_mut(&id)?;
        watched.under_way = false;
        watched.due = now + Duration::from_secs(u64::from(watched.every_s.max(1)));
        watched.take(sensing?);
        let turned = watched.verdict != watched.recorded;
        let long = now.saturating_sub(watched.since) >= HOUR;
        (turned || long).then(|| watched.record(id, now)).flatten()
    }

    /// What has been counted and is not on record.
    pub fn counts(&mut self, now: Duration) -> Vec<Sensings> {
        let all = self.watched.iter_mut();
        all.filter_map(|(id, watched)| watched.count(*id, now))
            .collect()
    }

    /// How each stands.
    #[must_use]
    pub fn watches(&self) -> BTreeMap<AttemptId, Watch> {
        let watch = |watched: &Watched| Watch {
            every_s: watched.every_s,
            times: watched.times,
            last: watched.last.clone(),
            trail: watched.trail.iter().copied().collect(),
        };
        let all = self.watched.iter();
        all.map(|(id, watched)| (*id, watch(watched))).collect()
    }
}

impl Watched {
    fn new(repeat: &Repeat, now: Duration) -> Self {
        Self {
            every_s: repeat.every_s,
            due: now + Duration::from_secs(u64::from(repeat.every_s.max(1))),
            under_way: false,
            recorded: repeat.verdict,
            verdict: repeat.verdict,
            last: None,
            trail: VecDeque::from([repeat.verdict]),
            times: 0,
            uncounted: 0,
            turns: 0,
            records: VecDeque::new(),
            since: now,
        }
    }

    fn take(&mut self, sensing: Sensing) {
        if sensing.verdict != self.verdict {
            self.turns = self.turns.saturating_add(1);
        }
        self.verdict = sensing.verdict;
        if self.trail.len() >= TRAIL {
            self.trail.pop_front();
        }
        self.trail.push_back(sensing.verdict);
        self.last = Some(sensing);
        self.times = self.times.saturating_add(1);
        self.uncounted = self.uncounted.saturating_add(1);
    }

    /// A record, unless there were too many of late.
    fn record(&mut self, id: AttemptId, now: Duration) -> Option<Sensings> {
        while self
            .records
            .front()
            .is_some_and(|at| now.saturating_sub(*at) >= HOUR)
        {
            self.records.pop_front();
        }
        if self.records.len() >= MOST_AN_HOUR {
            return None;
        }
        self.records.push_back(now);
        self.count(id, now)
    }

    fn count(&mut self, id: AttemptId, now: Duration) -> Option<Sensings> {
        let last = self.last.clone().filter(|_| self.uncounted > 0)?;
        // The turn to what is told now is told by it.
        let told = u32::from(last.verdict != self.recorded);
        let counted = Sensings {
            attempt: id,
            times: std::mem::take(&mut self.uncounted),
            turns: std::mem::take(&mut self.turns).saturating_sub(told),
            last,
        };
        self.recorded = self.verdict;
        self.since = now;
        Some(counted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    const ID: AttemptId = AttemptId(7);

    fn seconds(s: u64) -> Duration {
        Duration::from_secs(s)
    }

    fn repeat() -> Repeat {
        Repeat {
            attempt: ID,
            every_s: 30,
            verdict: Verdict::Met,
        }
    }

    fn sensing(verdict: Verdict) -> Sensing {
        Sensing {
            at: DateTime::UNIX_EPOCH,
            verdict,
            because: "as it was".to_owned(),
        }
    }

    /// Senses at its interval from then on, and gives what went on record.
    fn senses(schedule: &mut Schedule, from: &mut u64, verdicts: &[Verdict]) -> Vec<Sensings> {
        let mut records = Vec::new();
        for verdict in verdicts {
            *from += 30;
            assert_eq!(schedule.due(seconds(*from - 1)), [], "not before it is due");
            assert_eq!(schedule.due(seconds(*from)), [ID]);
            assert_eq!(schedule.due(seconds(*from)), [], "once at a time");
            records.extend(schedule.sensed(ID, Some(sensing(*verdict)), seconds(*from)));
        }
        records
    }

    #[test]
    fn a_turn_is_told_and_the_rest_is_counted() {
        use Verdict::{Met, NotMet};
        let (mut schedule, mut now) = (Schedule::default(), 0);
        schedule.follow(&[repeat()], seconds(0));
        assert_eq!(senses(&mut schedule, &mut now, &[Met; 20]), []);
        let records = senses(&mut schedule, &mut now, &[NotMet, NotMet, NotMet, Met]);
        let told: Vec<_> = records
            .iter()
            .map(|r| (r.last.verdict, r.times, r.turns))
            .collect();
        assert_eq!(told, [(NotMet, 21, 0), (Met, 3, 0)]);
        assert_eq!(
            schedule.counts(seconds(now)),
            [],
            "nothing that is not told"
        );
        senses(&mut schedule, &mut now, &[Met; 5]);
        let ended = schedule.follow(&[], seconds(now));
        assert_eq!((ended[0].times, ended[0].turns), (5, 0));
        assert_eq!(
            schedule.due(seconds(now + 99)),
            [],
            "it is not sensed any more"
        );
    }

    #[test]
    fn one_that_turns_all_the_time_does_not_flood_the_record() {
        use Verdict::{Met, NotMet};
        let (mut schedule, mut now) = (Schedule::default(), 0);
        schedule.follow(&[repeat()], seconds(0));
        let day: Vec<Verdict> = [NotMet, Met].repeat(24 * 60);
        let records = senses(&mut schedule, &mut now, &day);
        assert!(records.len() <= 24 * MOST_AN_HOUR, "{}", records.len());
        let counts = schedule.counts(seconds(now));
        let all = || records.iter().chain(&counts);
        let times: u32 = all().map(|r| r.times).sum();
        assert_eq!(
            usize::try_from(times),
            Ok(day.len()),
            "every one is counted"
        );
        // Those that are told by themselves, and those that are counted.
        let turns: u32 = all().map(|r| r.turns).sum();
        assert!(turns > 2_000, "{turns}");
        assert_eq!(schedule.watches()[&ID].trail.len(), TRAIL);
    }

    #[test]
    fn a_quiet_one_is_counted_once_an_hour() {
        let (mut schedule, mut now) = (Schedule::default(), 0);
        schedule.follow(&[repeat()], seconds(0));
        let records = senses(&mut schedule, &mut now, &[Verdict::Met; 360]);
        let told: Vec<_> = records.iter().map(|r| (r.times, r.turns)).collect();
        assert_eq!(told, [(120, 0), (120, 0), (120, 0)]);
    }

    #[test]
    fn what_could_not_be_sensed_is_tried_again_and_is_no_verdict() {
        let mut schedule = Schedule::default();
        schedule.follow(&[repeat()], seconds(0));
        assert_eq!(schedule.due(seconds(30)), [ID]);
        assert_eq!(schedule.sensed(ID, None, seconds(31)), None);
        assert_eq!(schedule.due(seconds(60)), []);
        assert_eq!(schedule.due(seconds(61)), [ID]);
        assert_eq!(schedule.watches()[&ID].times, 0);
    }
}
