//! Photos with and without what one would like them to have.

use gridpatrol_core::{CategoryId, NewCase, NewPhoto, Position};
use gridpatrol_model::schema::FieldNo;
use gridpatrol_photo::{Seen, SignedManifest, Verdict, verify};
use gridpatrol_store::Enrolment;
use gridpatrol_world::Shot;

use crate::support::*;

fn village(code: &str) -> Option<CategoryId> {
    Some(CategoryId { standard_ref: "gridpatrol-village".into(), kind: "matter".into(), code: code.into() })
}

fn photo(path: &str, of: &str) -> NewPhoto {
    NewPhoto { path: path.to_owned(), of: of.to_owned(), library: false, position: None }
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
    let case = app.cases().report(case("路面塌陷")).expect("saved");

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
fn care_and_publicity_take_no_photo_and_the_file_is_left_alone() {
    let world = world();
    let mut phone = Phone::of(ME);
    let folder = tempfile::tempdir().expect("a gallery");
    let path = write(folder.path(), "a.jpg", &world.photo(1));
    let app = phone.app();
    app.patrols().start(GRID, None).expect("nothing else is on");
    for code in ["56", "60"] {
        let case = app.cases().report(NewCase { category: village(code), ..case("上门走访") }).expect("saved");
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
    let heic = [b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".as_slice(), &[7; 300]].concat();
    let path = write(folder.path(), "IMG_2.HEIC", &heic);
    let text = write(folder.path(), "notes.jpg", b"not a photo at all");
    let app = phone.app();
    app.patrols().start(GRID, None).expect("nothing else is on");
    let case = app.cases().report(case("古树有虫蛀")).expect("saved");
    app.photos().add(photo(&path, &case)).expect("the original counts");
    assert_eq!(refused(app.photos().add(photo(&text, &case))), "error-photo-unreadable");
    let photos = app.photos().of(&case).expect("readable");
    assert_eq!(photos.len(), 1);
    assert_eq!(photos[0].no_preview.as_deref(), Some("photo-no-preview-heic"));
    assert_eq!(std::fs::read(photos[0].original.as_ref().expect("kept")).expect("readable"), heic);
    assert!(photos[0].thumbnail.is_none());
}

#[test]
fn an_enrolled_phone_signs_its_photos_and_a_copy_is_told_from_the_original() {
    let world = world();
    let mut phone = Phone::of(ME);
    let folder = tempfile::tempdir().expect("a gallery");
    let path = write(folder.path(), "a.jpg", &world.photo(5));
    phone.app().patrols().start(GRID, None).expect("nothing else is on");
    let case = phone.app().cases().report(case("碉楼外墙开裂")).expect("saved");
    phone.app().photos().add(photo(&path, &case)).expect("saved");
    let before = phone.app().photos().of(&case).expect("readable").remove(0);
    assert_eq!(before.code, None, "nobody could vouch for a phone that is not enrolled");

    phone
        .below(|store| {
            let (certificate, hub_key, device_key) = (vec![1], vec![2], vec![3; 32]);
            store.set_enrolment(&Enrolment { certificate, hub_url: "http://127.0.0.1:1".into(), hub_key, device_key })
        })
        .expect("writable");
    let id = phone.app().photos().add(photo(&path, &case)).expect("saved");
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
