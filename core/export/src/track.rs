//! A walked track as features: one with a line for each segment, or one for each fix.

use gridpatrol_geo::crs::E7;
use gridpatrol_geo::track::{Fix, Gap, Segment};

use crate::layer::{Feature, Kind, Line, Shape, Value};
use crate::{Error, text};

/// The fields of [`lines`]; a caller may give the names in another language.
///
/// `gap_before` has the word of a [`GapCause`](gridpatrol_geo::track::GapCause) for each line, empty where nothing
/// lies before it, and one entry more when the track ends in a gap; several gaps in a row are joined by `+`.
/// `gap_times` goes with it: ISO 8601 intervals, `..` for a bound that is not known.
pub const LINE_FIELDS: [(&str, Kind); 5] = [
    ("name", Kind::Text),
    ("from_time", Kind::Time),
    ("to_time", Kind::Time),
    ("gap_before", Kind::Texts),
    ("gap_times", Kind::Texts),
];

/// The fields of [`fixes`]: metres, metres a second, degrees from true north. `segment` counts from 1, `gap_before`
/// stands at the first fix behind a gap.
pub const FIX_FIELDS: [(&str, Kind); 9] = [
    ("segment", Kind::Int),
    ("gap_before", Kind::Text),
    ("time", Kind::Time),
    ("elevation_m", Kind::Real),
    ("accuracy_m", Kind::Real),
    ("speed_mps", Kind::Real),
    ("heading_deg", Kind::Real),
    ("mock", Kind::Bool),
    ("moving", Kind::Bool),
];

/// The whole track as one feature, for a layer of lines. Keeps 8 bytes a fix.
pub fn lines(name: &str, segments: impl IntoIterator<Item = Result<Segment, Error>>) -> Result<Feature, Error> {
    let mut lines: Vec<Line> = Vec::new();
    let (mut causes, mut times): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let mut gaps = Vec::new();
    for segment in segments {
        let Segment { gap_before, fixes } = segment?;
        gaps.extend(gap_before);
        if !fixes.is_empty() {
            causes.push(words(&gaps));
            times.push(intervals(&gaps));
            gaps.clear();
            lines.push(line(&fixes));
        }
    }
    if !gaps.is_empty() {
        causes.push(words(&gaps));
        times.push(intervals(&gaps));
    }
    let time = |ms: Option<i64>| ms.map_or(Value::Null, Value::Time);
    let from = time(lines.iter().find_map(|line| line.from_ms));
    let to = time(lines.iter().rev().find_map(|line| line.to_ms));
    let values = vec![Value::Text(name.to_owned()), from, to, Value::Texts(causes), Value::Texts(times)];
    Ok(Feature { shape: Shape::Lines(lines), values })
}

/// Every fix as a feature of its own, for a layer of points: the form that keeps times and accuracies.
pub fn fixes(
    segments: impl IntoIterator<Item = Result<Segment, Error>>,
) -> impl Iterator<Item = Result<Feature, Error>> {
    let mut gaps = Vec::new();
    let mut number = 0;
    segments.into_iter().flat_map(move |segment| {
        let (segment, error) = match segment {
            Ok(segment) => (segment, None),
            Err(error) => (Segment::default(), Some(Err(error))),
        };
        gaps.extend(segment.gap_before);
        let mut before = String::new();
        if !segment.fixes.is_empty() {
            number += 1;
            before = words(&gaps);
            gaps.clear();
        }
        let number = number;
        let features = segment.fixes.into_iter().map(move |fix| Ok(point(number, &std::mem::take(&mut before), &fix)));
        features.chain(error)
    })
}

fn point(segment: i64, gap_before: &str, fix: &Fix) -> Feature {
    let parts = |value: Option<i64>, of: f64| value.map_or(Value::Null, |value| Value::Real(value as f64 / of));
    let bool = |value: Option<bool>| value.map_or(Value::Null, Value::Bool);
    let values = vec![
        Value::Int(segment),
        if gap_before.is_empty() { Value::Null } else { Value::Text(gap_before.to_owned()) },
        fix.time_ms.map_or(Value::Null, Value::Time),
        parts(fix.ele_dm.map(i64::from), 10.0),
        parts(fix.accuracy_dm.map(i64::from), 10.0),
        parts(fix.speed_cms.map(i64::from), 100.0),
        parts(fix.heading_cdeg.map(i64::from), 100.0),
        bool(fix.mock),
        bool(fix.moving),
    ];
    Feature { shape: Shape::Point(fix.at), values }
}

fn line(fixes: &[Fix]) -> Line {
    Line {
        points: fixes.iter().map(|fix| fix.at).collect::<Vec<E7>>(),
        from_ms: fixes.iter().find_map(|fix| fix.time_ms),
        to_ms: fixes.iter().rev().find_map(|fix| fix.time_ms),
    }
}

fn words(gaps: &[Gap]) -> String {
    gaps.iter().map(|gap| gap.cause.word()).collect::<Vec<_>>().join("+")
}

fn intervals(gaps: &[Gap]) -> String {
    let bound = |ms: Option<i64>| ms.and_then(text::utc).unwrap_or_else(|| "..".to_owned());
    gaps.iter().map(|gap| format!("{}/{}", bound(gap.from_ms), bound(gap.to_ms))).collect::<Vec<_>>().join("+")
}
