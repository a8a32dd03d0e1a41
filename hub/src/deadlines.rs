//! By when a case is to be solved: the deadline of its category, counted from its dispatch by the hub's clock.

use gridpatrol_model::pack::{Category, Deadline, Pack, Span};
use gridpatrol_model::record::Record;
use gridpatrol_model::schema::FieldNo;

const HOUR_MS: i64 = 3_600_000;

/// The packs in use, asked for their deadlines.
pub struct Deadlines {
    packs: Vec<Pack>,
}

impl Deadlines {
    pub fn shipped() -> Self {
        Deadlines { packs: vec![Pack::city(), Pack::village()] }
    }

    /// Nothing for a case without a category, or with one that no pack here knows.
    pub fn of(&self, case: &Record) -> Option<Deadline> {
        let category = Category::from_value(case.value(FieldNo::CATEGORY)?)?;
        let item = self.packs.iter().find_map(|pack| pack.item(category.key()))?;
        item.rules.as_ref().map(|rules| rules.deadline)
    }
}

/// Milliseconds from the dispatch; nothing where something is done at once and there is no time to count.
pub fn length_ms(deadline: Deadline) -> Option<i64> {
    deadline.default_due().finish.map(|span| match span {
        Span::Hours(hours) => i64::from(hours) * HOUR_MS,
        Span::CalendarDays(days) => i64::from(days) * 24 * HOUR_MS,
    })
}
