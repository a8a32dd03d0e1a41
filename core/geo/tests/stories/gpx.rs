//! Other people's tracks come in as they are, and ours go out so that they come in again.

use gridpatrol_geo::crs::E7;
use gridpatrol_geo::gpx::{Gpx, GpxError, MAX_BYTES, MAX_TEXT, Mark, Reason, export, import};
use gridpatrol_geo::track::{Fix, Gap, GapCause, Segment, Track};
use proptest::prelude::*;

const V1_1: &str = r#"version="1.1" xmlns="http://www.topografix.com/GPX/1/1""#;

fn gpx(inside: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gpx {V1_1}>{inside}</gpx>\n")
}

/// One segment of one track.
fn walk(points: &str) -> String {
    gpx(&format!("<trk><trkseg>{points}</trkseg></trk>"))
}

fn read(text: &str) -> Gpx {
    import(text.as_bytes()).expect("a usable file")
}

fn refused(text: &str) -> GpxError {
    import(text.as_bytes()).expect_err("not a usable file")
}

fn noted(gpx: &Gpx, reason: Reason) -> usize {
    gpx.notes.iter().filter(|note| note.reason == reason).map(|note| note.count).sum()
}

fn fixes(gpx: &Gpx) -> Vec<Fix> {
    gpx.tracks.iter().flat_map(|track| &track.segments).flatten().copied().collect()
}

fn at(lon: i32, lat: i32) -> E7 {
    E7::new(lon, lat).expect("in range")
}

fn bare(at: E7) -> Fix {
    Fix::at(at)
}

#[test]
fn a_point_keeps_all_that_it_has() {
    let gpx = read(&walk(
        r#"<trkpt lat="22.3686" lon="112.57930001"><ele>12.34</ele><time>2026-11-24T08:04:06.789+08:00</time>
           <hdop>0.8</hdop><extensions><x:TrackPointExtension xmlns:x="urn:somebody"><x:speed>1.25</x:speed>
           <x:course>359.5</x:course><x:accuracy>4.5</x:accuracy><x:hr>90</x:hr></x:TrackPointExtension></extensions>
           </trkpt>"#,
    ));
    let expected = Fix {
        time_ms: Some(1_795_478_646_789),
        ele_dm: Some(123),
        accuracy_dm: Some(45),
        speed_cms: Some(125),
        heading_cdeg: Some(35_950),
        ..Fix::at(at(1_125_793_000, 223_686_000))
    };
    assert_eq!(fixes(&gpx), [expected]);
    assert_eq!(gpx.notes, []);
}

