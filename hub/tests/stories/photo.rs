//! `gridpatrol photo verify`, as an operator and as somebody far from any hub run it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use ed25519_dalek::{Signer, SigningKey};
use gridpatrol_hub::cell::{Cell, Ports};
use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::{ActorId, EntityId};
use gridpatrol_model::time::TimeEvidence;
use gridpatrol_model::workflow::Role;
use gridpatrol_photo::{Manifest, Origin, Place, Seen, Sidecar, WGS_84};
use gridpatrol_protocol::auth::Certificate;
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};

const NOW: i64 = 1_795_500_000_000;

fn phone() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// The folder of a hub that enrolled the phone, and a photo with its sidecar.
struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Desk { dir: tempfile::tempdir().expect("a temporary folder") };
        std::fs::create_dir_all(desk.hub().join("keys")).expect("a folder");
        std::fs::write(desk.hub().join("keys/enrolment.key"), [9; 32]).expect("a writable folder");
        let certificate = desk.certificate();
        desk.cell().write(move |batch| batch.admit(&certificate)).expect("enrolled");
        std::fs::write(desk.photo(), jpeg(90)).expect("a writable folder");
        desk.put_sidecar(Some(desk.certificate().sign(&SigningKey::from_bytes(&[9; 32]))), &phone());
        desk
    }

    fn hub(&self) -> PathBuf {
        self.dir.path().join("hub")
    }

    fn photo(&self) -> PathBuf {
        self.dir.path().join("碉楼.jpg")
    }

    fn cell(&self) -> Cell {
        let ports = Ports { now_ms: Arc::new(|| NOW), random: Arc::new(|bytes| bytes.fill(7)) };
        Cell::open(&self.hub(), ports).expect("a cell")
    }

    fn certificate(&self) -> Certificate {
        Certificate {
            cell: "440783".into(),
            member: ActorId::new("m-440783108224-03").expect("an id"),
            label: "网格员·强亚·03".into(),
            role: Role::Member,
            areas: vec![Scope::parse("440783108224001").expect("a grid")],
            device: phone().verifying_key().to_bytes(),
            issued_ms: NOW,
        }
    }

    /// Has a phone sign the photo, and puts the manifest beside it. Gives the code.
    fn put_sidecar(&self, certificate: Option<Vec<u8>>, phone: &SigningKey) -> String {
        let seen = Seen::of(&std::fs::read(self.photo()).expect("written before"), None);
        let manifest = Manifest {
            sha256: seen.sha256,
            record: EntityId([0xbb; 16]),
            device: phone.verifying_key().to_bytes(),
            time: TimeEvidence { wall_ms: NOW, boot_id: 41, mono_ms: 8_640_000, gnss_ms: None },
            last_hub_ms: None,
            place: Some(Place { crs: WGS_84, lon_e7: 1_125_793_000, lat_e7: 223_686_000, accuracy_dm: Some(48) }),
            category: None,
            app_version: "0.1.0".into(),
            origin: Origin::Captured,
            dhash: seen.dhash,
            later: Default::default(),
        };
        let signed = manifest.sign(|message| phone.sign(message).to_bytes());
        let code = signed.manifest.code().to_string();
        let bytes = Sidecar { signed, certificate }.encode();
        std::fs::write(self.dir.path().join("碉楼.jpg.gpm"), bytes).expect("a writable folder");
        code
    }

    fn verify(&self, file: &Path, options: &[&str]) -> Output {
        gridpatrol(&[&["photo", "verify", file.to_str().expect("UTF-8")], options].concat())
    }

    fn by_dir(&self, file: &Path, options: &[&str]) -> Output {
        let hub = self.hub();
        self.verify(file, &[&["--dir", hub.to_str().expect("UTF-8")], options].concat())
    }
}

fn gridpatrol(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gridpatrol")).args(arguments).output().expect("the program runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn jpeg(quality: u8) -> Vec<u8> {
    let picture = RgbImage::from_fn(320, 240, |x, y| {
        let tile = (x / 40).wrapping_mul(97) ^ (y / 40).wrapping_mul(193);
        Rgb([(tile * 31 % 256) as u8, (tile * 17 % 256) as u8, (y % 256) as u8])
    });
    let mut bytes = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality)).expect("a small picture encodes");
    bytes
}

