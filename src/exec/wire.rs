//! The frames between a cockpit and a supervisor: length, type, payload.
//!
//! Output never goes this way; the evidence file is the buffer. A step outlives upgrades, so a
//! receiver skips frames of a type that it does not know.

use super::outcome::StopStage;
use crate::domain::condition::{Condition, Input, Trouble};
use chrono::DateTime;

/// Largest payload.
pub(super) const MAX_PAYLOAD: usize = 64 * 1024;
const HEADER: usize = 5;

/// What goes over the socket, in either direction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Frame {
    /// Client: tell me once when there are more than this many bytes, or when it ends.
    Arm(u64),
    /// Client: type these bytes.
    Input(u32, Vec<u8>),
    /// Client: the terminal has these rows and columns now.
    Resize(u32, u16, u16),
    /// Client: stop it; who asks.
    Stop(u32, StopStage, String),
    /// Client: tell me how it stands, now and whenever that changes.
    Listen,
    /// Supervisor: there are this many bytes, and whether the result is there.
    Mark(u64, bool),
    /// Supervisor: the request of this number was done (true) or refused.
    Ack(u32, bool),
    /// Supervisor: this is how it stands.
    Stands(Condition),
}

impl Frame {
    /// The bytes of the frame.
    pub(super) fn encode(&self) -> Vec<u8> {
        let (kind, payload) = self.parts();
        let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
        let mut bytes = Vec::with_capacity(HEADER + payload.len());
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.push(kind);
        bytes.extend_from_slice(&payload);
        bytes
    }

    fn parts(&self) -> (u8, Vec<u8>) {
        match self {
            Self::Arm(seen) => (1, seen.to_le_bytes().to_vec()),
            Self::Input(number, typed) => (2, join(*number, typed)),
            Self::Resize(number, rows, cols) => {
                let size = [rows.to_le_bytes(), cols.to_le_bytes()].concat();
                (3, join(*number, &size))
            }
            Self::Stop(number, stage, by) => {
                let mut rest = vec![*stage as u8];
                rest.extend_from_slice(by.as_bytes());
                (4, join(*number, &rest))
            }
            Self::Listen => (5, Vec::new()),
            Self::Stands(condition) => (67, standing(condition)),
            Self::Mark(bytes, ended) => {
                let mut payload = bytes.to_le_bytes().to_vec();
                payload.push(u8::from(*ended));
                (65, payload)
            }
            Self::Ack(number, done) => (66, join(*number, &[u8::from(*done)])),
        }
    }

    fn decode(kind: u8, payload: &[u8]) -> Option<Self> {
        match kind {
            1 => Some(Self::Arm(u64::from_le_bytes(payload.try_into().ok()?))),
            2 => split(payload).map(|(number, typed)| Self::Input(number, typed.to_vec())),
            3 => {
                let (number, size) = split(payload)?;
                let (rows, cols) = size.split_first_chunk::<2>()?;
                let cols = cols.try_into().ok()?;
                Some(Self::Resize(
                    number,
                    u16::from_le_bytes(*rows),
                    u16::from_le_bytes(cols),
                ))
            }
            4 => {
                let (number, rest) = split(payload)?;
                let (stage, by) = rest.split_first()?;
                let by = String::from_utf8_lossy(by).into_owned();
                Some(Self::Stop(number, stage_of(*stage)?, by))
            }
            5 => Some(Self::Listen),
            67 => read_standing(payload).map(Self::Stands),
            65 => {
                let (bytes, ended) = payload.split_first_chunk::<8>()?;
                Some(Self::Mark(u64::from_le_bytes(*bytes), ended == [1]))
            }
            66 => split(payload).map(|(number, done)| Self::Ack(number, done == [1])),
            _ => None,
        }
    }
}

/// Input, then, where there is trouble: ended, since, waiting, lost, why.
fn standing(condition: &Condition) -> Vec<u8> {
    let mut payload = vec![match condition.input {
        Input::Untold => 0,
        Input::Busy => 1,
        Input::Line => 2,
        Input::Hidden => 3,
    }];
    if let Some(trouble) = &condition.trouble {
        payload.push(u8::from(trouble.ended));
        payload.extend(trouble.since.timestamp_millis().to_le_bytes());
        payload.extend(trouble.waiting.to_le_bytes());
        payload.extend(trouble.lost.to_le_bytes());
        payload.extend(trouble.why.bytes().take(1024));
    }
    payload
}

