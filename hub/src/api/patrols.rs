//! The patrol log and one patrol: where it went, what was looked at, what came of it.

use super::{
    Answer, Asked, Asks, Binary, Query,
    common::{EntityText, GridRef, MemberRef, Moment, Page, Paging, Position, Receipt, ReceiptCounts, RecordRef, Text},
    photos::Photo,
    places::PlaceRef,
};
use axum::{
    Json,
    extract::Path,
    http::{HeaderName, header},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

/// Filters of the log. By member it finds work to review; there are no totals by member.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PatrolQuery {
    /// Area or grid code.
    pub area: Option<String>,
    /// Day of the start in Beijing time, `2026-11-24`.
    pub day: Option<String>,
    pub member: Option<String>,
    #[param(inline)]
    pub state: Option<PatrolState>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PatrolState {
    Walking,
    Paused,
    Ended,
}

/// One line of the log, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PatrolRow {
    pub id: EntityText,
    pub member: MemberRef,
    /// Nothing for a walk outside every grid.
    pub grid: Option<GridRef>,
    pub state: PatrolState,
    pub start: Moment,
    pub end: Option<Moment>,
    /// Places looked at, of those that were due.
    pub places_seen: u32,
    pub places_due: u32,
    pub problems: u32,
    pub cases: u32,
    pub photos: u32,
    pub gaps: u32,
    /// Part of the track lies outside every grid.
    pub outside: bool,
    /// Read from a file instead of walked with the app.
    pub imported: bool,
    pub receipts: ReceiptCounts,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Patrol {
    pub summary: PatrolRow,
    pub track: Track,
    /// Places that were due or were looked at, in the order of the walk, missed ones last.
    pub places: Vec<PatrolPlace>,
    pub cases: Vec<PatrolCase>,
    pub marks: Vec<Mark>,
    /// In walking order.
    pub photos: Vec<Photo>,
    pub receipts: Vec<Receipt>,
}

/// Segments with nothing drawn between them. WGS-84.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Track {
    pub segments: Vec<Segment>,
    pub gaps: Vec<Gap>,
    /// Fixes that were recorded and are here; all of them are in the files.
    pub fixes: u32,
    /// Of a long track fewer points are listed: each left out lies within so many metres of the line that stands for
    /// it. Nothing where all are listed.
    pub simplified_m: Option<f64>,
    /// How many of the fixes are doubted, by reason.
    pub doubts: Vec<DoubtCount>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DoubtCount {
    pub doubt: Doubt,
    pub fixes: u32,
    /// Time of the first of them.
    pub first_ms: Option<i64>,
}

/// Why a fix is not taken at its word. It is kept and shown where the phone says it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// Nobody gets there so fast.
    Jump,
    /// The very same place again and again, though the phone moves.
    Frozen,
    /// The system says that an app made the position up.
    Mock,
    /// The phone stands: what the place moved by is noise.
    Drift,
}

/// Points by column; both columns have one length.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Segment {
    /// Longitude, latitude.
    pub points: Vec<[f64; 2]>,
    /// Milliseconds UTC; null for a point that came without a time.
    pub times: Vec<Option<i64>>,
    /// First and last index of each part outside every grid.
    pub outside: Vec<[u32; 2]>,
    pub doubted: Vec<DoubtedPart>,
}

/// Points in a row that are doubted for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DoubtedPart {
    pub doubt: Doubt,
    /// Index of the first and of the last of them.
    pub first: u32,
    pub last: u32,
}

/// Between two segments, or before the first or after the last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Gap {
    /// Index of the segment before the gap; null before the first.
    pub after: Option<u32>,
    pub cause: GapCause,
    pub from_ms: Option<i64>,
    pub to_ms: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GapCause {
    /// The system ended the app.
    Killed,
    /// The permission to use the position was taken away.
    Permission,
    /// No satellite in view.
    NoFix,
    /// Positioning was switched off.
    SwitchedOff,
    /// The clock jumped, so the times on both sides do not belong together.
    ClockJump,
    /// The member paused the patrol.
    Paused,
    /// Nobody recorded why, as between two segments of an imported file.
    Unknown,
    /// It was recorded, and its bytes are still on their way from the phone.
    Awaited,
}

/// A place of the walk and what was found, or why nobody looked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PatrolPlace {
    pub place: PlaceRef,
    pub position: Option<Position>,
    /// Whether the walk went there, as far as the track tells; nothing without a track or a position.
    pub passed: Option<Passed>,
    /// Nothing if it was not looked at.
    pub inspection: Option<Inspection>,
    /// Why not, where the member or the plan says so.
    pub missed: Option<Text>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Inspection {
    pub id: EntityText,
    pub result: InspectionResult,
    pub at: Moment,
    /// Where the member stood; a record without a fix is valid.
    pub position: Option<Position>,
    /// What proves the place: `gnss`, `qr`, `nfc`, `by_hand`; all count the same.
    pub evidence: String,
    pub note: Option<String>,
    pub checklist: Vec<ChecklistItem>,
    /// Numbers of its photos in `photos`.
    pub photos: Vec<u32>,
    /// The case that it led to.
    pub case: Option<RecordRef>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InspectionResult {
    Normal,
    Problem,
    Unreachable,
}

/// The nearest that the track came to a place. It decides nothing about the inspection.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Passed {
    pub fence: FenceAnswer,
    /// From the place to the nearest fix.
    pub metres: u32,
    /// What that fix may be off by, where the phone said so.
    pub accuracy_m: Option<f64>,
}

