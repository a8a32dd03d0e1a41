//! What a supervisor learns of photos: which earlier one looks the same, and what a file that somebody shows is worth.

use std::io::Cursor;

use crate::town::{DAY, GRID, MINUTE, NINE, Office, Phone, Town, blob};
use gridpatrol_model::author::first;
use gridpatrol_model::ids::EntityId;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::Value;
use gridpatrol_model::workflow::Role;
use gridpatrol_photo::{DHash, Seen, SignedManifest};
use image::{ImageFormat, Luma};
use serde_json::Value as Json;

/// A drawn picture; `shade` makes other bytes of the same picture, `turn` another picture.
fn picture(turn: u32, shade: u8) -> Vec<u8> {
    let light = |x: u32, y: u32| {
        let wave = (f64::from(x * (3 + turn) + y * 2) / 40.0).sin() + (f64::from(y * (5 + 2 * turn)) / 60.0).cos();
        ((wave * 50.0 + 110.0) as u8).saturating_add(shade)
    };
    let mut file = Cursor::new(Vec::new());
    let drawn = image::GrayImage::from_fn(320, 240, |x, y| Luma([light(x, y)]));
    drawn.write_to(&mut file, ImageFormat::Png).expect("memory");
    file.into_inner()
}

struct Album {
    town: Town,
    office: Office,
    phone: Phone,
}

async fn album() -> Album {
    let town = Town::new();
    let mut desk = town.phone("s-1", "镇街网格办·塘口·01", Role::Supervisor, "440783108");
    town.grid(&mut desk);
    let phone = town.phone("m-3", "网格员·仲和·03", Role::Member, GRID);
    let office = town.log_in("tangkou").await;
    Album { town, office, phone }
}

impl Album {
    fn patrol(&mut self) -> EntityId {
        self.phone.create(&self.town, RecordKind::PATROL, vec![]).1
    }

    fn inspection(&mut self, patrol: EntityId) -> EntityId {
        let sets = vec![first(FieldNo::PARENT, Value::entity(patrol)), first(FieldNo::RESULT, Value::text("normal"))];
        self.phone.create(&self.town, RecordKind::INSPECTION, sets).1
    }

    /// As the app takes it: with its fingerprint in the signed manifest.
    fn photo(&mut self, of: EntityId, original: &[u8], taken_ms: i64) -> EntityId {
        let manifest = self.phone.manifest_of(original, of, Seen::of(original, None).dhash);
        self.photo_with(of, original, taken_ms, Some(manifest))
    }

    fn photo_with(&mut self, of: EntityId, original: &[u8], taken_ms: i64, manifest: Option<Value>) -> EntityId {
        let mut sets = vec![
            first(FieldNo::PARENT, Value::entity(of)),
            first(FieldNo::PHOTO, blob(original, "image/png")),
            first(FieldNo::TAKEN_AT, Value::int(taken_ms)),
        ];
        sets.extend(manifest.map(|manifest| first(FieldNo::MANIFEST, manifest)));
        self.phone.create(&self.town, RecordKind::PHOTO, sets).1
    }

