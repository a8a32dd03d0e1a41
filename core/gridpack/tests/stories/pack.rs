//! The pack file: golden bytes, and what is wrong with bytes that are none.
//!
//! `GRIDPATROL_WRITE_VECTORS=1 cargo test -p gridpatrol-gridpack pack::` writes the vectors of a new version;
//! those of a released one are never edited.

use std::fmt::Write;

use crate::support::*;
use gridpatrol_export::{CsvStyle, csv, geojson};
use gridpatrol_gridpack::crs::Crs;
use gridpatrol_gridpack::import::{Options, Source, import};
use gridpatrol_gridpack::{BadPack, MAX_CORNERS, NoPack, Pack, PackFile};
use gridpatrol_model::area::Scope;
use gridpatrol_model::author::first;
use gridpatrol_model::ids::{ActorId, HubSeq};
use gridpatrol_model::op::{OP_VERSION, Op, OpKind, SCHEMA_VERSION};
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::time::TimeEvidence;
use gridpatrol_model::value::Value;
use proptest::prelude::*;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes what it is given");
        text
    })
}

fn unhex(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("hex"), 16).expect("hex"))
        .collect()
}

/// Two grids of the land, one of them split.
fn sample() -> Pack {
    let mut pack = Pack::new(about(), &land(&[(700, -300)])[3..5]).expect("no fault");
    let line = [at(STEP - 1_000, STEP + STEP / 2), at(2 * STEP + 1_000, STEP + STEP / 2)];
    pack.split(code(5), &line, ["五格南", "五格北"]).expect("across the grid");
    pack
}

#[derive(serde::Deserialize)]
struct Vectors {
    read: String,
    bytes: String,
}

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/valid/grid_pack.json");

#[test]
fn the_bytes_are_those_of_the_golden_vector() {
    let (pack, read) = (sample(), format!("{:?}", sample()));
    if std::env::var_os("GRIDPATROL_WRITE_VECTORS").is_some() {
        let about =
            "A grid pack of version 1: two grids, one of them split. The bytes are hex; read is how Rust shows them.";
        let json = serde_json::json!({ "about": about, "read": read, "bytes": hex(&pack.to_bytes()) });
        std::fs::write(PATH, format!("{json:#}\n")).expect("the folder is there");
    }
    let text = std::fs::read_to_string(PATH).expect("vectors are committed");
    let golden: Vectors = serde_json::from_str(&text).expect("the vector is well-formed");
    assert_eq!(hex(&pack.to_bytes()), golden.bytes);
    let file = PackFile::from_bytes(unhex(&golden.bytes)).expect("a sound pack");
    assert_eq!(format!("{:?}", file.pack), golden.read);
    assert!(file.is_true());
}

#[test]
fn damaged_bytes_say_what_to_do() {
    let bytes = sample().to_bytes();
    let refused = |bytes: &[u8]| PackFile::from_bytes(bytes.to_vec()).map(|file| file.pack).expect_err("it is wrong");
    let change = |at: usize, byte: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = byte;
        bytes
    };
    assert_eq!(refused(b"gpgr"), BadPack::Unknown);
    assert_eq!(refused(&change(7, 2)), BadPack::Unknown, "a later version");
    assert_eq!(refused(&bytes[..15]), BadPack::Damaged("cut short"));
    assert_eq!(refused(&bytes[..bytes.len() - 1]), BadPack::Damaged("checksum"));
    assert_eq!(refused(&change(40, 0xff)), BadPack::Damaged("checksum"));
    // Of the land without the split: its index knows grid 5 and not its parts.
    let other = Pack::new(about(), &land(&[])[3..5]).expect("no fault").index();
    let mut mixed =
        bytes[..20 + u32::from_le_bytes(*bytes[12..].first_chunk().expect("long enough")) as usize].to_vec();
    mixed.extend(other.as_bytes());
    mixed[16..20].copy_from_slice(&(other.as_bytes().len() as u32).to_le_bytes());
    let crc = crc32fast::hash(&mixed[12..]).to_le_bytes();
    mixed[8..12].copy_from_slice(&crc);
    assert_eq!(refused(&mixed), BadPack::Damaged("the index is of other grids"));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(mut changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6)) {
        let mut bytes = sample().to_bytes();
        for (at, byte) in changes.drain(..) {
            let at = 12 + at.index(bytes.len() - 12);
            bytes[at] = byte;
        }
        let crc = crc32fast::hash(&bytes[12..]).to_le_bytes();
        bytes[8..12].copy_from_slice(&crc);
        if let Ok(file) = PackFile::from_bytes(bytes) {
            let _ = file.index.owner(at(5, 5));
            // Rings that were changed may cross themselves; what is written again is what was read.
            let again = PackFile::from_bytes(file.pack.to_bytes());
            prop_assert_eq!(again.map(|file| file.pack), Ok(file.pack));
        }
    }
}

#[test]
fn an_export_comes_back_as_the_same_pack() {
    let pack = Pack::new(about(), &land(&[(700, -300)])).expect("no fault");
    let features = || pack.features(false).map(Ok);
    let (mut json, mut table) = (Vec::new(), Vec::new());
    geojson(&mut json, &pack.layer(), features()).expect("sound grids");
    csv(&mut table, &pack.layer(), &CsvStyle::default(), features()).expect("sound grids");
    for source in [Source::GeoJson(&json), Source::Csv(&table)] {
        let drawn = import(source, &Options::new(Crs::Wgs84)).expect("our own file");
        assert_eq!(Pack::new(about(), &drawn), Ok(pack.clone()));
    }
}

#[test]
fn faults_that_a_pack_cannot_hold_stop_it_and_others_do_not() {
    let mut grids = land(&[]);
    let mut open = grids.clone();
    open[2].areas[0].outer.pop();
    open[3].code = "44".into();
    open[4].code = open[5].code.clone();
    let Err(NoPack::Faults(faults)) = Pack::new(about(), &open) else { panic!("three faults") };
    assert_eq!(faults.len(), 3);
    grids.remove(4);
    assert!(Pack::new(about(), &grids).is_ok(), "a gap is a matter of judgement");
    assert_eq!(Pack::new(about(), &[]), Err(NoPack::Empty));
}

#[test]
fn the_longest_border_and_the_longest_name_fit_into_one_op() {
    let ring: Vec<Value> =
        (0..MAX_CORNERS).flat_map(|_| [Value::int(-1_799_999_999), Value::int(899_999_999)]).collect();
    let scope: Scope = code(1).scope();
    let op = Op {
        v: OP_VERSION,
        kind: OpKind::Create { kind: RecordKind::GRID },
        actor: ActorId::new("s-".to_owned() + &"a".repeat(30)).expect("long enough"),
        entity: None,
        scope,
        seen: HubSeq { epoch: u32::MAX, n: u64::MAX },
        schema: SCHEMA_VERSION,
        time: TimeEvidence { wall_ms: i64::MAX, boot_id: u64::MAX, mono_ms: u64::MAX, gnss_ms: None },
        sets: vec![
            first(FieldNo::NAME, Value::text(&"长".repeat(66))),
            first(FieldNo::GRID_CODE, Value::text(scope.as_str())),
            first(FieldNo::RING, Value::list(&ring)),
        ],
        extra: Vec::new(),
    };
    assert!(op.encode().is_ok());
}
