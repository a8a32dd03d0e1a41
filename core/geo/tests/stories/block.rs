//! A block of fixes comes back exactly as it went in, whatever version wrote it, and damage is an error and nothing
//! worse.
//!
//! `GRIDPATROL_WRITE_VECTORS=1 cargo test -p gridpatrol-geo block::` writes the vectors of the versions that are
//! written today anew, which a release must never need.

use gridpatrol_geo::block::{BlockError, MAX_FIXES, decode_block, encode_compact, encode_live};
use gridpatrol_geo::crs::E7;
use gridpatrol_geo::track::Fix;
use proptest::prelude::*;
use serde_json::{Value, json};

type Encode = fn(&[Fix]) -> Result<Vec<u8>, BlockError>;

const LIVE: u8 = 2;
const PADDED: u8 = 3;
const COMPACT: u8 = 4;

fn fix_of(json: &Value) -> Fix {
    let whole = |name: &str| json[name].as_i64();
    let unsigned = |name: &str| whole(name).map(|value| value.try_into().expect("in range"));
    let signed = |name: &str| whole(name).map(|value| value.try_into().expect("in range"));
    let coordinate = |name: &str| signed(name).expect("each fix has a place");
    Fix {
        time_ms: whole("time_ms"),
        ele_dm: signed("ele_dm"),
        accuracy_dm: unsigned("accuracy_dm"),
        speed_cms: unsigned("speed_cms"),
        heading_cdeg: unsigned("heading_cdeg"),
        mock: json["mock"].as_bool(),
        moving: json["moving"].as_bool(),
        ..Fix::at(E7::new(coordinate("lon"), coordinate("lat")).expect("in range"))
    }
}

fn json_of(fix: &Fix) -> Value {
    json!({
        "time_ms": fix.time_ms, "lon": fix.at.lon(), "lat": fix.at.lat(), "ele_dm": fix.ele_dm,
        "accuracy_dm": fix.accuracy_dm, "speed_cms": fix.speed_cms, "heading_cdeg": fix.heading_cdeg,
        "mock": fix.mock, "moving": fix.moving,
    })
}

fn path(name: &str) -> String {
    format!("{}/../../tests/vectors/valid/{name}.json", env!("CARGO_MANIFEST_DIR"))
}

/// The bytes of a golden block, and the fixes it stands for.
fn golden(name: &str) -> (Vec<u8>, Vec<Fix>) {
    let text = std::fs::read_to_string(path(name)).expect("vectors are committed");
    let vector: Value = serde_json::from_str(&text).expect("the vector is well-formed");
    let hex = vector["block"].as_str().expect("hexadecimal text").as_bytes();
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).expect("hexadecimal digits are ASCII");
        u8::from_str_radix(pair, 16).expect("hexadecimal digits")
    };
    let fixes = vector["fixes"].as_array().expect("a list of fixes").iter().map(fix_of);
    (hex.chunks(2).map(byte).collect(), fixes.collect())
}

fn write_golden(name: &str, about: &str, fixes: &[Fix], block: &[u8]) {
    let hex: String = block.iter().map(|byte| format!("{byte:02x}")).collect();
    let rows: Vec<String> = fixes.iter().map(|fix| format!("    {}", json_of(fix))).collect();
    let text = format!(
        "{{\n  \"about\": {},\n  \"block\": \"{hex}\",\n  \"fixes\": [\n{}\n  ]\n}}\n",
        json!(about),
        rows.join(",\n")
    );
    std::fs::write(path(name), text).expect("a writable checkout");
}

