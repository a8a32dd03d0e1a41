//! What the layouts share: numbers, which fixes have a value, and what the phone said about a fix.

use super::BlockError;
use crate::crs::E7;
use crate::track::Fix;

/// What is left to read.
#[derive(Clone, Copy)]
pub(super) struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    pub fn byte(&mut self) -> Result<u8, BlockError> {
        Ok(self.bytes(1)?[0])
    }

    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8], BlockError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(BlockError::Damaged("it is cut off"))?;
        self.0 = rest;
        Ok(taken)
    }

    pub fn varint(&mut self) -> Result<u64, BlockError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(BlockError::Damaged("a number is too long"))
    }

    pub fn signed(&mut self) -> Result<i64, BlockError> {
        self.varint().map(unzigzag)
    }

    pub fn bounded(&mut self, max: usize, else_say: &'static str) -> Result<usize, BlockError> {
        usize::try_from(self.varint()?).ok().filter(|&value| value <= max).ok_or(BlockError::Damaged(else_say))
    }

    pub fn there(&mut self, count: usize) -> Result<There<'a>, BlockError> {
        match self.byte()? {
            0 => Ok(There::None),
            1 => Ok(There::All),
            2 => Ok(There::Some(self.bytes(count.div_ceil(8))?)),
            _ => Err(BlockError::Damaged("a column is of an unknown kind")),
        }
    }

    pub fn end(&self) -> Result<(), BlockError> {
        if self.0.is_empty() { Ok(()) } else { Err(BlockError::Damaged("bytes follow its end")) }
    }
}

/// Which fixes have a value in a column: 0 = none, 1 = all, 2 = some, followed by a bit for each fix, lowest first.
#[derive(Clone, Copy)]
pub(super) enum There<'a> {
    None,
    All,
    Some(&'a [u8]),
}

impl There<'_> {
    pub fn has(self, at: usize) -> bool {
        match self {
            There::None => false,
            There::All => true,
            There::Some(bits) => bits[at / 8] >> (at % 8) & 1 == 1,
        }
    }
}

pub(super) fn write_there(out: &mut Vec<u8>, values: &[Option<i64>]) {
    let there = values.iter().filter(|value| value.is_some()).count();
    if there == 0 {
        out.push(0);
    } else if there == values.len() {
        out.push(1);
    } else {
        out.push(2);
        let byte =
            |eight: &[Option<i64>]| (0..).zip(eight).fold(0, |bits, (bit, v)| bits | u8::from(v.is_some()) << bit);
        out.extend(values.chunks(8).map(byte));
    }
}

pub(super) fn write_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(super) fn write_signed(out: &mut Vec<u8>, value: i64) {
    write_varint(out, zigzag(value));
}

pub(super) fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

pub(super) fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

pub(super) fn narrow<T: TryFrom<i64>>(value: i64) -> Result<T, BlockError> {
    T::try_from(value).map_err(|_| BlockError::Damaged("a number is out of its range"))
}

/// `None` off the earth.
#[inline(always)]
pub(super) fn place(lon: i64, lat: i64) -> Option<E7> {
    E7::new(lon.try_into().ok()?, lat.try_into().ok()?).ok()
}

pub(super) const OFF_EARTH: BlockError = BlockError::Damaged("a point lies off the earth");

/// What the phone says about a fix, as one number: 0 = nothing, 1 = no, 2 = yes, of mock and, times 3, of moving.
pub(super) struct Signals(u8);

impl Signals {
    /// `None` if the phone says nothing.
    pub fn of(fix: &Fix) -> Option<i64> {
        let said = |signal: Option<bool>| signal.map_or(0, |yes| 1 + i64::from(yes));
        Some(said(fix.mock) + 3 * said(fix.moving)).filter(|signals| *signals > 0)
    }

    pub fn give(self, fix: &mut Fix) {
        let said = |signal: u8| (signal > 0).then_some(signal == 2);
        (fix.mock, fix.moving) = (said(self.0 % 3), said(self.0 / 3));
    }
}

impl TryFrom<i64> for Signals {
    type Error = ();

    fn try_from(value: i64) -> Result<Self, ()> {
        u8::try_from(value).ok().filter(|signals| (1..9).contains(signals)).map(Signals).ok_or(())
    }
}
