//! The quiet line about hub and sync, and what waits at each desk.

use gridpatrol_model::due::DueState;
use gridpatrol_model::record::HeldState;
use gridpatrol_model::schema::RecordKind;
use rusqlite::params;

use super::paging::{List, Order};
use super::places::{SO_FAR, due};
use super::view::View;
use super::{Desk, Session};
use crate::api::{
    Answer,
    status::{DeskCounts, HubState, Phones, Status},
};
use crate::cell::read;

/// A phone that has been away for longer is late.
const LATE_MS: i64 = 2 * 86_400_000;

impl Desk {
    pub(crate) fn status(&self, session: &Session) -> Answer<Status> {
        self.ask(session, |view| {
            Ok(Status { now_ms: view.now_ms, desks: view.desks()?, phones: view.phones()?, hub: view.hub()? })
        })
    }
}

impl View<'_> {
    fn desks(&self) -> Answer<DeskCounts> {
        let count = |order, narrow: &dyn Fn(&mut List)| {
            let mut list = List::within(order, self.areas().scopes());
            narrow(&mut list);
            self.count(&list)
        };
        let patrols_today = count(Order::NewestFirst, &|list| {
            list.equal("record.kind", i64::from(RecordKind::PATROL.0));
            let from = list.arg(self.today_ms());
            list.only(format!("record.sort_ms >= {from}"));
        })?;
        let mut counts = DeskCounts {
            patrols_today,
            cases_mine: count(Order::Queue, &|list| self.mine(list))?,
            cases_open: count(Order::Queue, &|list| list.only("part < 2".into()))?,
            cases_overdue: count(Order::Queue, &|list| self.overdue(list))?,
            conflicts: count(Order::OldestFirst, &|list| list.only("record.disputed = 1".into()))?,
            held: 0,
            places_due: 0,
            places_overdue: 0,
        };
        for record in self.held_records(self.areas().scopes())? {
            counts.held += record.held.iter().filter(|work| matches!(work.state, HeldState::Held(_))).count() as u32;
        }
        for (place, last) in self.places_looked_at(self.areas().scopes(), SO_FAR)? {
            match due(&place, last.as_ref(), self.now_ms).state {
                DueState::Due => counts.places_due += 1,
                DueState::Overdue => counts.places_overdue += 1,
                DueState::Seen | DueState::Unreachable => {}
            }
        }
        Ok(counts)
    }

    /// Phones of members who work in the session's areas.
    fn phones(&self) -> Answer<Phones> {
        let mut phones = Phones::default();
        let mut statement = self
            .state
            .prepare_cached("SELECT enrolled_ms, last_sync_ms FROM device WHERE revoked_ms IS NULL AND member = ?1")?;
        let mut lost = self.state.prepare_cached(
            "SELECT coalesce(sum(to_rseq - from_rseq + 1), 0) FROM lost JOIN replica ON replica.no = lost.replica
                JOIN device ON device.key = replica.device WHERE device.member = ?1",
        )?;
        for member in self.members()? {
            let entries: i64 = lost.query_row([&member], |row| row.get(0))?;
            phones.lost_entries = phones.lost_entries.saturating_add(u32::try_from(entries).unwrap_or(u32::MAX));
            let found =
                statement.query_map([member], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?)))?;
            for phone in found {
                let (enrolled_ms, last_sync_ms) = phone?;
                phones.total += 1;
                phones.late += u32::from(last_sync_ms.unwrap_or(enrolled_ms) < self.now_ms - LATE_MS);
                phones.last_sync_ms = phones.last_sync_ms.max(last_sync_ms);
            }
        }
        Ok(phones)
    }

    fn hub(&self) -> Answer<HubState> {
        let (head, _) = read::head(self.state)?;
        let mut awaited = 0;
        let mut statement = self.state.prepare_cached(
            "SELECT count(*) FROM record INDEXED BY photo_of_scope WHERE kind = 5 AND photo IS NOT NULL
                AND scope >= ?1 AND scope < ?2 AND NOT EXISTS (SELECT 1 FROM blob WHERE hash = record.photo)",
        )?;
        for scope in self.areas().scopes() {
            let area = params![scope.as_str(), format!("{scope}:")];
            awaited += statement.query_row(area, |row| row.get::<_, u32>(0))?;
        }
        Ok(HubState {
            version: env!("CARGO_PKG_VERSION").into(),
            log: format!("{}.{}", head.epoch, head.n),
            durable_ms: None,
            photos_awaited: awaited,
        })
    }
}
