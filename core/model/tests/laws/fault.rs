//! One rule of the design taken away. The code under test stays as it is: the phone or the hub of these
//! tests does the wrong thing, or a row is spoiled after the real code has drafted it.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// After a fork, ops that wait get new dots.
    Restamp,
    /// Numbers are given per scope rather than in one commit order.
    SeqPerScope,
    /// An ordinary edit names every live value.
    EditListsAll,
    /// A pred that has not arrived is forgotten.
    NothingOwed,
    /// A pred that names held work is not followed.
    HeldNotExpanded,
    /// A release changes the verdict of the row that stands.
    FlipInPlace,
    /// A release leaves the author's other held work behind.
    ReleaseAlone,
    /// An ack is believed by its number.
    AckByNumber,
    /// Receipts come only with the scope.
    ReceiptsByScope,
    /// An op leaves the outbox as soon as it is durable.
    LeavesWhenDurable,
    /// An op leaves the outbox as soon as it has come back.
    LeavesBeforeDurable,
    /// Rows at or below `asof` are folded again.
    NoAsof,
    /// Every write has the same rank.
    OneRank,
    /// A delete empties what it saw.
    DeleteKills,
    /// What was written before the lock is an ordinary edit.
    NoAmendments,
    /// Phones do not hand back what a restored hub has lost.
    NoHandBack,
}
