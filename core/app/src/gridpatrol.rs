//! The object that a shell holds, and its parts.

use std::path::PathBuf;
use std::sync::Arc;

use gridpatrol_model::ids::ActorId;
use gridpatrol_store::{Clock, Key, Ports, Rng, Store, Subscription};

use crate::audit::Audit;
use crate::basemap::BaseMaps;
use crate::cases::Cases;
use crate::changes::{self, Change, HeldItem};
use crate::conflicts::Conflicts;
use crate::core::Core;
use crate::error::{Result, Rule};
use crate::labels::{self, Labels};
use crate::map::Map;
use crate::patrols::Patrols;
use crate::photos::Photos;
use crate::places::Places;
use crate::sync::Sync;
use crate::types::ReceiptCounts;

pub struct Config {
    /// The app's folder; each member has a store of their own in it.
    pub dir: PathBuf,
    /// Id of the member, as the office gave it with the enrolment code.
    pub member: String,
    pub key: Key,
}

/// One member on one phone.
pub struct Gridpatrol {
    core: Arc<Core>,
    rng: Arc<dyn Rng>,
}

/// Can this phone be handed back?
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Handback {
    /// Nothing waits and nobody walks: it can.
    pub can: bool,
    /// The fixes of a walk go up when it ends.
    pub patrol_running: bool,
    pub records_waiting: u64,
    pub photos_waiting: u64,
    pub bytes_waiting: u64,
    /// Everything but photos, by how far it got.
    pub records: ReceiptCounts,
    pub photos: ReceiptCounts,
}

/// What a shell should tell the user after opening: a damaged database that was moved aside, …
pub type Notes = Vec<String>;

/// Told after each save or sync, with the kinds (`kind-case`, …) and ids that changed.
pub type ChangeListener = Box<dyn Fn(&[(String, String)]) + Send + std::marker::Sync>;

impl Gridpatrol {
    pub fn open(config: Config, ports: Ports) -> Result<(Gridpatrol, Notes)> {
        let member = ActorId::new(config.member.clone()).map_err(|_| Rule::ValueUnfit("member".to_owned()))?;
        let (clock, rng): (Arc<dyn Clock>, Arc<dyn Rng>) = (ports.clock.clone(), ports.rng.clone());
        let opened = Store::open(&config.dir, &member, config.key, ports)?;
        let notes = opened.reports.iter().map(ToString::to_string).collect();
        let base_maps = BaseMaps::under(&config.dir);
        Ok((Gridpatrol { core: Arc::new(Core::new(opened.store, clock, base_maps)), rng }, notes))
    }

    pub fn member(&self) -> String {
        self.core.member().to_string()
    }

    pub fn patrols(&self) -> Patrols {
        Patrols { core: self.core.clone() }
    }

    pub fn places(&self) -> Places {
        Places { core: self.core.clone() }
    }

    pub fn cases(&self) -> Cases {
        Cases { core: self.core.clone() }
    }

    pub fn photos(&self) -> Photos {
        Photos { core: self.core.clone() }
    }

    pub fn conflicts(&self) -> Conflicts {
        Conflicts { core: self.core.clone() }
    }

    pub fn map(&self) -> Map {
        Map { core: self.core.clone() }
    }

    pub fn sync(&self) -> Sync {
        Sync { core: self.core.clone(), rng: self.rng.clone() }
    }

    pub fn audit(&self) -> Audit {
        Audit { core: self.core.clone() }
    }

    pub fn labels(&self) -> &Labels {
        &self.core.labels
    }

    /// Own work that the office holds or sent back.
    pub fn held(&self) -> Result<Vec<HeldItem>> {
        changes::held(&self.core)
    }

    /// What changed visibly behind a number, oldest first; 0 is the beginning.
    pub fn changes(&self, since: i64, limit: u32) -> Result<Vec<Change>> {
        changes::since(&self.core, since, limit)
    }

    /// Number of the latest change.
    pub fn last_change(&self) -> Result<i64> {
        Ok(self.core.store.last_change()?)
    }

    /// The honest answer to "can I hand this phone back?".
    pub fn handback(&self) -> Result<Handback> {
        let waiting = self.core.store.waiting()?;
        let counts = self.core.store.counts()?;
        let patrol_running = self.core.walk()?.walk.is_some();
        Ok(Handback {
            can: waiting.records == 0 && waiting.photos == 0 && waiting.bytes == 0 && !patrol_running,
            patrol_running,
            records_waiting: waiting.records,
            photos_waiting: waiting.photos,
            bytes_waiting: waiting.bytes,
            records: counts.records.into(),
            photos: counts.photos.into(),
        })
    }

    /// Calls the listener after each transaction. Dropping the subscription ends it.
    pub fn observe(&self, listener: ChangeListener) -> Subscription {
        self.core.store.observe(move |notices| {
            let told: Vec<(String, String)> =
                notices.iter().map(|notice| (labels::kind(notice.kind), notice.entity.to_string())).collect();
            listener(&told);
        })
    }

    /// Closes all files, before the system suspends the app.
    pub fn suspend(&self) {
        self.core.store.pause();
        self.core.base_maps.close();
        self.core.forget_walk();
    }

    pub fn wake(&self) -> Result<Notes> {
        Ok(self.core.store.resume()?.iter().map(ToString::to_string).collect())
    }
}