    /// As the app takes a HEIC: its picture comes after its manifest.
    fn heic(&mut self, of: EntityId, number: u8, taken_ms: i64, looks: DHash) -> EntityId {
        let original = [b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", &[number][..]].concat();
        let manifest = self.phone.manifest_of(&original, of, None);
        let sets = vec![
            first(FieldNo::PARENT, Value::entity(of)),
            first(FieldNo::PHOTO, blob(&original, "image/heic")),
            first(FieldNo::TAKEN_AT, Value::int(taken_ms)),
            first(FieldNo::MANIFEST, manifest),
            first(FieldNo::FINGERPRINT, Value::bytes(&looks.to_bytes())),
        ];
        self.phone.create(&self.town, RecordKind::PHOTO, sets).1
    }

    async fn verify(&self, file: &[u8]) -> Json {
        let (status, answer) = self.office.post_bytes("/api/photos/verify", file).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }
}

#[tokio::test]
async fn a_photo_names_the_earlier_one_of_another_record_that_looks_the_same() {
    let mut album = album().await;
    let monday = album.patrol();
    let looked = album.inspection(monday);
    let first = album.photo(looked, &picture(0, 0), NINE);
    // A second one of the same thing is meant to look the same.
    album.photo(looked, &picture(0, 1), NINE + MINUTE);
    album.town.pass(3 * DAY);
    let office = album.town.log_in("tangkou").await;
    let thursday = album.patrol();
    let again = album.inspection(thursday);
    album.photo(again, &picture(0, 2), NINE + 3 * DAY);
    album.photo(again, &picture(4, 0), NINE + 3 * DAY + MINUTE);
    let photos = |page: &Json| page["photos"].as_array().expect("photos").clone();
    let before = photos(&office.get(&format!("/api/patrols/{monday}")).await);
    assert!(before.iter().all(|photo| photo["alike"].is_null()), "nothing earlier: {before:?}");
    let after = photos(&office.get(&format!("/api/patrols/{thursday}")).await);
    let alike = &after[0]["alike"];
    assert_eq!((&alike["patrol"]["id"], &alike["of"]["id"]), (&monday.to_string().into(), &looked.to_string().into()));
    assert!([NINE, NINE + MINUTE].map(Json::from).contains(&alike["taken"]["ms"]) && !alike["id"].is_null(), "{first}");
    assert_eq!(after[1]["alike"], Json::Null, "another picture");
}

#[tokio::test]
async fn a_photo_that_the_phone_decoded_later_is_found_by_what_it_looks_like() {
    let mut album = album().await;
    let monday = album.patrol();
    let looks = Seen::of(&picture(0, 0), None).dhash.expect("a picture");
    let first = album.heic(monday, 1, NINE, looks);
    album.town.pass(3 * DAY);
    let office = album.town.log_in("tangkou").await;
    let thursday = album.patrol();
    album.heic(thursday, 2, NINE + 3 * DAY, looks);
    let page = office.get(&format!("/api/patrols/{thursday}")).await;
    assert_eq!(page["photos"][0]["alike"]["id"], first.to_string(), "{page}");
    // It says where the original is, and that nobody signed for the likeness.
    let (_, answer) = office.post_bytes("/api/photos/verify", &picture(0, 3)).await;
    assert_eq!((&answer["verdict"], &answer["text"]["id"]), (&"looks_like".into(), &"verify-looks-like".into()));
    assert_eq!(answer["photo"]["mime"], "image/heic");
    let (_, answer) = office.post_bytes("/api/photos/verify", &picture(4, 0)).await;
    assert_eq!((&answer["verdict"], &answer["photo"]), (&"unrelated".into(), &Json::Null), "another picture");
    let (_, answer) = office.post_bytes("/api/photos/verify?code=77T4-0P4M-70JR", &picture(0, 3)).await;
    assert_eq!(answer["verdict"], "unrelated", "a code was read from it, and it is of neither");
}

#[tokio::test]
async fn a_photo_of_another_office_is_never_named() {
    let mut album = album().await;
    let patrol = album.patrol();
    album.photo(patrol, &picture(0, 0), NINE);
    album.town.account("zhonghe", Role::Supervisor, "440783108225");
    let theirs = album.town.log_in("zhonghe").await;
    let (status, answer) = theirs.post_bytes("/api/photos/verify", &picture(0, 0)).await;
    assert_eq!((status.as_u16(), &answer["verdict"], &answer["photo"]), (200, &"unrelated".into(), &Json::Null));
    assert_eq!(album.verify(&picture(0, 0)).await["verdict"], "intact");
}

#[tokio::test]
async fn a_file_is_intact_recompressed_known_by_its_code_or_unknown() {
    let mut album = album().await;
    let patrol = album.patrol();
    let original = picture(0, 0);
    let photo = album.photo(patrol, &original, NINE);
    let kept = album.town.record(photo).value(FieldNo::MANIFEST).and_then(|value| value.as_bytes().map(<[u8]>::to_vec));
    let code = SignedManifest::decode(&kept.expect("it was signed")).expect("ours").manifest.code().to_string();

    let intact = album.verify(&original).await;
    assert_eq!((&intact["verdict"], &intact["text"]["id"]), (&"intact".into(), &"verify-intact".into()));
    assert_eq!(
        (&intact["photo"]["id"], &intact["photo"]["code"], &intact["patrol"]["id"]),
        (&photo.to_string().into(), &code.clone().into(), &patrol.to_string().into())
    );
    let sent_on = album.verify(&picture(0, 3)).await;
    assert_eq!((&sent_on["verdict"], &sent_on["photo"]["id"]), (&"recompressed".into(), &photo.to_string().into()));
    let other = album.verify(&picture(4, 0)).await;
    assert_eq!((&other["verdict"], &other["photo"]), (&"unrelated".into(), &Json::Null));
    let path = |code: &str| format!("/api/photos/verify?code={code}");
    let (_, shot) = album.office.post_bytes(&path(&code), &picture(4, 0)).await;
    assert_eq!((&shot["verdict"], &shot["photo"]["id"]), (&"code_only".into(), &photo.to_string().into()));
    // Of a print there is no file.
    let (_, print) = album.office.post_bytes(&path(&code), b"").await;
    assert_eq!((&print["verdict"], &print["photo"]["id"]), (&"code_only".into(), &photo.to_string().into()));
    assert_eq!(album.verify(b"no picture at all").await["verdict"], "unrelated");
    let (status, problem) = album.office.post_bytes(&path("AAAA"), &original).await;
    assert_eq!((status.as_u16(), &problem["next"]), (422, &"correct".into()));
}

#[tokio::test]
async fn only_a_good_signature_of_an_enrolled_phone_makes_it_genuine() {
    let mut album = album().await;
    let other = album.town.phone("m-4", "网格员·仲和·04", Role::Member, GRID);
    let patrol = album.patrol();
    let (unsigned, foreign) = (picture(0, 0), picture(4, 0));
    album.photo_with(patrol, &unsigned, NINE, None);
    // Signed by the phone of somebody else.
    let manifest = other.manifest_of(&foreign, patrol, None);
    album.photo_with(patrol, &foreign, NINE, Some(manifest));
    assert_eq!(album.verify(&unsigned).await["verdict"], "unsigned");
    assert_eq!(album.verify(&foreign).await["verdict"], "unknown_signer");
}
