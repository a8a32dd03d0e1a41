//! What phones keep for the hub: until a backup has the rows of a page, every phone that got them keeps them, and hands
//! them back to a hub that was restored from before. So what supervisors decided since, and what was written on phones
//! that are gone, returns.
//!
//! A phone could make up what a supervisor decided. So the hub says for each run of rows a tag that only it can make,
//! and takes back only what fits one. Phone and hub cut the rows of a page into the same runs. On the phone and on the
//! way back a run is `tag, zstd(rows one after another in their canonical form)`.

use gridpatrol_model::page::Item;
use gridpatrol_model::row::Row;
use minicbor::{Decoder, Encoder};

use crate::compact::put;
use crate::limits::RUN_BYTES;
use crate::parts::{end, fixed, pack, unpack};
use crate::{Result, malformed};

/// First 16 bytes of a keyed hash over a run.
pub type Tag = [u8; 16];

/// The rows among these items, in runs of canonical bytes.
pub fn runs(items: &[Item]) -> Vec<Vec<u8>> {
    let mut runs: Vec<Vec<u8>> = Vec::new();
    for item in items {
        let (Item::Row(row) | Item::Receipt(row)) = item else { continue };
        match runs.last_mut() {
            Some(run) if run.len() < RUN_BYTES => run.extend(row.encode()),
            _ => runs.push(row.encode()),
        }
    }
    runs
}

/// The rows of a run, in hub order.
pub fn rows(run: &[u8]) -> Result<Vec<Row>> {
    let mut d = Decoder::new(run);
    let mut rows = Vec::new();
    while d.position() < run.len() {
        let row: Row = d.decode()?;
        if !row.is_sound() {
            return Err(malformed("a row whose parts do not fit"));
        }
        rows.push(row);
    }
    Ok(rows)
}

/// A run as the phone keeps it.
pub fn seal(tag: Tag, run: &[u8]) -> Vec<u8> {
    let packed = pack(run);
    let mut out = Encoder::new(Vec::with_capacity(packed.len() + 32));
    put!(out, array(2), bytes(&tag), bytes(&packed));
    out.into_writer()
}

/// Tag and rows of a run that a phone hands back.
pub fn open(kept: &[u8]) -> Result<(Tag, Vec<u8>)> {
    let mut d = Decoder::new(kept);
    crate::parts::array(&mut d, 2)?;
    let (tag, packed) = (fixed(&mut d)?, d.bytes()?);
    end(&d)?;
    Ok((tag, unpack(packed)?))
}
