//! Histories that random ones shrank to when they first broke a law: kept, so that each stays mended. The last
//! ones hold rules that random histories hardly ever get to.

use crate::action::Action::{self, *};
use crate::action::Fate::Fine;
use crate::fault::Fault;
use crate::laws::play;

const ALL: u8 = u8::MAX;

fn holds(history: &[Action]) {
    if let Err(law) = play(Fault::None, history) {
        panic!("{law}");
    }
}

#[test]
fn held_work_has_a_place_before_its_record_exists() {
    holds(&[Create { phone: 0, village: 1, case: false }]);
}

#[test]
fn a_child_elsewhere_reaches_those_who_see_its_parent() {
    holds(&[Create { phone: 3, village: 0, case: false }, Child { phone: 3, record: 0, elsewhere: true }]);
}

#[test]
fn a_conflict_over_an_emptied_field_reads_back() {
    holds(&[
        Create { phone: 2, village: 0, case: false },
        Edit { phone: 2, record: 0, fields: (3, None), value: 7 },
        Push { phone: 2, limit: ALL, fate: Fine },
        Pull { phone: 0, limit: ALL, fate: Fine },
        Edit { phone: 0, record: 0, fields: (3, None), value: 4 },
        Edit { phone: 2, record: 0, fields: (3, None), value: 5 },
    ]);
}

#[test]
fn work_is_sent_back_to_where_its_record_is_now() {
    holds(&[
        Create { phone: 0, village: 1, case: true },
        Push { phone: 0, limit: ALL, fate: Fine },
        OfficeMove { record: 0, village: 1 },
        SendBack { held: 0 },
        OfficeMove { record: 0, village: 0 },
        Pull { phone: 0, limit: ALL, fate: Fine },
        SendBack { held: 0 },
    ]);
}

#[test]
fn held_work_that_was_replaced_before_it_arrived_replaced_something_too() {
    holds(&[
        Create { phone: 1, village: 1, case: true },
        Push { phone: 1, limit: ALL, fate: Fine },
        BackUp { behind: 0 },
        Pull { phone: 1, limit: ALL, fate: Fine },
        Edit { phone: 1, record: 0, fields: (0, None), value: 2 },
        Push { phone: 1, limit: ALL, fate: Fine },
        Pull { phone: 3, limit: ALL, fate: Fine },
        Revoke { phone: 1 },
        RestoreHub { more: 0 },
        Edit { phone: 3, record: 0, fields: (0, None), value: 0 },
        Push { phone: 3, limit: ALL, fate: Fine },
    ]);
}

#[test]
fn what_a_parked_step_wrote_is_not_written_again_by_its_release() {
    holds(&[
        Create { phone: 2, village: 0, case: true },
        Push { phone: 2, limit: ALL, fate: Fine },
        Pull { phone: 0, limit: ALL, fate: Fine },
        Step { phone: 0, record: 0, to: 3, also: Some(0) },
        Push { phone: 0, limit: ALL, fate: Fine },
        Pull { phone: 3, limit: ALL, fate: Fine },
        Edit { phone: 3, record: 0, fields: (0, None), value: 1 },
        Push { phone: 3, limit: ALL, fate: Fine },
        Release { held: 0 },
    ]);
}

#[test]
fn a_supervisors_value_survives_a_members_that_came_back_before_it() {
    holds(&[
        Create { phone: 0, village: 0, case: true },
        Push { phone: 0, limit: ALL, fate: Fine },
        BackUp { behind: 0 },
        OfficeEdit { record: 0, field: 1, value: 0 },
        Pull { phone: 0, limit: ALL, fate: Fine },
        Edit { phone: 0, record: 0, fields: (1, None), value: 1 },
        RestoreHub { more: 0 },
        Push { phone: 0, limit: ALL, fate: Fine },
    ]);
}

#[test]
fn a_create_that_comes_back_after_a_step_of_its_case_does_not_undo_it() {
    holds(&[
        Create { phone: 0, village: 0, case: true },
        Push { phone: 0, limit: ALL, fate: Fine },
        Pull { phone: 2, limit: ALL, fate: Fine },
        Step { phone: 2, record: 0, to: 1, also: None },
        RestoreHub { more: 0 },
        Push { phone: 2, limit: ALL, fate: Fine },
        Release { held: 0 },
    ]);
}
