//! What a bomb costs: counted bytes. A file that promises much and holds little is refused on its header, before a
//! decoder or a buffer exists.
#![allow(unsafe_code, reason = "an allocator that counts; it hands every call on to the system's, unchanged")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use crate::support::*;
use gridpatrol_photo::NoPreview;
use turbojpeg::Subsamp;

struct Counting;

thread_local! {
    static ASKED: Cell<usize> = const { Cell::new(0) };
}

fn count(bytes: usize) {
    // Gone while a thread ends: nobody counts then.
    let _ = ASKED.try_with(|asked| asked.set(asked.get() + bytes));
}

// SAFETY: the system's allocator does the work; counting touches no memory of its own making.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller's promises are handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller's promises are handed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size);
        // SAFETY: the caller's promises are handed on.
        unsafe { System.realloc(old, layout, size) }
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are handed on.
        unsafe { System.dealloc(old, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Bytes that taking it in asks for, and the reason for which it is not shown.
fn cost(bytes: &[u8]) -> (usize, Option<NoPreview>) {
    let before = ASKED.get();
    let verdict = taken_in(bytes).no_preview;
    (ASKED.get() - before, verdict)
}

#[test]
fn a_picture_costs_memory_and_the_count_sees_it() {
    let (asked, verdict) = cost(&jpeg(640, 480));
    assert_eq!(verdict, None);
    assert!(asked > 640 * 480, "{asked} bytes");
}

#[test]
fn a_bomb_costs_next_to_nothing() {
    let huge = with_claimed_size(jpeg(64, 48), 65_280, 65_280);
    let large = with_claimed_size(jpeg(64, 48), 30_000, 4_000);
    let mut png = png(64, 48);
    png[16..24].copy_from_slice(&[0, 0, 0x27, 0x10, 0, 0, 0x1F, 0x40]);
    let progressive = turbo_jpeg(&quarters(1024, 1024), Subsamp::Sub2x2, true);
    let (picture, end) = progressive.split_at(progressive.len() - 2);
    let scan = [0xFF, 0xDA, 0, 8, 1, 1, 0, 1, 1, 0x10, 0x7F];
    let scans = [picture, &scan.repeat(5_000), end].concat();
    let names = ["too-large", "implausible", "implausible", "too-costly"];
    for (bomb, name) in [huge, large, png, scans].iter().zip(names) {
        let (asked, verdict) = cost(bomb);
        assert_eq!(verdict.map(NoPreview::code), Some(name));
        assert!(asked < 4_096, "{name}: {asked} bytes");
    }
}

#[test]
fn thousands_of_code_tables_in_a_broken_picture_cost_next_to_nothing() {
    let whole = turbo_jpeg(&waves(320, 240), Subsamp::Sub2x2, false);
    let cut = &whole[..whole.len() / 2];
    // Empty ones, before those that count.
    let tables = [&[0xFF, 0xC4, 0xC7, 0x3A][..], &[0; 17 * 3_000]].concat();
    let bomb = [&cut[..2], &tables.repeat(20), &cut[2..]].concat();
    let ((usual, fine), (asked, verdict)) = (cost(cut), cost(&bomb));
    assert_eq!((fine, verdict), (None, None));
    assert!(asked < usual + 4 * bomb.len(), "{asked} bytes, and {usual} without");
}

#[test]
fn a_colour_profile_does_not_swell() {
    // A PNG whose profile is 64 MB of nothing, packed into 64 KB.
    let png = png(64, 48);
    let packed = vec![0; 64 << 20];
    let packed = image_profile(&packed);
    let (start, rest) = png.split_at(8 + 25);
    let bomb = [start, &packed, rest].concat();
    let (asked, _) = cost(&bomb);
    assert!(asked < 16 << 20, "{asked} bytes");
}

/// The iCCP chunk that the `image` crate writes for a profile.
fn image_profile(profile: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = image::codecs::png::PngEncoder::new(&mut out);
    image::ImageEncoder::set_icc_profile(&mut encoder, profile.to_vec()).expect("a PNG may have one");
    image::ImageEncoder::write_image(encoder, &[0; 3], 1, 1, image::ExtendedColorType::Rgb8).expect("encodes");
    let start = out.windows(4).position(|w| w == b"iCCP").expect("a profile") - 4;
    let length = u32::from_be_bytes(out[start..][..4].try_into().expect("four bytes")) as usize;
    out[start..][..length + 12].to_vec()
}
