//! How large, how broken and how shortened: everything that is decided before a pixel changes.

use super::font::Face;
use super::text::Segment;
use super::{MAX_HEIGHT_PERCENT, Panel, Part};

/// Smaller Chinese characters cannot be read on a screen.
const MIN_SIDE: usize = 12;

/// Ordinary characters on a picture with room: a fortieth of its long side. On a phone that shows the picture across
/// its width of 65 mm, 1600 px make them 1.6 mm high, like small print.
const LONG_SIDE_PER_CHARACTER: usize = 40;

/// From line to line, in ems of the line.
const LEADING: f32 = 1.32;
/// Between panel and border of the picture, inside the panel, and the width of its coloured bar, in ems.
const MARGIN: f32 = 0.4;
const PADDING: f32 = 0.4;
const BAR: f32 = 0.2;
/// Between segments on one line, in ems.
const GAP: f32 = 1.0;
/// Lines that prose may take.
const PROSE_LINES: usize = 2;

/// A row: the size of its characters in that of ordinary ones, and what stands in it, side by side if there is room.
type Row = (f32, &'static [Part]);

/// One below the other, as people read them.
const STACKED: &[Row] = &[
    (1.25, &[Part::Category]),
    (1.0, &[Part::Time]),
    (1.0, &[Part::Place]),
    (1.0, &[Part::GridCode, Part::Position]),
    (1.1, &[Part::Code]),
];
/// For pictures so low that stacked lines would be too small.
const BESIDE: &[Row] = &[
    (1.1, &[Part::Category, Part::Code]),
    (1.0, &[Part::Time, Part::Place]),
    (1.0, &[Part::GridCode, Part::Position]),
];

/// What gives way, last first, when even the smallest characters do not fit.
const GIVES_WAY: [&[Part]; 5] = [
    &[],
    &[Part::Position],
    &[Part::Position, Part::GridCode],
    &[Part::Position, Part::GridCode, Part::Place],
    &[Part::Position, Part::GridCode, Part::Place, Part::Time],
];

pub(super) struct Layout {
    pub panel: Panel,
    /// Width of the coloured bar at the left of the panel, in pixels.
    pub bar: usize,
    /// Pixels of an ordinary em.
    pub side: usize,
    pub lines: Vec<Line>,
    pub kept: Vec<Part>,
}

/// One line of text where it will stand.
#[derive(Clone)]
pub(super) struct Line {
    pub text: String,
    /// Characters at the beginning that are coloured.
    pub marked: usize,
    /// Left end, and bottom of the ideographic squares.
    pub x: usize,
    pub bottom: usize,
    /// Pixels of an em.
    pub side: usize,
}

/// The largest layout that fits, with as many parts as possible.
pub(super) fn fit(segments: &[Segment], face: &Face<'_>, width: usize, height: usize) -> Option<Layout> {
    let largest = (width.max(height) / LONG_SIDE_PER_CHARACTER).max(MIN_SIDE);
    GIVES_WAY.iter().find_map(|gone| {
        let kept: Vec<&Segment> = segments.iter().filter(|segment| !gone.contains(&segment.part)).collect();
        let best = |rows| (MIN_SIDE..=largest).rev().find_map(|side| at(rows, &kept, face, width, height, side));
        let stacked = best(STACKED).filter(|layout| layout.side * 4 >= largest * 3);
        // Of two equals the last is the largest to `max_by_key`.
        stacked.or_else(|| [best(BESIDE), best(STACKED)].into_iter().flatten().max_by_key(|layout| layout.side))
    })
}

/// The layout with ordinary characters of `side` pixels, if it fits.
fn at(
    rows: &[Row],
    segments: &[&Segment],
    face: &Face<'_>,
    width: usize,
    height: usize,
    side: usize,
) -> Option<Layout> {
    let ems = |n: f32| (n * side as f32).round() as usize;
    let (margin, padding, bar) = (even(ems(MARGIN)), ems(PADDING), even(ems(BAR)));
    let inside = margin + bar + padding;
    let room = width.checked_sub(inside + padding + margin)?;
    let mut lines = Vec::new();
    let (mut below, mut widest) = (0, 0.0f32);
    for (scale, parts) in rows {
        let side = (side as f32 * scale).round() as usize;
        let leading = (side as f32 * LEADING).round() as usize;
        let row = parts.iter().filter_map(|part| segments.iter().find(|segment| segment.part == *part));
        for (text, marked) in flow(row, face, room as f32 / side as f32)? {
            widest = widest.max(face.width(&text) * side as f32);
            below += leading;
            // Half of the leading above the line and half below it.
            lines.push(Line { text, marked, x: inside, bottom: below - (leading - side) / 2, side });
        }
    }
    let tall = even(below + padding);
    let y = height.checked_sub(margin + tall)? & !1;
    if (height - y) * 100 > height * MAX_HEIGHT_PERCENT {
        return None;
    }
    lines.iter_mut().for_each(|line| line.bottom += y + padding / 2);
    let wide = even(bar + 2 * padding + widest.ceil() as usize).min(width - margin);
    let kept = segments.iter().map(|segment| segment.part).collect();
    Some(Layout { panel: Panel { x: margin, y, width: wide, height: tall }, bar, side, lines, kept })
}

/// A chroma sample covers two pixels, and the panel covers whole ones.
fn even(pixels: usize) -> usize {
    pixels.next_multiple_of(2)
}

/// Breaks the segments of a row into lines of at most `room` ems. `None` if one of them must not be broken and is
/// too long.
fn flow<'a>(
    segments: impl Iterator<Item = &'a &'a Segment>,
    face: &Face<'_>,
    room: f32,
) -> Option<Vec<(String, usize)>> {
    let mut lines: Vec<(String, usize)> = Vec::new();
    for segment in segments {
        let wide = face.width(&segment.text);
        // Two spaces are about as wide as the gap; the first segment has nothing to its left.
        let joined = lines.last_mut().filter(|(line, _)| face.width(line) + GAP + wide <= room);
        if let Some((line, _)) = joined {
            line.extend(std::iter::repeat_n(' ', (GAP / face.advance(' ')).round() as usize));
            line.push_str(&segment.text);
        } else if wide <= room {
            lines.push((segment.text.clone(), segment.marked));
        } else if segment.prose {
            let broken = broken(&segment.text, face, room)?;
            lines.extend(
                broken.into_iter().enumerate().map(|(n, line)| (line, if n == 0 { segment.marked } else { 0 })),
            );
        } else {
            return None;
        }
    }
    Some(lines)
}

