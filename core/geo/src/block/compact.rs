//! The layout of version 4: columns of small differences in one of two codes.
//!
//! ```text
//! eight columns in the order of the fields of `Fix`, where `at` is two, longitude and latitude, and `mock` and
//! `moving` are one, the signals
//! column: [all but longitude and latitude] which fixes have a value; nothing more if none has
//!         mode: 1 byte, and 16 more for class codes · scale: varint · then, in all modes but 3:
//!         first: zigzag varint · step: zigzag varint · zigzag(difference) of every fix as `rice` or `classes` has it
//! value = first + scale × u, where u is
//!   mode 0: step + difference                  for what jumps about
//!   mode 1: u before + step + difference       for what drifts; u before the first is −step
//!   mode 2: u before + slope, where slope = slope before + difference, and is `step` before the first
//!   mode 4: as 2, but the slope before times the `pace`, for places and heights
//! mode 3, the heading only: instead of first and step, the shrink of `bearing` in 2 bytes, lowest first;
//!   value = scale × ((bearing + difference) modulo a turn), where the bearing too is in units of `scale`
//! ```
//! The difference of a fix without a value is 0. `scale` is the greatest common divisor: receivers give headings in
//! 0.1 degrees, and whole seconds. The writer takes the mode that costs least, and class codes where they pay.
//! Version 3 had neither mode 4 nor class codes, and ended with 24 zero bytes.
//!
//! Chosen 2026-11 by `gridpatrol-bench track`, for 900 fixes with all values in a block: 4.5 bytes a fix, where zstd
//! over the varints of [`super::plain`] takes 7.2 and pco 1.1, which knows no bearing, 5.6. Walks of real receivers
//! with time, place and elevation take 0.9 to 4.3, a seventh less than in version 3.

use super::bearing::{Compass, TURN};
use super::bits::{GROUP, LIMIT};
use super::classes;
use super::input::{Signals, write_signed, write_there, write_varint, zigzag};
use super::pace::{Pace, at_pace};
use super::rice;
use crate::track::Fix;

pub(super) const LEVEL: u8 = 0;
pub(super) const DRIFT: u8 = 1;
pub(super) const SLOPE: u8 = 2;
pub(super) const BEARING: u8 = 3;
pub(super) const COURSE: u8 = 4;
/// Added to the mode of a column whose numbers are in class codes.
pub(super) const CLASSES: u8 = 16;

/// `None` if a number is too far from the others.
pub(super) fn write(out: &mut Vec<u8>, fixes: &[Fix]) -> Option<()> {
    let measured = fixes.iter().any(|fix| fix.accuracy_dm.or(fix.speed_cms).or(fix.heading_cdeg).is_some());
    let mut columns = Columns { out, measured };
    let column = |value: &dyn Fn(&Fix) -> Option<i64>| fixes.iter().map(value).collect::<Vec<_>>();
    let times = column(&|fix| fix.time_ms);
    columns.optional(&times, None)?;
    let paces = paces(&times);
    columns.place(&column(&|fix| Some(fix.at.lon().into())), paces.as_deref())?;
    columns.place(&column(&|fix| Some(fix.at.lat().into())), paces.as_deref())?;
    columns.optional(&column(&|fix| fix.ele_dm.map(i64::from)), paces.as_deref())?;
    columns.optional(&column(&|fix| fix.accuracy_dm.map(i64::from)), None)?;
    columns.optional(&column(&|fix| fix.speed_cms.map(i64::from)), None)?;
    columns.heading(fixes, &column(&|fix| fix.heading_cdeg.map(i64::from)))?;
    columns.optional(&column(&Signals::of), None)
}

/// A column in one of the modes: its head, and the numbers behind it.
struct Candidate {
    mode: u8,
    head: Vec<u8>,
    numbers: Vec<u64>,
}

struct Columns<'a> {
    out: &'a mut Vec<u8>,
    /// Whether there are columns of what only some receivers measure.
    measured: bool,
}

impl Columns<'_> {
    /// `paces` as [`Pace`] has them, `None` if there is a fix without a time.
    fn optional(&mut self, values: &[Option<i64>], paces: Option<&[i64]>) -> Option<()> {
        write_there(self.out, values);
        if values.iter().any(Option::is_some) {
            self.best(Units::of(values)?.candidates(paces));
        }
        Some(())
    }

    fn place(&mut self, values: &[Option<i64>], paces: Option<&[i64]>) -> Option<()> {
        self.best(Units::of(values)?.candidates(paces));
        Some(())
    }

    fn heading(&mut self, fixes: &[Fix], values: &[Option<i64>]) -> Option<()> {
        write_there(self.out, values);
        if values.iter().any(Option::is_some) {
            let mut candidates = Units::of(values)?.candidates(None);
            candidates.extend(by_bearing(fixes, values));
            self.best(candidates);
        }
        Some(())
    }

    fn best(&mut self, candidates: Vec<Candidate>) {
        let costs = candidates.into_iter().map(|candidate| (rice::cost(&candidate.numbers), candidate));
        let Some((_, Candidate { mode, head, numbers })) = costs.min_by_key(|(cost, _)| *cost) else { return };
        // Class codes take longer to read. With three more columns there is not the time, unless they save half a bit
        // a number: the goal is 50 million fixes a second.
        let ease = if self.measured { numbers.len() / 16 } else { 0 };
        let (rice, classes) = (rice::encode(&numbers), classes::encode(&numbers));
        let (code, numbers) = if classes.len() + ease < rice.len() { (CLASSES, classes) } else { (0, rice) };
        self.out.push(mode + code);
        self.out.extend(head);
        self.out.extend(numbers);
    }
}

