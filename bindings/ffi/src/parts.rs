//! The parts of the facade, call for call.

use std::sync::Arc;

use gridpatrol_core as core;
use gridpatrol_core::{
    BaseMap, BaseMapList, BaseTile, BaseTileAt, Bounds, Case, CasePage, CaseQuery, CategoryChoice, ConflictPage,
    Covered, Decision, Enrolled, FieldValue, Fix, GapCause, GpxImported, Layout, MapData, MapSystem, NewCase,
    NewInspection, NewPhoto, Patrol, PatrolPage, Photo, PhotoAdded, PhotosImported, Pixels, Place, Plane, Position,
    Question, Reported, Running, SamplingAdvice, SamplingSigns, SyncProgress,
};

use crate::Result;
use crate::watch::ProgressWatcher;

#[derive(uniffi::Object)]
pub struct Patrols(pub(crate) core::Patrols);

#[uniffi::export]
impl Patrols {
    pub fn start(&self, scope: String, name: Option<String>) -> Result<String> {
        self.0.start(&scope, name)
    }

    pub fn running(&self) -> Result<Option<Running>> {
        self.0.running()
    }

    pub fn sampling(&self, signs: SamplingSigns) -> Result<Option<SamplingAdvice>> {
        self.0.sampling(signs)
    }

    pub fn add_fixes(&self, patrol: String, fixes: Vec<Fix>) -> Result<()> {
        self.0.add_fixes(&patrol, fixes)
    }

    pub fn fixes_stopped(&self, patrol: String, cause: GapCause) -> Result<()> {
        self.0.fixes_stopped(&patrol, cause)
    }

    pub fn pause(&self, patrol: String) -> Result<()> {
        self.0.pause(&patrol)
    }

    pub fn resume(&self, patrol: String) -> Result<()> {
        self.0.resume(&patrol)
    }

    pub fn end(&self, patrol: String) -> Result<()> {
        self.0.end(&patrol)
    }

    pub fn list(&self, scope: Option<String>, cursor: Option<String>, limit: u32) -> Result<PatrolPage> {
        self.0.list(scope, cursor, limit)
    }

    pub fn detail(&self, patrol: String) -> Result<Patrol> {
        self.0.detail(&patrol)
    }

    pub fn import_gpx(&self, bytes: Vec<u8>, file_name: String, scope: String) -> Result<GpxImported> {
        self.0.import_gpx(&bytes, &file_name, &scope)
    }

    pub fn import_photos(&self, paths: Vec<String>, name: String, scope: String) -> Result<PhotosImported> {
        self.0.import_photos(paths, &name, &scope)
    }
}

#[derive(uniffi::Object)]
pub struct Places(pub(crate) core::Places);

#[uniffi::export]
impl Places {
    pub fn due(&self, near: Option<Position>, limit: u32) -> Result<Vec<Place>> {
        self.0.due(near, limit)
    }

    pub fn round(&self, from: Position) -> Result<Vec<Place>> {
        self.0.round(from)
    }

    pub fn all(&self, near: Option<Position>) -> Result<Vec<Place>> {
        self.0.all(near)
    }

    pub fn normal(&self, place: String, position: Option<Position>) -> Result<String> {
        self.0.normal(&place, position)
    }

    pub fn inspect(&self, inspection: NewInspection) -> Result<String> {
        self.0.inspect(inspection)
    }

    pub fn undo(&self, inspection: String) -> Result<()> {
        self.0.undo(&inspection)
    }
}

#[derive(uniffi::Object)]
pub struct Cases(pub(crate) core::Cases);

#[uniffi::export]
impl Cases {
    pub fn categories(&self) -> Vec<CategoryChoice> {
        self.0.categories()
    }

    pub fn recent_categories(&self, limit: u32) -> Result<Vec<CategoryChoice>> {
        self.0.recent_categories(limit)
    }

    pub fn report(&self, case: NewCase) -> Result<Reported> {
        self.0.report(case)
    }

    pub fn self_handle(&self, case: String) -> Result<()> {
        self.0.self_handle(&case)
    }

    pub fn step(&self, case: String, shown: String, stage: String, reason: Option<String>) -> Result<()> {
        self.0.step(&case, &shown, &stage, reason)
    }

    pub fn edit(&self, case: String, field: String, shown: Option<String>, value: FieldValue) -> Result<()> {
        self.0.edit(&case, &field, shown, value)
    }

    pub fn delete(&self, case: String, shown: Vec<String>) -> Result<()> {
        self.0.delete(&case, shown)
    }

    pub fn list(&self, query: CaseQuery) -> Result<CasePage> {
        self.0.list(query)
    }

    pub fn detail(&self, case: String) -> Result<Case> {
        self.0.detail(&case)
    }
}

