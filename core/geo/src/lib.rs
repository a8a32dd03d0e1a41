//! Where things are: coordinates by reference system, the grid that owns a point, distances, tracks with
//! their gaps, and GPX.
//!
//! Pure: no file, clock, socket, random source or global; a test reads the dependency list. Whatever comes
//! from outside is `&str` or `&[u8]`, is bounded before anything is allocated for it, and never panics.

pub mod block;
pub mod coverage;
pub mod crs;
pub mod distance;
pub mod drift;
pub mod fence;
pub mod gpx;
pub mod grid;
pub mod ruler;
pub mod sampling;
pub mod simplify;
pub mod snap;
pub mod track;
