//! The layout of versions 1 and 2: columns of varints.
//!
//! ```text
//! eight columns in the order of the fields of `Fix`, where `at` is two, longitude and latitude, and `mock` and
//! `moving` are one, the signals; version 1 has no signals
//! column: [all but longitude and latitude] which fixes have a value, then for each value that is there:
//!         varint(zigzag(value − value before it in the column)), from 0; subtraction wraps in 64 bits
//! version 1 has them in one zstd frame, behind their size as a varint
//! ```
//! Ten fixes are too few for zstd to find anything in: with it they take 12.6 bytes each, without it 11.5 and a
//! fiftieth of the time (2026-11).

use super::BlockError;
use super::input::{Input, OFF_EARTH, Signals, There, narrow, place, unzigzag, write_signed, write_there};
use crate::track::Fix;

/// Above the worst case of [`super::MAX_FIXES`] fixes (35 bytes and 5 bits each).
const MAX_RAW_BYTES: usize = 4 << 20;

pub(super) fn write(out: &mut Vec<u8>, fixes: &[Fix]) {
    write_optional(out, fixes, |fix| fix.time_ms);
    write_values(out, fixes.iter().map(|fix| i64::from(fix.at.lon())));
    write_values(out, fixes.iter().map(|fix| i64::from(fix.at.lat())));
    write_optional(out, fixes, |fix| fix.ele_dm.map(i64::from));
    write_optional(out, fixes, |fix| fix.accuracy_dm.map(i64::from));
    write_optional(out, fixes, |fix| fix.speed_cms.map(i64::from));
    write_optional(out, fixes, |fix| fix.heading_cdeg.map(i64::from));
    write_optional(out, fixes, Signals::of);
}

pub(super) fn read_zstd(mut input: Input, count: usize) -> Result<Vec<Fix>, BlockError> {
    let raw_size = input.bounded(MAX_RAW_BYTES, "it declares too many bytes")?;
    fits(count, raw_size)?;
    let raw = zstd::bulk::decompress(input.0, raw_size).map_err(|_| BlockError::Damaged("it does not unpack"))?;
    if raw.len() != raw_size {
        return Err(BlockError::Damaged("its size is not the declared one"));
    }
    let mut raw = Input(&raw);
    let fixes = fixes(&mut raw, count)?;
    raw.end()?;
    Ok(fixes)
}

pub(super) fn read(mut raw: Input, count: usize) -> Result<Vec<Fix>, BlockError> {
    fits(count, raw.0.len())?;
    let mut fixes = fixes(&mut raw, count)?;
    let signals = optional(&mut raw, count)?;
    raw.end()?;
    for (fix, signals) in fixes.iter_mut().zip(signals) {
        if let Some(signals) = signals {
            narrow::<Signals>(signals)?.give(fix);
        }
    }
    Ok(fixes)
}

fn fixes(raw: &mut Input, count: usize) -> Result<Vec<Fix>, BlockError> {
    let time = optional(raw, count)?;
    let lon = values(raw, count)?;
    let lat = values(raw, count)?;
    let ele = optional(raw, count)?;
    let accuracy = optional(raw, count)?;
    let speed = optional(raw, count)?;
    let heading = optional(raw, count)?;
    (0..count)
        .map(|i| {
            Ok(Fix {
                time_ms: time[i],
                ele_dm: ele[i].map(narrow).transpose()?,
                accuracy_dm: accuracy[i].map(narrow).transpose()?,
                speed_cms: speed[i].map(narrow).transpose()?,
                heading_cdeg: heading[i].map(narrow).transpose()?,
                ..Fix::at(place(lon[i], lat[i]).ok_or(OFF_EARTH)?)
            })
        })
        .collect()
}

/// A fix takes at least a byte for each coordinate, so a small block cannot claim many fixes.
fn fits(count: usize, bytes: usize) -> Result<(), BlockError> {
    if bytes < count * 2 {
        return Err(BlockError::Damaged("it declares more fixes than its bytes can hold"));
    }
    Ok(())
}

fn write_optional(out: &mut Vec<u8>, fixes: &[Fix], value: impl Fn(&Fix) -> Option<i64>) {
    let column: Vec<Option<i64>> = fixes.iter().map(value).collect();
    write_there(out, &column);
    write_values(out, column.into_iter().flatten());
}

fn write_values(out: &mut Vec<u8>, values: impl Iterator<Item = i64>) {
    let mut before = 0_i64;
    for value in values {
        write_signed(out, value.wrapping_sub(before));
        before = value;
    }
}

fn values(input: &mut Input, count: usize) -> Result<Vec<i64>, BlockError> {
    let mut before = 0_i64;
    let mut next = || {
        before = before.wrapping_add(unzigzag(input.varint()?));
        Ok(before)
    };
    (0..count).map(|_| next()).collect()
}

fn optional(input: &mut Input, count: usize) -> Result<Vec<Option<i64>>, BlockError> {
    let there: There = input.there(count)?;
    let has = (0..count).filter(|&at| there.has(at)).count();
    let mut values = values(input, has)?.into_iter();
    Ok((0..count).map(|at| if there.has(at) { values.next() } else { None }).collect())
}