#[test]
fn segments_stay_apart_and_an_empty_one_neither_adds_a_point_nor_joins() {
    let gpx =
        read(&gpx(r#"<trk><name>早 &amp; <![CDATA[<晚>]]></name><trkseg><trkpt lat="22" lon="112"/></trkseg><trkseg/>
           <trkseg><trkpt lat="22.1" lon="112.1"></trkpt></trkseg></trk><trk><trkseg></trkseg></trk>"#));
    let shape: Vec<Vec<usize>> = gpx.tracks.iter().map(|track| track.segments.iter().map(Vec::len).collect()).collect();
    assert_eq!(shape, [vec![1, 0, 1], vec![0]]);
    assert_eq!(gpx.tracks[0].name.as_deref(), Some("早 & <晚>"));

    let track = gpx.tracks.into_iter().next().expect("there are two").into_track();
    assert_eq!(track.segments.len(), 2);
    assert_eq!(track.length_m(), 0.0, "11 km of gap are not walked");
    assert_eq!(track.segments[1].gap_before.map(|gap| gap.cause), Some(GapCause::Unknown));
}

#[test]
fn gpx_1_0_and_files_without_a_namespace_are_read_alike() {
    let old = r#"<gpx version="1.0" xmlns="http://www.topografix.com/GPX/1/0"><trk><trkseg>
        <trkpt lat="22" lon="112"><time>2010-10-04T05:13:19Z</time><course>90</course><speed>2</speed></trkpt></trkseg></trk></gpx>"#;
    let none = old.replace(r#" xmlns="http://www.topografix.com/GPX/1/0""#, "");
    let prefixed =
        old.replace("xmlns=", "xmlns:g=").replace("</", "</g:").replace("<", "<g:").replace("<g:/g:", "</g:");
    for text in [old, &none, &prefixed] {
        let gpx = read(text);
        assert_eq!(fixes(&gpx)[0].speed_cms, Some(200), "{text}");
        assert_eq!(fixes(&gpx)[0].heading_cdeg, Some(9_000));
    }
}

#[test]
fn an_extension_that_nobody_declared_costs_nothing_else() {
    let walk = r#"<trk><trkseg><trkpt lat="22.3" lon="112.5"><ele>12</ele>
        <extensions><gpxdata:hr>150</gpxdata:hr><gpxdata:speed>9</gpxdata:speed></extensions></trkpt></trkseg></trk>"#;
    let gpx = read(&gpx(walk));
    assert_eq!((fixes(&gpx)[0].ele_dm, fixes(&gpx)[0].speed_cms), (Some(120), Some(900)));
    let root = import(b"<x:gpx><trk/></x:gpx>").expect_err("it may be anything").to_string();
    assert!(root.contains("namespace \"x\""), "{root}");
}

#[test]
fn waypoints_are_marks_and_route_points_are_only_counted() {
    let gpx = read(&gpx(
        r#"<wpt lat="22.3" lon="112.5"><ele>-3</ele><time>2026-11-24T00:00:00Z</time><name> 碉楼 </name><sym>Flag</sym></wpt>
           <wpt lat="22.4" lon="112.6"/><wpt lat="22.4"/>
           <rte><name>plan</name><rtept lat="1" lon="2"><ele>5</ele></rtept><rtept lat="1" lon="3"/></rte>"#,
    ));
    let tower = Mark {
        name: Some("碉楼".to_owned()),
        at: at(1_125_000_000, 223_000_000),
        time_ms: Some(1_795_478_400_000),
        ele_dm: Some(-30),
    };
    let nameless = Mark { name: None, at: at(1_126_000_000, 224_000_000), time_ms: None, ele_dm: None };
    assert_eq!(gpx.marks, [tower, nameless]);
    assert_eq!(gpx.tracks, []);
    assert_eq!((noted(&gpx, Reason::RoutePoint), noted(&gpx, Reason::BadMarkPosition)), (2, 1));
}

#[test]
fn a_point_without_a_valid_position_is_left_out_and_counted() {
    let gpx = read(&walk(
        r#"<trkpt lat="NaN" lon="112"/><trkpt lat="95" lon="112"/><trkpt lat="22" lon="-180.1"/><trkpt lat="22"/>
           <trkpt lon="112"/><trkpt lat="22,5" lon="112"/><trkpt lat="" lon="112"/><trkpt lat="inf" lon="112"/>
           <trkpt lat="&x;" lon="112"/><trkpt lat=" 22.5 " lon="112"/>"#,
    ));
    assert_eq!(fixes(&gpx), [bare(at(1_120_000_000, 225_000_000))]);
    assert_eq!(noted(&gpx, Reason::BadPosition), 9);
}

#[test]
fn a_bad_optional_value_costs_only_itself() {
    let gpx = read(&walk(
        r#"<trkpt lat="22" lon="112"><ele>high</ele><time>2026-11-24T08:04:06Z</time><hdop>NaN</hdop></trkpt>
           <trkpt lat="22" lon="112"><ele>7</ele><time>yesterday</time></trkpt>
           <trkpt lat="22" lon="112"><ele>7</ele><time>2026-11-24</time><speed>-1</speed><course>720</course></trkpt>
           <trkpt lat="22" lon="112"><ele>1e300</ele><time>2026-13-24T08:04:06Z</time>
             <extensions><accuracy>-4</accuracy></extensions></trkpt>"#,
    ));
    let read: Vec<(Option<i64>, Option<i32>)> = fixes(&gpx).iter().map(|fix| (fix.time_ms, fix.ele_dm)).collect();
    assert_eq!(read, [(Some(1_795_507_446_000), None), (None, Some(70)), (None, Some(70)), (None, None)]);
    assert_eq!(noted(&gpx, Reason::BadElevation), 2);
    assert_eq!(noted(&gpx, Reason::BadTime), 3);
    assert_eq!(noted(&gpx, Reason::BadSpeed), 1);
    assert_eq!(noted(&gpx, Reason::BadCourse), 1);
    assert_eq!(noted(&gpx, Reason::BadAccuracy), 1);
    assert!(gpx.notes.iter().all(|note| !note.reason.to_string().is_empty()));
}

#[test]
fn times_keep_their_offset_and_fraction_and_a_missing_zone_is_utc_and_noted() {
    let timed = |time: &str| format!(r#"<trkpt lat="22" lon="112"><time>{time}</time></trkpt>"#);
    let times = [
        "2026-11-24T16:04:06.5+08:00",
        "2026-11-24T08:04:06.500999Z",
        "2026-11-24T08:04:06.5",
        "2026-11-24 08:04:06.5",
    ];
    let gpx = read(&walk(&times.map(timed).concat()));
    assert_eq!(fixes(&gpx).iter().map(|fix| fix.time_ms).collect::<Vec<_>>(), [Some(1_795_507_446_500); 4]);
    assert_eq!(noted(&gpx, Reason::TimeWithoutZone), 2);
}

#[test]
fn points_elsewhere_than_in_a_segment_are_not_points() {
    let gpx = read(&gpx(r#"<trkpt lat="1" lon="1"/><trk><trkpt lat="1" lon="1"/><trkseg><trkpt lat="22" lon="112">
           <extensions><trkpt lat="1" lon="1"/></extensions></trkpt></trkseg></trk>
           <f:trk xmlns:f="urn:foreign"><f:trkseg><f:trkpt lat="1" lon="1"/></f:trkseg></f:trk>"#));
    assert_eq!(fixes(&gpx), [bare(at(1_120_000_000, 220_000_000))]);
    assert_eq!(noted(&gpx, Reason::PointOutsideSegment), 2);
}

#[test]
fn a_name_without_end_is_cut() {
    let gpx = read(&gpx(&format!(r#"<wpt lat="1" lon="1"><name>{}</name></wpt>"#, "楼".repeat(MAX_TEXT))));
    let name = gpx.marks[0].name.as_deref().expect("it has a name");
    assert!(name.len() <= MAX_TEXT && name.chars().all(|c| c == '楼'));
    assert_eq!(noted(&gpx, Reason::LongText), 1);
}

#[test]
fn other_encodings_are_read_and_unknown_ones_named() {
    let utf16 = |to_bytes: fn(u16) -> [u8; 2], text: &str| text.encode_utf16().flat_map(to_bytes).collect::<Vec<u8>>();
    let document = |encoding: &str| {
        format!(
            r#"<?xml version="1.0" encoding="{encoding}"?><gpx {V1_1}><wpt lat="1" lon="1"><name>kaf@</name></wpt></gpx>"#
        )
    };
    let with_byte = |text: String, bytes: &[u8]| {
        let (before, after) = text.split_once('@').expect("the place of the letter");
        [before.as_bytes(), bytes, after.as_bytes()].concat()
    };
    let marked = format!("\u{feff}{}", document("UTF-16").replace('@', "é"));
    for bytes in [
        with_byte(document("iso-8859-1"), b"\xe9"),
        with_byte(document("GBK"), b"\xa8\xa6"),
        with_byte(document("utf-8"), "é".as_bytes()),
        with_byte(document("UTF-16"), "é".as_bytes()),
        [&b"\xef\xbb\xbf"[..], &with_byte(document("UTF-8"), "é".as_bytes())].concat(),
        utf16(u16::to_le_bytes, &marked),
        utf16(u16::to_be_bytes, &marked),
        utf16(u16::to_le_bytes, marked.trim_start_matches('\u{feff}')),
        utf16(u16::to_be_bytes, marked.trim_start_matches('\u{feff}')),
    ] {
        let gpx = import(&bytes).expect("an encoding that is read");
        assert_eq!(gpx.marks[0].name.as_deref(), Some("kafé"), "{bytes:?}");
    }
    assert_eq!(import(&with_byte(document("UTF-8"), b"\xe9")), Err(GpxError::NotText("UTF-8")));
    assert_eq!(refused(&document("EBCDIC")), GpxError::UnknownEncoding("EBCDIC".to_owned()));
}

#[test]
fn what_is_not_gpx_says_what_it_is() {
    assert_eq!(import(b"\xff\xd8\xff\xe0\0\x10JFIF"), Err(GpxError::NotText("UTF-8")));
    assert!(matches!(refused(""), GpxError::NotXml { .. }));
    assert!(matches!(refused("lat,lon\n22,112\n"), GpxError::NotXml { .. }));
    assert!(matches!(refused("<gpx"), GpxError::NotXml { .. } | GpxError::CutOff));
    assert_eq!(refused("<kml xmlns='http://www.opengis.net/kml/2.2'/>"), GpxError::NotGpx("kml".to_owned()));
    let tcx = r#"<gpx xmlns="http://www.topografix.com/GPX/2/0"><trk/></gpx>"#;
    assert_eq!(refused(tcx), GpxError::Namespace("http://www.topografix.com/GPX/2/0".to_owned()));
    assert!(refused(tcx).to_string().contains("export the track as GPX 1.1"));
}

#[test]
fn malformed_xml_is_refused_whole() {
    let good = walk(r#"<trkpt lat="22" lon="112"/>"#);
    assert_eq!(refused(&good[..good.len() - 12]), GpxError::CutOff);
    assert_eq!(refused(&good[..good.len() - 22]), GpxError::CutOff);
    assert!(matches!(refused(&good.replace("</trkseg>", "</trksgg>")), GpxError::NotXml { byte, .. } if byte > 100));
    assert!(matches!(refused(&format!("{good}{good}")), GpxError::NotXml { .. }));
}

#[test]
fn a_doctype_an_entity_and_deep_nesting_are_refused() {
    let good = walk(r#"<trkpt lat="22" lon="112"/>"#);
    let bomb = good.replace("<gpx", "<!DOCTYPE gpx [<!ENTITY a \"&b;&b;\">]><gpx");
    assert_eq!(refused(&bomb), GpxError::Doctype);
    assert_eq!(refused(&gpx("<trk><name>&lol;</name></trk>")), GpxError::Entity("lol".to_owned()));
    assert_eq!(refused(&gpx(&"<a>".repeat(1_000_000))), GpxError::TooDeep);
}

#[test]
fn a_file_without_any_place_is_an_error_that_counts() {
    assert_eq!(refused(&gpx("")), GpxError::NoPoints { dropped: 0 });
    assert_eq!(refused(&walk(r#"<trkpt lat="95" lon="1"/><trkpt/>"#)), GpxError::NoPoints { dropped: 2 });
    let planned = gpx(r#"<rte><rtept lat="1" lon="1"/></rte>"#);
    assert!(refused(&planned).to_string().contains("not a route"));
}

#[test]
fn two_million_points_and_a_huge_file_are_refused() {
    assert_eq!(refused(&walk(&r#"<trkpt lat="22" lon="112"/>"#.repeat(2_000_000))), GpxError::TooManyPoints);
    assert_eq!(import(&vec![0; MAX_BYTES + 1]), Err(GpxError::TooBig(MAX_BYTES + 1)));
}

#[test]
fn an_export_says_where_and_why_the_track_has_gaps() {
    let gap = Gap { cause: GapCause::Permission, from_ms: Some(1_795_500_000_000), to_ms: None };
    let track = Track {
        segments: vec![
            Segment { gap_before: None, fixes: vec![bare(at(-5, 223_686_000))] },
            Segment { gap_before: Some(gap), fixes: vec![bare(at(1_125_793_000, -223_686_000))] },
        ],
    };
    let text = export(Some("巡查 <1> & \u{1}"), &track, &[]);
    assert_eq!(
        text,
        r#"<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="Gridpatrol" xmlns="http://www.topografix.com/GPX/1/1" xmlns:gridpatrol="urn:gridpatrol:gpx:1">
 <trk>
  <name>巡查 &lt;1&gt; &amp; �</name>
  <trkseg>
   <trkpt lat="22.3686000" lon="-0.0000005">
   </trkpt>
  </trkseg>
  <trkseg>
   <trkpt lat="-22.3686000" lon="112.5793000">
   </trkpt>
   <extensions>
    <gridpatrol:gap cause="permission" from="2026-11-24T06:00:00Z"/>
   </extensions>
  </trkseg>
 </trk>
</gpx>"#
    );
}

fn any_fix() -> impl Strategy<Value = Fix> {
    let at = (-1_800_000_000..=1_800_000_000_i32, -900_000_000..=900_000_000_i32);
    let time_ms = proptest::option::of(-60_000_000_000_000..=250_000_000_000_000_i64);
    let heading = proptest::option::of(0..36_000_u32);
    let measured = (any::<Option<i32>>(), any::<Option<u32>>(), any::<Option<u32>>(), heading);
    (time_ms, at, measured).prop_map(|(time_ms, (lon, lat), (ele_dm, accuracy_dm, speed_cms, heading_cdeg))| Fix {
        time_ms,
        ele_dm,
        accuracy_dm,
        speed_cms,
        heading_cdeg,
        ..Fix::at(E7::new(lon, lat).expect("in range"))
    })
}

fn any_segment() -> impl Strategy<Value = Segment> {
    let gap = (0..GapCause::ALL.len(), any::<Option<i64>>(), any::<Option<i64>>());
    let gap = gap.prop_map(|(cause, from_ms, to_ms)| Gap { cause: GapCause::ALL[cause], from_ms, to_ms });
    (proptest::option::of(gap), proptest::collection::vec(any_fix(), 0..6))
        .prop_map(|(gap_before, fixes)| Segment { gap_before, fixes })
}

/// Text as XML gives it back: trimmed, not empty, without control characters.
fn any_name() -> impl Strategy<Value = Option<String>> {
    let text = any::<String>().prop_map(|text| text.chars().filter(|c| !c.is_control()).collect::<String>());
    let text = text.prop_map(|text| text.trim().to_owned());
    proptest::option::of(text.prop_filter("a name", |t| !t.is_empty() && !t.contains(['\u{fffe}', '\u{ffff}'])))
}

prop_compose! {
    fn any_mark()(fix in any_fix(), name in any_name()) -> Mark {
        Mark { name, at: fix.at, time_ms: fix.time_ms, ele_dm: fix.ele_dm }
    }
}

proptest! {
    #[test]
    fn what_was_exported_is_imported_the_same(
        segments in proptest::collection::vec(any_segment(), 0..5),
        name in any_name(),
        marks in proptest::collection::vec(any_mark(), 1..4),
    ) {
        let track = Track { segments };
        let gpx = import(export(name.as_deref(), &track, &marks).as_bytes()).expect("our own file");
        prop_assert_eq!(&gpx.marks, &marks);
        prop_assert_eq!(&gpx.tracks[0].name, &name);
        let fixes: Vec<Vec<Fix>> = track.segments.into_iter().map(|segment| segment.fixes).collect();
        prop_assert_eq!(&gpx.tracks[0].segments, &fixes);
        prop_assert_eq!(gpx.notes, []);
    }

    #[test]
    fn a_file_with_any_bytes_changed_never_panics_nor_gains_a_point(
        at in 0.0..1.0, with in proptest::collection::vec(any::<u8>(), 0..6), cut in 0_usize..6,
    ) {
        let good = walk(r#"<trkpt lat="22.5" lon="112"><ele>1</ele><time>2026-11-24T08:04:06Z</time></trkpt>"#);
        let from = (good.len() as f64 * at) as usize;
        let to = (from + cut).min(good.len());
        let bytes = [&good.as_bytes()[..from], &with, &good.as_bytes()[to..]].concat();
        if let Ok(gpx) = import(&bytes) {
            prop_assert!(fixes(&gpx).len() + gpx.marks.len() == 1);
        }
    }

    #[test]
    fn bytes_of_any_kind_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(import(&bytes).is_err());
    }
}
