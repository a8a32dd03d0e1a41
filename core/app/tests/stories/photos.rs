//! Photos with and without what one would like them to have.

use std::path::PathBuf;
use std::sync::Arc;

use gridpatrol_core::{
    CasePhoto, CategoryId, Clock, ClockReading, Config, FieldValue, Gridpatrol, InspectionResult, Key, Lang, Layout,
    NewCase, NewInspection, NewPhoto, NoPhoto, Pixels, Plane, Ports, Position,
};
use gridpatrol_model::author;
use gridpatrol_model::op::OpKind;
use gridpatrol_model::schema::FieldNo;
use gridpatrol_model::value::Value;
use gridpatrol_photo::{Seen, SignedManifest, Verdict, verify};
use gridpatrol_store::{Draft, Enrolment};
use gridpatrol_world::Shot;

use crate::support::*;

fn village(code: &str) -> Option<CategoryId> {
    Some(CategoryId { standard_ref: "gridpatrol-village".into(), kind: "matter".into(), code: code.into() })
}

fn photo(path: &str, of: &str) -> NewPhoto {
    NewPhoto { path: path.to_owned(), of: of.to_owned(), library: false, position: None }
}

fn enrol(phone: &mut Phone) {
    let enrolled = phone.below(|store| {
        let (certificate, hub_key, device_key) = (vec![1], vec![2], vec![3; 32]);
        store.set_enrolment(&Enrolment { certificate, hub_url: "http://127.0.0.1:1".into(), hub_key, device_key })
    });
    enrolled.expect("writable");
}