/// Prose on at most [`PROSE_LINES`] lines, shortened in the middle if it is longer: of a place the beginning (the town)
/// and the end (the house) say most.
fn broken(text: &str, face: &Face<'_>, room: f32) -> Option<Vec<String>> {
    let characters: Vec<char> = text.chars().collect();
    for left_out in 0..characters.len() {
        let head = (characters.len() - left_out).div_ceil(2);
        let shown: Vec<char> = if left_out == 0 {
            characters.clone()
        } else {
            [&characters[..head], &['…'], &characters[head + left_out..]].concat()
        };
        let lines = wrapped(&shown, face, room)?;
        if lines.len() <= PROSE_LINES {
            return Some(lines);
        }
    }
    None
}

/// Filled from the left, broken anywhere, as Chinese is. `None` if a line is narrower than one character.
fn wrapped(characters: &[char], face: &Face<'_>, room: f32) -> Option<Vec<String>> {
    let mut lines = vec![String::new()];
    let mut used = 0.0;
    for &character in characters {
        let advance = face.advance(character);
        if used + advance > room {
            if used == 0.0 {
                return None;
            }
            lines.push(String::new());
            used = 0.0;
        }
        used += advance;
        lines.last_mut()?.push(character);
    }
    Some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, room: f32) -> Option<Vec<String>> {
        broken(text, &Face::bundled(&|_, _| None), room)
    }

    #[test]
    fn a_long_place_keeps_its_town_and_its_house() {
        let place = "开平市塘口镇强亚村委会自力村";
        assert_eq!(lines(place, 7.0), Some(vec!["开平市塘口镇强".into(), "亚村委会自力村".into()]));
        let short = lines(place, 4.0).expect("eight characters are shown").concat();
        assert!(short.starts_with("开平市") && short.contains('…') && short.ends_with("自力村"), "{short}");
    }

    #[test]
    fn a_line_narrower_than_a_character_holds_nothing() {
        assert_eq!(lines("自力村", 0.9), None);
        assert_eq!(lines("自力村", 1.0).map(|lines| lines.len()), Some(PROSE_LINES));
    }
}
