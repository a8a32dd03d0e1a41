//! The stamp on a photo: golden pictures compared as an eye would, and what must hold for every size.
//!
//! `GRIDPATROL_WRITE_GOLDEN=1 cargo test -p gridpatrol-photo stamp::` draws the golden pictures anew. Look at
//! them before you commit them.

use std::cell::RefCell;
use std::path::PathBuf;

use gridpatrol_model::message::{Lang, Messages};
use gridpatrol_photo::stamp::{Drawn, Label, MAX_HEIGHT_PERCENT, Part, Time, draw};
use gridpatrol_photo::{Code, DHash, Place, Planes, WGS_84};
use image::{Rgb, RgbImage};
use proptest::prelude::*;

/// Two pictures are one to the eye if no square of 16 pixels differs by more than this on average (of 255). Another
/// rounding in a rasteriser gives below 2, another digit about 50.
const SAME_TO_THE_EYE: f64 = 6.0;

fn full() -> Label<'static> {
    Label {
        category: "暴露垃圾",
        time: Some(Time { utc_ms: 1_795_500_067_000, offset_min: 480, verified: true }),
        place: "开平市塘口镇强亚村委会自力村铭石楼东侧",
        grid_code: "440783108224001",
        position: Some(Place { crs: WGS_84, lon_e7: 1_125_793_000, lat_e7: 223_686_000, accuracy_dm: Some(48) }),
        code: Code::of(b"golden"),
        library: false,
        damaged: false,
    }
}

/// From sky to ground, so that the panel lies over light and dark.
fn landscape(width: usize, height: usize) -> Planes {
    let mut planes = Planes::filled(width, height, [0, 110, 140]);
    for (y, row) in planes.y.chunks_exact_mut(width).enumerate() {
        for (x, sample) in row.iter_mut().enumerate() {
            // In steps, which keeps the golden pictures small.
            *sample = (255 - y * 120 / height - x * 100 / width) as u8 & 0xf0;
        }
    }
    planes
}

fn stamped_by(planes: &mut Planes, what: &Label<'_>, lang: Lang) -> Drawn {
    draw(planes, what, &Messages::new(lang), &|_, _| None)
}

fn stamped(planes: &mut Planes, what: &Label<'_>) -> Drawn {
    stamped_by(planes, what, Lang::Zh)
}

/// JFIF.
fn rgb(planes: &Planes) -> RgbImage {
    let chroma_width = planes.chroma_width();
    RgbImage::from_fn(planes.width as u32, planes.height as u32, |x, y| {
        let (x, y) = (x as usize, y as usize);
        let chroma = y / 2 * chroma_width + x / 2;
        let (y, u, v) = (f32::from(planes.y[y * planes.width + x]), planes.u[chroma], planes.v[chroma]);
        let (u, v) = (f32::from(u) - 128.0, f32::from(v) - 128.0);
        Rgb([y + 1.402 * v, y - 0.344_136 * u - 0.714_136 * v, y + 1.772 * u].map(|c| c.round() as u8))
    })
}

/// The largest mean difference of a square of 16 pixels.
fn difference(one: &RgbImage, other: &RgbImage) -> f64 {
    assert_eq!(one.dimensions(), other.dimensions());
    let square = |left: u32, top: u32| {
        let (right, bottom) = ((left + 16).min(one.width()), (top + 16).min(one.height()));
        let pixels = (top..bottom).flat_map(|y| (left..right).map(move |x| (x, y)));
        let apart = |(x, y): (u32, u32)| -> u32 {
            let pairs = one.get_pixel(x, y).0.into_iter().zip(other.get_pixel(x, y).0);
            pairs.map(|(a, b)| u32::from(a.abs_diff(b))).sum()
        };
        f64::from(pixels.map(apart).sum::<u32>()) / f64::from(3 * (right - left) * (bottom - top))
    };
    let corners = (0..one.height()).step_by(16).flat_map(|y| (0..one.width()).step_by(16).map(move |x| (x, y)));
    corners.map(|(x, y)| square(x, y)).fold(0.0, f64::max)
}

