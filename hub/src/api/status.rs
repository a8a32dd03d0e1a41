//! The quiet line about hub and sync, and the counts that the rail shows beside each desk.

use super::{Answer, Asked, Asks};
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// The hub's clock, milliseconds UTC.
    pub now_ms: i64,
    pub desks: DeskCounts,
    pub phones: Phones,
    pub hub: HubState,
}

/// What waits at each desk within the session's areas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeskCounts {
    /// Patrols that started today.
    pub patrols_today: u32,
    /// Cases whose next step is this session's.
    pub cases_mine: u32,
    pub cases_open: u32,
    pub cases_overdue: u32,
    /// Records with an open conflict.
    pub conflicts: u32,
    pub held: u32,
    pub places_due: u32,
    pub places_overdue: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Phones {
    pub total: u32,
    /// Not synced for more than two days.
    pub late: u32,
    /// Entries that phones lost to a damaged disk before they could send them. The member was told, and has to
    /// write them again.
    pub lost_entries: u32,
    pub last_sync_ms: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HubState {
    pub version: String,
    /// Commit order: `epoch.n`.
    pub log: String,
    /// When everything up to now was last in a backup or replica.
    pub durable_ms: Option<i64>,
    /// Photos whose record is here and whose bytes are not.
    pub photos_awaited: u32,
}

pub(super) fn routes() -> OpenApiRouter<super::Desks> {
    OpenApiRouter::new().routes(routes!(status))
}

/// State of hub and sync, and the counts of the desks.
#[utoipa::path(get, path = "/api/status", tag = "status", responses((status = 200, body = Status), Asks))]
async fn status(asked: Asked) -> Answer<Json<Status>> {
    asked.json(|desk, session| desk.status(session)).await
}
