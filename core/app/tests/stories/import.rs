//! A walk that was recorded with another device, and photos of that day.

use gridpatrol_core::PatrolState;
use gridpatrol_world::Shot;

use crate::support::*;

const HIKE: &str = r#"<?xml version="1.0"?>
<gpx version="1.0" creator="a watch" xmlns="http://www.topografix.com/GPX/1/0">
<wpt lat="22.3701" lon="112.5801"><name>岔路口</name></wpt>
<trk><name>后山</name>
<trkseg></trkseg>
<trkseg><trkpt lat="22.37" lon="112.58"><time>2026-11-24T01:00:00Z</time></trkpt>
<trkpt lat="22.371" lon="112.58"><time>2026-11-24T01:01:00Z</time></trkpt></trkseg>
<trkseg></trkseg>
<trkseg><trkpt lat="48.1" lon="11.5"/><trkpt lat="48.2" lon="11.5"/></trkseg>
</trk></gpx>"#;

/// 2026-11-24 01:00 UTC.
const HIKE_MS: i64 = 1_795_482_000_000;

#[test]
fn segments_stay_apart_and_untimed_points_and_marks_are_kept() {
    let mut phone = Phone::of(ME);
    let taken = phone.app().patrols().import_gpx(HIKE.as_bytes(), "hike.gpx", GRID).expect("a sound file");
    assert_eq!((taken.tracks, taken.segments, taken.points, taken.untimed, taken.marks), (1, 2, 4, 2, 1));
    phone.kill();
    let app = phone.app();
    assert_eq!(app.patrols().running().expect("readable"), None, "an imported walk is over");
    let patrol = app.patrols().detail(&taken.patrol).expect("readable");
    assert_eq!((patrol.row.imported, patrol.row.state, patrol.row.title.as_str()), (true, PatrolState::Ended, "后山"));
    assert_eq!(patrol.row.started.ms, HIKE_MS);
    assert_eq!(patrol.segments.iter().map(|segment| segment.points.len()).collect::<Vec<_>>(), [2, 2]);
    assert!(patrol.segments[1].points.iter().all(|point| point.time_ms.is_none()));
    assert_eq!(patrol.segments[1].points[0].lat_e7, 481_000_000, "what lies abroad is shown where it lies");
    let gaps: Vec<(&str, Option<u32>)> =
        patrol.gaps.iter().map(|gap| (gap.cause.as_str(), gap.after_segment)).collect();
    assert_eq!(gaps, [("gap-unknown", Some(0))]);
    assert_eq!(patrol.marks[0].name.as_deref(), Some("岔路口"));
    // The patrol, two stretches and the mark.
    assert_eq!((taken.records.len(), patrol.row.receipts.total), (4, 4));
}

#[test]
fn a_file_that_cannot_be_used_leaves_nothing_behind() {
    let mut phone = Phone::of(ME);
    let app = phone.app();
    let import = |text: &str| app.patrols().import_gpx(text.as_bytes(), "x.gpx", GRID);
    assert_eq!(refused(import(&HIKE[..HIKE.len() / 2])), "error-gpx-unreadable");
    assert_eq!(refused(import(&HIKE.replace("GPX/1/0", "GPX/7/7"))), "error-gpx-unreadable");
    let empty = r#"<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg/></trk></gpx>"#;
    assert_eq!(refused(import(empty)), "error-gpx-empty");
    assert_eq!(refused(app.patrols().import_gpx(HIKE.as_bytes(), "x.gpx", "44078")), "error-area-unknown");
    assert_eq!(app.patrols().list(None, None, 10).expect("readable").items, []);
    assert!(app.handback().expect("readable").can);
}

#[test]
fn photos_join_the_walk_of_their_time_and_the_others_have_a_patrol_of_their_own() {
    let world = world();
    let mut phone = Phone::of(ME);
    let folder = tempfile::tempdir().expect("a gallery");
    let app = phone.app();
    let walk = app.patrols().import_gpx(HIKE.as_bytes(), "hike.gpx", GRID).expect("a sound file").patrol;
    let shot = |position, taken_ms| world.photo_of(5, Shot { position, taken_ms });
    let on_it = write(folder.path(), "on.jpg", &shot(Some(world.places[0].position), Some(HIKE_MS + 30_000)));
    let years_ago = write(folder.path(), "old.jpg", &shot(None, Some(HIKE_MS - 9 * 365 * 24 * 60 * MINUTE)));
    let timeless = write(folder.path(), "none.jpg", &shot(None, None));
    let broken = write(folder.path(), "broken.jpg", b"<html>");
    let paths = vec![on_it, years_ago, timeless, broken.clone()];
    let taken = app.patrols().import_photos(paths, "相册照片", GRID).expect("one bad file stops nothing");
    assert_eq!((taken.photos.len(), taken.with_position), (3, 1));
    assert_eq!(taken.rejected.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), [broken.as_str()]);
    let photos = |patrol: &str| app.patrols().detail(patrol).expect("readable").photos;
    assert_eq!(photos(&walk).len(), 1);
    let own = taken.patrol.expect("two photos are of no walk");
    assert_eq!(photos(&own).len(), 2);
    assert!(photos(&own).iter().all(|photo| photo.library && photo.position.is_none()));
}
