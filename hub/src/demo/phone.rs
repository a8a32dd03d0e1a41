//! A phone of the demo: the real core on a folder of its own, with clocks that the demo sets.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gridpatrol_core::{Config, Gridpatrol, Key, Ports};
use gridpatrol_model::area::Scope;

use super::Result;
use super::clock::{DayClock, Dice};

pub struct Phone {
    pub app: Gridpatrol,
    pub clock: Arc<DayClock>,
    pub member: String,
    pub label: String,
    /// What it is enrolled for.
    pub area: Scope,
    /// Index of the member in the world; none for the imported one.
    pub at: Option<usize>,
    /// What is odd about this phone, for the report.
    pub note: &'static str,
    pub dir: PathBuf,
}

/// What it takes to open a phone again, in this process or another.
pub struct Kept<'a> {
    pub dir: &'a Path,
    pub member: &'a str,
    pub seed: u64,
    /// Tells phones and processes apart in the seed's randomness.
    pub stream: u64,
}

impl Kept<'_> {
    pub fn open(&self, clock: Arc<DayClock>) -> Result<Gridpatrol> {
        let ports = Ports { clock, rng: Arc::new(Dice::new(self.seed, self.stream)), vfs: None };
        let config = Config { dir: self.dir.to_owned(), member: self.member.to_owned(), key: Key::Plain };
        Ok(Gridpatrol::open(config, ports)?.0)
    }
}