/// A round through Zili village: east, a stop with the phone silent about its heading, and back across the north.
fn round(fixes: usize) -> Vec<Fix> {
    let mut noise = noise();
    let (mut east, mut north) = (0_i32, 0_i32);
    let step = |n: usize| {
        let still = (60..75).contains(&n);
        let turned = n as f64 / 40.0;
        let (dx, dy) = ((turned.cos() * 130.0) as i32 + noise(31) - 15, (turned.sin() * 120.0) as i32 + noise(31) - 15);
        let (dx, dy) = if still { (0, 0) } else { (dx, dy) };
        (east, north) = (east + dx, north + dy);
        let bearing = (f64::from(dx) * 0.925).atan2(dy.into()).to_degrees().rem_euclid(360.0);
        Fix {
            time_ms: Some(1_795_500_000_000 + n as i64 * 1_000 + i64::from(noise(7)) - 3),
            ele_dm: Some(120 + n as i32 / 9),
            accuracy_dm: (n % 50 != 7).then(|| 40 + noise(20) as u32),
            speed_cms: Some(if still { 0 } else { 120 + noise(30) as u32 }),
            heading_cdeg: (!still).then(|| ((bearing * 10.0) as u32 + noise(30) as u32) % 3_600 * 10),
            mock: Some(false),
            moving: (n % 8 != 3).then_some(!still),
            ..Fix::at(E7::new(1_125_793_000 + east, 223_686_000 + north).expect("in Kaiping"))
        }
    };
    (0..fixes).map(step).collect()
}

/// A watch that saves a fix only now and then, more of them in a bend, and knows no more than its time, place and
/// height. Where it finds no satellites it repeats itself.
fn watch(fixes: usize) -> Vec<Fix> {
    let mut noise = noise();
    let (mut time, mut east, mut north) = (1_795_500_000_000_i64, 0_i32, 0_i32);
    let step = |n: usize| {
        let seconds = if n % 20 < 5 { 1 } else { 2 + noise(9) };
        let lost = (40..60).contains(&n);
        let turned = n as f64 / 30.0;
        let far = if lost { 0 } else { seconds };
        time += i64::from(seconds) * 1_000;
        east += (turned.cos() * 140.0) as i32 * far + if lost { 0 } else { noise(15) - 7 };
        north += (turned.sin() * 130.0) as i32 * far + if lost { 0 } else { noise(15) - 7 };
        Fix {
            time_ms: Some(time),
            ele_dm: Some(120 + n as i32 / 12 * 2),
            ..Fix::at(E7::new(1_125_793_000 + east, 223_686_000 + north).expect("in Kaiping"))
        }
    };
    (0..fixes).map(step).collect()
}

fn noise() -> impl FnMut(i32) -> i32 {
    let mut state = 1_u32;
    move |below| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as i32 % below
    }
}

type Measured = (Option<i32>, Option<u32>, Option<u32>, Option<u32>);
type Signals = (Option<bool>, Option<bool>);

fn fix_from((time_ms, at, measured, (mock, moving)): (Option<i64>, E7, Measured, Signals)) -> Fix {
    let (ele_dm, accuracy_dm, speed_cms, heading_cdeg) = measured;
    Fix { time_ms, at, ele_dm, accuracy_dm, speed_cms, heading_cdeg, mock, moving }
}

fn signals() -> impl Strategy<Value = Signals> {
    any::<Signals>()
}

fn any_fix() -> impl Strategy<Value = Fix> {
    let at = (-1_800_000_000..=1_800_000_000_i32, -900_000_000..=900_000_000_i32);
    let at = at.prop_map(|(lon, lat)| E7::new(lon, lat).expect("in range"));
    let measured = (any::<Option<i32>>(), any::<Option<u32>>(), any::<Option<u32>>(), any::<Option<u32>>());
    (any::<Option<i64>>(), at, measured, signals()).prop_map(fix_from)
}

/// A fix as receivers give them, with anything missing but its place.
fn likely_fix() -> impl Strategy<Value = Fix> {
    let at = (1_125_000_000..1_125_100_000_i32, 223_000_000..223_100_000_i32);
    let at = at.prop_map(|(lon, lat)| E7::new(lon, lat).expect("in range"));
    let time = proptest::option::weighted(0.9, 0..20_000_000_000_000_i64);
    let measured = (
        proptest::option::of(-1_000..90_000_i32),
        proptest::option::of(0..5_000_u32),
        proptest::option::of(0..9_000_u32),
        proptest::option::of(0..36_000_u32),
    );
    (time, at, measured, signals()).prop_map(fix_from)
}

