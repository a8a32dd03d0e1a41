//! Single values: where the phone stands in the log, what it may see, and who it is to its hub.

use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::HubSeq;
use rusqlite::OptionalExtension;

use crate::apply;
use crate::error::{Result, StoreError};
use crate::names::Db;
use crate::ports::Moment;
use crate::store::Store;

/// Where the phone stands in the hub's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub seq: HubSeq,
    /// Hash of the log up to there: a hub that was restored does not have it.
    pub log: [u8; 8],
}

impl Cursor {
    pub const START: Cursor = Cursor { seq: HubSeq::ZERO, log: [0; 8] };
}

/// The hub's clock at the last reply, and the phone's clocks then: in the same boot they tell the hub's time now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HubTime {
    /// Milliseconds UTC.
    pub hub_ms: i64,
    pub boot_id: u64,
    /// Milliseconds since boot.
    pub mono_ms: u64,
}

/// What a phone got when it was enrolled.
#[derive(Clone, PartialEq, Eq)]
pub struct Enrolment {
    pub certificate: Vec<u8>,
    pub hub_url: String,
    /// The hub's public key that TLS trusts.
    pub hub_key: Vec<u8>,
    /// Secret key with which this phone signs.
    pub device_key: Vec<u8>,
}

impl std::fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Enrolment({})", self.hub_url)
    }
}

/// Several enrolments are never kept: a later one replaces the earlier.
const ENROLMENT: &str = "enrolment";
const CURSOR: &str = "cursor";
const VIEW: &str = "view";
/// There while records of a scope that was taken away are still here.
const NARROWED: &str = "narrowed";
/// Packed hub_seq up to which the hub's log is replicated or in a backup.
const DURABLE: &str = "durable";
/// The hub's clock at the last reply, and the phone's then.
const HUB_TIME: &str = "hub_time";
/// What the next request has to sign: with it a sync that has nothing to do is one round trip.
const CHALLENGE: &str = "challenge";
pub(crate) const MEMBER: &str = "member";

/// Bits of a packed hub_seq that hold the number; what is above holds the epoch.
const N_BITS: u32 = 40;

/// A hub_seq as one number in the same order, so that SQL can compare it.
pub(crate) fn pack(seq: HubSeq) -> Result<i64> {
    let fits = seq.n < 1 << N_BITS && u64::from(seq.epoch) < 1 << (63 - N_BITS);
    if fits { Ok(i64::from(seq.epoch) << N_BITS | seq.n as i64) } else { Err(StoreError::BadSeq(seq)) }
}

pub(crate) fn unpack(packed: i64) -> HubSeq {
    HubSeq { epoch: (packed >> N_BITS) as u32, n: packed as u64 & ((1 << N_BITS) - 1) }
}

impl Db<'_> {
    pub fn meta(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let mut find = self.conn.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
        Ok(find.query_row([key], |row| row.get(0)).optional()?)
    }

    pub fn set_meta(&self, key: &str, value: &[u8]) -> Result<()> {
        self.conn.prepare_cached("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)")?.execute((key, value))?;
        Ok(())
    }

    pub fn delete_meta(&self, key: &str) -> Result<()> {
        self.conn.prepare_cached("DELETE FROM meta WHERE key = ?1")?.execute([key])?;
        Ok(())
    }

    pub fn cursor(&self) -> Result<Cursor> {
        let Some(bytes) = self.meta(CURSOR)? else { return Ok(Cursor::START) };
        let (packed, log) = bytes.split_at_checked(8).ok_or_else(|| damaged(CURSOR))?;
        let packed = i64::from_be_bytes(packed.try_into().map_err(|_| damaged(CURSOR))?);
        Ok(Cursor { seq: unpack(packed), log: log.try_into().map_err(|_| damaged(CURSOR))? })
    }

    pub fn set_cursor(&self, cursor: Cursor) -> Result<()> {
        self.set_meta(CURSOR, &[&pack(cursor.seq)?.to_be_bytes()[..], &cursor.log].concat())
    }

    pub fn forget_view(&self) -> Result<()> {
        self.set_meta(VIEW, b"")
    }

    /// Packed; 0 if the hub never said.
    pub fn durable(&self) -> Result<i64> {
        let Some(bytes) = self.meta(DURABLE)? else { return Ok(0) };
        Ok(i64::from_be_bytes(bytes.try_into().map_err(|_| damaged(DURABLE))?))
    }

    pub fn set_durable(&self, durable: HubSeq) -> Result<()> {
        self.set_meta(DURABLE, &pack(durable)?.to_be_bytes())
    }
}

