//! What a shell calls. A shell owns camera, location, notifications and pixels; every rule, order, filter, count,
//! label and validation is decided here or below, and comes out as plain values.
//!
//! Everything blocks: a shell calls it off its main thread. Everything that returns has been saved durably, but for
//! fixes of a walk, which survive a killed app and may lose their last seconds at a power cut.
//!
//! How records hang together: what is done on a patrol — inspections, cases, track chunks, marks — has the patrol
//! for its parent, a photo that which it shows. A case belongs to the inspection of the same place and patrol.

#[cfg(feature = "uniffi")]
uniffi::setup_scaffolding!();

mod audit;
mod basemap;
mod cases;
mod catalogue;
mod changes;
mod chunk;
mod conflicts;
mod core;
mod covered;
mod error;
mod evidence;
mod field;
#[cfg(feature = "uniffi")]
mod foreign;
mod gridpatrol;
mod import;
mod labels;
mod map;
mod patrols;
mod photos;
mod places;
mod report;
mod round;
mod sync;
mod taking;
mod track;
mod types;
mod walk;

pub use audit::Audit;
pub use basemap::{BaseMap, BaseMapList, BaseTile, BaseTileAt, MapSystem, TilePart};
pub use cases::{Case, CaseFilter, CasePage, CaseQuery, CaseRow, Cases, TimelineEntry};
pub use catalogue::{CategoryChoice, CategoryId};
pub use changes::{Change, HeldItem};
pub use conflicts::{ConflictPage, ConflictRow, Conflicts, Decision, Question, Side};
pub use covered::Covered;
pub use error::{GridpatrolError, Result};
pub use field::{Field, FieldValue};
pub use gridpatrol::{ChangeListener, Config, Gridpatrol, Handback, Notes};
pub use import::{GpxImported, ImportedPhoto, PhotosImported, Rejected};
pub use labels::{Labels, Lang, TextArg};
pub use map::{Bounds, GridShape, Map, MapData, MapLabel, MapPlace};
pub use patrols::{PatrolPage, PatrolRow, PatrolState, Patrols, Running};
pub use photos::{Layout, NewPhoto, Photo, PhotoAdded, Photos, Pixels, Plane};
pub use places::{Answer, InspectionResult, NewInspection, Place, PlaceState, Places};
pub use report::{CasePhoto, NewCase, Reported};
pub use round::{Inspection, Mark, Patrol, PatrolPlace};
pub use sync::{CancelSync, Enrolled, Sync, SyncProgress};
pub use track::{TrackDoubt, TrackGap, TrackPoint, TrackSegment};
pub use types::{Moment, Position, Receipt, ReceiptCounts, ReceiptState, RecordRef, SentBack};
pub use walk::{Fix, GapCause, SamplingAdvice, SamplingPriority, SamplingSigns};

pub use gridpatrol_model::photo_rule::NoPhoto;
pub use gridpatrol_store::{Clock, Key, Moment as ClockReading, Ports, Rng, Subscription};