/// A block of version 1 around raw bytes of any kind.
fn zstd_block(count: u8, raw: &[u8], declared_raw: u8) -> Vec<u8> {
    let mut block = vec![1, count, declared_raw];
    block.extend(zstd::bulk::compress(raw, 3).expect("memory to memory"));
    block
}

/// A compacted block of one fix out of its columns.
fn compact_block(columns: [&[u8]; 8]) -> Vec<u8> {
    [&[COMPACT, 1][..], &columns.concat()].concat()
}

/// A coordinate of 0 in a compacted block.
const ZERO: &[u8] = &[1, 1, 0, 0, 255, 0];
const ABSENT: &[u8] = &[0];

#[test]
fn blocks_of_versions_that_are_no_longer_written_are_still_read() {
    for (name, version, count) in [("track_block", 1, 5), ("track_block_compact", PADDED, 150)] {
        let (block, fixes) = golden(name);
        assert_eq!((block[0], fixes.len()), (version, count), "{name}");
        assert_eq!(decode_block(&block), Ok(fixes), "{name}");
    }
}

#[test]
fn the_golden_blocks_are_read_and_still_written_so() {
    let kinds: [(&str, Encode, Vec<Fix>, u8); 3] = [
        ("track_block_live", encode_live, round(10), LIVE),
        ("track_block_v4", encode_compact, round(150), COMPACT),
        ("track_block_v4_watch", encode_compact, watch(150), COMPACT),
    ];
    for (name, encode, walked, version) in kinds {
        if std::env::var_os("GRIDPATROL_WRITE_VECTORS").is_some() {
            let about = format!(
                "A track block of version {version} (layout in core/geo/src/block) and the fixes it decodes to, exactly: \
                 milliseconds UTC, 1e-7 degrees, decimetres, cm/s, 0.01 degrees."
            );
            write_golden(name, &about, &walked, &encode(&walked).expect("few fixes"));
        }
        let (block, fixes) = golden(name);
        assert_eq!((block[0], fixes.len()), (version, walked.len()), "{name}");
        assert_eq!(decode_block(&block).as_ref(), Ok(&fixes), "{name}");
        assert_eq!(encode(&fixes), Ok(block), "{name}: this version writes other bytes");
    }
}

#[test]
fn a_full_block_holds_its_limit_and_no_more() {
    // The worst values for the size: every difference is as long as it can be.
    let worst = |n: usize| {
        let side = if n.is_multiple_of(2) { 1 } else { -1 };
        let number = if n.is_multiple_of(2) { u32::MAX } else { 0 };
        Fix {
            time_ms: Some(i64::from(side) * (i64::MAX / 2)),
            ele_dm: if n.is_multiple_of(7) { None } else { Some(side * i32::MAX) },
            accuracy_dm: Some(number),
            speed_cms: Some(number),
            heading_cdeg: Some(number),
            ..Fix::at(E7::new(side * 1_800_000_000, side * 900_000_000).expect("in range"))
        }
    };
    let wild: Vec<Fix> = (0..MAX_FIXES).map(worst).collect();
    let calm: Vec<Fix> = wild.iter().map(|fix| Fix { time_ms: Some(0), ..*fix }).collect();
    for encode in [encode_live, encode_compact] {
        for mut fixes in [wild.clone(), calm.clone()] {
            let block = encode(&fixes).expect("the limit fits");
            assert_eq!(decode_block(&block).as_ref(), Ok(&fixes), "and is read");
            fixes.push(fixes[0]);
            assert_eq!(encode(&fixes), Err(BlockError::TooManyFixes));
        }
    }
}

#[test]
fn a_quarter_of_an_hour_with_all_values_takes_at_most_five_and_four_tenths_bytes_a_fix() {
    let fixes = round(900);
    let size = encode_compact(&fixes).expect("far below the limit").len();
    assert!(size as f64 <= 5.4 * fixes.len() as f64, "{} bytes a fix", size as f64 / fixes.len() as f64);
}

