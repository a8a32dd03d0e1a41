//! Value types of lower crates as the bindings see them: those crates know nothing of bindings.

use gridpatrol_model::photo_rule::NoPhoto;
use gridpatrol_model::value::Position;

use crate::labels::Lang;
use crate::walk::{GapCause, SamplingAdvice, SamplingPriority, SamplingSigns};

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

#[uniffi::remote(Record)]
pub struct SamplingSigns {
    pub moving: Option<bool>,
    pub speed_cms: Option<u32>,
    pub battery_percent: Option<u8>,
    pub charging: bool,
}

#[uniffi::remote(Record)]
pub struct SamplingAdvice {
    pub interval_ms: i64,
    pub priority: SamplingPriority,
    pub budget: u32,
}

#[uniffi::remote(Enum)]
pub enum SamplingPriority {
    High,
    Balanced,
}

#[uniffi::remote(Enum)]
pub enum NoPhoto {
    Asked,
    Minors,
}
