//! Photo import: what a file is, what may be decoded, what its camera says, and two small upright JPEGs.
//!
//! The original is evidence: it is hashed and kept byte for byte, and nothing here ever changes it. A photo is
//! therefore never refused because its pixels cannot be shown: it comes back without a derivative and with the
//! reason ([`NoPreview`]). A broken one is shown as far as it goes and says so ([`Damage`]). Only a file that is no
//! photo at all, or cannot be read, is a [`PhotoError`].
//!
//! Formats are told by content, never by name. Sizes, memory and work are checked on the header, before a decoder
//! sees the bytes. Pixels stay YCbCr planes from the decoder to the encoder ([`Planes`]).

mod code;
mod codec;
mod dhash;
mod entropy;
mod error;
pub mod exif_write;
mod format;
mod header;
mod heif;
mod icc;
mod import;
mod jpeg;
mod manifest;
mod mend;
mod metadata;
mod pixels;
mod planes;
mod png;
mod preview;
mod resize;
mod signed;
pub mod stamp;
mod stripes;
mod turn;
mod verify;
mod webp;

pub use code::{BadCode, Code};
pub use codec::Coder;
pub use dhash::{DHash, LOOKS_ALIKE, looks_like};
pub use error::{Damage, NoPreview, PhotoError};
pub use format::Format;
pub use import::{Import, Imported, Limits, Stamp, import, import_bytes, picture};
pub use manifest::{BadManifest, Manifest, Origin, Place, WGS_84};
pub use metadata::{Position, TakenAt, TimeSource};
pub use pixels::{Layout, Pixels, Plane};
pub use planes::Planes;
pub use preview::{Detail, Jpeg};
pub use signed::{Sidecar, SignedManifest};
pub use verify::{Finding, Seen, Verdict, verify};