#[test]
fn where_somebody_walks_on_at_the_same_speed_only_noise_costs() {
    let size = |fixes: &[Fix]| encode_compact(fixes).expect("far below the limit").len();
    let fixes = watch(900);
    let timeless: Vec<Fix> = fixes.iter().map(|fix| Fix { time_ms: None, ..*fix }).collect();
    let (with, without) = (size(&fixes), size(&timeless));
    assert!(with < without, "{with} bytes with the times, {without} without, though they are told too");
    assert!(with <= 3 * fixes.len(), "{with} bytes");
}

#[test]
fn a_height_that_grows_with_the_time_costs_next_to_nothing() {
    let size = |fixes: &[Fix]| encode_compact(fixes).expect("far below the limit").len();
    let walk = watch(900);
    let climbed = |fix: &Fix| (fix.time_ms.expect("a watch knows it") - 1_795_500_000_000) / 1_000 * 3;
    let climb: Vec<Fix> = walk.iter().map(|fix| Fix { ele_dm: Some(climbed(fix) as i32), ..*fix }).collect();
    let flat: Vec<Fix> = walk.iter().map(|fix| Fix { ele_dm: None, ..*fix }).collect();
    assert!(size(&climb) < size(&flat) + 50, "{} bytes, and flat {}", size(&climb), size(&flat));
}

#[test]
fn a_place_that_is_repeated_costs_less_than_a_bit_for_each_coordinate() {
    let walk = round(300);
    let size = |repeated: usize| {
        let places = walk.iter().map(|fix| Fix::at(fix.at));
        let fixes: Vec<Fix> = places.flat_map(|fix| std::iter::repeat_n(fix, repeated)).collect();
        encode_compact(&fixes).expect("far below the limit").len()
    };
    let (thrice, six_times) = (size(3), size(6));
    assert!(six_times < thrice + 900 * 2 / 8, "thrice {thrice} bytes, six times {six_times}");
}

#[test]
fn a_phone_that_lies_still_costs_next_to_nothing() {
    let still = round(1)[0];
    let at_rest = |n: i64| Fix { time_ms: still.time_ms.map(|time| time + n * 30_000), ..still };
    let size = encode_compact(&(0..900).map(at_rest).collect::<Vec<_>>()).expect("far below the limit").len();
    assert!(size < 150, "{size} bytes");
}

#[test]
fn values_that_are_far_apart_and_then_missing_come_back() {
    let far = (1 << 50, 1 << 52);
    let time = |n: usize| match n {
        0 => Some(0),
        1 => Some(far.0),
        49_999 => Some(far.1),
        _ => None,
    };
    let fixes: Vec<Fix> = (0..50_000).map(|n| Fix { time_ms: time(n), ..round(1)[0] }).collect();
    let block = encode_compact(&fixes).expect("below the limit");
    assert_eq!((block[0], decode_block(&block)), (COMPACT, Ok(fixes)));
}

#[test]
fn damage_is_named() {
    let damaged = |text| Err(BlockError::Damaged(text));
    assert_eq!(decode_block(&[]), damaged("it is cut off"));
    assert_eq!(decode_block(&[9, 0, 0]), Err(BlockError::Version(9)));
    for version in [1, LIVE, PADDED, COMPACT] {
        assert_eq!(decode_block(&[version, 0xff, 0xff, 0xff, 0x7f, 1]), damaged("it declares too many fixes"));
    }
    assert_eq!(decode_block(&[1, 1, 0xff, 0xff, 0xff, 0x7f]), damaged("it declares too many bytes"));
    let too_many = damaged("it declares more fixes than its bytes can hold");
    assert_eq!(decode_block(&[1, 5, 9]), too_many);
    assert_eq!(decode_block(&[LIVE, 5, 0, 0, 0, 0, 0]), too_many);
}

