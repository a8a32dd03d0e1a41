//! Value types of lower crates as the bindings see them: those crates know nothing of bindings.

use gridpatrol_model::value::Position;

use crate::labels::Lang;
use crate::walk::GapCause;

#[uniffi::remote(Record)]
pub struct Position {
    pub lon_e7: i32,
    pub lat_e7: i32,
    pub accuracy_dm: Option<u32>,
}

#[uniffi::remote(Enum)]
pub enum GapCause {
    Killed,
    Permission,
    NoFix,
    SwitchedOff,
    ClockJump,
    Paused,
    Unknown,
}

#[uniffi::remote(Enum)]
pub enum Lang {
    Zh,
    En,
}
