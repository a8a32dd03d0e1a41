//! What a town lives through with its hub: phones that sync, supervisors at the desk, operators at the command line.

mod base_map;
mod contract;
mod demo;
mod desk_cases;
mod desk_conflicts;
mod desk_coverage;
mod desk_doors;
mod desk_grids;
mod desk_held;
mod desk_patrols;
mod desk_photos;
mod grids;
mod operating;
mod photo;
mod sync;
mod town;
