//! What Gridpatrol records are and how they merge, once, for phones and hub.
//!
//! Pure: no file, clock, socket, random source or global. Whatever decides takes its world as values.

pub mod area;
pub mod author;
mod codec;
pub mod divisions;
pub mod due;
pub mod fold;
pub mod ids;
pub mod intake;
pub mod message;
pub mod op;
pub mod pack;
pub mod page;
pub mod photo_rule;
pub mod record;
mod record_codec;
pub mod row;
pub mod schema;
pub mod severity;
pub mod time;
pub mod value;
pub mod workflow;
