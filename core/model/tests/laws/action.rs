//! What can happen in a history. Indices are small and taken modulo what is there, so that a history can be
//! cut anywhere and still means something: that is what makes shrinking work.

use proptest::prelude::*;

#[derive(Clone, Debug)]
pub enum Action {
    /// A case or a place, in an own village or in another's.
    Create {
        phone: u8,
        village: u8,
        case: bool,
    },
    /// A note on a record, in the record's village or in another.
    Child {
        phone: u8,
        record: u8,
        elsewhere: bool,
    },
    Edit {
        phone: u8,
        record: u8,
        fields: (u8, Option<u8>),
        value: u8,
    },
    Resolve {
        phone: u8,
        record: u8,
        value: u8,
    },
    Delete {
        phone: u8,
        record: u8,
    },
    Keep {
        phone: u8,
        record: u8,
    },
    Step {
        phone: u8,
        record: u8,
        to: u8,
        also: Option<u8>,
    },
    /// Asks for a move that only the office may make.
    AskMove {
        phone: u8,
        record: u8,
        village: u8,
    },
    /// In the name of another member.
    Forge {
        phone: u8,
        record: u8,
        field: u8,
        value: u8,
    },
    /// The console opens a page of a record, and keeps it open.
    Look {
        record: u8,
    },
    OfficeEdit {
        record: u8,
        field: u8,
        value: u8,
    },
    OfficeResolve {
        record: u8,
        value: u8,
    },
    OfficeStep {
        record: u8,
        to: u8,
        also: Option<u8>,
    },
    OfficeMove {
        record: u8,
        village: u8,
    },
    OfficeDelete {
        record: u8,
    },
    OfficeKeep {
        record: u8,
    },
    Release {
        held: u8,
    },
    SendBack {
        held: u8,
    },
    Revoke {
        phone: u8,
    },
    Push {
        phone: u8,
        limit: u8,
        fate: Fate,
    },
    Pull {
        phone: u8,
        limit: u8,
        fate: Fate,
    },
    /// A request that was on its way arrives.
    Late {
        nth: u8,
    },
    /// The last page comes once more.
    Again {
        phone: u8,
    },
    Clone {
        phone: u8,
    },
    Image {
        phone: u8,
    },
    Rewind {
        phone: u8,
    },
    /// A backup, `behind` rows behind the head.
    BackUp {
        behind: u8,
    },
    /// From a backup that has this many rows more than the one that counts as durable.
    RestoreHub {
        more: u8,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Fine,
    ReplyLost,
    Twice,
    /// Pushes only: arrives when it likes.
    Delayed,
}

pub fn histories(length: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Action>> {
    prop::collection::vec(action(), length)
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![6 => Just(Fate::Fine), 1 => Just(Fate::ReplyLost), 1 => Just(Fate::Twice), 1 => Just(Fate::Delayed)]
}

fn limit() -> impl Strategy<Value = u8> {
    prop_oneof![3 => Just(u8::MAX), 1 => 1u8..4]
}

fn action() -> impl Strategy<Value = Action> {
    use Action::*;
    let (phone, record, small) = (0u8..6, 0u8..3, 0u8..8);
    let also = || prop::option::weighted(0.4, 0u8..7);
    prop_oneof![
        6 => (phone.clone(), 0u8..2, prop::bool::weighted(0.7)).prop_map(|(phone, village, case)| Create { phone, village, case }),
        3 => (phone.clone(), record.clone(), prop::bool::weighted(0.2)).prop_map(|(phone, record, elsewhere)| Child { phone, record, elsewhere }),
        22 => (phone.clone(), record.clone(), 0u8..7, also(), small.clone())
            .prop_map(|(phone, record, field, second, value)| Edit { phone, record, fields: (field, second), value }),
        4 => (phone.clone(), record.clone(), small.clone()).prop_map(|(phone, record, value)| Resolve { phone, record, value }),
        3 => (phone.clone(), record.clone()).prop_map(|(phone, record)| Delete { phone, record }),
        2 => (phone.clone(), record.clone()).prop_map(|(phone, record)| Keep { phone, record }),
        5 => (phone.clone(), record.clone(), 0u8..6, also()).prop_map(|(phone, record, to, also)| Step { phone, record, to, also }),
        1 => (phone.clone(), record.clone(), 0u8..2).prop_map(|(phone, record, village)| AskMove { phone, record, village }),
        1 => (phone.clone(), record.clone(), 0u8..7, small.clone()).prop_map(|(phone, record, field, value)| Forge { phone, record, field, value }),
        2 => record.clone().prop_map(|record| Look { record }),
        4 => (record.clone(), 0u8..7, small.clone()).prop_map(|(record, field, value)| OfficeEdit { record, field, value }),
        2 => (record.clone(), small.clone()).prop_map(|(record, value)| OfficeResolve { record, value }),
        4 => (record.clone(), 0u8..6, also()).prop_map(|(record, to, also)| OfficeStep { record, to, also }),
        4 => (record.clone(), 0u8..2).prop_map(|(record, village)| OfficeMove { record, village }),
        1 => record.clone().prop_map(|record| OfficeDelete { record }),
        1 => record.prop_map(|record| OfficeKeep { record }),
        4 => small.clone().prop_map(|held| Release { held }),
        2 => small.clone().prop_map(|held| SendBack { held }),
        1 => phone.clone().prop_map(|phone| Revoke { phone }),
        22 => (phone.clone(), limit(), fate()).prop_map(|(phone, limit, fate)| Push { phone, limit, fate }),
        24 => (phone.clone(), limit(), fate()).prop_map(|(phone, limit, fate)| Pull { phone, limit, fate }),
        3 => small.prop_map(|nth| Late { nth }),
        2 => phone.clone().prop_map(|phone| Again { phone }),
        2 => phone.clone().prop_map(|phone| Clone { phone }),
        2 => phone.clone().prop_map(|phone| Image { phone }),
        2 => phone.prop_map(|phone| Rewind { phone }),
        5 => (0u8..6).prop_map(|behind| BackUp { behind }),
        4 => (0u8..4).prop_map(|more| RestoreHub { more }),
    ]
}