fn read_standing(payload: &[u8]) -> Option<Condition> {
    let (input, rest) = payload.split_first()?;
    let input = match input {
        1 => Input::Busy,
        2 => Input::Line,
        3 => Input::Hidden,
        _ => Input::Untold,
    };
    let trouble = match rest.split_first() {
        None => None,
        Some((ended, rest)) => {
            let (since, rest) = rest.split_first_chunk::<8>()?;
            let (waiting, rest) = rest.split_first_chunk::<8>()?;
            let (lost, why) = rest.split_first_chunk::<8>()?;
            Some(Trouble {
                since: DateTime::from_timestamp_millis(i64::from_le_bytes(*since))?,
                why: String::from_utf8_lossy(why).into_owned(),
                waiting: u64::from_le_bytes(*waiting),
                lost: u64::from_le_bytes(*lost),
                ended: *ended == 1,
            })
        }
    };
    Some(Condition { input, trouble })
}

fn join(number: u32, rest: &[u8]) -> Vec<u8> {
    [&number.to_le_bytes(), rest].concat()
}

fn split(payload: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = payload.split_first_chunk::<4>()?;
    Some((u32::from_le_bytes(*number), rest))
}

fn stage_of(byte: u8) -> Option<StopStage> {
    [StopStage::Int, StopStage::Term, StopStage::Kill]
        .into_iter()
        .find(|stage| *stage as u8 == byte)
}

/// Bytes that came in, until they make whole frames.
#[derive(Default, Debug)]
pub(super) struct Inbox {
    bytes: Vec<u8>,
}

/// The other side does not speak this language.
#[derive(Debug)]
pub(super) struct Garbled;

impl Inbox {
    /// Takes in what was received.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole frame, frames of unknown type skipped.
    pub(super) fn next(&mut self) -> Result<Option<Frame>, Garbled> {
        loop {
            let Some((header, rest)) = self.bytes.split_first_chunk::<HEADER>() else {
                return Ok(None);
            };
            let [a, b, c, d, kind] = *header;
            let length = u32::from_le_bytes([a, b, c, d]) as usize;
            if length > MAX_PAYLOAD + 64 {
                return Err(Garbled);
            }
            let Some(payload) = rest.get(..length) else {
                return Ok(None);
            };
            let frame = Frame::decode(kind, payload);
            self.bytes.drain(..HEADER + length);
            if frame.is_some() {
                return Ok(frame);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_survive_any_split() {
        let frames = [
            Frame::Arm(7),
            Frame::Input(1, b"ls\n".to_vec()),
            Frame::Resize(2, 50, 160),
            Frame::Stop(3, StopStage::Kill, "ana".to_owned()),
            Frame::Mark(1 << 40, true),
            Frame::Ack(4, false),
            Frame::Listen,
            Frame::Stands(Condition {
                input: Input::Hidden,
                trouble: None,
            }),
            Frame::Stands(Condition {
                input: Input::Busy,
                trouble: Some(Trouble {
                    since: DateTime::UNIX_EPOCH,
                    why: "No space left on device".to_owned(),
                    waiting: 7,
                    lost: 1 << 33,
                    ended: true,
                }),
            }),
        ];
        let bytes: Vec<u8> = frames.iter().flat_map(Frame::encode).collect();
        for size in 1..bytes.len() {
            let mut inbox = Inbox::default();
            let mut seen = Vec::new();
            for piece in bytes.chunks(size) {
                inbox.push(piece);
                while let Some(frame) = inbox.next().unwrap() {
                    seen.push(frame);
                }
            }
            assert_eq!(seen, frames);
        }
    }

    #[test]
    fn an_unknown_type_is_skipped_and_nonsense_refused() {
        let mut inbox = Inbox::default();
        inbox.push(&[2, 0, 0, 0, 99, 1, 2]);
        inbox.push(&Frame::Arm(1).encode());
        assert_eq!(inbox.next().unwrap(), Some(Frame::Arm(1)));
        inbox.push(&[255; 8]);
        assert!(inbox.next().is_err());
    }
}
