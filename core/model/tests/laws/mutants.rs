//! The laws are tested themselves: take one rule away, and some history breaks a law.

use crate::fault::Fault;
use crate::run::run;

#[expect(clippy::print_stdout, reason = "how soon a rule is missed is what these tests report")]
fn caught(fault: Fault) {
    let report = run(fault, 2_000);
    let found = report.broken.unwrap_or_else(|| panic!("{fault:?}: {} histories kept every law", report.histories));
    let law = found.law.lines().next().unwrap_or_default();
    println!("{fault:?}: caught after {} histories ({} actions): {law}", report.histories, found.actions.len());
}

macro_rules! mutants {
    ($($test:ident $fault:ident)*) => {$(
        #[test]
        fn $test() {
            caught(Fault::$fault);
        }
    )*};
}

mutants! {
    histories_break_if_ops_are_stamped_again Restamp
    histories_break_if_each_scope_counts_for_itself SeqPerScope
    histories_break_if_an_edit_lists_what_was_not_displayed EditListsAll
    histories_break_if_nothing_is_owed NothingOwed
    histories_break_if_held_preds_are_not_followed HeldNotExpanded
    histories_break_if_a_release_flips_the_row FlipInPlace
    histories_break_if_a_release_leaves_work_behind ReleaseAlone
    histories_break_if_an_ack_is_believed_by_number AckByNumber
    histories_break_if_receipts_follow_scopes ReceiptsByScope
    histories_break_if_ops_leave_when_durable LeavesWhenDurable
    histories_break_if_ops_leave_before_they_are_durable LeavesBeforeDurable
    histories_break_without_asof NoAsof
    histories_break_without_ranks OneRank
    histories_break_if_a_delete_kills DeleteKills
    histories_break_without_amendments NoAmendments
    histories_break_if_nothing_is_handed_back NoHandBack
}
