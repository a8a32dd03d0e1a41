//! A block of fixes comes back exactly as it went in, and damage is an error and nothing worse.

use gridpatrol_geo::block::{BlockError, MAX_FIXES, decode_block, encode_compact as encode_block};
use gridpatrol_geo::crs::E7;
use gridpatrol_geo::track::Fix;
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Vector {
    block: String,
    fixes: Vec<VectorFix>,
}

#[derive(Deserialize)]
struct VectorFix {
    time_ms: Option<i64>,
    lon: i32,
    lat: i32,
    ele_dm: Option<i32>,
    accuracy_dm: Option<u32>,
    speed_cms: Option<u32>,
    heading_cdeg: Option<u32>,
}

fn golden() -> (Vec<u8>, Vec<Fix>) {
    let text = include_str!("../../../tests/vectors/valid/track_block.json");
    let vector: Vector = serde_json::from_str(text).expect("the vector is well-formed");
    let hex = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).expect("hexadecimal digits are ASCII");
        u8::from_str_radix(pair, 16).expect("hexadecimal digits")
    };
    let fixes = vector.fixes.into_iter().map(|fix| Fix {
        time_ms: fix.time_ms,
        at: E7::new(fix.lon, fix.lat).expect("in range"),
        ele_dm: fix.ele_dm,
        accuracy_dm: fix.accuracy_dm,
        speed_cms: fix.speed_cms,
        heading_cdeg: fix.heading_cdeg,
    });
    (vector.block.as_bytes().chunks(2).map(hex).collect(), fixes.collect())
}

fn any_fix() -> impl Strategy<Value = Fix> {
    let at = (-1_800_000_000..=1_800_000_000_i32, -900_000_000..=900_000_000_i32);
    let at = at.prop_map(|(lon, lat)| E7::new(lon, lat).expect("in range"));
    let measured = (any::<Option<i32>>(), any::<Option<u32>>(), any::<Option<u32>>(), any::<Option<u32>>());
    (any::<Option<i64>>(), at, measured).prop_map(|(time_ms, at, (ele_dm, accuracy_dm, speed_cms, heading_cdeg))| Fix {
        time_ms,
        at,
        ele_dm,
        accuracy_dm,
        speed_cms,
        heading_cdeg,
    })
}

/// A walk through Kaiping, a fix a second, with the noise of a phone.
fn walk(fixes: usize) -> Vec<Fix> {
    let mut noise = 1_u32;
    let mut next = |below: u32| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (noise >> 8) % below
    };
    let (mut lon, mut lat) = (1_125_793_000, 223_686_000);
    let step = |n: usize| Fix {
        time_ms: Some(1_795_500_000_000 + n as i64 * 1_000),
        at: {
            lon += 80 + next(60) as i32;
            lat += next(80) as i32 - 40;
            E7::new(lon, lat).expect("in Kaiping")
        },
        ele_dm: Some(120 + next(8) as i32),
        accuracy_dm: Some(40 + next(20)),
        speed_cms: Some(110 + next(40)),
        heading_cdeg: Some(9_000 + next(900)),
    };
    (0..fixes).map(step).collect()
}

/// A block of version 1 around raw bytes of any kind.
fn block_of(count: u8, raw: &[u8], declared_raw: u8) -> Vec<u8> {
    let mut block = vec![1, count, declared_raw];
    block.extend(zstd::bulk::compress(raw, 3).expect("memory to memory"));
    block
}

#[test]
fn the_golden_block_decodes_to_its_fixes() {
    let (block, fixes) = golden();
    assert_eq!(fixes.len(), 5);
    assert_eq!(decode_block(&block), Ok(fixes));
}

#[test]
fn a_full_block_holds_its_limit_and_no_more() {
    // The worst values for the size: every difference is as long as it can be.
    let worst = |n: usize| {
        let side = if n.is_multiple_of(2) { 1 } else { -1 };
        let number = if n.is_multiple_of(2) { u32::MAX } else { 0 };
        Fix {
            time_ms: Some(i64::from(side) * (i64::MAX / 2)),
            at: E7::new(side * 1_800_000_000, side * 900_000_000).expect("in range"),
            ele_dm: if n.is_multiple_of(7) { None } else { Some(side * i32::MAX) },
            accuracy_dm: Some(number),
            speed_cms: Some(number),
            heading_cdeg: Some(number),
        }
    };
    let mut fixes: Vec<Fix> = (0..MAX_FIXES).map(worst).collect();
    let block = encode_block(&fixes).expect("the limit fits");
    assert_eq!(decode_block(&block).expect("and is read"), fixes);
    fixes.push(fixes[0]);
    assert_eq!(encode_block(&fixes), Err(BlockError::TooManyFixes));
}