#[test]
fn damage_of_varints_is_named() {
    let damaged = |text| Err(BlockError::Damaged(text));
    let live = |raw: &[u8]| decode_block(&[&[LIVE, 1], raw].concat());
    let zstd = |raw: &[u8]| decode_block(&zstd_block(1, raw, raw.len() as u8));
    let (signals, no_signals) = (&[0, 2, 2, 0, 0, 0, 0, 0][..], &[0, 2, 2, 0, 0, 0, 0][..]);
    assert_eq!(decode_block(&[1, 1, 7, 1, 2, 3]), damaged("it does not unpack"));
    assert_eq!(decode_block(&zstd_block(1, no_signals, 9)), damaged("its size is not the declared one"));
    for (read, whole) in [(&live as &dyn Fn(&[u8]) -> _, signals), (&zstd, no_signals)] {
        assert!(read(whole).is_ok(), "a block without a fault");
        assert_eq!(read(&[whole, &[0]].concat()), damaged("bytes follow its end"));
        assert_eq!(read(&[&[3], &whole[1..]].concat()), damaged("a column is of an unknown kind"));
        assert_eq!(read(&[1, 0x80, 2]), damaged("it is cut off"));
        assert_eq!(read(&[&[1][..], &[0xff; 10]].concat()), damaged("a number is too long"));
        assert_eq!(read(&[0, 0, 0x80, 0xa0, 0xbb, 0xb5, 0x0d, 0, 0, 0, 0, 0]), damaged("a point lies off the earth"));
    }
    assert!(live(&[0, 2, 2, 0, 0, 0, 0, 1, 2 * 8]).is_ok_and(|fixes| fixes[0].moving == Some(true)));
    assert_eq!(live(&[0, 2, 2, 0, 0, 0, 0, 1, 2 * 9]), damaged("a number is out of its range"));
}

#[test]
fn damage_of_packed_bits_is_named() {
    let damaged = |text| Err(BlockError::Damaged(text));
    fn of(lon: &[u8], lat: &[u8], heading: &[u8]) -> Result<Vec<Fix>, BlockError> {
        decode_block(&compact_block([ABSENT, lon, lat, ABSENT, ABSENT, ABSENT, heading, ABSENT]))
    }
    let lon_is = |lon: &[u8]| of(lon, ZERO, ABSENT);
    let heading_is = |heading: &[u8]| of(ZERO, ZERO, heading);
    assert!(lon_is(ZERO).is_ok(), "a block without a fault");
    assert_eq!(lon_is(&[&[7], &ZERO[1..]].concat()), damaged("a column is of an unknown kind"));
    assert_eq!(lon_is(&[1, 1, 0, 0, 57, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]), damaged("a number is too wide"));
    assert_eq!(lon_is(&[1, 1, 0, 0, 0, 0x7f]), damaged("it is cut off"));
    assert_eq!(lon_is(&[1, 1, 0, 0, 0, 1, 0]), damaged("it is cut off"), "the high bits hold no one");
    let far_east = [1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 255, 0];
    assert_eq!(lon_is(&far_east), damaged("a point lies off the earth"));
    let far_north = [1, 1, 0x80, 0xa0, 0xbb, 0xb5, 0x0d, 0, 255, 0];
    assert_eq!(of(ZERO, &far_north, ABSENT), damaged("a point lies off the earth"));
    assert_eq!(heading_is(&[1, 3, 7, 0, 0, 255, 0]), damaged("a turn is no whole number of its units"));
    assert_eq!(heading_is(&[1, 3, 0, 0, 0, 255, 0]), damaged("a turn is no whole number of its units"));
    // A turn of 36 units, and a difference of −36.
    assert_eq!(heading_is(&[1, 3, 0xe8, 7, 0, 0, 7, 1, 71, 1]), damaged("a heading is out of its range"));
    assert!(heading_is(&[1, 3, 0xe8, 7, 0, 0, 7, 1, 69, 1]).is_ok(), "−35 is within it");
    let followed = [compact_block([ABSENT, ZERO, ZERO, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT]), vec![0]].concat();
    assert_eq!(decode_block(&followed), damaged("bytes follow its end"));
}

