//! When to draw: at most sixty times a second, at once where a key asked for it, and not at all
//! when nothing has changed. Pure: the time is passed in.

use std::time::{Duration, Instant};

/// Between two frames that nobody waits for.
const APART: Duration = Duration::from_micros(16_600);

/// Frames that do not wait after a key: its own effect, and the echo of the program behind it.
const AT_ONCE: u8 = 3;

/// Decides when the next frame is due.
#[derive(Debug, Default)]
pub struct Frames {
    changed: bool,
    drawn: Option<Instant>,
    at_once: u8,
}

impl Frames {
    /// Something that is shown has changed.
    pub fn changed(&mut self) {
        self.changed = true;
    }

    /// A key arrived: what it changes is drawn without waiting.
    pub fn key(&mut self) {
        self.at_once = AT_ONCE;
    }

    /// A frame was drawn.
    pub fn drawn(&mut self, now: Instant) {
        self.changed = false;
        self.drawn = Some(now);
        self.at_once = self.at_once.saturating_sub(1);
    }

    /// Whether the next frame answers a key.
    #[must_use]
    pub fn answers(&self) -> bool {
        self.at_once > 0
    }

    /// When the next frame is due; none while there is nothing to draw.
    #[must_use]
    pub fn due(&self, now: Instant) -> Option<Instant> {
        if !self.changed {
            return None;
        }
        match self.drawn {
            Some(drawn) if self.at_once == 0 => Some((drawn + APART).max(now)),
            Some(_) | None => Some(now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{APART, Duration, Frames, Instant};

    #[test]
    fn nothing_is_drawn_when_nothing_changed() {
        let now = Instant::now();
        let mut frames = Frames::default();
        assert_eq!(frames.due(now), None);
        frames.changed();
        assert_eq!(frames.due(now), Some(now));
        frames.drawn(now);
        assert_eq!(frames.due(now + APART), None);
    }

    #[test]
    fn a_flood_keeps_the_pace_and_a_key_does_not_wait() {
        let now = Instant::now();
        let mut frames = Frames::default();
        frames.drawn(now);
        frames.changed();
        let soon = now + Duration::from_millis(1);
        assert_eq!(frames.due(soon), Some(now + APART));
        frames.key();
        for _ in 0..3 {
            frames.changed();
            assert_eq!(frames.due(soon), Some(soon));
            frames.drawn(soon);
        }
        frames.changed();
        assert_eq!(frames.due(soon), Some(soon + APART));
    }
}
