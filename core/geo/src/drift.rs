//! Which fixes of a segment are to be doubted, and how many metres were walked.
//!
//! A doubted fix is kept as it came, its coordinates too, and says why it is doubted. It is evidence to look at, never
//! a verdict: a jump is a reflection off a wall far more often than a lie.
//!
//! **The rule of distance.** Metres are counted from anchor to anchor. The first fix is an anchor; the next is the
//! first fix that is further from it than one and a half times its own accuracy (5 m at least, 50 m at most), and so
//! on. Who has stayed that near for a minute stands, and moves again only when twice as far away. A fix counts nothing
//! and is no anchor if it is doubted, or if the phone says that it stands: by its motion sensor, else by a speed below
//! 0.3 m/s. So the noise of a receiver is no distance. Measured 2026-11 with 3.3 m of noise on each axis and 5 m of
//! accuracy: of an hour of standing nothing is left, where step by step it is 3.7 km; an hour straight on is 2 % too
//! long, and one with a turn each 40 m is 1 % too short, where step by step it is 18 % too long.

use crate::crs::E7;
use crate::distance::metres;
use crate::track::Fix;

/// Metres a second that nobody moves at on a patrol, 180 km/h.
const TOO_FAST: f64 = 50.0;
/// The radius a receiver gives holds two thirds of its fixes; twice that holds nearly all.
const SURE: f64 = 2.0;
/// Metres, for a fix that does not say its accuracy.
const USUAL_ACCURACY: f64 = 5.0;
/// So many fixes in a row that fit each other are believed, wherever they are.
const BELIEVED: u32 = 5;
/// So many fixes at the very same place are no chance, to 1e-7 degrees.
const FROZEN: u32 = 3;
/// So many times its accuracy away from the anchor a fix is a step, within these metres.
const STEP: f64 = 1.5;
const STEP_METRES: (f64, f64) = (5.0, 50.0);
/// Who has not made a step for so long stands, milliseconds.
const STANDS_MS: i64 = 60_000;
/// Centimetres a second below which a phone stands, and above which it moves.
const STANDS_CMS: u32 = 30;
const MOVES_CMS: u32 = 50;

/// Why a fix is not taken at its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Doubt {
    /// Nobody gets there so fast, even if both places are as wrong as they may be.
    Jump,
    /// The very same place again and again, though the phone moves: the receiver repeats itself.
    Frozen,
    /// The system says that an app made the position up.
    Mock,
    /// The phone stands: what the place moved by is noise.
    Drift,
}

/// Fixes of a segment in a row that are doubted for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doubted {
    pub doubt: Doubt,
    /// Index of the first and of the last of them.
    pub first: u32,
    pub last: u32,
}

impl Doubt {
    pub const ALL: [Doubt; 4] = [Doubt::Jump, Doubt::Frozen, Doubt::Mock, Doubt::Drift];

    /// Stable word in exported files; its message is `doubt-` and the word.
    pub fn word(self) -> &'static str {
        match self {
            Doubt::Jump => "jump",
            Doubt::Frozen => "frozen",
            Doubt::Mock => "mock",
            Doubt::Drift => "drift",
        }
    }
}

/// What is doubted about each fix of a segment.
pub fn doubts(fixes: &[Fix]) -> Vec<Option<Doubt>> {
    let mut watch = Watch::default();
    fixes.iter().map(|fix| watch.see(fix).err()).collect()
}

/// The same as stretches: what a screen shows of a track, on the phone and at the office.
pub fn doubted(fixes: &[Fix]) -> Vec<Doubted> {
    let mut stretches: Vec<Doubted> = Vec::new();
    for (at, doubt) in (0..).zip(doubts(fixes)) {
        let Some(doubt) = doubt else { continue };
        match stretches.last_mut() {
            Some(stretch) if stretch.doubt == doubt && stretch.last + 1 == at => stretch.last = at,
            _ => stretches.push(Doubted { doubt, first: at, last: at }),
        }
    }
    stretches
}

/// Metres walked in a segment, by the rule above.
pub fn metres_walked(fixes: &[Fix]) -> f64 {
    let mut watch = Watch::default();
    fixes.iter().fold(0.0, |sum, fix| sum + watch.see(fix).unwrap_or(0.0))
}

