//! What is said about a photo that somebody shows.

use std::path::Path;

use crate::evidence::{full, sign};
use crate::support::{heic, png_of, tiff};
use exif::{Tag, Value};
use gridpatrol_model::message::{Lang, Messages};
use gridpatrol_photo::{
    DHash, Finding, Import, Imported, LOOKS_ALIKE, Manifest, Planes, Seen, SignedManifest, Verdict, looks_like, verify,
};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, Rgb, RgbImage, imageops};
use sha2::{Digest, Sha256};

/// A hillside: soft light, and blocks of different brightness where houses stand. `seed` moves everything.
fn scene(seed: u32) -> DynamicImage {
    let mut picture = RgbImage::from_fn(800, 600, |x, y| {
        let wave = |n: u32| (((n + seed * 37) as f32 / 90.0).sin() * 40.0 + 120.0) as u8;
        Rgb([wave(x + y), wave(x * 2 + y), wave(y * 2)])
    });
    for n in 0..24u32 {
        let spot = n.wrapping_mul(2_654_435_761).wrapping_add(seed.wrapping_mul(40_503)) >> 8;
        let (x, y, shade) = (spot % 700, spot / 700 % 500, (spot / 7 % 200) as u8);
        for (dx, dy) in (0..100).flat_map(|dx| (0..100).map(move |dy| (dx, dy))) {
            picture.put_pixel(x + dx, y + dy, Rgb([shade, shade / 2 + 60, shade]));
        }
    }
    picture.into()
}

fn jpeg(picture: &DynamicImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality)).expect("a small picture encodes");
    bytes
}

/// What a phone signs about a file.
fn manifest_of(original: &[u8]) -> Manifest {
    let seen = Seen::of(original, None);
    Manifest { sha256: Sha256::digest(original).into(), dhash: seen.dhash, ..full() }
}

fn found(file: &[u8], code: Option<&str>, candidates: &[SignedManifest]) -> Finding {
    let code = code.map(|code| code.parse().expect("a good code"));
    verify(&Seen::of(file, code), candidates, |_| true)
}

fn verdict(file: &[u8], candidate: &SignedManifest) -> Verdict {
    found(file, None, std::slice::from_ref(candidate)).verdict
}

#[test]
fn the_original_is_genuine_and_one_changed_byte_is_not() {
    let original = jpeg(&scene(1), 92);
    let signed = sign(manifest_of(&original));
    assert_eq!(verdict(&original, &signed), Verdict::Intact);
    let mut touched = original.clone();
    // The stated dots per inch: no pixel depends on it.
    let density = original.windows(4).position(|w| w == b"JFIF").expect("a JFIF header") + 9;
    touched[density] ^= 1;
    let verdict = verdict(&touched, &signed);
    assert!(!verdict.is_genuine());
    assert_eq!(verdict, Verdict::Recompressed { distance: 0 }, "it still looks the same");
}

#[test]
fn a_copy_from_a_messenger_is_recompressed_at_a_small_distance() {
    let original = jpeg(&scene(1), 92);
    let signed = sign(manifest_of(&original));
    let picture = scene(1);
    let small = picture.resize(400, 300, imageops::FilterType::Triangle);
    let bright = picture.brighten(15);
    let cropped = picture.crop_imm(8, 6, 784, 588);
    for (name, copy) in [
        ("other quality", jpeg(&picture, 40)),
        ("half the size", jpeg(&small, 60)),
        ("brighter", jpeg(&bright, 60)),
        ("1 % off each side", jpeg(&cropped, 60)),
        ("as PNG", png_of(&picture)),
    ] {
        let verdict = verdict(&copy, &signed);
        assert!(
            matches!(verdict, Verdict::Recompressed { distance } if distance <= LOOKS_ALIKE),
            "{name}: {verdict:?}"
        );
    }
}

#[test]
fn another_photo_with_the_code_drawn_on_it_is_only_a_code() {
    let signed = sign(manifest_of(&jpeg(&scene(1), 92)));
    let other = jpeg(&scene(2), 92);
    assert_eq!(found(&other, None, std::slice::from_ref(&signed)).verdict, Verdict::Unrelated);
    let code = signed.manifest.code().to_string().to_lowercase();
    let finding = found(&other, Some(&code), std::slice::from_ref(&signed));
    assert_eq!(finding, Finding { verdict: Verdict::CodeOnly, candidate: Some(0) });
}