/// Of the circle round a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FenceAnswer {
    Inside,
    Outside,
    /// The border is nearer than the accuracy.
    Unsure,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChecklistItem {
    pub item: String,
    pub answer: String,
}

/// A case reported on this patrol.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PatrolCase {
    pub record: RecordRef,
    /// `stage-{stage}` is its message.
    pub stage: String,
    pub at: Moment,
    pub position: Option<Position>,
}

/// A point that the walker or the file marked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Mark {
    pub name: String,
    pub position: Position,
    pub at_ms: Option<i64>,
}

/// Files of a track beside GPX.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrackFormat {
    GeoJson,
    Kml,
    GeoPackage,
}

impl TrackFormat {
    fn ending(self) -> &'static str {
        match self {
            TrackFormat::GeoJson => "geojson",
            TrackFormat::Kml => "kml",
            TrackFormat::GeoPackage => "gpkg",
        }
    }

    fn mime(self) -> &'static str {
        match self {
            TrackFormat::GeoJson => "application/geo+json",
            TrackFormat::Kml => "application/vnd.google-earth.kml+xml",
            TrackFormat::GeoPackage => "application/geopackage+sqlite3",
        }
    }
}

pub(super) fn routes() -> OpenApiRouter<super::Desks> {
    let router =
        OpenApiRouter::new().routes(routes!(list)).routes(routes!(one)).routes(routes!(gpx)).routes(routes!(csv));
    router.routes(routes!(track_geojson)).routes(routes!(track_kml)).routes(routes!(track_gpkg))
}

/// The patrol log.
#[utoipa::path(get, operation_id = "patrols", path = "/api/patrols", tag = "patrols", params(PatrolQuery, Paging),
    responses((status = 200, body = Page<PatrolRow>), Asks))]
async fn list(
    asked: Asked,
    Query(query): Query<PatrolQuery>,
    Query(paging): Query<Paging>,
) -> Answer<Json<Page<PatrolRow>>> {
    asked.json(move |desk, session| desk.patrols(session, &query, &paging)).await
}

/// One patrol.
#[utoipa::path(get, operation_id = "patrol", path = "/api/patrols/{id}", tag = "patrols", params(("id" = String, Path)),
    responses((status = 200, body = Patrol), Asks))]
async fn one(asked: Asked, Path(id): Path<String>) -> Answer<Json<Patrol>> {
    asked.json(move |desk, session| desk.patrol(session, &id)).await
}

/// A named download.
type File = ([(HeaderName, String); 2], Vec<u8>);

fn file(mime: &str, name: &str, bytes: Vec<u8>) -> File {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, mime.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes)
}

/// The track as GPX 1.1, a new segment at each gap.
#[utoipa::path(get, operation_id = "patrol_gpx", path = "/api/patrols/{id}/track.gpx", tag = "patrols", params(("id" = String, Path)),
    responses((status = 200, body = Binary, content_type = "application/gpx+xml"), Asks))]
async fn gpx(asked: Asked, Path(id): Path<String>) -> Answer<File> {
    let name = format!("patrol-{id}.gpx");
    let bytes = asked.run(move |desk, session| desk.patrol_gpx(session, &id)).await?;
    Ok(file("application/gpx+xml", &name, bytes))
}

async fn track(asked: Asked, id: String, format: TrackFormat) -> Answer<File> {
    let name = format!("patrol-{id}.{}", format.ending());
    let bytes = asked.run(move |desk, session| desk.patrol_file(session, &id, format)).await?;
    Ok(file(format.mime(), &name, bytes))
}

/// The track as GeoJSON (RFC 7946): one feature with a line for each segment, and the causes of the gaps.
#[utoipa::path(get, operation_id = "patrol_geojson", path = "/api/patrols/{id}/track.geojson", tag = "patrols",
    params(("id" = String, Path)), responses((status = 200, body = Binary, content_type = "application/geo+json"), Asks))]
async fn track_geojson(asked: Asked, Path(id): Path<String>) -> Answer<File> {
    track(asked, id, TrackFormat::GeoJson).await
}

/// The track as KML 2.2, a placemark for each segment.
#[utoipa::path(get, operation_id = "patrol_kml", path = "/api/patrols/{id}/track.kml", tag = "patrols",
    params(("id" = String, Path)),
    responses((status = 200, body = Binary, content_type = "application/vnd.google-earth.kml+xml"), Asks))]
async fn track_kml(asked: Asked, Path(id): Path<String>) -> Answer<File> {
    track(asked, id, TrackFormat::Kml).await
}

/// The patrol as a GeoPackage with the layers `track`, `fixes`, `places` and `marks`.
#[utoipa::path(get, operation_id = "patrol_gpkg", path = "/api/patrols/{id}/patrol.gpkg", tag = "patrols",
    params(("id" = String, Path)),
    responses((status = 200, body = Binary, content_type = "application/geopackage+sqlite3"), Asks))]
async fn track_gpkg(asked: Asked, Path(id): Path<String>) -> Answer<File> {
    track(asked, id, TrackFormat::GeoPackage).await
}

/// The places table as CSV. A cell that a spreadsheet would run as a formula is written as text.
#[utoipa::path(get, operation_id = "patrol_csv", path = "/api/patrols/{id}/places.csv", tag = "patrols", params(("id" = String, Path)),
    responses((status = 200, body = String, content_type = "text/csv"), Asks))]
async fn csv(asked: Asked, Path(id): Path<String>) -> Answer<File> {
    let name = format!("patrol-{id}.csv");
    let bytes = asked.run(move |desk, session| desk.patrol_csv(session, &id)).await?;
    Ok(file("text/csv; charset=utf-8", &name, bytes))
}
