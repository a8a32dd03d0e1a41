//! Grid packs: the borders that an office has drawn, made fit for phones.
//!
//! Four steps, each a pure function of what is given to it, none of which repairs or guesses anything in silence:
//! 1. [`import()`](import::import) reads polygons of a named reference system;
//! 2. [`check()`] names each fault with its place on a map;
//! 3. [`repair`] mends what it is asked to, and reports it grid by grid;
//! 4. a [`Pack`] holds the grids, is split and merged, and is written as one file with its index, used where it lies.
//!
//! docs/grid-packs.md says the same for operators, with the formats, columns and faults.

pub mod change;
pub mod check;
pub mod crs;
pub mod import;
pub mod pack;
mod plane;
pub mod repair;

pub use change::{Changed, NoChange};
pub use check::check;
pub use pack::{About, BadPack, Grid, NoPack, Pack, PackFile};

/// Corners of one border: so many fit into one op of 32 KB with the rest of a grid.
pub const MAX_CORNERS: usize = 3_000;
