//! Manifests as phones sign them, and the golden vectors under `tests/vectors` at the root of the repository.
//!
//! `GRIDPATROL_WRITE_VECTORS=1 cargo test -p gridpatrol-photo manifest::` writes them anew, which a released
//! version never does: later versions add files.

use std::path::PathBuf;

use crate::evidence::{bare, full, key, sign};
use gridpatrol_photo::{BadManifest, Manifest, Origin, Sidecar, SignedManifest};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

struct Case {
    name: &'static str,
    bytes: Vec<u8>,
}

fn from_the_future() -> Manifest {
    let mut manifest = full();
    // A list of two and a text, behind and far behind the keys of today.
    manifest.later = [(14, vec![0x82, 0x01, 0x02]), (1000, b"\x63abc".to_vec())].into();
    manifest
}

fn valid() -> Vec<Case> {
    let sidecar = |manifest: Manifest, certificate: Option<&[u8]>| {
        Sidecar { signed: sign(manifest), certificate: certificate.map(<[u8]>::to_vec) }.encode()
    };
    vec![
        Case { name: "all_fields", bytes: sidecar(full(), None) },
        Case { name: "only_what_is_required", bytes: sidecar(bare(), None) },
        Case { name: "with_keys_of_a_later_version", bytes: sidecar(from_the_future(), None) },
        Case { name: "with_a_certificate", bytes: sidecar(full(), Some(b"as the hub gave it")) },
    ]
}

fn invalid() -> Vec<Case> {
    let sidecar = |bytes: &[u8]| {
        // [text, [manifest, 64 zero bytes], null]: what is wrong is wrong in the manifest.
        let mut e = minicbor::Encoder::new(Vec::new());
        e.array(3).and_then(|e| e.str("gridpatrol photo 1")).expect("memory");
        e.array(2).and_then(|e| e.bytes(bytes)).and_then(|e| e.bytes(&[0; 64])).and_then(|e| e.null()).expect("memory");
        e.into_writer()
    };
    let good = full().encode();
    let with = |from: &[u8], to: &[u8]| {
        let at = good.windows(from.len()).position(|w| w == from).expect("it is there");
        [&good[..at], to, &good[at + from.len()..]].concat()
    };
    let few = bare().encode();
    let latitude = |e7: u32| [&[0x1a], &e7.to_be_bytes()[..]].concat();
    let whole = Sidecar { signed: sign(full()), certificate: None }.encode();
    vec![
        Case { name: "empty", bytes: Vec::new() },
        Case { name: "cut", bytes: whole[..whole.len() - 1].to_vec() },
        Case { name: "longer", bytes: [&whole[..], &[0]].concat() },
        Case { name: "another_kind_of_file", bytes: b"\x83\x72gridpatrol photo 2\x82\x40\x40\xf6".to_vec() },
        Case { name: "too_large", bytes: vec![0; Sidecar::MAX_BYTES + 1] },
        Case { name: "map_of_indefinite_length", bytes: sidecar(&[&[0xbf], &good[1..], &[0xff]].concat()) },
        Case { name: "origin_missing", bytes: sidecar(&[&[0xa7], &few[1..few.len() - 2]].concat()) },
        Case { name: "keys_out_of_order", bytes: sidecar(&with(b"\x0b\x650.1.0", b"\x18\x63\x650.1.0")) },
        Case { name: "key_twice", bytes: sidecar(&with(b"\x0b\x650.1.0", b"\x0a\x650.1.0")) },
        Case { name: "integer_longer_than_needed", bytes: sidecar(&with(b"\x0c\x00", b"\x0c\x18\x00")) },
        Case { name: "origin_that_is_none", bytes: sidecar(&with(b"\x0c\x00", b"\x0c\x02")) },
        Case { name: "beyond_the_pole", bytes: sidecar(&with(&latitude(223_686_000), &latitude(900_000_001))) },
    ]
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Vec<u8> {
    let digit = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex");
    (0..text.len()).step_by(2).map(digit).collect()
}

fn entry(case: &Case) -> Json {
    // A file of zeros needs no digits.
    let hex = if case.name == "too_large" { String::new() } else { hex(&case.bytes) };
    match Sidecar::decode(&case.bytes) {
        Ok(sidecar) => {
            let manifest = &sidecar.signed.manifest;
            json!({ "name": case.name, "hex": hex, "code": manifest.code().to_string(), "reads": format!("{manifest:?}") })
        }
        Err(error) => json!({ "name": case.name, "hex": hex, "error": kind(error) }),
    }
}

fn kind(error: BadManifest) -> &'static str {
    match error {
        BadManifest::Malformed => "Malformed",
        BadManifest::TooLarge(_) => "TooLarge",
        BadManifest::NotCanonical => "NotCanonical",
    }
}

