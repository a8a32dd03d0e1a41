//! What a shell can do about an error, and the one table that says so.

use gridpatrol_basemap::BaseMapError;
use gridpatrol_geo::block::BlockError;
use gridpatrol_geo::crs::BadCoordinate;
use gridpatrol_geo::gpx::GpxError;
use gridpatrol_model::area::BadCode;
use gridpatrol_model::ids::BadId;
use gridpatrol_model::op::BadOp;
use gridpatrol_photo::PhotoError;
use gridpatrol_store::StoreError;
use gridpatrol_sync::SyncError;

/// `id` is that of a text that says what happened to the work and what to do next; `detail` is English, for
/// a log or a developer, and names no person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Error))]
pub enum GridpatrolError {
    /// Nothing was saved: something else has to be chosen or entered.
    #[error("{id}: {detail}")]
    Refused { id: String, detail: String },
    /// Nothing was saved: what was on the screen is not what stands now. Show it again.
    #[error("{id}: {detail}")]
    Changed { id: String, detail: String },
    /// Nothing was saved: the phone's storage needs attention.
    #[error("{id}: {detail}")]
    Storage { id: String, detail: String },
    /// The data is closed: call `wake` first.
    #[error("{id}: {detail}")]
    Suspended { id: String, detail: String },
    /// The sync stopped; everything is kept on this phone, and the next one goes on from there.
    #[error("{id}: {detail}")]
    Hub { id: String, detail: String },
    /// A bug, or a file system that fails. What was saved before is safe.
    #[error("{id}: {detail}")]
    Unexpected { id: String, detail: String },
}

pub type Result<T, E = GridpatrolError> = std::result::Result<T, E>;

