//! All chance in the world: one independent stream for each thing, so that a walk or a photo can be made
//! without making what comes before it, and adding one thing changes no other.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What a stream is for. The numbers are part of what "same seed, same bytes" means.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    Corner = 1,
    Border = 2,
    Villages = 3,
    Places = 4,
    Walk = 5,
    Photo = 6,
}

/// Its arithmetic is spelled out here, so that an update of a crate cannot move a single grid.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// `index` tells things of one part from each other; its low 48 bits count.
    pub(crate) fn new(seed: u64, part: Part, index: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream((part as u64) << 48 | index & 0xffff_ffff_ffff);
        Self(rng)
    }

    pub(crate) fn bits(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// `0..n`
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u64::from(self.bits()) * n as u64) >> 32) as usize
    }

    /// `low..=high`
    pub(crate) fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    pub(crate) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// `-1.0..1.0`
    pub(crate) fn signed(&mut self) -> f64 {
        f64::from(self.bits() as i32) / 2_147_483_648.0
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}