#[test]
fn the_code_that_was_typed_decides_between_photos_that_look_alike() {
    let original = jpeg(&scene(1), 92);
    let first = manifest_of(&original);
    let second = Manifest { sha256: [1; 32], ..first.clone() };
    let code = second.code().to_string();
    let candidates = [sign(first), sign(second)];
    let copy = jpeg(&scene(1), 50);
    assert_eq!(found(&copy, None, &candidates).candidate, Some(0));
    let finding = found(&copy, Some(&code), &candidates);
    assert!(matches!(finding, Finding { verdict: Verdict::Recompressed { .. }, candidate: Some(1) }), "{finding:?}");
}

#[test]
fn a_manifest_that_anyone_can_make_does_not_make_a_photo_genuine() {
    let original = jpeg(&scene(3), 92);
    let signed = sign(manifest_of(&original));
    let seen = Seen::of(&original, None);
    let nobody = verify(&seen, std::slice::from_ref(&signed), |_| false);
    assert_eq!(nobody.verdict, Verdict::UnknownSigner);

    let backdated = Manifest { last_hub_ms: Some(0), ..signed.manifest.clone() };
    let forged = SignedManifest { manifest: backdated, signature: signed.signature };
    assert_eq!(verdict(&original, &forged), Verdict::BadSignature);
    assert_eq!(found(&original, None, &[forged, signed]), Finding { verdict: Verdict::Intact, candidate: Some(1) });
}

#[test]
fn a_photo_without_pixels_is_still_compared_by_its_bytes() {
    let heic = heic(&tiff(&[(Tag::Orientation, Value::Short(vec![1]))]));
    let manifest = manifest_of(&heic);
    assert_eq!(manifest.dhash, None);
    assert_eq!(verdict(&heic, &sign(manifest)), Verdict::Intact);
}

#[test]
fn every_verdict_is_said_in_both_languages_and_only_one_says_genuine() {
    let verdicts = [
        Verdict::Intact,
        Verdict::Recompressed { distance: 3 },
        Verdict::CodeOnly,
        Verdict::UnknownSigner,
        Verdict::BadSignature,
        Verdict::Unrelated,
    ];
    let said = |lang, verdict: Verdict| Messages::new(lang).text(verdict.message_id(), &verdict.args());
    for verdict in verdicts {
        let (zh, en) = (said(Lang::Zh, verdict), said(Lang::En, verdict));
        assert_eq!(zh.starts_with("是原件"), verdict.is_genuine(), "{zh}");
        assert_eq!(en.starts_with("Genuine"), verdict.is_genuine(), "{en}");
        assert!(!zh.contains("verify-") && !en.contains("{ $"), "{zh} {en}");
    }
    assert!(said(Lang::En, Verdict::Recompressed { distance: 3 }).contains("3 of 64"));
}

#[test]
fn a_text_file_is_the_original_of_nothing() {
    let signed = sign(manifest_of(&jpeg(&scene(1), 92)));
    assert_eq!(verdict("巡格".as_bytes(), &signed), Verdict::Unrelated);
}

#[test]
fn the_stamped_derivative_of_a_photo_looks_like_its_manifest() {
    let original = jpeg(&scene(4), 92);
    let mut before_the_stamp = None;
    let mut stamp = |_: &Imported, planes: &mut Planes| {
        before_the_stamp = Some(DHash::of(&planes.y, planes.width, planes.height));
        let panel = planes.width * planes.height * 79 / 100..;
        planes.y[panel].fill(20);
    };
    let import = Import { stamp: Some(&mut stamp), ..Import::default() };
    let derivative = import.bytes(&original, Path::new("a.jpg")).expect("a photo").derivative.expect("it decodes");
    let manifest = Manifest { dhash: before_the_stamp, ..manifest_of(&original) };
    assert_eq!(manifest, manifest_of(&original), "the phone and a verifier see the same");
    let verdict = verdict(&derivative.bytes, &sign(manifest));
    assert!(matches!(verdict, Verdict::Recompressed { distance: 0..=2 }), "{verdict:?}");
}

#[test]
fn the_nearest_photo_that_looks_alike_is_named_and_strangers_are_not() {
    let hash = |picture: &DynamicImage| {
        let luma = picture.to_luma8();
        DHash::of(&luma, luma.width() as usize, luma.height() as usize)
    };
    let known: Vec<DHash> = (0..8).map(|seed| hash(&scene(seed))).collect();
    let again = image::load_from_memory(&jpeg(&scene(5), 30)).expect("a JPEG");
    assert_eq!(looks_like(hash(&again), &known).map(|(at, _)| at), Some(5));
    assert_eq!(looks_like(hash(&scene(99)), &known), None);
    assert_eq!(looks_like(hash(&again), &[]), None);
}
