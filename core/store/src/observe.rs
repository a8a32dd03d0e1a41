//! Who wants to know that something changed. Observers hear ids and kinds only, after the commit, with no lock
//! of the store held, once a transaction: they may read the store at once.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use gridpatrol_model::ids::EntityId;
use gridpatrol_model::schema::RecordKind;

/// A record that looks different now. `kind` is None while only edits of it have arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notice {
    pub entity: EntityId,
    pub kind: Option<RecordKind>,
}

type Observer = Arc<dyn Fn(&[Notice]) + Send + Sync>;

#[derive(Default)]
struct List {
    next: u64,
    observers: Vec<(u64, Observer)>,
}

#[derive(Clone, Default)]
pub(crate) struct Observers(Arc<Mutex<List>>);

/// Dropping it ends the observation.
#[must_use = "an observation ends when its subscription is dropped"]
pub struct Subscription {
    list: Weak<Mutex<List>>,
    id: u64,
}

impl Observers {
    pub fn add(&self, observer: Observer) -> Subscription {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let id = list.next;
        list.next += 1;
        list.observers.push((id, observer));
        Subscription { list: Arc::downgrade(&self.0), id }
    }

    pub fn tell(&self, mut notices: Vec<Notice>) {
        notices.sort_unstable();
        notices.dedup_by_key(|notice| notice.entity);
        if notices.is_empty() {
            return;
        }
        let observers: Vec<Observer> = {
            let list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            list.observers.iter().map(|(_, observer)| Arc::clone(observer)).collect()
        };
        observers.iter().for_each(|observer| observer(&notices));
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(list) = self.list.upgrade() {
            list.lock().unwrap_or_else(PoisonError::into_inner).observers.retain(|(id, _)| *id != self.id);
        }
    }
}
