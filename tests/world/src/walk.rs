//! A member's day on foot: from place to place with a fix every five seconds, standing where there is
//! something to look at, and now and then without fixes, for a reason that is known.

use gridpatrol_geo::track::{Fix, Gap, GapCause, Segment, Track};

use crate::dice::{Dice, Part};
use crate::plane::Spot;
use crate::{Finding, World};

const DAY_MS: i64 = 86_400_000;
/// Between two fixes in walking, and in standing.
const STEP_MS: i64 = 5_000;
const STANDING_STEP_MS: i64 = 30_000;
/// How old the last fix may be to say where something was looked at.
const FRESH_MS: i64 = 60_000;

/// What happened, as the phone would know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    /// Milliseconds UTC.
    pub started_ms: i64,
    /// Milliseconds UTC.
    pub ended_ms: i64,
    /// One segment more than there are gaps.
    pub track: Track,
    /// In the order they were made.
    pub visits: Vec<Visit>,
    /// Indices of the places of the grid that were left out.
    pub missed: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Index into `World::places`.
    pub place: usize,
    /// Milliseconds UTC.
    pub arrived_ms: i64,
    /// Milliseconds UTC.
    pub left_ms: i64,
    /// The last fix before leaving, if there is a fresh one: a visit within a gap has none and counts the same.
    pub fix: Option<Fix>,
    pub finding: Finding,
}

impl World {
    /// The walk of `members[member]` on day `day`. Panics if there is no such member.
    pub fn walk(&self, member: usize, day: u32) -> Walk {
        let grid = &self.grids[member];
        let mut dice = Dice::new(self.seed, Part::Walk, crate::place::digits(grid.code) << 12 | u64::from(day & 0xfff));
        let start_ms = self.first_day_ms + i64::from(day) * DAY_MS + 8 * 3_600_000 + dice.below(5_400) as i64 * 1_000;
        let middle = Spot::from_e7(grid.middle());
        let from = Spot { x: middle.x + 150.0 * dice.signed(), y: middle.y + 150.0 * dice.signed() };
        let (due, missed) = self.places_of_the_day(member, &mut dice);

        let mut feet = Feet::new(start_ms, from);
        let mut visits = Vec::new();
        let rest_before = dice.percent(40).then(|| 1 + dice.below(due.len() - 1));
        for (at, place) in in_walking_order(self, due, from).into_iter().enumerate() {
            if rest_before == Some(at) {
                feet.pause(dice.between(300, 900) as i64 * 1_000);
            }
            feet.walk_to(Spot::from_e7(self.places[place].position), &mut dice);
            let arrived_ms = feet.now_ms;
            feet.stand(dice.between(60, 240) as i64 * 1_000, &mut dice);
            let finding = Finding::draw(self.places[place].kind, &mut dice);
            visits.push(Visit { place, arrived_ms, left_ms: feet.now_ms, fix: None, finding });
        }
        let ended_ms = feet.now_ms;
        let gaps = gaps(&feet, &mut dice);
        let track = cut(feet.fixes, &gaps);
        for visit in &mut visits {
            visit.fix = last_fresh(&track, visit.left_ms);
        }
        Walk { started_ms: start_ms, ended_ms, track, visits, missed }
    }

    /// About four in five of the places of her grid, at least two; and the others.
    fn places_of_the_day(&self, member: usize, dice: &mut Dice) -> (Vec<usize>, Vec<usize>) {
        let code = self.grids[member].code;
        let mut all: Vec<usize> = (0..self.places.len()).filter(|at| self.places[*at].grid == code).collect();
        dice.shuffle(&mut all);
        let missed = all.split_off((all.len() * 4).div_ceil(5).max(2).min(all.len()));
        (all, missed)
    }
}

/// Always on to the nearest.
fn in_walking_order(world: &World, mut due: Vec<usize>, from: Spot) -> Vec<usize> {
    let mut order = Vec::new();
    let mut here = from;
    while !due.is_empty() {
        let far = |place: &usize| Spot::from_e7(world.places[*place].position).distance2(here);
        let next = (0..due.len()).min_by(|a, b| far(&due[*a]).total_cmp(&far(&due[*b]))).expect("some are due");
        let place = due.swap_remove(next);
        here = Spot::from_e7(world.places[place].position);
        order.push(place);
    }
    order
}

/// Where she is, and what her phone makes of it.
struct Feet {
    began_ms: i64,
    now_ms: i64,
    here: Spot,
    /// Error of the receiver in metres, which drifts rather than jumps.
    error: Spot,
    fixes: Vec<Fix>,
    /// From, to.
    pauses: Vec<(i64, i64)>,
}

impl Feet {
    fn new(now_ms: i64, here: Spot) -> Self {
        Self { began_ms: now_ms, now_ms, here, error: Spot { x: 0.0, y: 0.0 }, fixes: Vec::new(), pauses: Vec::new() }
    }