#[test]
fn an_hour_of_walking_with_all_six_values_takes_at_most_six_bytes_a_fix() {
    let fixes = walk(3_600);
    let size = encode_block(&fixes).expect("far below the limit").len();
    assert!(size <= 6 * fixes.len(), "{} bytes a fix", size as f64 / fixes.len() as f64);
}

#[test]
fn damage_is_named() {
    let damaged = |text| Err(BlockError::Damaged(text));
    assert_eq!(decode_block(&[]), damaged("it is cut off"));
    assert_eq!(decode_block(&[9, 0, 0]), Err(BlockError::Version(9)));
    assert_eq!(decode_block(&[1, 0xff, 0xff, 0xff, 0x7f, 1]), damaged("it declares too many fixes"));
    assert_eq!(decode_block(&[1, 1, 0xff, 0xff, 0xff, 0x7f]), damaged("it declares too many bytes"));
    assert_eq!(decode_block(&[1, 5, 9]), damaged("it declares more fixes than its bytes can hold"));
    assert_eq!(decode_block(&[1, 1, 7, 1, 2, 3]), damaged("it does not unpack"));
    assert_eq!(decode_block(&block_of(1, &[0, 2, 2, 0, 0, 0, 0], 9)), damaged("its size is not the declared one"));
    assert_eq!(decode_block(&block_of(1, &[0, 2, 2, 0, 0, 0, 0, 0], 8)), damaged("bytes follow its end"));
    assert_eq!(decode_block(&block_of(1, &[3, 2, 2, 0, 0, 0, 0], 7)), damaged("a column is of an unknown kind"));
    assert_eq!(decode_block(&block_of(1, &[1, 0x80, 2], 3)), damaged("it is cut off"));
    let endless = [&[1][..], &[0xff; 10]].concat();
    assert_eq!(decode_block(&block_of(1, &endless, 11)), damaged("a number is too long"));
    let far_north = [0, 0, 0x80, 0xa0, 0xbb, 0xb5, 0x0d, 0, 0, 0, 0];
    assert_eq!(decode_block(&block_of(1, &far_north, 11)), damaged("a point lies off the earth"));
    assert!(decode_block(&block_of(1, &[0, 2, 2, 0, 0, 0, 0], 7)).is_ok(), "the same block without a fault");
}

proptest! {
    #[test]
    fn any_fixes_come_back_exactly(fixes in proptest::collection::vec(any_fix(), 0..200)) {
        let block = encode_block(&fixes).expect("below the limit");
        prop_assert_eq!(decode_block(&block).expect("it was just encoded"), fixes);
    }

    #[test]
    fn bytes_of_any_kind_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), count in 0..60_u8) {
        prop_assert!(decode_block(&bytes).is_ok_and(|fixes| fixes.is_empty()) || decode_block(&bytes).is_err());
        let raw_size = bytes.len().min(127) as u8;
        if let Ok(fixes) = decode_block(&block_of(count, &bytes[..usize::from(raw_size)], raw_size)) {
            prop_assert_eq!(fixes.len(), usize::from(count));
        }
    }

    #[test]
    fn a_block_that_was_cut_is_refused(part in 0.0..1.0) {
        let (block, _) = golden();
        let cut = (block.len() as f64 * part) as usize;
        prop_assert!(decode_block(&block[..cut]).is_err());
    }

    #[test]
    fn a_flipped_bit_never_panics_nor_changes_the_declared_count(bit in 0_usize..4_000) {
        let fixes = walk(100);
        let mut block = encode_block(&fixes).expect("below the limit");
        let bit = bit % (block.len() * 8);
        block[bit / 8] ^= 1 << (bit % 8);
        if let Ok(read) = decode_block(&block) {
            prop_assert_eq!(read.len(), usize::from(block[1]));
        }
    }
}