#[test]
fn the_original_is_genuine_to_its_hub_and_to_a_stranger_who_has_the_hubs_key() {
    let desk = Desk::new();
    let hub = desk.hub();
    let key = gridpatrol(&["photo", "key", "--dir", hub.to_str().expect("UTF-8")]);
    let key = String::from_utf8(key.stdout).expect("digits");
    for output in [desk.by_dir(&desk.photo(), &[]), desk.verify(&desk.photo(), &["--hub-key", key.trim()])] {
        assert!(output.status.success(), "{}", said(&output));
        let said = said(&output);
        assert!(said.starts_with("是原件") && said.contains("Genuine"), "{said}");
        assert!(said.contains("网格员·强亚·03") && said.contains("112.5793000, 22.3686000 WGS-84 ±4.8 m"), "{said}");
    }
}

#[test]
fn nothing_is_genuine_on_the_word_of_its_own_sidecar() {
    let desk = Desk::new();
    let alone = desk.verify(&desk.photo(), &[]);
    assert!(!alone.status.success());
    assert!(said(&alone).contains("--hub-key"), "{}", said(&alone));
    assert!(!said(&alone).contains("Genuine"));

    // A stranger's phone, which shows the certificate of another.
    let stranger = SigningKey::from_bytes(&[8; 32]);
    desk.put_sidecar(Some(desk.certificate().sign(&SigningKey::from_bytes(&[9; 32]))), &stranger);
    let output = desk.by_dir(&desk.photo(), &[]);
    assert!(!output.status.success());
    assert!(said(&output).contains("nobody vouches"), "{}", said(&output));
}

#[test]
fn the_hub_knows_its_phones_without_a_certificate_and_disowns_a_lost_one() {
    let desk = Desk::new();
    desk.put_sidecar(None, &phone());
    assert!(desk.by_dir(&desk.photo(), &[]).status.success());
    let lost = phone().verifying_key().to_bytes();
    desk.cell().write(move |batch| batch.revoke(&lost)).expect("revoked");
    assert!(!desk.by_dir(&desk.photo(), &[]).status.success());
}

#[test]
fn a_copy_and_a_screenshot_are_told_apart_and_neither_is_success() {
    let desk = Desk::new();
    let code = desk.put_sidecar(None, &phone());
    let sidecar = desk.dir.path().join("碉楼.jpg.gpm");
    let sidecar = sidecar.to_str().expect("UTF-8");

    let copy = desk.dir.path().join("copy.jpg");
    std::fs::write(&copy, jpeg(40)).expect("a writable folder");
    let output = desk.by_dir(&copy, &["--manifest", sidecar]);
    assert!(!output.status.success() && said(&output).contains("looks like the same photo"), "{}", said(&output));

    let screenshot = desk.dir.path().join("screenshot.txt");
    std::fs::write(&screenshot, "no pixels at all").expect("a writable folder");
    let typed = code.to_lowercase().replace('-', " ");
    let output = desk.by_dir(&screenshot, &["--manifest", sidecar, "--code", &typed]);
    assert!(!output.status.success() && said(&output).contains("Only the code fits"), "{}", said(&output));
    let output = desk.by_dir(&screenshot, &["--manifest", sidecar]);
    assert!(!output.status.success() && said(&output).contains("No manifest fits"), "{}", said(&output));
    let other = if typed.starts_with('0') { "1" } else { "0" };
    let wrong = format!("{other}{}", &typed[1..]);
    assert!(
        said(&desk.by_dir(&copy, &["--manifest", sidecar, "--code", &wrong])).contains("compare it with the photo")
    );
}

#[test]
fn a_missing_or_broken_manifest_says_what_to_do() {
    let desk = Desk::new();
    let sidecar = desk.dir.path().join("碉楼.jpg.gpm");
    std::fs::write(&sidecar, b"not a manifest").expect("a writable folder");
    assert!(said(&desk.by_dir(&desk.photo(), &[])).contains("fetch it again"));
    std::fs::remove_file(&sidecar).expect("it was there");
    assert!(said(&desk.by_dir(&desk.photo(), &[])).contains("--manifest"));
}
