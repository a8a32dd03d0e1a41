//! A walk in progress: fixes go to the tracks database as they come, and become track chunks when a segment ends
//! or a block is long enough.

use gridpatrol_geo::crs::E7;
use gridpatrol_geo::sampling::{Sampler, Warrant};
use gridpatrol_geo::track;
use gridpatrol_geo::track::gaps::{CLOCK_STEP_MS, apart};
use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::EntityId;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::time::TimeEvidence;
use gridpatrol_store::Query;

use crate::chunk::{self, close_blocks, save_chunk};
use crate::core::Core;
use crate::error::Result;
use crate::patrols;

pub use gridpatrol_geo::sampling::{Advice as SamplingAdvice, Priority as SamplingPriority, Signs as SamplingSigns};
pub use gridpatrol_geo::track::GapCause;

/// Fixes of a block: from 900 on a block takes at most 5.4 bytes a fix, and a block is a quarter of an hour's to two
/// hours' walk (2026-11).
const BLOCK_FIXES: usize = 1_000;

/// One position of the phone, as its receiver gave it. What was not measured is absent, never 0.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Fix {
    /// Milliseconds UTC.
    pub time_ms: Option<i64>,
    pub lon_e7: i32,
    pub lat_e7: i32,
    /// Elevation in decimetres.
    pub ele_dm: Option<i32>,
    /// Horizontal accuracy in decimetres.
    pub accuracy_dm: Option<u32>,
    /// Centimetres a second.
    pub speed_cms: Option<u32>,
    /// 0.01 degrees clockwise from north, below 36,000.
    pub heading_cdeg: Option<u32>,
    /// Whether the system says that an app made this position up.
    pub mock: Option<bool>,
    /// Whether a motion sensor says that the phone moves.
    pub moving: Option<bool>,
}

pub(crate) struct Walk {
    pub patrol: EntityId,
    pub scope: Scope,
    segment: u32,
    /// In the open block.
    fixes: usize,
    /// Time of the last fix of the segment, if it has fixes.
    last_ms: Option<i64>,
    in_segment: bool,
    /// Nothing is recorded then.
    paused: bool,
    /// Wall clock minus monotonic clock, when fixes came last.
    clock_offset_ms: Option<i64>,
    /// From the first question for advice on.
    sampler: Option<Sampler>,
    /// The interval at which fixes are asked for, milliseconds, and the longest one since they came last.
    interval_ms: i64,
    asked_ms: i64,
}

impl Fix {
    fn to_track(&self) -> Result<track::Fix> {
        Ok(track::Fix {
            time_ms: self.time_ms,
            ele_dm: self.ele_dm,
            accuracy_dm: self.accuracy_dm,
            speed_cms: self.speed_cms,
            heading_cdeg: self.heading_cdeg,
            mock: self.mock,
            moving: self.moving,
            at: E7::new(self.lon_e7, self.lat_e7)?,
        })
    }
}

impl Walk {
    pub fn start(patrol: EntityId, scope: Scope) -> Self {
        Walk {
            patrol,
            scope,
            segment: 0,
            fixes: 0,
            last_ms: None,
            in_segment: false,
            paused: false,
            clock_offset_ms: None,
            sampler: None,
            interval_ms: 0,
            asked_ms: 0,
        }
    }

    /// The running patrol of this member, after the app was closed in the middle of it.
    pub fn recover(core: &Core) -> Result<Option<Walk>> {
        let patrols = core.all(Query { kind: Some(RecordKind::PATROL), ..Query::default() })?;
        let running = patrols.into_iter().map(|view| view.record).find(|patrol| patrols::is_running(core, patrol));
        let said = close_blocks(core, running.as_ref().map(|patrol| patrol.entity))?;
        let Some(patrol) = running else { return Ok(None) };
        let Some(scope) = patrol.scope else { return Ok(None) };
        let chunks = core.children(patrol.entity)?;
        let segments = chunks.iter().filter_map(|chunk| chunk.record.int(FieldNo::SEGMENT));
        let segment = segments.max().map_or(0, |last| u32::try_from(last).unwrap_or(0) + 1);
        let paused = patrols::paused_since(&patrol).is_some();
        let walk = Walk { segment, paused, ..Walk::start(patrol.entity, scope) };
        let causes = said.into_iter().chain(paused.then_some(GapCause::Paused)).chain([GapCause::Killed]);
        causes.into_iter().try_for_each(|cause| walk.note_gap(core, cause))?;
        Ok(Some(walk))
    }