fn paces(times: &[Option<i64>]) -> Option<Vec<i64>> {
    let times: Vec<i64> = times.iter().copied().collect::<Option<_>>()?;
    let mut pace = Pace::default();
    Some(times.chunks(GROUP).flat_map(|times| pace.paces(times).into_iter().take(times.len())).collect())
}

/// The values of a column as whole numbers of what they all are multiples of, from the first.
struct Units {
    first: i64,
    scale: u64,
    units: Vec<Option<i64>>,
}

impl Units {
    /// `None` if a value is too far from the others.
    fn of(values: &[Option<i64>]) -> Option<Units> {
        let first = values.iter().flatten().next().copied().unwrap_or(0);
        let from_first = |value: i64| value.checked_sub(first).filter(|far| far.unsigned_abs() < LIMIT / 8);
        let far = values.iter().map(|value| value.map_or(Some(None), |value| from_first(value).map(Some)));
        let far: Vec<Option<i64>> = far.collect::<Option<_>>()?;
        let scale = far.iter().flatten().fold(0, |scale, far| gcd(scale, far.unsigned_abs())).max(1);
        let units = far.iter().map(|far| far.map(|far| far / scale as i64)).collect();
        Some(Units { first, scale, units })
    }

    /// The column in those of the modes that it can have and that can hold it. One can.
    fn candidates(&self, paces: Option<&[i64]>) -> Vec<Candidate> {
        let there: Vec<i64> = self.units.iter().flatten().copied().collect();
        let steps: Vec<i64> = there.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let slope = steps.first().copied().unwrap_or(0);
        let modes = [(LEVEL, median(there)), (DRIFT, median(steps)), (SLOPE, slope)];
        let modes = modes.into_iter().chain(paces.map(|_| (COURSE, slope)));
        let candidate = |(mode, step): (u8, i64)| {
            let mut head = Vec::new();
            write_varint(&mut head, self.scale);
            write_signed(&mut head, self.first);
            write_signed(&mut head, step);
            let numbers = self.differences(mode, step, paces.unwrap_or_default())?;
            Some(Candidate { mode, head, numbers })
        };
        modes.filter_map(candidate).collect()
    }

    /// `None` if what is foretold where values are missing runs too far away. It does not in mode 0.
    fn differences(&self, mode: u8, step: i64, paces: &[i64]) -> Option<Vec<u64>> {
        let (mut unit, mut slope) = (-step, step);
        let difference = |(i, value): (usize, &Option<i64>)| {
            let foretold = match mode {
                LEVEL => step,
                DRIFT => unit + step,
                SLOPE => unit + slope,
                _ => unit + at_pace(slope, paces[i]),
            };
            let next = value.unwrap_or(foretold);
            (slope, unit) = (next - unit, next);
            Some(zigzag(next - foretold)).filter(|number| *number < LIMIT && next.unsigned_abs() < LIMIT)
        };
        self.units.iter().enumerate().map(difference).collect()
    }
}

fn by_bearing(fixes: &[Fix], values: &[Option<i64>]) -> Option<Candidate> {
    let scale = values.iter().flatten().try_fold(TURN, |scale, &value| {
        let heading = u64::try_from(value).ok().filter(|&heading| heading < TURN)?;
        Some(gcd(scale, heading))
    })?;
    let shrink = Compass::shrink_at(fixes.first()?.at.lat());
    let mut compass = Compass::new(shrink, TURN / scale);
    let turn = compass.turn;
    let mut numbers = Vec::with_capacity(fixes.len());
    for (fixes, values) in fixes.chunks(GROUP).zip(values.chunks(GROUP)) {
        let lon: Vec<i64> = fixes.iter().map(|fix| fix.at.lon().into()).collect();
        let lat: Vec<i64> = fixes.iter().map(|fix| fix.at.lat().into()).collect();
        numbers.extend(values.iter().zip(compass.bearings(&lon, &lat)).map(|(value, bearing)| {
            let difference = value.map_or(0, |value| value / scale as i64 - i64::from(bearing));
            zigzag((difference + turn + turn / 2) % turn - turn / 2)
        }));
    }
    let mut head = Vec::new();
    write_varint(&mut head, scale);
    head.extend(shrink.to_le_bytes());
    Some(Candidate { mode: BEARING, head, numbers })
}

fn median(mut values: Vec<i64>) -> i64 {
    let middle = values.len() / 2;
    if values.is_empty() { 0 } else { *values.select_nth_unstable(middle).1 }
}

fn gcd(a: u64, b: u64) -> u64 {
    match (a, b) {
        (1, _) => 1,
        (a, 0) => a,
        (a, b) => gcd(b, a % b),
    }
}
