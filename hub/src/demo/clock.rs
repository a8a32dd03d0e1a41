//! Clocks and randomness of the demo's phones: a day passes in seconds, and one clock is three years wrong.

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use gridpatrol_core::{Clock, ClockReading, Rng};
use rand::{Rng as _, SeedableRng};
use rand_chacha::ChaCha20Rng;

use crate::cell::Ports;

/// A phone's clocks, set by the demo to the moment that it plays.
pub struct DayClock {
    /// The true moment, milliseconds UTC.
    now_ms: AtomicI64,
    boot_ms: i64,
    boot_id: u64,
    /// How much the wall clock is off.
    wrong_ms: i64,
    /// Readings left before the process is aborted; nought is never.
    fuse: AtomicU32,
}

impl DayClock {
    pub fn new(boot_ms: i64, boot_id: u64, wrong_ms: i64) -> Self {
        DayClock { now_ms: AtomicI64::new(boot_ms), boot_ms, boot_id, wrong_ms, fuse: AtomicU32::new(0) }
    }

    pub fn set(&self, now_ms: i64) {
        self.now_ms.fetch_max(now_ms, Ordering::Relaxed);
    }

    /// What the phone itself takes for the time.
    pub fn wall_ms(&self, true_ms: i64) -> i64 {
        true_ms + self.wrong_ms
    }

    pub fn boot(&self) -> (i64, u64) {
        (self.boot_ms, self.boot_id)
    }

    /// The true moment that is being played.
    pub fn reading(&self) -> i64 {
        self.now_ms.load(Ordering::Relaxed)
    }

    /// Aborts the process at the `readings`th look at the clock from now on.
    pub fn abort_after(&self, readings: u32) {
        self.fuse.store(readings, Ordering::Relaxed);
    }
}

impl Clock for DayClock {
    fn now(&self) -> ClockReading {
        if self.fuse.load(Ordering::Relaxed) != 0 && self.fuse.fetch_sub(1, Ordering::Relaxed) == 1 {
            std::process::abort();
        }
        // No two writes of a phone happen in one millisecond.
        let now_ms = self.now_ms.fetch_add(1, Ordering::Relaxed);
        ClockReading {
            wall_ms: self.wall_ms(now_ms),
            boot_id: self.boot_id,
            mono_ms: (now_ms - self.boot_ms).max(0).unsigned_abs(),
            gnss_ms: None,
        }
    }
}

/// The hub's clock: it shows the morning while the phones are enrolled, and the truth when they sync.
#[derive(Clone, Default)]
pub struct HubClock(Arc<AtomicI64>);

impl HubClock {
    pub fn set(&self, ms: i64) {
        self.0.store(ms - jiff::Timestamp::now().as_millisecond(), Ordering::Relaxed);
    }

    pub fn is_right(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    pub fn ports(&self, ports: &Ports) -> Ports {
        let (off, now_ms) = (self.0.clone(), ports.now_ms.clone());
        Ports { now_ms: Arc::new(move || now_ms() + off.load(Ordering::Relaxed)), random: ports.random.clone() }
    }
}

/// Randomness from the seed of the run, apart for each user of it.
pub struct Dice(Mutex<ChaCha20Rng>);

impl Dice {
    pub fn new(seed: u64, who: u64) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        rng.set_stream(who);
        Dice(Mutex::new(rng))
    }

    pub fn fill(&self, bytes: &mut [u8]) {
        // A poisoned lock still holds good randomness.
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).fill_bytes(bytes);
    }
}

impl Rng for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        Dice::fill(self, bytes);
    }
}
