//! Which part of the land, and which places, a walk has seen. docs/coverage.md defines every word of it, so that
//! anybody can work a figure out again from the export.
//!
//! The land is a bitmap of cells of about 2 m; a cell is seen when its middle lies within a radius of the walked
//! line. So the work is the same for every fix, the coverages of several phones become one by OR, whatever the order,
//! and the share is a count of bits. A gap is no line: nothing is seen across it. Coverage says what was looked at and
//! never who looked: it holds no person and no time.
//!
//! Only sums, products, quotients and roots are used after the lattice is laid, which are the same on every machine.
//! Measured with `gridpatrol-bench cover`, see docs/benchmarks.md.

mod area;
mod bytes;
mod heat;
mod lattice;
mod places;
mod step;

pub use area::{Area, Coverage, NotTheSame, Share, Walker};
pub use bytes::BadCoverage;
pub use heat::Picture;
pub use lattice::Lattice;
pub use places::{Places, PlacesSeen, PlacesWalker};

/// Metres. Land and places so near to the walked line count as seen: one for all, so that coverages become one.
pub const SEEN_WITHIN_M: f64 = 30.0;