/// What every HEIC begins with; the rest is for the system to decode.
fn heic() -> Vec<u8> {
    [b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".as_slice(), &[7; 300]].concat()
}

const HERE: Position = Position { lon_e7: 1_125_800_000, lat_e7: 223_700_000, accuracy_dm: Some(80) };

#[test]
fn a_photo_keeps_what_it_knows_and_claims_no_place_that_it_does_not() {
    let world = world();
    let mut phone = Phone::of(ME);
    let folder = tempfile::tempdir().expect("a gallery");
    let shot = |position, taken_ms| world.photo_of(3, Shot { position, taken_ms });
    let bare = write(folder.path(), "bare.jpg", &shot(None, None));
    let at = world.places[0].position;
    let placed = write(folder.path(), "placed.jpg", &shot(Some(at), Some(MORNING)));
    let app = phone.app();
    app.patrols().start(GRID, None).expect("nothing else is on");
    let case = app.cases().report(case("路面塌陷")).expect("saved").id;

    app.photos().add(photo(&bare, &case)).expect("a photo without a position is a photo");
    app.photos().add(NewPhoto { position: Some(HERE), ..photo(&placed, &case) }).expect("saved");
    let library = NewPhoto { library: true, position: Some(HERE), ..photo(&bare, &case) };
    app.photos().add(library).expect("saved");
    app.photos().add(NewPhoto { position: Some(HERE), ..photo(&bare, &case) }).expect("saved");

    let photos = app.cases().detail(&case).expect("readable").photos;
    let positions: Vec<(bool, Option<(i32, i32)>)> =
        photos.iter().map(|photo| (photo.library, photo.position.map(|at| (at.lon_e7, at.lat_e7)))).collect();
    let expected =
        [(false, None), (false, Some((at.lon(), at.lat()))), (true, None), (false, Some((HERE.lon_e7, HERE.lat_e7)))];
    for one in &expected {
        assert_eq!(positions.iter().filter(|found| *found == one).count(), 1, "{one:?} in {positions:?}");
    }
    let kept = photos.iter().find(|photo| photo.taken.is_some()).expect("one knows its time");
    assert_eq!(kept.taken.as_ref().map(|taken| taken.ms), Some(MORNING));
    let original = std::fs::read(kept.original.as_ref().expect("it is on the phone")).expect("readable");
    assert_eq!(original, std::fs::read(&placed).expect("untouched"), "byte for byte");
    assert!(kept.thumbnail.is_some() && kept.preview.is_some() && kept.no_preview.is_none());
}

#[test]
fn a_photo_whose_card_lost_its_end_is_kept_shown_as_far_as_it_goes_and_marked() {
    let mut phone = Phone::of(ME);
    enrol(&mut phone);
    let folder = tempfile::tempdir().expect("a gallery");
    let whole = world().photo(1);
    let path = write(folder.path(), "cut.jpg", &whole[..whole.len() * 2 / 3]);
    let app = phone.app();
    app.patrols().start(GRID, None).expect("nothing else is on");
    let case = app.cases().report(case("路面塌陷")).expect("saved").id;
    app.photos().add(photo(&path, &case)).expect("it is evidence all the same");
    let kept = app.photos().of(&case).expect("readable").remove(0);
    assert_eq!((kept.damage.as_deref(), kept.no_preview), (Some("photo-damage-end-missing"), None));
    assert!(kept.thumbnail.is_some() && kept.code.is_some());
    let whole = write(folder.path(), "whole.jpg", &whole);
    app.photos().add(photo(&whole, &case)).expect("saved");
    let photos = app.photos().of(&case).expect("readable");
    let whole = photos.into_iter().find(|photo| photo.damage.is_none()).expect("it is whole");
    // The label of a stamp is amber, as the bar beside every one is.
    let amber = |preview: Option<String>| {
        let bytes = std::fs::read(preview.expect("made")).expect("readable");
        let how = (gridpatrol_photo::Coder::default(), gridpatrol_photo::Detail::Full);
        let planes = gridpatrol_photo::picture(&bytes, 1_600, how, &Default::default()).expect("a picture");
        planes.u.iter().zip(&planes.v).filter(|(blue, red)| **blue < 90 && **red > 145).count()
    };
    let (marked, unmarked) = (amber(kept.preview), amber(whole.preview));
    assert!(marked > unmarked + 50, "{marked} and {unmarked} amber samples");
    assert_eq!(
        std::fs::read(kept.original.expect("kept")).expect("readable"),
        std::fs::read(&path).expect("untouched")
    );
}

#[test]
fn care_and_publicity_take_no_photo_and_the_file_is_left_alone() {
    let world = world();
    let mut phone = Phone::of(ME);
    let folder = tempfile::tempdir().expect("a gallery");
    let path = write(folder.path(), "a.jpg", &world.photo(1));
    let app = phone.app();
    app.patrols().start(GRID, None).expect("nothing else is on");
    for code in ["56", "60"] {
        let case = app.cases().report(NewCase { category: village(code), ..case("上门走访") }).expect("saved").id;
        assert_eq!(refused(app.photos().add(photo(&path, &case))), "error-photo-not-for-category");
        assert_eq!(app.cases().detail(&case).expect("readable").photos, []);
    }
    assert!(std::path::Path::new(&path).exists());
    let offered = app.cases().categories();
    let takes = |code: &str| {
        offered
            .iter()
            .find(|one| one.id.code == code && one.id.standard_ref == "gridpatrol-village")
            .map(|c| c.takes_photo)
    };
    assert_eq!((takes("54"), takes("56"), takes("60")), (Some(true), Some(false), Some(false)));
    let unknown = NewCase { category: village("99"), ..case("不存在的类别") };
    assert_eq!(refused(app.cases().report(unknown)), "error-category-unknown");
}

#[test]
fn a_heic_is_kept_whole_and_says_that_it_has_no_preview() {
    let mut phone = Phone::of(ME);
    let folder = tempfile::tempdir().expect("a gallery");
    let path = write(folder.path(), "IMG_2.HEIC", &heic());
    let text = write(folder.path(), "notes.jpg", b"not a photo at all");
    let app = phone.app();
    app.patrols().start(GRID, None).expect("nothing else is on");
    let case = app.cases().report(case("古树有虫蛀")).expect("saved").id;
    app.photos().add(photo(&path, &case)).expect("the original counts");
    assert_eq!(refused(app.photos().add(photo(&text, &case))), "error-photo-unreadable");
    let photos = app.photos().of(&case).expect("readable");
    assert_eq!(photos.len(), 1);
    assert_eq!(photos[0].no_preview.as_deref(), Some("photo-no-preview-heic"));
    assert_eq!(std::fs::read(photos[0].original.as_ref().expect("kept")).expect("readable"), heic());
    assert!(photos[0].thumbnail.is_none());
}

#[test]
fn an_enrolled_phone_signs_its_photos_and_a_copy_is_told_from_the_original() {
    let world = world();
    let mut phone = Phone::of(ME);
    let folder = tempfile::tempdir().expect("a gallery");
    let path = write(folder.path(), "a.jpg", &world.photo(5));
    phone.app().patrols().start(GRID, None).expect("nothing else is on");
    let case = phone.app().cases().report(case("碉楼外墙开裂")).expect("saved").id;
    phone.app().photos().add(photo(&path, &case)).expect("saved");
    let before = phone.app().photos().of(&case).expect("readable").remove(0);
    assert_eq!(before.code, None, "nobody could vouch for a phone that is not enrolled");

    enrol(&mut phone);
    let id = phone.app().photos().add(photo(&path, &case)).expect("saved").id;
    let photos = phone.app().photos().of(&case).expect("readable");
    let signed_photo = photos.into_iter().find(|photo| photo.id == id).expect("it is listed");
    let manifest = phone.below(|store| {
        let view = store.record(id.parse().expect("an id")).expect("readable").expect("saved");
        let kept = view.record.value(FieldNo::MANIFEST).and_then(|value| value.as_bytes()).expect("signed").to_vec();
        SignedManifest::decode(&kept).expect("as written")
    });
    assert_eq!(signed_photo.code, Some(manifest.manifest.code().to_string()));
    let verdict = |path: &str, code| {
        let seen = Seen::of(&std::fs::read(path).expect("kept"), code);
        verify(&seen, std::slice::from_ref(&manifest), |_| true).verdict
    };
    assert_eq!(verdict(&signed_photo.original.expect("kept"), None), Verdict::Intact);
    let stamped = signed_photo.preview.expect("kept");
    assert!(matches!(verdict(&stamped, None), Verdict::Recompressed { .. }), "the stamp does not hide whose it is");
    let other = write(folder.path(), "b.jpg", &world.photo(6));
    assert_eq!(verdict(&other, None), Verdict::Unrelated);
    let plain = std::fs::read(before.preview.expect("kept")).expect("readable");
    assert_ne!(std::fs::read(&stamped).expect("readable"), plain, "the one is stamped, the other is not");
}

#[test]
fn a_persons_wish_and_minors_close_what_the_category_leaves_open() {
    let world = world();
    let mut phone = Phone::of(ME);
    let folder = tempfile::tempdir().expect("a gallery");
    let path = write(folder.path(), "a.jpg", &world.photo(1));
    let app = phone.app();
    app.patrols().start(GRID, None).expect("nothing else is on");
    let pond = NewCase { category: village("54"), ..case("有孩子在水塘边玩水") };
    let report = |new| app.cases().report(new).expect("saved").id;
    let minors = report(NewCase { no_photo: Some(NoPhoto::Minors), ..pond.clone() });
    assert_eq!(refused(app.photos().add(photo(&path, &minors))), "error-photo-of-minors");
    let asked = report(NewCase { no_photo: Some(NoPhoto::Asked), ..pond.clone() });
    assert_eq!(refused(app.photos().add(photo(&path, &asked))), "error-photo-asked-not");
    let care = report(NewCase { category: village("56"), no_photo: None, ..pond.clone() });
    assert_eq!(refused(app.photos().add(photo(&path, &care))), "error-photo-not-for-category", "no wish opens it");

    let open = report(pond);
    app.photos().add(photo(&path, &open)).expect("nobody says no");
    let no = FieldValue::Choice { message: "no-photo-asked".into() };
    app.cases().edit(&open, "no_photo", None, no).expect("she was asked meanwhile");
    assert_eq!(refused(app.photos().add(photo(&path, &open))), "error-photo-asked-not");
    let told = app.cases().detail(&open).expect("readable");
    assert_eq!(told.photos.len(), 1, "what was taken before stays");
    let note = told.fields.iter().find(|field| field.field == "no_photo").expect("it is a field like others");
    app.cases().edit(&open, "no_photo", Some(note.dot.clone()), FieldValue::Empty).expect("it was a misunderstanding");
    app.photos().add(photo(&path, &open)).expect("nobody says no any more");
}

#[test]
fn a_wish_at_a_place_holds_for_what_is_found_there() {
    let world = world();
    let mut hub = Hub::with_grid(&world);
    let mut phone = ready(&mut hub, ME);
    let folder = tempfile::tempdir().expect("a gallery");
    let path = write(folder.path(), "a.jpg", &world.photo(1));
    let place = phone.app().places().all(None).expect("readable").remove(0).id;
    phone.below(|store| {
        let view = store.record(place.parse().expect("an id")).expect("readable").expect("it is there");
        let (entity, scope) = (Some(view.record.entity), view.record.scope.expect("it lies in the grid"));
        let sets = vec![author::edit(&view.record, FieldNo::NO_PHOTO, Value::text("asked"))];
        store.save(|batch| batch.add(Draft { kind: OpKind::Set, entity, scope, sets })).expect("there is room");
    });
    let app = phone.app();
    app.patrols().start(GRID, None).expect("nothing else is on");
    let note = Some("门锁坏了".to_owned());
    let found = NewInspection {
        place: place.clone(),
        result: InspectionResult::Problem,
        note,
        position: None,
        checklist: vec![],
    };
    let seen = app.places().inspect(found).expect("saved");
    let there = app.cases().report(NewCase { place: Some(place), ..case("门锁损坏") }).expect("saved").id;
    for of in [seen, there] {
        assert_eq!(refused(app.photos().add(photo(&path, &of))), "error-photo-asked-not");
    }
}

#[test]
fn the_system_decodes_a_heic_and_the_core_stamps_it_with_what_was_signed() {
    let mut phone = Phone::of(ME);
    enrol(&mut phone);
    let folder = tempfile::tempdir().expect("a gallery");
    let path = write(folder.path(), "IMG_2.HEIC", &heic());
    let app = phone.app();
    app.patrols().start(GRID, None).expect("nothing else is on");
    let case = app.cases().report(case("古树有虫蛀")).expect("saved").id;
    let id = app.photos().add(photo(&path, &case)).expect("the original counts").id;
    let shown = || app.photos().of(&case).expect("readable").remove(0);
    let before = shown();

    let grey = vec![200; 4 * 1_200 * 900];
    let rgba = |row_stride| Pixels {
        width: 1_200,
        height: 900,
        orientation: 1,
        icc: None,
        layout: Layout::Rgba { data: &grey, row_stride },
    };
    assert_eq!(refused(app.photos().add_preview(&id, &rgba(4 * 1_201))), "error-pixels-unfit");
    assert_eq!(shown(), before, "nothing was saved");
    let added = app.photos().add_preview(&id, &rgba(4 * 1_200)).expect("saved");
    assert_eq!((added.id.as_str(), added.missing_glyphs.len(), added.left_out.len()), (id.as_str(), 0, 0));

    let after = shown();
    assert_eq!((after.no_preview.as_ref(), &after.code, &after.sha256), (None, &before.code, &before.sha256));
    let preview = gridpatrol_photo::import(after.preview.expect("made").as_ref(), &Default::default()).expect("a JPEG");
    assert_eq!(preview.dimensions, Some((1_200, 900)));
    let plain = gridpatrol_photo::Planes::filled(1_200, 900, [200, 128, 128]);
    let picture = std::fs::read(shown().preview.expect("made")).expect("readable");
    let how = (gridpatrol_photo::Coder::default(), gridpatrol_photo::Detail::Full);
    let drawn = gridpatrol_photo::picture(&picture, 1_200, how, &Default::default()).expect("a picture");
    let differs = |rows: std::ops::Range<usize>| {
        let part = rows.start * 1_200..rows.end * 1_200;
        drawn.y[part.clone()].iter().zip(&plain.y[part]).any(|(one, other)| one.abs_diff(*other) > 60)
    };
    assert!(differs(702..900) && !differs(0..700), "stamped below, as it came above");
    assert!(after.thumbnail.is_some());
    assert_eq!(refused(app.photos().add_preview(&id, &rgba(4 * 1_200))), "error-preview-not-wanted");
    let kept = phone.below(|store| store.record(id.parse().expect("an id"))).expect("readable").expect("saved").record;
    let looks = kept.value(FieldNo::FINGERPRINT).and_then(Value::as_bytes);
    assert_eq!(looks, Some([0; 8].as_slice()), "one grey all over");
}

#[test]
fn pixels_come_as_planes_too_and_only_where_no_decoder_is_better() {
    let world = world();
    let mut phone = Phone::of(ME);
    let folder = tempfile::tempdir().expect("a gallery");
    let jpeg = world.photo(2);
    let paths = [
        write(folder.path(), "a.heic", &heic()),
        write(folder.path(), "b.jpg", &jpeg),
        write(folder.path(), "c.jpg", &jpeg[..jpeg.len() / 2]),
    ];
    let app = phone.app();
    app.patrols().start(GRID, None).expect("nothing else is on");
    let case = app.cases().report(case("古树有虫蛀")).expect("saved").id;
    let [heic, whole, torn] = paths.map(|path| app.photos().add(photo(&path, &case)).expect("saved").id);
    let (luma, chroma) = (vec![90; 64 * 48], vec![128; 64 * 24]);
    let plane = |data, pixel_stride| Plane { data, row_stride: 64, pixel_stride };
    let layout = Layout::Yuv420 { y: plane(&luma, 1), u: plane(&chroma, 2), v: plane(&chroma[1..], 2) };
    let pixels = Pixels { width: 64, height: 48, orientation: 6, icc: None, layout };
    app.photos().add_preview(&heic, &pixels).expect("saved");
    assert_eq!(refused(app.photos().add_preview(&whole, &pixels)), "error-preview-not-wanted");
    assert_eq!(refused(app.photos().add_preview(&torn, &pixels)), "error-preview-not-wanted", "half a picture is none");
    let photos = app.photos().of(&case).expect("readable");
    let made = photos.iter().find(|photo| photo.id == heic).and_then(|photo| photo.preview.clone()).expect("made");
    let made = gridpatrol_photo::import(made.as_ref(), &Default::default()).expect("a JPEG");
    assert_eq!(made.dimensions, Some((48, 64)), "upright");
}

#[test]
fn what_the_stamp_cannot_write_is_named() {
    let world = world();
    let mut phone = Phone::of(ME);
    enrol(&mut phone);
    let folder = tempfile::tempdir().expect("a gallery");
    let path = write(folder.path(), "a.jpg", &world.photo(1));
    let app = phone.app();
    app.patrols().start(GRID, None).expect("nothing else is on");
    let rare = NewCase { location_text: Some("𠮷家村𠮷屋".to_owned()), ..case("路面塌陷") };
    let rare = app.cases().report(rare).expect("saved").id;
    assert_eq!(app.photos().add(photo(&path, &rare)).expect("saved").missing_glyphs, ["𠮷"]);
    let usual = app.cases().report(case("路面塌陷")).expect("saved").id;
    let heic = app.photos().add(photo(&write(folder.path(), "a.heic", &heic()), &usual)).expect("saved").id;
    let grey = vec![200; 4 * 160 * 120];
    let layout = Layout::Rgba { data: &grey, row_stride: 4 * 160 };
    let small = Pixels { width: 160, height: 120, orientation: 1, icc: None, layout };
    let left_out = app.photos().add_preview(&heic, &small).expect("saved").left_out;
    assert!(left_out.contains(&"field-taken-at".to_owned()), "there is no room for it: {left_out:?}");
    let words = |id: &String| app.labels().text(id, Lang::Zh, &[]);
    assert!(left_out.iter().all(|id| words(id) != *id));
    assert!(app.photos().add(photo(&path, &usual)).expect("saved").missing_glyphs.is_empty());
}

#[test]
fn a_library_photo_is_labelled_even_if_it_knows_no_time() {
    let world = world();
    let mut phone = Phone::of(ME);
    enrol(&mut phone);
    let folder = tempfile::tempdir().expect("a gallery");
    let path = write(folder.path(), "a.jpg", &world.photo_of(3, Shot { position: None, taken_ms: None }));
    let app = phone.app();
    app.patrols().start(GRID, None).expect("nothing else is on");
    let case = app.cases().report(case("路面塌陷")).expect("saved").id;
    app.photos().add(NewPhoto { library: true, ..photo(&path, &case) }).expect("saved");
    let shown = app.photos().of(&case).expect("readable").remove(0);
    let bytes = |path: &str| std::fs::read(path).expect("readable");
    let plain =
        gridpatrol_photo::import(path.as_ref(), &Default::default()).expect("a photo").derivative.expect("decoded");
    assert_ne!(bytes(&shown.preview.expect("made")), plain.bytes, "it is stamped");
}

/// Somebody writes over a file while it is taken in: between reading and keeping it the core looks at the clock.
struct Meddler {
    file: PathBuf,
    other: Vec<u8>,
    clock: Arc<Hands>,
}

impl Clock for Meddler {
    fn now(&self) -> ClockReading {
        std::fs::write(&self.file, &self.other).expect("writable");
        self.clock.now()
    }
}

#[test]
fn what_is_signed_is_what_is_kept_or_nothing_is() {
    let world = world();
    let mut phone = Phone::of(ME);
    enrol(&mut phone);
    let folder = tempfile::tempdir().expect("a gallery");
    let path = write(folder.path(), "a.jpg", &world.photo(1));
    phone.app().patrols().start(GRID, None).expect("nothing else is on");
    let case = phone.app().cases().report(case("路面塌陷")).expect("saved").id;
    phone.kill();

    let clock = Meddler { file: path.clone().into(), other: world.photo(2), clock: phone.clock.clone() };
    let config = Config { dir: phone.dir.path().to_owned(), member: ME.to_owned(), key: Key::Plain };
    let ports = Ports { clock: Arc::new(clock), rng: Arc::new(Counting), vfs: None };
    let app = Gridpatrol::open(config, ports).expect("the folder can be used").0;
    std::fs::write(&path, world.photo(1)).expect("writable");
    assert_eq!(refused(app.photos().add(photo(&path, &case))), "error-photo-changed");
    assert_eq!(app.photos().of(&case).expect("readable"), []);
    app.photos().add(photo(&path, &case)).expect("nobody writes something else any more");
}

#[test]
fn a_case_and_its_photos_are_one_save_and_a_bad_photo_loses_nothing() {
    let world = world();
    let mut phone = Phone::of(ME);
    let folder = tempfile::tempdir().expect("a gallery");
    let take =
        |name, bytes: &[u8]| CasePhoto { path: write(folder.path(), name, bytes), library: false, position: None };
    let photos = [take("a.jpg", &world.photo(1)), take("b.jpg", b"not a photo"), take("c.heic", &heic())];
    let app = phone.app();
    app.patrols().start(GRID, None).expect("nothing else is on");
    let gone = CasePhoto { path: "gone.jpg".into(), library: false, position: None };
    let new = NewCase { photos: photos.iter().cloned().chain([gone]).collect(), ..case("碉楼外墙开裂") };
    let reported = app.cases().report(new).expect("saved");
    let rejected: Vec<(&str, &str)> =
        reported.rejected.iter().map(|photo| (photo.path.as_str(), photo.reason.as_str())).collect();
    assert_eq!(rejected, [(photos[1].path.as_str(), "error-photo-unreadable"), ("gone.jpg", "error-photo-unreadable")]);
    let detail = app.cases().detail(&reported.id).expect("it is saved");
    let mut added: Vec<&str> = reported.photos.iter().map(|photo| photo.id.as_str()).collect();
    let mut shown: Vec<&str> = detail.photos.iter().map(|photo| photo.id.as_str()).collect();
    added.sort_unstable();
    shown.sort_unstable();
    assert!(added.len() == 2 && added == shown);

    let care = NewCase { category: village("56"), photos: photos[..1].to_vec(), ..case("看望独居老人") };
    let reported = app.cases().report(care).expect("the visit counts");
    assert_eq!(reported.rejected[0].reason, "error-photo-not-for-category");
}

#[test]
fn categories_that_were_used_last_are_offered_first() {
    let mut phone = Phone::of(ME);
    let app = phone.app();
    app.patrols().start(GRID, None).expect("nothing else is on");
    let recent = |limit| {
        let choices = app.cases().recent_categories(limit).expect("readable");
        choices.into_iter().map(|choice| choice.id.code).collect::<Vec<String>>()
    };
    assert!(recent(5).is_empty());
    for code in ["52", "54", "52", "61", "54"] {
        app.cases().report(NewCase { category: village(code), ..case("一处隐患") }).expect("saved");
    }
    app.cases().report(case("没有选类别")).expect("saved");
    assert_eq!(recent(5), ["54", "61", "52"]);
    assert_eq!(recent(2), ["54", "61"]);
}