fn golden(name: &str, drawn: &RgbImage) -> RgbImage {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.png"));
    if std::env::var_os("GRIDPATROL_WRITE_GOLDEN").is_some() {
        drawn.save(&path).expect("a writable checkout");
    }
    image::open(&path).expect("golden pictures are committed").into_rgb8()
}

#[test]
fn stamps_look_as_they_did_when_somebody_looked_at_them() {
    let unchecked = full().time.map(|time| Time { verified: false, ..time });
    let cases = [
        ("landscape", (800, 600), full(), Lang::Zh),
        ("portrait-from-library", (600, 800), Label { library: true, ..full() }, Lang::Zh),
        ("wide", (800, 340), Label { time: unchecked, ..full() }, Lang::Zh),
        ("small-without-coordinates", (320, 240), Label { position: None, ..full() }, Lang::Zh),
        ("english", (800, 600), Label { library: true, time: unchecked, place: "", ..full() }, Lang::En),
    ];
    for (name, (width, height), what, lang) in cases {
        let mut planes = landscape(width, height);
        stamped_by(&mut planes, &what, lang);
        let drawn = rgb(&planes);
        let apart = difference(&drawn, &golden(name, &drawn));
        assert!(apart <= SAME_TO_THE_EYE, "{name}: {apart}");
    }
}

#[test]
fn the_comparison_sees_one_wrong_digit() {
    let picture = |grid_code| {
        let mut planes = landscape(800, 600);
        stamped(&mut planes, &Label { grid_code, ..full() });
        rgb(&planes)
    };
    let apart = difference(&picture("440783108224001"), &picture("440783108224007"));
    assert!(apart > 2.0 * SAME_TO_THE_EYE, "{apart}");
}

#[test]
fn what_the_font_lacks_is_asked_of_the_shell_and_drawn() {
    let asked = RefCell::new(Vec::new());
    let shell = |character: char, side: usize| {
        asked.borrow_mut().push(character);
        (character == '𠮷').then(|| vec![255; side * side])
    };
    let what = Label { place: "𠮷𠮷村", ..full() };
    let mut planes = Planes::filled(800, 600, [0, 128, 128]);
    let outcome = draw(&mut planes, &what, &Messages::new(Lang::Zh), &shell);
    assert_eq!(outcome.missing, []);
    assert_eq!(*asked.borrow(), ['𠮷'], "asked once for each size");
    let white = planes.y.chunks_exact(800).any(|row| row.windows(12).any(|w| w.iter().all(|&y| y > 230)));
    assert!(white, "the shell's square of ink is there");
}

#[test]
fn a_character_that_nobody_has_is_named_and_marked_never_left_blank() {
    let what = Label { place: "𠮷村👷𠮷", ..full() };
    let mut planes = landscape(800, 600);
    assert_eq!(stamped(&mut planes, &what).missing, ['𠮷', '👷']);
    let mut marked = landscape(800, 600);
    assert_eq!(stamped(&mut marked, &Label { place: "〓村〓〓", ..full() }).missing, []);
    assert!(difference(&rgb(&planes), &rgb(&marked)) <= SAME_TO_THE_EYE);
    // A shell that answers with another size than asked for has no character either.
    let mut planes = landscape(800, 600);
    let outcome = draw(&mut planes, &what, &Messages::new(Lang::Zh), &|_, side| Some(vec![255; side]));
    assert_eq!(outcome.missing, ['𠮷', '👷']);
}

#[test]
fn a_small_photo_says_what_it_left_out_and_a_tiny_one_stays_as_it_is() {
    let outcome = |width, height| stamped(&mut landscape(width, height), &full());
    assert_eq!(outcome(1600, 1200).left_out, []);
    assert_eq!(outcome(640, 480).left_out, []);
    assert_eq!(outcome(320, 240).left_out, [Part::Place, Part::GridCode, Part::Position]);
    let mut planes = landscape(100, 80);
    let all = [Part::Category, Part::Code, Part::Time, Part::Place, Part::GridCode, Part::Position];
    assert_eq!(stamped(&mut planes, &full()), Drawn { panel: None, left_out: all.to_vec(), missing: vec![] });
    assert_eq!(planes, landscape(100, 80));
}

