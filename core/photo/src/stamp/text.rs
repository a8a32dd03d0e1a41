//! What the lines say.

use gridpatrol_model::message::Messages;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use super::{Label, Part, Time};
use crate::manifest::{Place, WGS_84};

/// One thing that is said.
pub(super) struct Segment {
    pub part: Part,
    pub text: String,
    /// Characters at the beginning that are coloured.
    pub marked: usize,
    /// Prose may be broken anywhere and shortened; a number or a code may not.
    pub prose: bool,
}

/// What a stamp says, and the part of it that cannot be written at all.
pub(super) fn segments(label: &Label<'_>, messages: &Messages) -> (Vec<Segment>, Option<Part>) {
    let word = |id| messages.text(id, &[]);
    let marks = [(label.damaged, "stamp-damaged"), (label.library, "stamp-off-site")];
    let mark: String = marks.iter().filter(|(applies, _)| *applies).map(|(_, id)| format!("[{}] ", word(id))).collect();
    let whole = |part, text| Segment { part, text, marked: 0, prose: false };
    let mut segments = vec![
        Segment {
            part: Part::Category,
            marked: mark.chars().count(),
            text: mark + &cleaned(label.category),
            prose: true,
        },
        whole(Part::Code, format!("{} {}", word("stamp-code"), label.code)),
    ];
    let time = label.time.and_then(time);
    let senseless = (label.time.is_some() && time.is_none()).then_some(Part::Time);
    segments.extend(time.map(|time| whole(Part::Time, time)));
    let (place, grid) = (cleaned(label.place), cleaned(label.grid_code));
    if !place.is_empty() {
        segments.push(Segment { prose: true, ..whole(Part::Place, place) });
    }
    if !grid.is_empty() {
        segments.push(whole(Part::GridCode, format!("{} {grid}", word("kind-grid"))));
    }
    segments.extend(label.position.map(|at| whole(Part::Position, position(at))));
    (segments, senseless)
}

/// One line: runs of white space and control characters are one space.
fn cleaned(text: &str) -> String {
    let blank = |c: char| c.is_whitespace() || c.is_control();
    text.split(blank).filter(|word| !word.is_empty()).collect::<Vec<&str>>().join(" ")
}

/// `2026-11-24 09:41:07 +08:00`, with ± behind it if nobody checked the clock.
fn time(time: Time) -> Option<String> {
    let offset = Offset::from_seconds(i32::from(time.offset_min) * 60).ok()?;
    let at = Timestamp::from_millisecond(time.utc_ms).ok()?.to_zoned_datetime(TimeZone::fixed(offset));
    let doubt = if time.verified { "" } else { " ±" };
    Some(format!("{}{doubt}", at.strftime("%Y-%m-%d %H:%M:%S %:z")))
}

/// `112.57930°E 22.36860°N WGS-84 ±5 m`: five decimals are a metre.
fn position(at: Place) -> String {
    let degrees = |e7: i32, signs: [char; 2]| {
        let sign = if e7 < 0 { signs[1] } else { signs[0] };
        format!("{:.5}°{sign}", f64::from(e7.unsigned_abs()) / 1e7)
    };
    let crs = if at.crs == WGS_84 { "WGS-84".to_owned() } else { format!("EPSG:{}", at.crs) };
    let accuracy = at.accuracy_dm.map(|dm| format!(" ±{} m", dm.div_ceil(10))).unwrap_or_default();
    format!("{} {} {crs}{accuracy}", degrees(at.lon_e7, ['E', 'W']), degrees(at.lat_e7, ['N', 'S']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_local_with_its_offset_and_says_if_nobody_checked_it() {
        let at = |offset_min, verified| time(Time { utc_ms: 1_795_500_067_000, offset_min, verified });
        assert_eq!(at(480, true).as_deref(), Some("2026-11-24 14:01:07 +08:00"));
        assert_eq!(at(480, false).as_deref(), Some("2026-11-24 14:01:07 +08:00 ±"));
        assert_eq!(at(-270, true).as_deref(), Some("2026-11-24 01:31:07 -04:30"));
        assert_eq!(time(Time { utc_ms: i64::MAX, offset_min: 0, verified: true }), None);
        assert_eq!(at(i16::MAX, true), None);
    }

    #[test]
    fn a_position_names_its_system_and_how_sure_it_is() {
        let zili = Place { crs: WGS_84, lon_e7: 1_125_793_000, lat_e7: 223_686_000, accuracy_dm: Some(48) };
        assert_eq!(position(zili), "112.57930°E 22.36860°N WGS-84 ±5 m");
        let south_west = Place { crs: 4490, lon_e7: -5, lat_e7: -1, accuracy_dm: None };
        assert_eq!(position(south_west), "0.00000°W 0.00000°S EPSG:4490");
    }

    #[test]
    fn a_text_with_line_breaks_becomes_one_line() {
        assert_eq!(cleaned(" 塘口镇\n\t自力村 \u{0}\u{3000}铭石楼 "), "塘口镇 自力村 铭石楼");
    }
}