/// The file of a folder, written anew if asked to.
fn frozen(folder: &str, cases: &[Case]) -> Vec<Json> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors").join(folder).join("manifest.json");
    if std::env::var_os("GRIDPATROL_WRITE_VECTORS").is_some() {
        let entries: Vec<Json> = cases.iter().map(entry).collect();
        let text = serde_json::to_string_pretty(&entries).expect("plain json") + "\n";
        std::fs::write(&path, text).expect("a writable checkout");
    }
    serde_json::from_str(&std::fs::read_to_string(path).expect("vectors are committed")).expect("json")
}

#[test]
fn every_valid_vector_is_read_signed_and_written_as_ever() {
    let cases = valid();
    let frozen = frozen("valid", &cases);
    assert_eq!(frozen.len(), cases.len());
    for (frozen, case) in frozen.iter().zip(&cases) {
        assert_eq!(frozen["name"], case.name);
        let bytes = from_hex(frozen["hex"].as_str().expect("hex"));
        assert_eq!(bytes, case.bytes, "{}: this version writes other bytes", case.name);
        let sidecar = Sidecar::decode(&bytes).expect(case.name);
        assert!(sidecar.signed.is_signed(), "{}", case.name);
        assert_eq!(frozen["code"], sidecar.signed.manifest.code().to_string(), "{}", case.name);
    }
}

#[test]
fn every_invalid_vector_is_the_same_error_as_ever() {
    let cases = invalid();
    let frozen = frozen("invalid", &cases);
    assert_eq!(frozen.len(), cases.len());
    for (frozen, case) in frozen.iter().zip(&cases) {
        assert_eq!(frozen["name"], case.name);
        assert_eq!(frozen["error"], kind(Sidecar::decode(&case.bytes).expect_err(case.name)), "{}", case.name);
        assert!(case.name == "too_large" || frozen["hex"] == hex(&case.bytes), "{}", case.name);
    }
}

#[test]
fn what_a_later_version_adds_survives_and_stays_signed() {
    let bytes = sign(from_the_future()).encode();
    let read = SignedManifest::decode(&bytes).expect("unknown keys are kept");
    assert_eq!(read.manifest.later.len(), 2);
    assert!(read.is_signed());
    assert_eq!(read.manifest.code(), from_the_future().code());
    assert_ne!(read.manifest.code(), full().code());
}

#[test]
fn whoever_changes_a_byte_breaks_the_manifest_or_its_signature() {
    let good = sign(full()).encode();
    for at in 0..good.len() {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        let still_good = SignedManifest::decode(&bytes).is_ok_and(|signed| signed.is_signed());
        assert!(!still_good, "byte {at}");
    }
}

#[test]
fn a_signature_of_something_else_by_the_same_key_is_none_of_a_manifest() {
    use ed25519_dalek::Signer;
    let bare_bytes = full().encode();
    let signed = full().sign(|_| key().sign(&bare_bytes).to_bytes());
    assert!(!signed.is_signed(), "the name of what is signed belongs to the message");
}

fn any_manifest() -> impl Strategy<Value = Manifest> {
    let numbers = (any::<i64>(), any::<u64>(), any::<u64>(), any::<Option<i64>>(), any::<Option<i64>>());
    let later = proptest::collection::btree_map(14u64.., any::<u8>().prop_map(|n| vec![n & 0x17]), 0..4);
    (numbers, any::<[u8; 32]>(), ".{0,40}", any::<bool>(), later).prop_map(
        |((wall_ms, boot_id, mono_ms, gnss_ms, last_hub_ms), sha256, app_version, library, later)| {
            let mut manifest = if library { full() } else { bare() };
            manifest.time = gridpatrol_model::time::TimeEvidence { wall_ms, boot_id, mono_ms, gnss_ms };
            let origin = if library { Origin::Library } else { Origin::Captured };
            Manifest { last_hub_ms, sha256, app_version, origin, later, ..manifest }
        },
    )
}

proptest! {
    #[test]
    fn every_manifest_reads_back_as_it_was(manifest in any_manifest()) {
        prop_assert_eq!(Manifest::decode(&manifest.encode()), Ok(manifest));
    }

    /// Bytes that are read are the only bytes that read so.
    #[test]
    fn whatever_is_read_is_written_the_same(
        manifest in any_manifest(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()
    ) {
        let mut bytes = manifest.encode();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        for bytes in [&bytes[..], &bytes[..cut.index(bytes.len())]] {
            if let Ok(read) = Manifest::decode(bytes) {
                prop_assert_eq!(read.encode(), bytes);
            }
        }
    }

    #[test]
    fn noise_is_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(Manifest::decode(&bytes).is_err());
        prop_assert!(Sidecar::decode(&bytes).is_err());
    }
}
