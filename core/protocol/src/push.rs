//! Push, the phone's side: how many frames a request carries, and when an acknowledgement is believed.

use ed25519_dalek::SigningKey;
use gridpatrol_model::ids::ChainHash;
use gridpatrol_model::op::Op;

use crate::frame::{self, Start};
use crate::limits::FRAMES;
use crate::parts::Head;
use crate::refs::Shorten;

/// Frames of the next request: one on a line that nobody knows yet or that just failed, twice as many after
/// each request that came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace(usize);

impl Default for Pace {
    fn default() -> Self {
        Pace(1)
    }
}

impl Pace {
    pub fn frames(self) -> usize {
        self.0
    }

    pub fn succeeded(&mut self) {
        self.0 = (self.0 * 2).min(FRAMES);
    }

    pub fn failed(&mut self) {
        self.0 = 1;
    }
}

/// Encoded frames for one request, from consecutive ops that wait.
pub fn plan<'a>(
    mut start: Start,
    outbox: impl Iterator<Item = (&'a Op, ChainHash)>,
    pace: Pace,
    shorten: &impl Shorten,
    key: &SigningKey,
) -> Vec<Vec<u8>> {
    let mut outbox = outbox.peekable();
    let mut frames = Vec::new();
    while frames.len() < pace.frames() && outbox.peek().is_some() {
        let mut end = start.prev;
        let taken = outbox.by_ref().inspect(|(_, chain)| end = *chain);
        let (frame, count) = frame::encode(start, taken, shorten, key);
        frames.push(frame);
        start = Start { rseq: start.rseq + count as u64, prev: end, lost: 0, ..start };
    }
    frames
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ack {
    /// The hub has this phone's ops up to here.
    UpTo(u64),
    /// The hub has another op at that place, or more than this phone ever wrote: another phone works from
    /// the same image. New ops start a new incarnation; the old ones still drain.
    Forked,
}

/// Whether to believe what the hub says it has. `own` is this phone's chain at an rseq, `written` its last.
pub fn judge(have: Head, written: u64, own: impl Fn(u64) -> Option<ChainHash>) -> Ack {
    let mine = have.rseq <= written && own(have.rseq) == Some(have.chain);
    if mine { Ack::UpTo(have.rseq) } else { Ack::Forked }
}
