//! What Gridpatrol records are and how they merge, once, for phones and hub.
//!
//! Pure: no file, clock, socket, random source or global. Whatever decides takes its world as values.

pub mod area;
pub mod ids;
pub mod time;