    /// Saves fixes in the order of walking. A silence, or a clock that ran backwards, ends the segment.
    pub fn add(&mut self, core: &Core, fixes: &[Fix]) -> Result<()> {
        if self.paused {
            return Ok(());
        }
        let fixes = fixes.iter().map(Fix::to_track).collect::<Result<Vec<_>>>()?;
        let clock_jumped = self.clock_jumped(core.now());
        let mut run = Vec::new();
        for fix in fixes {
            if let Some(cause) = self.gap_to(&fix, clock_jumped) {
                self.append(core, &run)?;
                run.clear();
                self.stop(core, cause)?;
            }
            self.in_segment = true;
            self.last_ms = fix.time_ms.or(self.last_ms);
            self.asked_ms = self.interval_ms;
            run.push(fix);
        }
        self.append(core, &run)
    }

    fn gap_to(&self, fix: &track::Fix, clock_jumped: bool) -> Option<GapCause> {
        apart(self.last_ms?, fix.time_ms?, self.asked_ms, clock_jumped)
    }

    /// Since fixes came last. The app has run since then, so the phone was not switched off in between.
    fn clock_jumped(&mut self, now: TimeEvidence) -> bool {
        let offset_ms = now.wall_ms.saturating_sub_unsigned(now.mono_ms);
        let before = self.clock_offset_ms.replace(offset_ms);
        before.is_some_and(|before| before.abs_diff(offset_ms) > CLOCK_STEP_MS)
    }

    fn append(&mut self, core: &Core, run: &[track::Fix]) -> Result<()> {
        for part in run.chunks(BLOCK_FIXES) {
            let piece = chunk::fixes_piece(part)?;
            core.store.append_fixes(self.patrol, self.segment, &piece)?;
            self.fixes += part.len();
            if self.fixes >= BLOCK_FIXES {
                self.close(core)?;
            }
        }
        Ok(())
    }

    /// Fixes stop for a reason.
    pub fn stop(&mut self, core: &Core, cause: GapCause) -> Result<()> {
        if self.in_segment {
            self.close(core)?;
            self.segment += 1;
        }
        (self.in_segment, self.last_ms) = (false, None);
        self.note_gap(core, cause)
    }

    /// A pause is a promise not to record: until it ends, fixes are left out.
    pub fn pause(&mut self, core: &Core) -> Result<()> {
        (self.paused, self.sampler) = (true, None);
        self.stop(core, GapCause::Paused)
    }

    pub fn resume(&mut self) {
        self.paused = false;
    }

    /// How to ask for positions now; not at all in a pause.
    pub fn advise(&mut self, core: &Core, signs: SamplingSigns) -> Result<Option<SamplingAdvice>> {
        if self.paused {
            return Ok(None);
        }
        let now_ms = core.now().mono_ms as i64;
        if self.sampler.is_none() {
            let warrant = Warrant::patrol(&core.record(self.patrol)?.record, core.member());
            self.sampler = warrant.map(|warrant| Sampler::new(warrant, now_ms));
        }
        let advice = self.sampler.as_mut().and_then(|sampler| sampler.advise(now_ms, signs));
        self.interval_ms = advice.map_or(0, |advice| advice.interval_ms);
        self.asked_ms = self.asked_ms.max(self.interval_ms);
        Ok(advice)
    }

    fn note_gap(&self, core: &Core, cause: GapCause) -> Result<()> {
        core.store.append_fixes(self.patrol, self.segment, &chunk::gap_piece(cause))?;
        Ok(())
    }

    /// Makes a chunk of the open block, if there is one.
    pub fn close(&mut self, core: &Core) -> Result<()> {
        self.fixes = 0;
        match core.store.close_block(self.patrol, self.segment)? {
            Some(block) => save_chunk(core, self.scope, &block),
            None => Ok(()),
        }
    }
}
