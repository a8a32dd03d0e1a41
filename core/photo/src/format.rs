//! Which format the bytes are, and whether the name agrees.

use std::path::Path;

/// A photo format, as its first bytes tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    Jpeg,
    Png,
    Webp,
    /// HEIC and HEIF: stills coded by HEVC in an ISO base media file.
    Heic,
}

/// Brands of ISO/IEC 23008-12 (HEIF) annex B. AVIF files list `mif1` too, which is why a major brand of
/// `avif` or `avis` is asked first.
const HEIF_BRANDS: [&[u8; 4]; 11] =
    [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"heif", b"mif1", b"msf1"];

/// How far the list of compatible brands is looked at: 64 brands are far more than any writer uses.
const MAX_BRAND_BYTES: usize = 16 + 64 * 4;

impl Format {
    /// `None` if the bytes are no photo that is known here.
    pub(crate) fn sniff(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
            Some(Format::Jpeg)
        } else if bytes.starts_with(&crate::png::SIGNATURE) {
            Some(Format::Png)
        } else if crate::webp::is_webp(bytes) {
            Some(Format::Webp)
        } else if is_heif(bytes) {
            Some(Format::Heic)
        } else {
            None
        }
    }

    fn extensions(self) -> &'static [&'static str] {
        match self {
            Format::Jpeg => &["jpg", "jpeg", "jpe", "jfif"],
            Format::Png => &["png"],
            Format::Webp => &["webp"],
            Format::Heic => &["heic", "heif", "hif"],
        }
    }

    /// True if the name has an extension and it belongs to something else.
    pub(crate) fn contradicts(self, name: &Path) -> bool {
        name.extension().is_some_and(|ext| !self.extensions().iter().any(|own| ext.eq_ignore_ascii_case(own)))
    }
}

fn is_heif(bytes: &[u8]) -> bool {
    let Some((head, _)) = bytes.split_first_chunk::<12>() else { return false };
    let [s0, s1, s2, s3, b'f', b't', b'y', b'p', major @ ..] = head else { return false };
    if [b"avif", b"avis"].contains(&major) {
        return false;
    }
    let size = usize::try_from(u32::from_be_bytes([*s0, *s1, *s2, *s3])).unwrap_or(usize::MAX);
    let compatible = bytes.get(16..size.min(MAX_BRAND_BYTES).min(bytes.len())).unwrap_or_default();
    HEIF_BRANDS.contains(&major) || compatible.as_chunks::<4>().0.iter().any(|brand| HEIF_BRANDS.contains(&brand))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ftyp(major: &[u8; 4], compatible: &[&[u8; 4]]) -> Vec<u8> {
        let size = u32::try_from(16 + 4 * compatible.len()).expect("a few brands");
        let mut bytes = [&size.to_be_bytes()[..], b"ftyp", major, &[0; 4]].concat();
        compatible.iter().for_each(|brand| bytes.extend_from_slice(*brand));
        bytes
    }

    #[test]
    fn heif_is_told_by_its_major_or_a_compatible_brand() {
        assert_eq!(Format::sniff(&ftyp(b"heic", &[b"mif1"])), Some(Format::Heic));
        assert_eq!(Format::sniff(&ftyp(b"abcd", &[b"isom", b"heix"])), Some(Format::Heic));
        assert_eq!(Format::sniff(&ftyp(b"heic", &[])), Some(Format::Heic));
    }

    #[test]
    fn a_film_and_an_avif_are_not_taken_for_heic() {
        assert_eq!(Format::sniff(&ftyp(b"isom", &[b"mp42", b"avc1"])), None);
        assert_eq!(Format::sniff(&ftyp(b"avif", &[b"mif1", b"miaf"])), None);
    }

    #[test]
    fn brands_behind_the_end_of_the_box_do_not_count() {
        let mut film = ftyp(b"isom", &[b"mp42"]);
        film.extend_from_slice(b"heic");
        assert_eq!(Format::sniff(&film), None);
    }

    #[test]
    fn a_name_contradicts_only_by_a_foreign_extension() {
        assert!(Format::Png.contradicts(Path::new("a.JPG")));
        assert!(!Format::Jpeg.contradicts(Path::new("a.JPEG")));
        assert!(!Format::Jpeg.contradicts(Path::new("3f7a")));
    }
}
