//! The hub: what phones sync with and what supervisors look at.

pub mod api;
pub mod blobs;
pub mod cell;
pub mod desk;
pub mod phone;
