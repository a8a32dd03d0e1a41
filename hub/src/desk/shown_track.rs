//! A track as the console draws it: its segments and gaps, which points are outside every grid, which are doubted, and
//! how near it came to a place.
//!
//! A doubted fix stays where the phone says it was. Of a long track the points that a drawing does not need are left
//! out, and the answer says so; the files have them all.

use std::collections::BTreeMap;

use gridpatrol_geo::coverage::SEEN_WITHIN_M;
use gridpatrol_geo::crs::E7;
use gridpatrol_geo::drift::{self, doubts};
use gridpatrol_geo::fence::Fence;
use gridpatrol_geo::ruler::Ruler;
use gridpatrol_geo::simplify::simplify_track;
use gridpatrol_geo::track::Fix;

use super::track::Stretch;
use super::values::degrees;
use super::view::View;
use crate::api::patrols::{Doubt, DoubtCount, DoubtedPart, FenceAnswer, Gap, Passed, Segment, Track};

/// Tracks of more fixes are simplified: two hours at a fix every few seconds.
const ALL_UP_TO: usize = 2_000;
/// Metres; two pixels at the largest scale to which a map is fitted.
const TOLERANCE_M: f64 = 2.0;
/// A point a minute stays, so that the replay is never off by more than a minute's walk.
const STAYS_MS: i64 = 60_000;

impl From<drift::Doubt> for Doubt {
    fn from(doubt: drift::Doubt) -> Self {
        match doubt {
            drift::Doubt::Jump => Doubt::Jump,
            drift::Doubt::Frozen => Doubt::Frozen,
            drift::Doubt::Mock => Doubt::Mock,
            drift::Doubt::Drift => Doubt::Drift,
        }
    }
}

/// A fix with what is to be said of it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Noted {
    outside: bool,
    doubt: Option<Doubt>,
}

impl View<'_> {
    pub fn shown_track(&self, stretches: &[Stretch]) -> Track {
        let fixes: usize = stretches.iter().map(|stretch| stretch.fixes.len()).sum();
        let is_long = fixes > ALL_UP_TO;
        let mut track = Track { fixes: fixes as u32, simplified_m: is_long.then_some(TOLERANCE_M), ..Track::default() };
        let mut counts: BTreeMap<Doubt, DoubtCount> = BTreeMap::new();
        for stretch in stretches {
            if let Some(gap) = stretch.gap {
                let after = track.segments.len().checked_sub(1).map(|at| at as u32);
                track.gaps.push(Gap { after, cause: gap.cause, from_ms: gap.from_ms, to_ms: gap.to_ms });
            }
            if stretch.fixes.is_empty() {
                continue;
            }
            let notes = self.notes(&stretch.fixes);
            for (fix, doubt) in stretch.fixes.iter().zip(&notes).filter_map(|(fix, note)| Some((fix, note.doubt?))) {
                let none = DoubtCount { doubt, fixes: 0, first_ms: fix.time_ms };
                counts.entry(doubt).or_insert(none).fixes += 1;
            }
            let drawn = if is_long { needed(&stretch.fixes, &notes) } else { (0..stretch.fixes.len()).collect() };
            track.segments.push(segment(&stretch.fixes, &notes, &drawn));
        }
        track.doubts = counts.into_values().collect();
        track
    }

    fn notes(&self, fixes: &[Fix]) -> Vec<Noted> {
        let outside = |fix: &Fix| self.grids.index.owner(fix.at).is_none();
        let note =
            |(fix, doubt): (&Fix, Option<drift::Doubt>)| Noted { outside: outside(fix), doubt: doubt.map(Doubt::from) };
        fixes.iter().zip(doubts(fixes)).map(note).collect()
    }
}

/// The numbers of the points that a drawing needs.
fn needed(fixes: &[Fix], notes: &[Noted]) -> Vec<usize> {
    let line: Vec<E7> = fixes.iter().map(|fix| fix.at).collect();
    let mut on_line = simplify_track(&line, TOLERANCE_M).into_iter().peekable();
    let mut last_ms = i64::MIN;
    let mut drawn = Vec::new();
    for at in 0..fixes.len() {
        let bends = on_line.next_if_eq(&at).is_some();
        let begins = at > 0 && notes[at - 1] != notes[at];
        let ends = notes.get(at + 1).is_some_and(|next| *next != notes[at]);
        let late = fixes[at].time_ms.is_some_and(|ms| ms.saturating_sub(last_ms) >= STAYS_MS);
        if bends || begins || ends || late {
            drawn.push(at);
            last_ms = fixes[at].time_ms.unwrap_or(last_ms);
        }
    }
    drawn
}

fn segment(fixes: &[Fix], notes: &[Noted], drawn: &[usize]) -> Segment {
    let mut segment = Segment::default();
    for (number, at) in (0u32..).zip(drawn) {
        segment.points.push(degrees(fixes[*at].at));
        segment.times.push(fixes[*at].time_ms);
        if notes[*at].outside {
            match segment.outside.last_mut() {
                Some([_, last]) if *last + 1 == number => *last = number,
                _ => segment.outside.push([number, number]),
            }
        }
        if let Some(doubt) = notes[*at].doubt {
            match segment.doubted.last_mut() {
                Some(part) if part.last + 1 == number && part.doubt == doubt => part.last = number,
                _ => segment.doubted.push(DoubtedPart { doubt, first: number, last: number }),
            }
        }
    }
    segment
}

/// Whether a walk went to a place, by the fix that says most: one inside, else one that may be, else the nearest.
/// Nothing without a fix that is to be believed.
pub(super) fn passed(stretches: &[Stretch], place: E7) -> Option<Passed> {
    let ruler = Ruler::near(place);
    let believed = |stretch: &Stretch| -> Vec<Fix> {
        let of_place = |(_, doubt): &(&Fix, Option<drift::Doubt>)| matches!(doubt, None | Some(drift::Doubt::Drift));
        stretch.fixes.iter().zip(doubts(&stretch.fixes)).filter(of_place).map(|(fix, _)| *fix).collect()
    };
    let judged = stretches.iter().flat_map(believed).map(|fix| {
        let accuracy_m = fix.accuracy_dm.map(|dm| f64::from(dm) / 10.0);
        let (order, fence) = match Fence::round(place, SEEN_WITHIN_M, fix.at, accuracy_m.unwrap_or(f64::INFINITY)) {
            Fence::Inside => (0, FenceAnswer::Inside),
            Fence::Unsure { .. } => (1, FenceAnswer::Unsure),
            Fence::Outside => (2, FenceAnswer::Outside),
        };
        let metres = ruler.metres(place, fix.at);
        (order, metres, Passed { fence, metres: metres.round() as u32, accuracy_m })
    });
    let nearest = judged.min_by(|a, b| (a.0).cmp(&b.0).then(a.1.total_cmp(&b.1)));
    nearest.map(|(_, _, passed)| passed)
}