/// Why a rule of this crate says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rule {
    #[error("a patrol of this member is still running")]
    PatrolRunning,
    #[error("the patrol is not running, or not this member's")]
    PatrolNotRunning,
    #[error("the inspection was saved more than ten seconds ago")]
    UndoTooLate,
    #[error("the role of this member does not allow it")]
    NotAllowed,
    #[error("the stage is not the one that was shown")]
    StageChanged,
    #[error("the stages do not lead there")]
    NoSuchStep,
    #[error("no such value for the field {0}")]
    ValueUnfit(String),
    #[error("no active category {0} in the packs")]
    CategoryUnknown(String),
    #[error("the category {0} takes no photo")]
    PhotoNotForCategory(String),
    #[error("a person asked for no photo")]
    PhotoAskedNot,
    #[error("it is about minors and takes no photo")]
    PhotoOfMinors,
    #[error("the photo has a preview, or no decoder can make one")]
    PreviewNotWanted,
    #[error("the pixels are too many, or do not fit width, height and strides")]
    PixelsUnfit,
    #[error("the original is not on this phone any more")]
    OriginalElsewhere,
    #[error("a write that was shown is not there any more")]
    ConflictChanged,
    #[error("neither place nor patrol nor a scope of this phone says where it belongs")]
    AreaMissing,
    #[error("no such record, or of another kind: {0}")]
    RecordMissing(String),
    #[error("no base map {0} on this phone")]
    BaseMapMissing(String),
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Internal {
    #[error(transparent)]
    Rule(#[from] Rule),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Photo(#[from] PhotoError),
    #[error(transparent)]
    Gpx(#[from] GpxError),
    #[error(transparent)]
    BaseMap(#[from] BaseMapError),
    #[error(transparent)]
    Code(#[from] BadCode),
    #[error(transparent)]
    Id(#[from] BadId),
    #[error(transparent)]
    Coordinate(#[from] BadCoordinate),
    #[error(transparent)]
    Block(#[from] BlockError),
    #[error(transparent)]
    Sync(#[from] SyncError),
    #[error("cannot read {0}: {1}")]
    File(std::path::PathBuf, std::io::Error),
}

/// What the caller does.
#[derive(Clone, Copy)]
enum Act {
    Refused,
    Changed,
    Storage,
    Suspended,
    Hub,
    Unexpected,
}

/// The table.
fn act(error: &Internal) -> (Act, &'static str) {
    use Act::*;
    match error {
        Internal::Rule(rule) => match rule {
            Rule::PatrolRunning => (Refused, "error-patrol-running"),
            Rule::PatrolNotRunning => (Refused, "error-patrol-not-running"),
            Rule::UndoTooLate => (Refused, "error-undo-too-late"),
            Rule::NotAllowed => (Refused, "error-not-allowed"),
            Rule::StageChanged | Rule::NoSuchStep => (Changed, "error-stage-changed"),
            Rule::ValueUnfit(_) => (Refused, "error-value-unfit"),
            Rule::CategoryUnknown(_) => (Refused, "error-category-unknown"),
            Rule::PhotoNotForCategory(_) => (Refused, "error-photo-not-for-category"),
            Rule::PhotoAskedNot => (Refused, "error-photo-asked-not"),
            Rule::PhotoOfMinors => (Refused, "error-photo-of-minors"),
            Rule::PreviewNotWanted => (Refused, "error-preview-not-wanted"),
            Rule::PixelsUnfit => (Refused, "error-pixels-unfit"),
            Rule::OriginalElsewhere => (Refused, "error-original-elsewhere"),
            Rule::ConflictChanged => (Changed, "error-conflict-changed"),
            Rule::AreaMissing => (Refused, "error-area-missing"),
            Rule::RecordMissing(_) => (Changed, "error-record-missing"),
            Rule::BaseMapMissing(_) => (Changed, "error-base-map-missing"),
        },
        Internal::Sync(SyncError::Store(error)) | Internal::Store(error) => match error {
            StoreError::Paused => (Suspended, "error-app-suspended"),
            StoreError::DiskFull => (Storage, "error-disk-full"),
            StoreError::ReadOnly(_) => (Storage, "error-folder-read-only"),
            StoreError::Busy => (Storage, "error-database-in-use"),
            StoreError::TooNew { .. } => (Storage, "error-database-newer"),
            StoreError::Damaged(_) => (Storage, "error-database-moved-aside"),
            StoreError::NoSuchRecord(_) => (Changed, "error-record-missing"),
            StoreError::BadOp(BadOp::TooLarge(_)) => (Refused, "error-record-too-large"),
            _ => (Unexpected, "error-unexpected"),
        },
        Internal::Sync(error) => match error {
            SyncError::NotEnrolled => (Refused, "error-not-enrolled"),
            SyncError::BadCode => (Refused, "error-code-wrong"),
            SyncError::Cancelled => (Hub, "error-sync-cancelled"),
            SyncError::HubAway(_) => (Hub, "error-hub-away"),
            SyncError::NotTheHub => (Hub, "error-hub-unknown"),
            SyncError::Unprotected => (Refused, "error-hub-unprotected"),
            SyncError::HubBusy => (Hub, "error-hub-busy"),
            SyncError::HubFull => (Hub, "error-hub-full"),
            SyncError::Refused => (Hub, "error-phone-refused"),
            SyncError::Upgrade => (Hub, "error-upgrade-to-sync"),
            SyncError::Damaged(_) | SyncError::Store(_) => (Hub, "error-sync-damaged"),
        },
        Internal::Photo(error) => match error {
            PhotoError::TooManyBytes { .. } => (Refused, "error-photo-too-large"),
            PhotoError::Changed => (Refused, "error-photo-changed"),
            PhotoError::Unreadable(_) | PhotoError::Empty | PhotoError::NotAPhoto => {
                (Refused, "error-photo-unreadable")
            }
        },
        Internal::Gpx(error) => match error {
            GpxError::TooBig(_) | GpxError::TooManyPoints => (Refused, "error-gpx-too-large"),
            GpxError::NoPoints { .. } => (Refused, "error-gpx-empty"),
            _ => (Refused, "error-gpx-unreadable"),
        },
        Internal::BaseMap(error) => match error {
            BaseMapError::CrsUnsaid => (Refused, "error-base-map-system-unsaid"),
            BaseMapError::ForeignCrs(_) => (Refused, "error-base-map-foreign"),
            BaseMapError::Damaged(_) => (Refused, "error-base-map-damaged"),
            BaseMapError::NotABaseMap(_) | BaseMapError::Unsupported(_) | BaseMapError::File(_) => {
                (Refused, "error-base-map-unreadable")
            }
        },
        Internal::File(_, error) if error.kind() == std::io::ErrorKind::StorageFull => (Storage, "error-disk-full"),
        Internal::Code(_) => (Refused, "error-area-unknown"),
        Internal::Id(_) => (Changed, "error-record-missing"),
        Internal::Coordinate(_) => (Refused, "error-value-unfit"),
        Internal::Block(_) | Internal::File(..) => (Unexpected, "error-unexpected"),
    }
}

impl<E> From<E> for GridpatrolError
where
    Internal: From<E>,
{
    fn from(error: E) -> Self {
        let error = Internal::from(error);
        let (act, id) = act(&error);
        let (id, detail) = (id.to_owned(), error.to_string());
        match act {
            Act::Refused => GridpatrolError::Refused { id, detail },
            Act::Changed => GridpatrolError::Changed { id, detail },
            Act::Storage => GridpatrolError::Storage { id, detail },
            Act::Suspended => GridpatrolError::Suspended { id, detail },
            Act::Hub => GridpatrolError::Hub { id, detail },
            Act::Unexpected => GridpatrolError::Unexpected { id, detail },
        }
    }
}

impl GridpatrolError {
    /// Id of the text to show.
    pub fn message(&self) -> &str {
        match self {
            GridpatrolError::Refused { id, .. }
            | GridpatrolError::Changed { id, .. }
            | GridpatrolError::Storage { id, .. }
            | GridpatrolError::Suspended { id, .. }
            | GridpatrolError::Hub { id, .. }
            | GridpatrolError::Unexpected { id, .. } => id,
        }
    }

    /// English, for a log; it names no person.
    pub fn detail(&self) -> &str {
        match self {
            GridpatrolError::Refused { detail, .. }
            | GridpatrolError::Changed { detail, .. }
            | GridpatrolError::Storage { detail, .. }
            | GridpatrolError::Suspended { detail, .. }
            | GridpatrolError::Hub { detail, .. }
            | GridpatrolError::Unexpected { detail, .. } => detail,
        }
    }
}
