//! How often a shell should ask for a position: as seldom as the track allows.
//!
//! **No track without a reason.** A [`Sampler`] is the only thing that gives advice, and it is made of a [`Warrant`]:
//! a running patrol, or a signed special scene until its end. Without one there is nothing to ask (domain: no
//! continuous tracking). A warrant ends by the monotonic clock, so turning the phone's clock back prolongs nothing.
//!
//! **The energy budget**, fixes an hour, which no hour exceeds (tested with random hours):
//!
//! | | moving | still | moving, battery low | still, battery low |
//! |---|---|---|---|---|
//! | patrol | 1,200 | 60 | 240 | 12 |
//! | scene | 3,600 | 120 | 720 | 30 |
//!
//! An hour that has more than one of these states stays within the largest of them. 1,200 an hour are one fix in
//! three seconds or four metres, below the noise of a phone; ten of them are a live block.
//!
//! **No distance filter.** With one a phone that stands falls silent, and a silence that nobody explains is a gap.
//!
//! **Hysteresis.** A phone moves at the first sign and stands only after a minute without one, so a pause at a door
//! does not switch the receiver off and on. A battery is low below 20 % and no longer from 25 % on, or on a charger.

use gridpatrol_model::ids::ActorId;
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::{FieldNo, RecordKind};

/// Milliseconds without a sign of moving until a phone stands.
const STANDS_AFTER_MS: i64 = 60_000;
/// Centimetres a second that are a sign of moving: a slow walk.
const MOVES_CMS: u32 = 50;
/// Percent.
const LOW_BELOW: u8 = 20;
const LOW_UNTIL: u8 = 25;

/// The right to a track. There is one only where this module found a reason for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Warrant {
    reason: Reason,
    /// By the monotonic clock.
    until_ms: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    Patrol,
    Scene,
}

/// What a special scene orders, from a record whose signature the caller has verified. Times by the monotonic clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scene {
    pub allows_track: bool,
    pub from_ms: i64,
    pub to_ms: i64,
}

impl Warrant {
    /// `None` unless this is a patrol of this member that was started and has not ended. Drop the sampler when it
    /// ends or pauses.
    pub fn patrol(patrol: &Record, member: &ActorId) -> Option<Self> {
        let own = patrol.kind == Some(RecordKind::PATROL) && patrol.author.as_ref() == Some(member);
        let runs = patrol.value(FieldNo::STARTED).is_some() && patrol.value(FieldNo::ENDED).is_none();
        (own && runs).then_some(Warrant { reason: Reason::Patrol, until_ms: None })
    }

    /// `None` unless the scene allows a track, and now.
    pub fn scene(scene: Scene, now_ms: i64) -> Option<Self> {
        let now = scene.allows_track && (scene.from_ms..scene.to_ms).contains(&now_ms);
        now.then_some(Warrant { reason: Reason::Scene, until_ms: Some(scene.to_ms) })
    }
}

/// What the shell knows at the moment. What it does not know is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    /// What the motion sensor says.
    pub moving: Option<bool>,
    /// Of the last fix, centimetres a second.
    pub speed_cms: Option<u32>,
    pub battery_percent: Option<u8>,
    pub charging: bool,
}

/// What to ask the system for, until the next advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advice {
    /// At least so many milliseconds from one fix to the next.
    pub interval_ms: i64,
    pub priority: Priority,
    /// Fixes an hour that this may cost at most.
    pub budget: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// Satellites.
    High,
    /// Whatever the system has at hand; it still gives positions to some tens of metres.
    Balanced,
}

/// Advises while a warrant lasts.
#[derive(Clone, Debug)]
pub struct Sampler {
    warrant: Warrant,
    moving: bool,
    low: bool,
    /// When there last was a sign of moving.
    moved_ms: i64,
}

impl Sampler {
    /// A walk begins moving.
    pub fn new(warrant: Warrant, now_ms: i64) -> Self {
        Sampler { warrant, moving: true, low: false, moved_ms: now_ms }
    }

    /// Whenever a sign changes or a fix has come; `now_ms` by the monotonic clock. `None` once the warrant has ended:
    /// stop asking for positions.
    pub fn advise(&mut self, now_ms: i64, signs: Signs) -> Option<Advice> {
        if self.warrant.until_ms.is_some_and(|until| now_ms >= until) {
            return None;
        }
        if signs.moving.or(signs.speed_cms.map(|speed| speed >= MOVES_CMS)) == Some(true) {
            (self.moving, self.moved_ms) = (true, now_ms);
        } else if now_ms.saturating_sub(self.moved_ms) >= STANDS_AFTER_MS {
            self.moving = false;
        }
        self.low = !signs.charging
            && match signs.battery_percent {
                Some(percent) => percent < if self.low { LOW_UNTIL } else { LOW_BELOW },
                None => self.low,
            };
        Some(advice(self.warrant.reason, self.moving, self.low))
    }
}

/// The table. The budget is an hour of the interval.
fn advice(reason: Reason, moving: bool, low: bool) -> Advice {
    let (interval_ms, priority) = match (reason, moving, low) {
        (Reason::Patrol, true, false) => (3_000, Priority::High),
        (Reason::Patrol, false, false) => (60_000, Priority::Balanced),
        (Reason::Patrol, true, true) => (15_000, Priority::High),
        (Reason::Patrol, false, true) => (300_000, Priority::Balanced),
        (Reason::Scene, true, false) => (1_000, Priority::High),
        (Reason::Scene, false, false) => (30_000, Priority::High),
        (Reason::Scene, true, true) => (5_000, Priority::High),
        (Reason::Scene, false, true) => (120_000, Priority::Balanced),
    };
    Advice { interval_ms, priority, budget: (3_600_000 / interval_ms) as u32 }
}
