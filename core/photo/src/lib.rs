//! Photo import: what a file is, what may be decoded, what its camera says, and two small upright JPEGs.
//!
//! The original is evidence: it is hashed and kept byte for byte, and nothing here ever changes it. A photo is
//! therefore never refused because its pixels cannot be shown: it comes back without a derivative and with the
//! reason ([`NoPreview`]). Only a file that is no photo at all, or cannot be read, is a [`PhotoError`].
//!
//! Formats are told by content, never by name. Sizes are checked on the header, before a decoder sees the bytes.

mod error;
pub mod exif_write;
mod format;
mod header;
mod import;
mod jpeg;
mod keep;
mod metadata;
mod planes;
mod png;
mod preview;

pub use error::{NoPreview, PhotoError};
pub use format::Format;
pub use import::{Imported, Limits, import, import_bytes};
pub use keep::{Kept, keep_original};
pub use metadata::{Position, TakenAt, TimeSource};
pub use planes::Planes;
pub use preview::Jpeg;