    /// Along a bent way, as paths between houses and fields are.
    fn walk_to(&mut self, goal: Spot, dice: &mut Dice) {
        let start = self.here;
        let length = start.distance(goal);
        let pace = 1.25 + 0.2 * dice.signed();
        let (bow, bend) = (0.5 * dice.signed(), 0.8 * dice.signed());
        // The bow makes the way longer than the chord, by a tenth or so.
        let steps = (1.1 * length / (pace * STEP_MS as f64 / 1_000.0)).ceil().max(1.0) as i64;
        for step in 1..=steps {
            let t = step as f64 / steps as f64;
            let aside = length * t * (1.0 - t) * (bow + bend * (1.0 - 2.0 * t));
            let next = start.towards(goal, t, aside);
            self.now_ms += STEP_MS;
            self.fix(Some((self.here, next)), dice);
            self.here = next;
        }
    }

    fn stand(&mut self, ms: i64, dice: &mut Dice) {
        let until = self.now_ms + ms;
        while self.now_ms + STANDING_STEP_MS <= until {
            self.now_ms += STANDING_STEP_MS;
            self.fix(None, dice);
        }
        self.now_ms = until;
    }

    fn pause(&mut self, ms: i64) {
        self.pauses.push((self.now_ms, self.now_ms + ms));
        self.now_ms += ms;
    }

    fn fix(&mut self, step: Option<(Spot, Spot)>, dice: &mut Dice) {
        // One fix in twelve is taken under trees or between walls.
        let accuracy = if dice.percent(8) { 18.0 } else { 5.0 } + 3.0 * dice.signed().abs();
        let drift = |error: f64, dice: &mut Dice| 0.9 * error + 0.25 * accuracy * dice.signed();
        self.error = Spot { x: drift(self.error.x, dice), y: drift(self.error.y, dice) };
        let at = step.map_or(self.here, |(_, next)| next);
        let seen = Spot { x: at.x + self.error.x, y: at.y + self.error.y };
        let speed = step.map_or(0.0, |(from, to)| from.distance(to) / (STEP_MS as f64 / 1_000.0));
        self.fixes.push(Fix {
            time_ms: Some(self.now_ms),
            accuracy_dm: Some((accuracy * 10.0).round() as u32),
            speed_cms: Some((speed * 100.0).round() as u32),
            // Standing still there is no direction.
            heading_cdeg: step.map(|(from, to)| heading(from, to)),
            ..Fix::at(seen.to_e7())
        });
    }
}

/// Whole degrees, as phones are no better, in units of 0.01 degrees.
fn heading(from: Spot, to: Spot) -> u32 {
    let degrees = (to.x - from.x).atan2(to.y - from.y).to_degrees().round() as i32;
    degrees.rem_euclid(360) as u32 * 100
}

/// A time without fixes, as planned: cause, from, to in milliseconds UTC.
type Planned = (GapCause, i64, i64);

/// The pause, if there is one, and at most one failure in each third of the walk: one gap at least.
/// During a failure she walks on, during a pause she does not.
fn gaps(feet: &Feet, dice: &mut Dice) -> Vec<Planned> {
    const FAILURES: [(GapCause, usize, usize); 4] = [
        (GapCause::NoFix, 60, 240),
        (GapCause::Permission, 240, 840),
        (GapCause::Killed, 120, 480),
        (GapCause::SwitchedOff, 180, 600),
    ];
    const APART_MS: i64 = 60_000;
    let third = ((feet.now_ms - feet.began_ms) / 3) as usize;
    let mut gaps: Vec<Planned> = feet.pauses.iter().map(|(from, to)| (GapCause::Paused, *from, *to)).collect();
    let certain = dice.below(3);
    for part in [certain, (certain + 1) % 3, (certain + 2) % 3] {
        let chosen = part == certain || dice.percent(35);
        let (cause, low, high) = FAILURES[dice.below(FAILURES.len())];
        let from = feet.began_ms + (part * third + third / 4 + dice.below(third / 4)) as i64;
        let to = from + dice.between(low, high) as i64 * 1_000;
        let free = gaps.iter().all(|(_, start, end)| to + APART_MS < *start || end + APART_MS < from);
        if chosen && free {
            gaps.push((cause, from, to));
        }
    }
    gaps.sort_by_key(|(_, from, _)| *from);
    gaps
}

/// The fixes outside the gaps, each gap bounded by the fixes around it.
fn cut(mut fixes: Vec<Fix>, gaps: &[Planned]) -> Track {
    let mut segments = vec![Segment::default()];
    for (cause, from, to) in gaps {
        let after = |ms: i64| move |fix: &Fix| fix.time_ms.is_some_and(|time| time <= ms);
        let mut rest = fixes.split_off(fixes.partition_point(after(*from)));
        rest.drain(..rest.partition_point(after(*to)));
        let gap = Gap {
            cause: *cause,
            from_ms: fixes.last().and_then(|fix| fix.time_ms),
            // None: positions did not come back before the end.
            to_ms: rest.first().and_then(|fix| fix.time_ms),
        };
        segments.last_mut().expect("there is a first one").fixes = fixes;
        segments.push(Segment { gap_before: Some(gap), fixes: Vec::new() });
        fixes = rest;
    }
    segments.last_mut().expect("there is a first one").fixes = fixes;
    Track { segments }
}

fn last_fresh(track: &Track, at_ms: i64) -> Option<Fix> {
    let age = |fix: &Fix| fix.time_ms.map(|time| at_ms - time);
    track.fixes().filter(|fix| age(fix).is_some_and(|age| (0..=FRESH_MS).contains(&age))).last().copied()
}
