//! The one table of kinds and fields. Merge, rights, redaction, export and retention are driven by it; a new
//! kind of record is rows here plus a small module where it is used.
//!
//! Numbers are never reused. Field numbers are unique across kinds, so a field needs no kind to be read.

use crate::workflow::Role;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKind(pub u16);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldNo(pub u16);

/// How the live writes of a field are read. The fold itself is the same for all (see `fold`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// One value; two different live ones are an open conflict.
    Register,
    /// A register in which a supervisor's value outranks a member's: a member's write does not kill it.
    SupervisorOwned,
    /// A register for each item of a checklist.
    PerItem,
    /// Present while any live write of the item says so.
    AddWins,
    /// The sum of all writes; none replaces another.
    Counter,
    /// Set only by a transition or a move that the hub applied: one live value, always.
    Workflow,
    /// Delete marks and restorations: see `Record::life`.
    Life,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// At most this many bytes of UTF-8.
    Text(usize),
    /// At most this many bytes, of a format that its field names.
    Bytes(usize),
    Int,
    Bool,
    /// Milliseconds UTC.
    Time,
    Position,
    Entity,
    Actor,
    Scope,
    Blob,
    /// `[standard_ref, kind, code, name]`: a snapshot, so that an unknown code still shows its name.
    Category,
    Stage,
    Dots,
    /// Integers, 1e-7 degrees: `[lon, lat, lon, lat, …]` of a ring.
    Ring,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Needed to merge and route.
    System,
    /// Needed to look after a place.
    PlaceCare,
    /// Needed to solve a case.
    CaseWork,
    /// Shows that something was as described.
    Evidence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retention {
    /// As long as the record.
    Record,
    /// Months after the record was closed.
    Months(u16),
}

/// Who may be shown a field (`redact(audience)`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    Own,
    Village,
    Town,
    Respondent,
    Public,
    Statistics,
}

#[derive(Debug)]
pub struct Field {
    pub no: FieldNo,
    pub kinds: &'static [RecordKind],
    pub name: &'static str,
    pub value: ValueType,
    pub policy: Policy,
    pub writers: &'static [Role],
    pub purpose: Purpose,
    pub retention: Retention,
    pub audiences: &'static [Audience],
}

impl RecordKind {
    pub const PATROL: Self = Self(1);
    pub const INSPECTION: Self = Self(2);
    pub const PLACE: Self = Self(3);
    pub const CASE: Self = Self(4);
    pub const PHOTO: Self = Self(5);
    pub const TRACK_CHUNK: Self = Self(6);
    pub const NOTE: Self = Self(7);
    pub const GRID: Self = Self(8);
    pub const MARK: Self = Self(9);

    /// Kinds of this version with their names.
    pub const NAMES: &'static [(Self, &'static str)] = &[
        (Self::PATROL, "patrol"),
        (Self::INSPECTION, "inspection"),
        (Self::PLACE, "place"),
        (Self::CASE, "case"),
        (Self::PHOTO, "photo"),
        (Self::TRACK_CHUNK, "track_chunk"),
        (Self::NOTE, "note"),
        (Self::GRID, "grid"),
        (Self::MARK, "mark"),
    ];

    pub fn name(self) -> Option<&'static str> {
        Self::NAMES.iter().find(|(kind, _)| *kind == self).map(|(_, name)| *name)
    }
}

use Audience::{Own, Public, Statistics, Town, Village};
use RecordKind as K;

const EVERY_KIND: &[RecordKind] =
    &[K::PATROL, K::INSPECTION, K::PLACE, K::CASE, K::PHOTO, K::TRACK_CHUNK, K::NOTE, K::GRID, K::MARK];
const FIELD_STAFF: &[Role] = &[Role::Member, Role::Lead, Role::Supervisor, Role::Handler, Role::Checker];
const OFFICE: &[Role] = &[Role::Lead, Role::Supervisor];
const SUPERVISORS: &[Role] = &[Role::Supervisor];
const WORK: &[Audience] = &[Own, Village, Town];
const OPEN: &[Audience] = &[Own, Village, Town, Public, Statistics];

macro_rules! fields {
    ($($no:literal $const:ident $name:literal : $kinds:expr, $value:expr, $policy:ident, $writers:expr, $purpose:ident, $retention:expr, $audiences:expr;)*) => {
        impl FieldNo {
            $(pub const $const: Self = Self($no);)*
        }

        /// Every field of this version, in the order of its number.
        pub const FIELDS: &[Field] = &[
            $(Field {
                no: FieldNo($no),
                kinds: $kinds,
                name: $name,
                value: $value,
                policy: Policy::$policy,
                writers: $writers,
                purpose: Purpose::$purpose,
                retention: $retention,
                audiences: $audiences,
            },)*
        ];
    };
}

