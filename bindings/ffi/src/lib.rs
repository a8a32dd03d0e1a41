//! The facade of `core/app` for other languages. Objects convert and call; every rule is below.

mod parts;
mod ports;
mod watch;

use std::path::PathBuf;
use std::sync::Arc;

use gridpatrol_core::{
    Change, Config, GapCause, GridpatrolError, Handback, HeldItem, Key, Lang, Position, SamplingAdvice, SamplingSigns,
    TextArg,
};

pub use parts::{Cancel, Cases, Conflicts, Frame, GridMap, Patrols, Photos, Places, Sync, YuvStrides};
pub use ports::{PhoneClock, PhoneRandom};
pub use watch::{ChangeListener, ChangedRecord, ProgressWatcher, Subscription, WatchError};

uniffi::setup_scaffolding!();
uniffi::use_remote_type!(gridpatrol_core::Position);
uniffi::use_remote_type!(gridpatrol_core::GapCause);
uniffi::use_remote_type!(gridpatrol_core::Lang);
uniffi::use_remote_type!(gridpatrol_core::SamplingAdvice);
uniffi::use_remote_type!(gridpatrol_core::SamplingSigns);

type Result<T> = std::result::Result<T, GridpatrolError>;

/// One member on one phone. Everything blocks: call it off the main thread.
///
/// Its files stay open until it and every part taken from it are closed; `suspend` closes them at once.
#[derive(uniffi::Object)]
pub struct Gridpatrol {
    inner: gridpatrol_core::Gridpatrol,
    opening_notes: Vec<String>,
}

#[uniffi::export]
impl Gridpatrol {
    /// Opens the member's data in the app's folder; made if it is not there.
    #[uniffi::constructor]
    pub fn open(
        dir: String,
        member: String,
        clock: Arc<dyn PhoneClock>,
        random: Arc<dyn PhoneRandom>,
    ) -> Result<Arc<Self>> {
        let config = Config { dir: PathBuf::from(dir), member, key: Key::Plain };
        let (inner, opening_notes) = gridpatrol_core::Gridpatrol::open(config, ports::ports(clock, random))?;
        Ok(Arc::new(Gridpatrol { inner, opening_notes }))
    }

    /// What the user should be told after opening: a damaged database that was moved aside, …
    pub fn opening_notes(&self) -> Vec<String> {
        self.opening_notes.clone()
    }

    pub fn member(&self) -> String {
        self.inner.member()
    }

    pub fn patrols(&self) -> Arc<Patrols> {
        Arc::new(Patrols(self.inner.patrols()))
    }

    pub fn places(&self) -> Arc<Places> {
        Arc::new(Places(self.inner.places()))
    }

    pub fn cases(&self) -> Arc<Cases> {
        Arc::new(Cases(self.inner.cases()))
    }

    pub fn photos(&self) -> Arc<Photos> {
        Arc::new(Photos(self.inner.photos()))
    }

    pub fn conflicts(&self) -> Arc<Conflicts> {
        Arc::new(Conflicts(self.inner.conflicts()))
    }

    pub fn map(&self) -> Arc<GridMap> {
        Arc::new(GridMap(self.inner.map()))
    }

    pub fn sync(&self) -> Arc<Sync> {
        Arc::new(Sync(self.inner.sync()))
    }

    /// The words of a message id.
    pub fn text(&self, id: String, lang: Lang, args: Vec<TextArg>) -> String {
        self.inner.labels().text(&id, lang, &args)
    }

    pub fn field_label(&self, field: String, lang: Lang) -> String {
        self.inner.labels().field_label(&field, lang)
    }

    pub fn held(&self) -> Result<Vec<HeldItem>> {
        self.inner.held()
    }

    pub fn changes(&self, since: i64, limit: u32) -> Result<Vec<Change>> {
        self.inner.changes(since, limit)
    }

    pub fn last_change(&self) -> Result<i64> {
        self.inner.last_change()
    }

    pub fn handback(&self) -> Result<Handback> {
        self.inner.handback()
    }

    /// Calls the listener after each save or sync, until the subscription is closed.
    pub fn observe(&self, listener: Arc<dyn ChangeListener>) -> Arc<Subscription> {
        Arc::new(watch::observe(&self.inner, listener))
    }

    /// Closes all files before the system suspends the app.
    pub fn suspend(&self) {
        self.inner.suspend();
    }

    /// Opens them again; what it says is for the user.
    pub fn wake(&self) -> Result<Vec<String>> {
        self.inner.wake()
    }
}