/// The lines of a segment that coverage counts. A position that is wrong is on none of them: one that jumped, froze or
/// was made up. A phone that stands has been where it stands. A way that was no way parts two lines.
pub fn lines_walked(fixes: &[Fix]) -> Vec<Vec<E7>> {
    let mut watch = Watch::default();
    let mut lines = Vec::new();
    for fix in fixes {
        if !matches!(watch.see(fix), Ok(_) | Err(Doubt::Drift)) {
            continue;
        }
        match lines.last_mut() {
            Some(line) if !watch.moved_over => Vec::push(line, fix.at),
            _ => lines.push(vec![fix.at]),
        }
    }
    lines
}

/// What the fixes so far leave to judge the next one by.
#[derive(Default)]
struct Watch {
    /// The last fix that may be compared with, and those behind it that do not fit but fit each other.
    trusted: Option<Fix>,
    stray: Option<Fix>,
    strays: u32,
    last: Option<Fix>,
    /// Fixes at the place of `last`, in a row.
    repeated: u32,
    anchor: Option<Fix>,
    stands: bool,
    /// The fix that was seen last is believed where the walk cannot have led.
    moved_over: bool,
}

impl Watch {
    /// The metres that a fix adds, or why it is doubted.
    fn see(&mut self, fix: &Fix) -> Result<f64, Doubt> {
        let frozen = self.is_frozen(fix);
        self.moved_over = false;
        if fix.mock == Some(true) {
            return Err(Doubt::Mock);
        }
        if self.is_jump(fix) {
            return Err(Doubt::Jump);
        }
        if frozen {
            return Err(Doubt::Frozen);
        }
        self.step(fix).ok_or(Doubt::Drift)
    }

    fn is_frozen(&mut self, fix: &Fix) -> bool {
        let repeats = self.last.is_some_and(|last| last.at == fix.at && last.time_ms < fix.time_ms);
        self.repeated = if repeats { self.repeated + 1 } else { 1 };
        self.last = Some(*fix);
        self.repeated >= FROZEN && moves(fix) == Some(true)
    }

    fn is_jump(&mut self, fix: &Fix) -> bool {
        if self.trusted.is_some_and(|trusted| too_far(&trusted, fix)) {
            let fits = self.stray.is_some_and(|stray| !too_far(&stray, fix));
            self.strays = if fits { self.strays + 1 } else { 1 };
            self.stray = Some(*fix);
            if self.strays < BELIEVED {
                return true;
            }
            // The way here was no way: it is not measured.
            (self.anchor, self.stands, self.moved_over) = (Some(*fix), false, true);
        }
        (self.trusted, self.stray) = (Some(*fix), None);
        false
    }

    /// Metres from the anchor if that is a step, 0 if it is none yet, `None` if the phone stands.
    fn step(&mut self, fix: &Fix) -> Option<f64> {
        if moves(fix) == Some(false) {
            self.anchor.get_or_insert(*fix);
            return None;
        }
        let anchor = *self.anchor.get_or_insert(*fix);
        let from_anchor = metres(anchor.at, fix.at);
        let step = (STEP * accuracy(fix)).clamp(STEP_METRES.0, STEP_METRES.1);
        if from_anchor > if self.stands { 2.0 * step } else { step } {
            (self.anchor, self.stands) = (Some(*fix), false);
            return Some(from_anchor);
        }
        self.stands |= elapsed(&anchor, fix).is_some_and(|ms| ms >= STANDS_MS);
        if self.stands { None } else { Some(0.0) }
    }
}

/// What the phone says, by its motion sensor, else by its speed.
fn moves(fix: &Fix) -> Option<bool> {
    fix.moving.or_else(|| match fix.speed_cms? {
        ..STANDS_CMS => Some(false),
        MOVES_CMS.. => Some(true),
        _ => None,
    })
}

fn too_far(from: &Fix, to: &Fix) -> bool {
    let Some(ms) = elapsed(from, to) else { return false };
    // Receivers round to the second.
    let seconds = (ms.max(1_000)) as f64 / 1_000.0;
    metres(from.at, to.at) - SURE * (accuracy(from) + accuracy(to)) > TOO_FAST * seconds
}

fn elapsed(from: &Fix, to: &Fix) -> Option<i64> {
    Some(to.time_ms?.saturating_sub(from.time_ms?))
}

/// Metres.
fn accuracy(fix: &Fix) -> f64 {
    fix.accuracy_dm.map_or(USUAL_ACCURACY, |dm| f64::from(dm) / 10.0)
}
