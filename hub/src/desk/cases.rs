//! The list of cases: those whose deadline is nearest first, then other open ones by age, closed ones last.

use gridpatrol_model::record::{HeldState, Life, Record};
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::Value;
use gridpatrol_model::workflow::{Role, Stage, offered};
use rusqlite::OptionalExtension;

use super::marks::category;
use super::paging::{List, Order};
use super::view::{View, created, entity_text};
use super::{Desk, Session};
use crate::api::{
    Answer,
    cases::{CaseQuery, CaseRow, CasesOnly, Due},
    common::{MemberRef, Page, Paging, RecordRef},
    problem::Problem,
};
use crate::cell::queue::is_open;
use crate::deadlines::length_ms;

impl Desk {
    pub(crate) fn cases(&self, session: &Session, query: &CaseQuery, paging: &Paging) -> Answer<Page<CaseRow>> {
        self.ask(session, |view| {
            let mut list = List::within(Order::Queue, &view.filter(query.area.as_deref())?);
            if let Some(stage) = &query.stage {
                list.equal("record.stage", i64::from(stage_named(stage)?.code()));
            }
            match query.only {
                Some(CasesOnly::Mine) => view.mine(&mut list),
                Some(CasesOnly::Open) => list.only("part < 2".into()),
                Some(CasesOnly::Overdue) => view.overdue(&mut list),
                Some(CasesOnly::Conflict) => list.only("record.disputed = 1".into()),
                Some(CasesOnly::Held) => list.only("record.held = 1".into()),
                None => {}
            }
            view.page(&list, paging, |case| {
                let row = view.case_row(&case)?;
                let found = query.q.as_deref().is_none_or(|words| has_words(&case, &row, words.trim()));
                Ok(found.then_some(row))
            })
        })
    }
}

fn has_words(case: &Record, row: &CaseRow, words: &str) -> bool {
    let texts = [case.text(FieldNo::DESCRIPTION), case.text(FieldNo::LOCATION_TEXT), row.category.as_deref()];
    let place = row.place.as_ref().map(|place| place.title.as_str());
    texts.into_iter().chain([place, Some(row.title.as_str())]).flatten().any(|text| text.contains(words))
}

pub(super) fn stage_named(name: &str) -> Answer<Stage> {
    Stage::from_name(&name.replace('-', "_")).ok_or_else(Problem::unreadable)
}

impl View<'_> {
    /// Cases whose next step is this session's: for a handler or checker only those that they hold.
    pub fn mine(&self, list: &mut List) {
        let next = Stage::ALL.into_iter().filter(|stage| is_open(*stage) && self.moves_on(*stage));
        let codes: Vec<String> = next.map(|stage| stage.code().to_string()).collect();
        list.only(format!("part < 2 AND record.stage IN ({})", codes.join(", ")));
        if matches!(self.role(), Role::Handler | Role::Checker) {
            let actor = self.actor().to_string();
            list.equal("record.holder", actor);
        }
    }

    /// Repeating an order, or granting more time, is possible and not what the case waits for.
    fn moves_on(&self, stage: Stage) -> bool {
        let extra = |to: &Stage| *to == stage || matches!(to, Stage::Suspended | Stage::Extended);
        offered(stage, self.role()).any(|to| !extra(&to))
    }

    pub fn overdue(&self, list: &mut List) {
        let now = list.arg(self.now_ms);
        list.only(format!("part = 0 AND at_ms < {now}"));
    }

    pub fn case_row(&self, case: &Record) -> Answer<CaseRow> {
        let stage = case.stage().unwrap_or(Stage::Draft);
        let photos = self.children(case.entity)?.iter().filter(|child| child.kind == Some(RecordKind::PHOTO)).count();
        Ok(CaseRow {
            id: entity_text(case),
            title: self.title(case)?,
            category: category(case).map(|category| category.name),
            stage: stage.name().to_owned(),
            grid: self.grid(case),
            place: self.place_of_case(case)?,
            found: created(case),
            received_ms: self.received_ms(case.entity)?,
            reporter: self.author(case)?,
            holder: self.holder(case)?,
            round: case.int(FieldNo::ROUND).and_then(|round| u32::try_from(round).ok()).unwrap_or(1),
            due: self.case_due(case, stage)?,
            photos: photos as u32,
            conflicts: open_conflicts(case),
            held: case.held.iter().filter(|work| matches!(work.state, HeldState::Held(_))).count() as u32,
        })
    }

    fn place_of_case(&self, case: &Record) -> Answer<Option<RecordRef>> {
        match case.value(FieldNo::PLACE).and_then(Value::as_entity) {
            Some(place) => self.reference(place),
            None => Ok(None),
        }
    }

    fn holder(&self, case: &Record) -> Answer<Option<MemberRef>> {
        let holder = case.text(FieldNo::HOLDER).and_then(|id| gridpatrol_model::ids::ActorId::new(id).ok());
        holder.map(|holder| self.member(&holder)).transpose()
    }

    fn case_due(&self, case: &Record, stage: Stage) -> Answer<Option<Due>> {
        let Some(deadline) = self.desk.deadlines.of(case).filter(|_| is_open(stage)) else { return Ok(None) };
        let counted: Option<i64> = self
            .state
            .prepare_cached(
                "SELECT due_ms FROM case_queue JOIN record ON record.no = case_queue.record WHERE entity = ?1",
            )?
            .query_row([case.entity.0], |row| row.get(0))
            .optional()?
            .flatten();
        let estimated = length_ms(deadline).map(|length| self.now_ms.saturating_add(length));
        Ok(counted.or(estimated).map(|ms| Due {
            ms,
            estimate: counted.is_none(),
            key: deadline.as_str().to_owned(),
            overdue: ms < self.now_ms,
        }))
    }
}

/// Things to decide on a record, a contested deletion counting as one.
pub(super) fn open_conflicts(record: &Record) -> u32 {
    record.conflicts().count() as u32 + u32::from(record.life() == Life::Disputed)
}