#[test]
fn a_time_beyond_the_calendar_is_left_out_and_said() {
    let time = full().time.map(|time| Time { utc_ms: i64::MAX, ..time });
    assert_eq!(stamped(&mut landscape(800, 600), &Label { time, ..full() }).left_out, [Part::Time]);
    let unknown = Label { time: None, library: true, ..full() };
    assert_eq!(stamped(&mut landscape(800, 600), &unknown).left_out, [], "nobody asked for a time that is not known");
}

#[test]
fn a_broken_photo_is_labelled_first_of_all() {
    let category = "[图片残缺] [非现场] 暴露垃圾";
    let by_hand = Label { category, ..full() };
    let (mut found, mut wanted) = (landscape(800, 600), landscape(800, 600));
    stamped(&mut found, &Label { damaged: true, library: true, ..full() });
    stamped(&mut wanted, &by_hand);
    // The same but for the colour of the labels.
    assert!(found.y.iter().zip(&wanted.y).filter(|(a, b)| a.abs_diff(**b) > 60).count() < 800 * 600 / 100);
    assert_ne!(found, wanted);
}

#[test]
fn text_can_be_read_over_snow_and_at_night() {
    for grey in [255, 128, 0] {
        let mut planes = Planes::filled(1600, 1200, [grey, 128, 128]);
        let panel = stamped(&mut planes, &full()).panel.expect("there is room");
        let pixel = |x: usize, y: usize| planes.y[y * 1600 + x];
        let inside =
            (panel.y..panel.y + panel.height).flat_map(|y| (panel.x + 20..panel.x + panel.width).map(move |x| (x, y)));
        let (darkest, brightest) =
            inside.fold((255, 0), |(low, high), (x, y)| (pixel(x, y).min(low), pixel(x, y).max(high)));
        // WCAG 2: relative luminance of grey, and the ratio of two.
        let luminance = |grey: u8| (f64::from(grey) / 255.0).powf(2.2);
        let contrast = (luminance(brightest) + 0.05) / (luminance(darkest) + 0.05);
        assert!(contrast >= 4.5, "over {grey}: {contrast}");
    }
}

#[test]
fn the_stamp_does_not_change_what_a_photo_looks_like_to_the_fingerprint() {
    let mut planes = landscape(1600, 1200);
    let before = DHash::of(&planes.y, 1600, 1200);
    stamped(&mut planes, &full());
    assert_eq!(DHash::of(&planes.y, 1600, 1200), before);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Whatever the size and the texts: at most 22 % of the height, nothing outside the panel changes.
    #[test]
    fn the_stamp_stays_in_its_panel(
        width in 1usize..1700, height in 1usize..1700, place in "\\PC{0,120}", category in "[一-龥]{0,60}", library: bool
    ) {
        let before = landscape(width, height);
        let mut planes = before.clone();
        let outcome = stamped(&mut planes, &Label { place: &place, category: &category, library, ..full() });
        let Some(panel) = outcome.panel else {
            prop_assert_eq!(planes, before);
            return Ok(());
        };
        prop_assert!((height - panel.y) * 100 <= height * MAX_HEIGHT_PERCENT);
        prop_assert!(panel.x + panel.width <= width && panel.y + panel.height <= height);
        for y in 0..height {
            let (row, was) = (&planes.y[y * width..][..width], &before.y[y * width..][..width]);
            let covered = if (panel.y..panel.y + panel.height).contains(&y) { panel.x..panel.x + panel.width } else { 0..0 };
            prop_assert_eq!(&row[..covered.start], &was[..covered.start]);
            prop_assert_eq!(&row[covered.end..], &was[covered.end..]);
        }
        prop_assert!(!outcome.left_out.contains(&Part::Category) && !outcome.left_out.contains(&Part::Code));
    }
}
