//! The three kinds of bad news: no photo at all, a photo without a picture of it, and one with a part of it.

use std::io;

/// The file is not taken in. It stays untouched where it was.
#[derive(Debug, thiserror::Error)]
pub enum PhotoError {
    #[error("the file cannot be read ({0}); check that it still exists and may be opened, then try again")]
    Unreadable(#[source] io::Error),
    #[error("the file is empty; copy it from the camera or phone again")]
    Empty,
    #[error("the file is not a JPEG, PNG, WebP or HEIC photo, whatever its name says; save it as JPEG and add that")]
    NotAPhoto,
    #[error("the file has {size} bytes and a photo may have at most {max}; save it smaller and add that")]
    TooManyBytes { size: u64, max: u64 },
    #[error("the file was changed while it was taken in; wait until whatever writes it is done, then add it again")]
    Changed,
}

impl PhotoError {
    /// Stable name, for reports.
    pub fn code(&self) -> &'static str {
        match self {
            PhotoError::Unreadable(_) => "unreadable",
            PhotoError::Empty => "empty",
            PhotoError::NotAPhoto => "not-a-photo",
            PhotoError::TooManyBytes { .. } => "too-many-bytes",
            PhotoError::Changed => "changed",
        }
    }
}

/// Why a photo that was taken in has no derivative and no thumbnail. Original, hash and EXIF are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPreview {
    #[error("HEIC is decoded by the phone's own system")]
    HeicNeedsShell,
    #[error("the file breaks off before its picture ends; copy it again from where it came from")]
    Truncated,
    #[error("{width} × {height} pixels are more than this app decodes; add a smaller copy beside it")]
    TooLarge { width: u32, height: u32 },
    #[error("the header claims {width} × {height} pixels, which the bytes behind it cannot hold")]
    Implausible { width: u32, height: u32 },
    #[error("the file asks for more work than a photo of its size can need; save it as an ordinary JPEG and add that")]
    TooCostly,
    #[error("this variant of the format is not decoded here; save it as an ordinary JPEG and add that beside it")]
    Unsupported,
    #[error("the picture is damaged; copy it again from where it came from")]
    Damaged,
}

/// What is wrong with the file of a photo. What is shown of it then is not all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// The file breaks off before its picture ends.
    EndMissing,
    /// Something within the picture makes no sense.
    Corrupt,
}

impl Damage {
    /// Stable name: what a record stores, and the end of the message id `photo-damage-…`.
    pub fn code(self) -> &'static str {
        match self {
            Damage::EndMissing => "end-missing",
            Damage::Corrupt => "corrupt",
        }
    }
}

impl NoPreview {
    /// Stable name: what a record stores, and the end of the message id `photo-no-preview-…`.
    pub fn code(self) -> &'static str {
        match self {
            NoPreview::HeicNeedsShell => "heic",
            NoPreview::Truncated => "truncated",
            NoPreview::TooLarge { .. } => "too-large",
            NoPreview::Implausible { .. } => "implausible",
            NoPreview::TooCostly => "too-costly",
            NoPreview::Unsupported => "unsupported",
            NoPreview::Damaged => "damaged",
        }
    }
}
