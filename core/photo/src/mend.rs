//! What can still be shown of a broken JPEG: only what its coder decodes without complaint.
//!
//! A picture in one scan is cut behind its last sound row of blocks; if it has restart markers and makes sense again
//! further down, what lies between is filled up, decoded and not shown. One in several scans, each of which passes over
//! the whole picture, loses its last scans until the rest is sound: it is coarser then, and has all its rows.

use crate::codec::{self, Coder, Decoded, Source};
use crate::entropy::{self, Reach, Tail};
use crate::{Damage, NoPreview, jpeg};

/// Decodes what is sound, and says what is wrong with the rest: nothing if only the end marker of a picture in one scan
/// is missing. `ends` says whether it is there.
///
/// # Errors
/// [`NoPreview::Truncated`] or [`NoPreview::Damaged`] if nothing can be shown.
pub(crate) fn decode(
    coder: Coder,
    source: &Source<'_>,
    divisor: usize,
    ends: bool,
) -> Result<(Decoded, Option<Damage>), NoPreview> {
    if source.frame.is_progressive() { scans(coder, source, divisor, ends) } else { rows(coder, source, divisor, ends) }
}

fn rows(coder: Coder, source: &Source<'_>, divisor: usize, ends: bool) -> Result<(Decoded, Option<Damage>), NoPreview> {
    let Reach { rows, end, stopped, tail } = entropy::reach(source.bytes, &source.frame).ok_or(nothing(ends))?;
    if let Some(Tail { row, bytes }) = tail
        && let Ok(mut decoded) = codec::decode(coder, &Source { bytes: &bytes, ..*source }, divisor)
    {
        let scaled = |row: u16| usize::from(row) * decoded.size.1 / usize::from(source.frame.height);
        decoded.lost = Some(scaled(rows)..scaled(row));
        return Ok((decoded, stopped));
    }
    if rows == 0 {
        return Err(nothing(ends));
    }
    let bytes = jpeg::cut(source.bytes, end, rows);
    let mut frame = source.frame;
    frame.height = rows;
    let mut decoded = codec::decode(coder, &Source { bytes: &bytes, frame, ..*source }, divisor)?;
    let shown = decoded.size.1;
    decoded.size.1 = (shown * usize::from(source.frame.height)).div_ceil(rows.into());
    decoded.lost = stopped.map(|_| shown..decoded.size.1);
    // All rows are there: then it was what stands behind them that made the coder refuse.
    let astray = ends && source.bytes.len() - 2 > end + jpeg::FEW_STRAY;
    Ok((decoded, stopped.or(astray.then_some(Damage::Corrupt))))
}

fn scans(
    coder: Coder,
    source: &Source<'_>,
    divisor: usize,
    ends: bool,
) -> Result<(Decoded, Option<Damage>), NoPreview> {
    let mut places = jpeg::scan_ends(source.bytes, &source.frame);
    // The last scan ends where the file does: at the end marker the coder has refused it, without one it may be whole,
    // and nobody can say whether others were to follow.
    if ends {
        places.pop();
    } else {
        places.push(source.bytes.len());
    }
    let (mut sound, mut unsound, mut picture) = (0, places.len() + 1, None);
    let mut tried = places.len();
    while sound < tried {
        let bytes = jpeg::cut(source.bytes, places[tried - 1], source.frame.height);
        match codec::decode(coder, &Source { bytes: &bytes, ..*source }, divisor) {
            Ok(decoded) => (sound, picture) = (tried, Some(decoded)),
            Err(_) => unsound = tried,
        }
        tried = sound.midpoint(unsound);
    }
    let damage = if ends { Damage::Corrupt } else { Damage::EndMissing };
    picture.map(|decoded| (decoded, Some(damage))).ok_or(nothing(ends))
}

fn nothing(ends: bool) -> NoPreview {
    if ends { NoPreview::Damaged } else { NoPreview::Truncated }
}
