//! Shapes that several desks share: identities, moments, values, receipts, pages.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A record: 32 hex digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(pattern = "^[0-9a-f]{32}$")]
pub struct EntityText(pub String);

/// One write: `replica (32 hex) . rseq . tag (16 hex)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(pattern = "^[0-9a-f]{32}\\.[0-9]+\\.[0-9a-f]{16}$")]
pub struct DotText(pub String);

/// How a time was found, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    SameBoot,
    Gnss,
    Wall,
    Clamped,
}

/// When something happened, and how sure that is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Moment {
    /// Milliseconds UTC.
    pub ms: i64,
    pub quality: Quality,
    /// The true time lies within this many milliseconds either way; left out where the hub cannot tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within_ms: Option<i64>,
}

/// A text of the shared message files, already written out because it has arguments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Text {
    /// Message id.
    pub id: String,
    pub zh: String,
    pub en: String,
}

/// An area by its statistical code: county 6, town 9, village 12 digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AreaRef {
    pub code: String,
    pub name: String,
}

/// A grid: 15 digits, with the names above it. Where only the area is known: its code and, as `village`, its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GridRef {
    pub code: String,
    pub name: String,
    pub village: String,
    pub town: String,
}

/// A member, supervisor or desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberRef {
    pub id: String,
    /// Role, village and number: never a person's name.
    pub label: String,
}

/// A record by what a person calls it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecordRef {
    pub id: EntityText,
    /// `patrol`, `case`, `inspection`, `place`, `photo`, … as in the field table.
    pub kind: String,
    pub title: String,
}

/// WGS-84 degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Position {
    pub lon: f64,
    pub lat: f64,
    /// Radius in metres, where the phone said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accuracy_m: Option<f64>,
}

/// A field's value, in the shape in which it is sent back unchanged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FieldValue {
    /// The field was emptied, or never written.
    Empty,
    Text {
        text: String,
    },
    Number {
        number: i64,
    },
    Flag {
        flag: bool,
    },
    /// Milliseconds UTC.
    Time {
        ms: i64,
    },
    /// One of a closed list, by the id of its message: `stage-signed`, `result-normal`, …
    Choice {
        message: String,
    },
    /// A category as it was named when the record was written.
    Category {
        standard_ref: String,
        kind: String,
        code: String,
        name: String,
    },
    Position {
        lon: f64,
        lat: f64,
        #[serde(skip_serializing_if = "Option::is_none")]
        accuracy_m: Option<f64>,
    },
    Record {
        id: EntityText,
        title: String,
    },
    Member {
        id: String,
        label: String,
    },
    Grid {
        code: String,
        name: String,
    },
    /// A GeoJSON geometry.
    Shape {
        geometry: serde_json::Value,
    },
    /// A value of a newer version than this hub: kept, shown as such, sent back as it is. Base64.
    Unknown {
        bytes: String,
    },
}

/// How far a record got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptState {
    /// Known from another record (a patrol naming its photos), not arrived yet.
    Saved,
    /// Arrived; its decision or, for a photo, its bytes are still missing.
    Sent,
    Accepted,
    Held,
    SentBack,
}

/// The receipt of one record: the same five words that the member sees on her phone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Receipt {
    pub record: RecordRef,
    pub state: ReceiptState,
    pub saved: Moment,
    /// When the hub had it, milliseconds UTC of the hub's clock.
    pub received_ms: Option<i64>,
    /// Why it is held or was sent back.
    pub reason: Option<Text>,
    /// The held write, to open at the held desk.
    pub held_dot: Option<DotText>,
}

/// Records of a patrol by receipt; `total` is their sum and is shown as a sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceiptCounts {
    pub saved: u32,
    pub sent: u32,
    pub accepted: u32,
    pub held: u32,
    pub sent_back: u32,
    pub total: u32,
}

/// One page in a stable order; `next` is the cursor of the page after it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<String>,
}

/// Where a page starts and how long it may be.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// Rows a page, 1 to 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}
