//! The hub: what phones sync with and what supervisors look at.

pub mod api;
pub mod blobs;
pub mod cell;
pub mod deadlines;
pub mod demo;
pub mod desk;
pub mod door;
mod folder;
pub mod grid_file;
pub mod grid_pack;
mod metrics;
pub mod phone;
mod recut;
pub mod serve;
mod web;

pub use folder::public_key;