use Retention::{Months, Record};

fields! {
    // What every record has.
    1 LIFE "life": EVERY_KIND, ValueType::Dots, Life, FIELD_STAFF, System, Record, WORK;
    2 PARENT "parent": &[K::INSPECTION, K::PHOTO, K::TRACK_CHUNK, K::NOTE, K::CASE, K::MARK], ValueType::Entity, Register, FIELD_STAFF, System, Record, WORK;
    3 SCOPE "scope": EVERY_KIND, ValueType::Scope, Workflow, SUPERVISORS, System, Record, WORK;
    4 POSITION "position": &[K::INSPECTION, K::PLACE, K::CASE, K::PHOTO, K::NOTE, K::MARK], ValueType::Position, Register, FIELD_STAFF, Evidence, Record, WORK;
    5 NOTE "note": &[K::PATROL, K::INSPECTION, K::PLACE, K::PHOTO, K::NOTE, K::MARK], ValueType::Text(4_000), Register, FIELD_STAFF, CaseWork, Record, WORK;
    6 NAME "name": &[K::PATROL, K::PLACE, K::GRID, K::MARK], ValueType::Text(200), Register, FIELD_STAFF, PlaceCare, Record, OPEN;
    7 SYNTHETIC "synthetic": EVERY_KIND, ValueType::Bool, Register, FIELD_STAFF, System, Record, OPEN;

    // Patrols.
    20 STARTED "started": &[K::PATROL], ValueType::Time, Register, FIELD_STAFF, Evidence, Months(24), WORK;
    21 ENDED "ended": &[K::PATROL], ValueType::Time, Register, FIELD_STAFF, Evidence, Months(24), WORK;
    22 PAUSES "pauses": &[K::PATROL], ValueType::Time, PerItem, FIELD_STAFF, Evidence, Months(24), WORK;
    23 REVIEWED "reviewed": &[K::PATROL], ValueType::Text(1_000), SupervisorOwned, OFFICE, CaseWork, Months(24), WORK;

    // Places.
    30 PLACE_KIND "place_kind": &[K::PLACE], ValueType::Text(40), SupervisorOwned, FIELD_STAFF, PlaceCare, Record, OPEN;
    31 INTERVAL_DAYS "interval_days": &[K::PLACE], ValueType::Int, SupervisorOwned, OFFICE, PlaceCare, Record, OPEN;

    // Inspections.
    40 PLACE "place": &[K::INSPECTION, K::CASE, K::PHOTO], ValueType::Entity, Register, FIELD_STAFF, PlaceCare, Record, WORK;
    41 RESULT "result": &[K::INSPECTION], ValueType::Text(20), Register, FIELD_STAFF, PlaceCare, Record, OPEN;
    42 CHECKLIST "checklist": &[K::INSPECTION], ValueType::Text(200), PerItem, FIELD_STAFF, PlaceCare, Record, WORK;
    43 INSPECTED_AT "inspected_at": &[K::INSPECTION], ValueType::Time, Register, FIELD_STAFF, PlaceCare, Record, OPEN;

    // Cases.
    50 STAGE "stage": &[K::CASE], ValueType::Stage, Workflow, FIELD_STAFF, CaseWork, Record, OPEN;
    51 HOLDER "holder": &[K::CASE], ValueType::Actor, Workflow, FIELD_STAFF, CaseWork, Record, WORK;
    52 ROUND "round": &[K::CASE], ValueType::Int, Workflow, FIELD_STAFF, CaseWork, Record, WORK;
    53 CATEGORY "category": &[K::CASE, K::PHOTO], ValueType::Category, Register, FIELD_STAFF, CaseWork, Record, OPEN;
    54 DESCRIPTION "description": &[K::CASE], ValueType::Text(8_000), Register, FIELD_STAFF, CaseWork, Record, WORK;
    55 LOCATION_TEXT "location_text": &[K::CASE], ValueType::Text(400), Register, FIELD_STAFF, CaseWork, Record, WORK;
    56 SEVERITY "severity": &[K::CASE], ValueType::Int, SupervisorOwned, FIELD_STAFF, CaseWork, Record, OPEN;
    57 FOUND_AT "found_at": &[K::CASE], ValueType::Time, Register, FIELD_STAFF, CaseWork, Record, OPEN;
    58 TITLE "title": &[K::CASE], ValueType::Text(200), Register, FIELD_STAFF, CaseWork, Record, WORK;
    59 NO_PHOTO "no_photo": &[K::PLACE, K::INSPECTION, K::CASE, K::NOTE], ValueType::Text(20), Register, FIELD_STAFF, CaseWork, Record, WORK;

    // Photos.
    60 PHOTO "photo": &[K::PHOTO], ValueType::Blob, Register, FIELD_STAFF, Evidence, Months(36), WORK;
    61 TAKEN_AT "taken_at": &[K::PHOTO], ValueType::Time, Register, FIELD_STAFF, Evidence, Months(36), WORK;
    62 PREVIEW "preview": &[K::PHOTO], ValueType::Blob, Register, FIELD_STAFF, Evidence, Months(36), WORK;
    63 THUMBNAIL "thumbnail": &[K::PHOTO], ValueType::Blob, Register, FIELD_STAFF, Evidence, Months(36), WORK;
    64 NO_PREVIEW "no_preview": &[K::PHOTO], ValueType::Text(60), Register, FIELD_STAFF, Evidence, Months(36), WORK;
    65 LIBRARY "library": &[K::PHOTO], ValueType::Bool, Register, FIELD_STAFF, Evidence, Months(36), WORK;
    66 FILE_NAME "file_name": &[K::PHOTO, K::PATROL], ValueType::Text(255), Register, FIELD_STAFF, Evidence, Months(36), WORK;
    67 MANIFEST "manifest": &[K::PHOTO], ValueType::Bytes(4_176), Register, FIELD_STAFF, Evidence, Months(36), WORK;
    68 WIDTH "width": &[K::PHOTO], ValueType::Int, Register, FIELD_STAFF, Evidence, Months(36), WORK;
    69 HEIGHT "height": &[K::PHOTO], ValueType::Int, Register, FIELD_STAFF, Evidence, Months(36), WORK;

    // Track chunks: one block of fixes of one segment.
    70 BLOCK "block": &[K::TRACK_CHUNK], ValueType::Blob, Register, FIELD_STAFF, Evidence, Months(24), WORK;
    71 SEGMENT "segment": &[K::TRACK_CHUNK], ValueType::Int, Register, FIELD_STAFF, Evidence, Months(24), WORK;
    72 FIX_COUNT "fix_count": &[K::TRACK_CHUNK], ValueType::Int, Register, FIELD_STAFF, Evidence, Months(24), WORK;
    73 FROM "from": &[K::TRACK_CHUNK], ValueType::Time, Register, FIELD_STAFF, Evidence, Months(24), WORK;
    74 TO "to": &[K::TRACK_CHUNK], ValueType::Time, Register, FIELD_STAFF, Evidence, Months(24), WORK;
    75 GAP_BEFORE "gap_before": &[K::TRACK_CHUNK], ValueType::Text(20), Register, FIELD_STAFF, Evidence, Months(24), WORK;

    // Grids.
    80 RING "ring": &[K::GRID], ValueType::Ring, Register, OFFICE, PlaceCare, Record, OPEN;
    81 GRID_CODE "grid_code": &[K::GRID], ValueType::Scope, Register, OFFICE, PlaceCare, Record, OPEN;
    82 HOUSEHOLDS "households": &[K::GRID], ValueType::Int, SupervisorOwned, OFFICE, PlaceCare, Record, OPEN;
    // Codes, ascending, with a space between. One value and not items: who splits a grid decides on all of its
    // successors at once, and two different splits are a conflict, not a sum.
    83 SUPERSEDED_BY "superseded_by": &[K::GRID], ValueType::Text(400), Register, OFFICE, PlaceCare, Record, OPEN;

    // More of photos: their numbers above are used up.
    90 DAMAGE "damage": &[K::PHOTO], ValueType::Text(20), Register, FIELD_STAFF, Evidence, Months(36), WORK;
    // What a picture looks like that was decoded after its manifest was signed, and only then: not signed.
    91 FINGERPRINT "fingerprint": &[K::PHOTO], ValueType::Bytes(8), Register, FIELD_STAFF, Evidence, Months(36), WORK;
}

impl FieldNo {
    /// The row of the table, or nothing for a field of a newer version.
    pub fn field(self) -> Option<&'static Field> {
        FIELDS.binary_search_by_key(&self, |field| field.no).ok().map(|at| &FIELDS[at])
    }

    /// A field of a newer version is merged as a register until an upgrade knows better.
    pub fn policy(self) -> Policy {
        self.field().map_or(Policy::Register, |field| field.policy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise_and_names_are_unique() {
        assert!(FIELDS.windows(2).all(|pair| pair[0].no < pair[1].no), "numbers rise, so none is used twice");
        let mut names: Vec<&str> = FIELDS.iter().map(|field| field.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FIELDS.len());
    }

    #[test]
    fn every_field_belongs_to_a_kind_and_somebody_may_write_and_read_it() {
        for field in FIELDS {
            assert!(
                !field.kinds.is_empty() && !field.writers.is_empty() && !field.audiences.is_empty(),
                "{}",
                field.name
            );
            assert_eq!(field.no.field().map(|found| found.name), Some(field.name));
        }
        assert_eq!(FieldNo(9_999).policy(), Policy::Register);
    }
}
