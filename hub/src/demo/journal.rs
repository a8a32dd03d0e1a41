//! The driver's own list of every save that returned, kept outside the stores: what `lost` is counted from.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use gridpatrol_model::ids::EntityId;
use serde::{Deserialize, Serialize};

/// One save that returned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    pub member: String,
    /// The record, 32 hexadecimal digits.
    pub entity: String,
    /// A text that the save wrote to it, for a save that was not the first.
    pub text: Option<String>,
}

#[derive(Default)]
pub struct Journal {
    saves: Mutex<(Vec<Saved>, Vec<Duration>)>,
}

impl Journal {
    /// Times a save and notes the record that it returned.
    pub fn save<E>(&self, member: &str, save: impl FnOnce() -> Result<String, E>) -> Result<String, E> {
        let (entity, took) = timed(save)?;
        self.note(Saved { member: member.to_owned(), entity: entity.clone(), text: None }, took);
        Ok(entity)
    }

    /// Times a save that writes a text to a record.
    pub fn edit<E>(
        &self,
        member: &str,
        entity: &str,
        text: &str,
        save: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        let ((), took) = timed(save)?;
        let saved = Saved { member: member.to_owned(), entity: entity.to_owned(), text: Some(text.to_owned()) };
        self.note(saved, took);
        Ok(())
    }

    pub fn note(&self, saved: Saved, took: Duration) {
        let mut saves = self.saves.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        saves.0.push(saved);
        saves.1.push(took);
    }

    /// What another process saved before it died.
    pub fn adopt(&self, saved: Vec<Saved>) {
        self.saves.lock().unwrap_or_else(std::sync::PoisonError::into_inner).0.extend(saved);
    }

    pub fn saves(&self) -> Vec<Saved> {
        self.saves.lock().unwrap_or_else(std::sync::PoisonError::into_inner).0.clone()
    }

    /// Distinct records of the list.
    pub fn records(&self) -> Vec<EntityId> {
        let mut records: Vec<EntityId> = self.saves().iter().filter_map(|saved| saved.entity.parse().ok()).collect();
        records.sort_unstable();
        records.dedup();
        records
    }

    /// Microseconds that a share of the saves took at most.
    pub fn percentile_us(&self, share: f64) -> u64 {
        let mut times = self.saves.lock().unwrap_or_else(std::sync::PoisonError::into_inner).1.clone();
        times.sort_unstable();
        let at = ((times.len() as f64 * share).ceil() as usize).saturating_sub(1);
        times.get(at).map_or(0, |time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX))
    }
}

fn timed<T, E>(save: impl FnOnce() -> Result<T, E>) -> Result<(T, Duration), E> {
    let began = Instant::now();
    let value = save()?;
    Ok((value, began.elapsed()))
}