impl Store {
    pub fn cursor(&self) -> Result<Cursor> {
        self.read(|db| db.cursor())
    }

    /// Scopes whose records are on this phone.
    pub fn view(&self) -> Result<Vec<Scope>> {
        self.read(|db| {
            let Some(bytes) = db.meta(VIEW)? else { return Ok(Vec::new()) };
            let text = std::str::from_utf8(&bytes).map_err(|_| damaged(VIEW))?;
            text.split_terminator('\n').map(|code| Scope::parse(code).map_err(|_| damaged(VIEW))).collect()
        })
    }

    /// Set when the pages that enter these scopes have been applied; `whole` when no other is coming in. Only then
    /// do the records of a scope that the member no longer has leave: until what replaces them is here, an old
    /// view is better than none.
    pub fn set_view(&self, scopes: &[Scope], whole: bool) -> Result<()> {
        let text: String = scopes.iter().flat_map(|scope| [scope.as_str(), "\n"]).collect();
        let before = self.view()?;
        self.write(|work| {
            apply::drop_lost(work, scopes)?;
            if before.iter().any(|scope| !covered(scopes, scope)) {
                work.db.set_meta(NARROWED, b"")?;
            }
            if whole && work.db.meta(NARROWED)?.is_some() {
                apply::leave_all_but(work, scopes)?;
                work.db.delete_meta(NARROWED)?;
            }
            work.db.set_meta(VIEW, text.as_bytes())
        })
    }

    /// Keeps what the hub said in passing: its clock, and its next challenge.
    pub fn note_reply(&self, hub_ms: i64, challenge: &[u8]) -> Result<()> {
        self.write(|work| {
            let Moment { boot_id, mono_ms, .. } = work.ports.clock.now();
            work.db.set_meta(HUB_TIME, &[hub_ms as u64, boot_id, mono_ms].map(u64::to_be_bytes).concat())?;
            work.db.set_meta(CHALLENGE, challenge)
        })
    }

    /// The hub's challenge in its last reply.
    pub fn challenge(&self) -> Result<Option<Vec<u8>>> {
        self.read(|db| db.meta(CHALLENGE))
    }

    /// None before the first reply.
    pub fn hub_time(&self) -> Result<Option<HubTime>> {
        self.read(|db| {
            let Some(bytes) = db.meta(HUB_TIME)? else { return Ok(None) };
            let all: [u8; 24] = bytes.try_into().map_err(|_| damaged(HUB_TIME))?;
            let [hub_ms, boot_id, mono_ms] =
                [0, 8, 16].map(|at| u64::from_be_bytes(std::array::from_fn(|i| all[at + i])));
            Ok(Some(HubTime { hub_ms: hub_ms as i64, boot_id, mono_ms }))
        })
    }

    pub fn enrolment(&self) -> Result<Option<Enrolment>> {
        self.read(|db| {
            let Some(bytes) = db.meta(ENROLMENT)? else { return Ok(None) };
            let mut d = minicbor::Decoder::new(&bytes);
            Ok(Some(Enrolment {
                certificate: d.bytes()?.to_vec(),
                hub_url: d.str()?.to_owned(),
                hub_key: d.bytes()?.to_vec(),
                device_key: d.bytes()?.to_vec(),
            }))
        })
    }

    pub fn set_enrolment(&self, enrolment: &Enrolment) -> Result<()> {
        let mut e = minicbor::Encoder::new(Vec::new());
        e.bytes(&enrolment.certificate)
            .and_then(|e| e.str(&enrolment.hub_url))
            .and_then(|e| e.bytes(&enrolment.hub_key))
            .and_then(|e| e.bytes(&enrolment.device_key))
            .map(drop)
            .expect("writing to memory does not fail");
        self.write(|work| work.db.set_meta(ENROLMENT, &e.into_writer()))
    }
}

pub(crate) fn covered(scopes: &[Scope], scope: &Scope) -> bool {
    scopes.iter().any(|mine| mine.contains(scope))
}

fn damaged(key: &str) -> StoreError {
    StoreError::Damaged(format!("the value of {key} has another shape"))
}
