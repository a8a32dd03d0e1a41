//! Grid packs.

/// Corners of one border: so many fit into one op of 32 KB with the rest of a grid.
pub const MAX_CORNERS: usize = 3_000;

pub mod check;
pub mod crs;
pub mod import;
mod plane;

pub use check::check;
