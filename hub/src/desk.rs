//! The desk behind the console: every question and decision of the contract, answered from the store.
//!
//! Blocking. Only [`Desk::log_in`] and [`Desk::session`] make a [`Session`], and nothing else is answered
//! without one. The bodies answer "unavailable" until the store is behind them.

use crate::api::{
    Answer,
    areas::Areas,
    cases::{Case, CaseQuery, CaseRow, SetField, TakeStep, Written},
    common::{Page, Paging},
    conflicts::{Conflict, ConflictQuery, ConflictRow, Settle, Settled},
    held::{HeldItem, HeldQuery, Released, SendBack, SentBack},
    map::{MapData, MapQuery},
    patrols::{Patrol, PatrolQuery, PatrolRow},
    people::{Enrol, EnrolmentCode, Person},
    photos::{PhotoBytes, Rendition},
    places::{PlaceQuery, PlaceRow},
    problem::Problem,
    session::{LogIn, SessionInfo},
    status::Status,
};

/// Who asks. The areas in `info` bound every answer.
pub struct Session {
    pub(crate) token: String,
    pub(crate) info: SessionInfo,
}

pub struct Desk {}

impl Desk {
    pub fn new(_cell: std::sync::Arc<crate::cell::Cell>, _blobs: crate::blobs::Blobs) -> Self {
        Desk {}
    }

    pub(crate) fn log_in(&self, _who: &LogIn) -> Answer<Session> {
        Err(Problem::unavailable())
    }

    pub(crate) fn session(&self, _token: &str) -> Answer<Session> {
        Err(Problem::unavailable())
    }

    pub(crate) fn log_out(&self, _session: &Session) -> Answer<()> {
        Err(Problem::unavailable())
    }

    pub(crate) fn status(&self, _session: &Session) -> Answer<Status> {
        Err(Problem::unavailable())
    }

    pub(crate) fn areas(&self, _session: &Session) -> Answer<Areas> {
        Err(Problem::unavailable())
    }

    pub(crate) fn map(&self, _session: &Session, _query: &MapQuery) -> Answer<MapData> {
        Err(Problem::unavailable())
    }

    pub(crate) fn patrols(
        &self,
        _session: &Session,
        _query: &PatrolQuery,
        _paging: &Paging,
    ) -> Answer<Page<PatrolRow>> {
        Err(Problem::unavailable())
    }

    pub(crate) fn patrol(&self, _session: &Session, _id: &str) -> Answer<Patrol> {
        Err(Problem::unavailable())
    }

    pub(crate) fn patrol_gpx(&self, _session: &Session, _id: &str) -> Answer<Vec<u8>> {
        Err(Problem::unavailable())
    }

    pub(crate) fn patrol_csv(&self, _session: &Session, _id: &str) -> Answer<Vec<u8>> {
        Err(Problem::unavailable())
    }

    pub(crate) fn cases(&self, _session: &Session, _query: &CaseQuery, _paging: &Paging) -> Answer<Page<CaseRow>> {
        Err(Problem::unavailable())
    }

    pub(crate) fn case(&self, _session: &Session, _id: &str) -> Answer<Case> {
        Err(Problem::unavailable())
    }

    pub(crate) fn take_step(&self, _session: &Session, _id: &str, _step: &TakeStep) -> Answer<Written> {
        Err(Problem::unavailable())
    }

    pub(crate) fn set_field(&self, _session: &Session, _id: &str, _set: &SetField) -> Answer<Written> {
        Err(Problem::unavailable())
    }

    pub(crate) fn conflicts(
        &self,
        _session: &Session,
        _query: &ConflictQuery,
        _paging: &Paging,
    ) -> Answer<Page<ConflictRow>> {
        Err(Problem::unavailable())
    }

    pub(crate) fn conflict(&self, _session: &Session, _entity: &str) -> Answer<Conflict> {
        Err(Problem::unavailable())
    }

    pub(crate) fn settle(&self, _session: &Session, _entity: &str, _settle: &Settle) -> Answer<Settled> {
        Err(Problem::unavailable())
    }

    pub(crate) fn held(&self, _session: &Session, _query: &HeldQuery, _paging: &Paging) -> Answer<Page<HeldItem>> {
        Err(Problem::unavailable())
    }

    pub(crate) fn release(&self, _session: &Session, _dot: &str) -> Answer<Released> {
        Err(Problem::unavailable())
    }

    pub(crate) fn send_back(&self, _session: &Session, _dot: &str, _back: &SendBack) -> Answer<SentBack> {
        Err(Problem::unavailable())
    }

    pub(crate) fn places(&self, _session: &Session, _query: &PlaceQuery, _paging: &Paging) -> Answer<Page<PlaceRow>> {
        Err(Problem::unavailable())
    }

    pub(crate) fn photo(&self, _session: &Session, _entity: &str, _rendition: Rendition) -> Answer<PhotoBytes> {
        Err(Problem::unavailable())
    }

    pub(crate) fn people(&self, _session: &Session, _paging: &Paging) -> Answer<Page<Person>> {
        Err(Problem::unavailable())
    }

    pub(crate) fn enrol(&self, _session: &Session, _enrol: &Enrol) -> Answer<EnrolmentCode> {
        Err(Problem::unavailable())
    }
}