#[test]
fn damage_of_class_codes_is_named() {
    let damaged = |text| Err(BlockError::Damaged(text));
    let lon_is = |shares: &[u8], rest: &[u8]| {
        let lon = [&[16 + 1, 1, 0, 0], shares, &[0; 8], rest].concat();
        decode_block(&compact_block([ABSENT, &lon, ZERO, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT]))
    };
    // All numbers are 0, which takes no bits: gamma(256 + 1).
    let all_zero = [0, 0b11, 0];
    assert_eq!(lon_is(&all_zero, &[0, 0]).map(|fixes| fixes[0].at.lon()), Ok(0), "a block without a fault");
    let lie = damaged("the shares of its classes are no whole");
    assert_eq!(lon_is(&[0xff; 40], &[0, 0]), lie, "no class has a share");
    assert_eq!(lon_is(&[0, 1, 0b1100], &[0, 0]), lie, "255 and 2 are more than 256");
    assert_eq!(lon_is(&[0, 0xff, 0xff], &[0, 0]), lie, "510 are more than 256");
    assert_eq!(lon_is(&[0, 1], &[]), lie, "255, and behind the end there is nothing");
    assert_eq!(lon_is(&all_zero, &[0x7f, 0]), damaged("it is cut off"), "class bits up to behind the end");
    assert_eq!(lon_is(&all_zero, &[0, 0x7f]), damaged("it is cut off"), "low bits up to behind the end");
    // gamma(1) for the classes before 12, whose numbers have two low bits.
    let wide = [0xff, 0b1111, 0b11_0000, 0];
    assert_eq!(lon_is(&wide, &[0, 0]), damaged("it is cut off"), "low bits that are not there");
    assert!(lon_is(&wide, &[0, 1, 0]).is_ok(), "and with them it is sound");
}

#[test]
fn a_small_block_may_stand_for_as_many_fixes_as_the_limit() {
    let still = vec![Fix::at(round(1)[0].at); MAX_FIXES];
    let block = encode_compact(&still).expect("the limit fits");
    assert!(block.len() < 100, "{} bytes", block.len());
    assert_eq!(decode_block(&block), Ok(still));
}

#[test]
fn a_block_that_was_cut_is_refused() {
    for name in ["track_block", "track_block_live", "track_block_compact", "track_block_v4", "track_block_v4_watch"] {
        let (block, _) = golden(name);
        for cut in 0..block.len() {
            assert!(decode_block(&block[..cut]).is_err(), "{name} at {cut}");
        }
    }
}

proptest! {
    #[test]
    fn any_fixes_come_back_exactly(fixes in proptest::collection::vec(any_fix(), 0..200)) {
        for encode in [encode_live, encode_compact] {
            let block = encode(&fixes).expect("below the limit");
            prop_assert_eq!(&decode_block(&block).expect("it was just encoded"), &fixes);
        }
    }

    #[test]
    fn likely_fixes_are_compacted_and_come_back_exactly(fixes in proptest::collection::vec(likely_fix(), 0..400)) {
        let block = encode_compact(&fixes).expect("below the limit");
        prop_assert_eq!(block[0], COMPACT);
        prop_assert_eq!(decode_block(&block).expect("it was just encoded"), fixes);
    }

    #[test]
    fn bytes_of_any_kind_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), count in 0..60_u8) {
        prop_assert!(decode_block(&bytes).is_ok_and(|fixes| fixes.is_empty()) || decode_block(&bytes).is_err());
        let raw_size = bytes.len().min(127) as u8;
        let blocks = [
            zstd_block(count, &bytes[..usize::from(raw_size)], raw_size),
            [&[LIVE, count], &bytes[..]].concat(),
            [&[PADDED, count], &bytes[..], &[0; 24]].concat(),
            [&[COMPACT, count], &bytes[..]].concat(),
        ];
        for block in blocks {
            if let Ok(fixes) = decode_block(&block) {
                prop_assert_eq!(fixes.len(), usize::from(count));
            }
        }
    }

    #[test]
    fn a_flipped_bit_never_panics_nor_changes_the_declared_count(bit in 0_usize..40_000) {
        for (encode, fixes) in [(encode_live as Encode, round(100)), (encode_compact, round(100)), (encode_compact, watch(100))] {
            let mut block = encode(&fixes).expect("below the limit");
            let bit = bit % (block.len() * 8);
            block[bit / 8] ^= 1 << (bit % 8);
            if let Ok(read) = decode_block(&block) {
                prop_assert_eq!(read.len(), usize::from(block[1]));
            }
        }
    }
}
