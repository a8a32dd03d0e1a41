//! Where figures write, and the store as they open it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};

use gridpatrol_model::ids::ActorId;
use gridpatrol_store::{Clock, Key, Moment, Ports, Rng, Store};
use tempfile::TempDir;

/// Beside the program: on a disk, where the system's temporary folder may be in memory.
pub fn folder() -> TempDir {
    let program = std::env::current_exe().expect("the system knows its programs");
    let beside = program.parent().expect("a program is in a folder");
    TempDir::with_prefix_in("bench-", beside).expect("a folder that may be written")
}

/// In memory, where the system has such a folder: for what is read in a figure, and would take minutes to write durably.
pub fn memory() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { TempDir::with_prefix_in("bench-", memory).expect("a folder for everybody") } else { folder() }
}

/// The member's store under a folder.
pub fn store(dir: &Path) -> Store {
    let world = Arc::new(World { seconds: AtomicI64::new(0), byte: AtomicU8::new(1) });
    let ports = Ports { clock: world.clone(), rng: world, vfs: None };
    let member = ActorId::new("m-440783108224-30").expect("short");
    Store::open(dir, &member, Key::Plain, ports).expect("a sound folder").store
}

/// A clock that goes a second at each look, and numbers in place of chance.
struct World {
    seconds: AtomicI64,
    byte: AtomicU8,
}

impl Clock for World {
    fn now(&self) -> Moment {
        let ms = self.seconds.fetch_add(1, Ordering::Relaxed) * 1_000;
        Moment { wall_ms: 1_795_500_000_000 + ms, boot_id: 1, mono_ms: ms.unsigned_abs(), gnss_ms: None }
    }
}

impl Rng for World {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.byte.fetch_add(1, Ordering::Relaxed));
    }
}