/// A picture that the system has decoded.
#[derive(uniffi::Record)]
pub struct Frame {
    pub width: u32,
    pub height: u32,
    /// EXIF orientation of these pixels, 1 to 8. Most system decoders turn a HEIC upright themselves: then 1.
    pub orientation: u8,
    /// ICC profile of these pixels, if they are not sRGB.
    pub icc: Option<Vec<u8>>,
}

/// Bytes from a row to the next, and from a colour sample to the next: 2 where the two colours lie interleaved.
#[derive(uniffi::Record)]
pub struct YuvStrides {
    pub luma_row: u32,
    pub chroma_row: u32,
    pub chroma_pixel: u32,
}

impl Frame {
    fn pixels<'a>(&'a self, layout: Layout<'a>) -> Pixels<'a> {
        let Frame { width, height, orientation, .. } = *self;
        Pixels { width, height, orientation, icc: self.icc.as_deref(), layout }
    }
}

#[derive(uniffi::Object)]
pub struct Photos(pub(crate) core::Photos);

#[uniffi::export]
impl Photos {
    pub fn add(&self, photo: NewPhoto) -> Result<PhotoAdded> {
        self.0.add(photo)
    }

    /// Four bytes a pixel; `row_stride` is the bytes from a row to the next.
    pub fn add_preview_rgba(&self, photo: String, frame: Frame, row_stride: u32, rgba: &[u8]) -> Result<PhotoAdded> {
        let layout = Layout::Rgba { data: rgba, row_stride: row_stride as usize };
        self.0.add_preview(&photo, &frame.pixels(layout))
    }

    /// Full range, BT.601.
    pub fn add_preview_yuv420(
        &self,
        photo: String,
        frame: Frame,
        strides: YuvStrides,
        y: &[u8],
        u: &[u8],
        v: &[u8],
    ) -> Result<PhotoAdded> {
        let plane = |data, row: u32, pixel: u32| Plane { data, row_stride: row as usize, pixel_stride: pixel as usize };
        let chroma = |data| plane(data, strides.chroma_row, strides.chroma_pixel);
        let layout = Layout::Yuv420 { y: plane(y, strides.luma_row, 1), u: chroma(u), v: chroma(v) };
        self.0.add_preview(&photo, &frame.pixels(layout))
    }

    pub fn of(&self, record: String) -> Result<Vec<Photo>> {
        self.0.of(&record)
    }
}

#[derive(uniffi::Object)]
pub struct Conflicts(pub(crate) core::Conflicts);

#[uniffi::export]
impl Conflicts {
    pub fn list(&self, cursor: Option<String>, limit: u32) -> Result<ConflictPage> {
        self.0.list(cursor, limit)
    }

    pub fn questions(&self, record: String) -> Result<Vec<Question>> {
        self.0.questions(&record)
    }

    pub fn settle(&self, record: String, question: Question, decision: Decision) -> Result<()> {
        self.0.settle(&record, question, decision)
    }
}

#[derive(uniffi::Object)]
pub struct GridMap(pub(crate) core::Map);

#[uniffi::export]
impl GridMap {
    pub fn of(&self, scope: String) -> Result<MapData> {
        self.0.of(&scope)
    }

    pub fn covered(&self, grid: String, since_ms: i64) -> Result<Covered> {
        self.0.covered(&grid, since_ms)
    }

    pub fn base_maps(&self) -> Result<BaseMapList> {
        self.0.base_maps()
    }

    pub fn add_base_map(&self, path: String, system: Option<MapSystem>) -> Result<BaseMap> {
        self.0.add_base_map(&path, system)
    }

    pub fn remove_base_map(&self, id: String) -> Result<()> {
        self.0.remove_base_map(&id)
    }

    pub fn base_cover(&self, id: String, view: Bounds, zoom: u8) -> Result<Vec<BaseTileAt>> {
        self.0.base_cover(&id, &view, zoom)
    }

    pub fn base_tile(&self, id: String, z: u8, x: u32, y: u32) -> Result<Option<BaseTile>> {
        self.0.base_tile(&id, z, x, y)
    }
}

/// Stops a sync between two steps, from any thread.
#[derive(Default, uniffi::Object)]
pub struct Cancel(core::CancelSync);

#[uniffi::export]
impl Cancel {
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    pub fn cancel(&self) {
        self.0.cancel();
    }
}

#[derive(uniffi::Object)]
pub struct Sync(pub(crate) core::Sync);

#[uniffi::export]
impl Sync {
    pub fn enrol_by_link(&self, link: String) -> Result<Enrolled> {
        self.0.enrol_by_link(&link)
    }

    pub fn enrol(&self, hub_url: String, code: String) -> Result<Enrolled> {
        self.0.enrol(&hub_url, &code)
    }

    pub fn run(&self, cancel: Arc<Cancel>, watcher: Arc<dyn ProgressWatcher>) -> Result<SyncProgress> {
        // A watcher that throws does not stop the sync: `Cancel` does.
        self.0.run(&cancel.0, |progress| drop(watcher.moved(*progress)))
    }
}
