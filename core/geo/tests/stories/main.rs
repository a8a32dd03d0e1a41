//! What a member's walk, a grid's border and a point on the map are told about each other.

mod block;
mod coverage;
mod crs;
mod drift;
mod fence;
mod gpx;
mod grid;
mod purity;
mod ruler;
mod sampling;
mod simplify;
mod snap;
mod track;
