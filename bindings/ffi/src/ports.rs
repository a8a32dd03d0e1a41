//! What a shell brings: the phone's clocks and its randomness.

use std::sync::Arc;

use gridpatrol_core::{Clock, ClockReading, Ports, Rng};

/// What the phone's clocks say at one moment.
#[derive(uniffi::Record)]
pub struct Reading {
    /// Wall clock, milliseconds UTC.
    pub wall_ms: i64,
    /// Changes at each boot.
    pub boot_id: u64,
    /// Milliseconds since boot, on a clock that counts sleep.
    pub mono_ms: u64,
    /// Time of a satellite fix of this boot, brought to now.
    pub gnss_ms: Option<i64>,
}

#[uniffi::export(with_foreign)]
pub trait PhoneClock: Send + Sync {
    fn now(&self) -> Reading;
}

#[uniffi::export(with_foreign)]
pub trait PhoneRandom: Send + Sync {
    /// So many unpredictable bytes, from the system.
    fn bytes(&self, count: u32) -> Vec<u8>;
}

struct Foreign<T: ?Sized>(Arc<T>);

impl Clock for Foreign<dyn PhoneClock> {
    fn now(&self) -> ClockReading {
        let Reading { wall_ms, boot_id, mono_ms, gnss_ms } = self.0.now();
        ClockReading { wall_ms, boot_id, mono_ms, gnss_ms }
    }
}

impl Rng for Foreign<dyn PhoneRandom> {
    fn fill(&self, bytes: &mut [u8]) {
        let fresh = self.0.bytes(bytes.len() as u32);
        // A short answer would name two replicas alike: better to stop than to go on.
        bytes.copy_from_slice(&fresh);
    }
}

pub fn ports(clock: Arc<dyn PhoneClock>, random: Arc<dyn PhoneRandom>) -> Ports {
    Ports { clock: Arc::new(Foreign(clock)), rng: Arc::new(Foreign(random)), vfs: None }
}
