//! What a hub does wrong under a fault, after the real code has drafted the row.

use gridpatrol_model::fold;
use gridpatrol_model::ids::HubSeq;
use gridpatrol_model::intake::{Author, judge};
use gridpatrol_model::record::Record;
use gridpatrol_model::row::{Row, rank};
use gridpatrol_model::schema::Policy;

use crate::fault::Fault;
use crate::hub::Hub;

pub fn judged(hub: &Hub, author: &Author, mut row: Row) -> Row {
    match hub.fault {
        Fault::NothingOwed => row.effects.iter_mut().flatten().for_each(|effect| effect.owed.clear()),
        Fault::OneRank => row.effects.iter_mut().flatten().for_each(|effect| effect.rank = rank::ORDINARY),
        Fault::HeldNotExpanded => {
            for (effect, set) in row.effects.iter_mut().zip(&row.op.sets) {
                let ordinary = set.key.no.policy() != Policy::Workflow;
                let Some(effect) = effect.as_mut().filter(|_| ordinary) else { continue };
                let preds = &set.preds;
                effect.kills.retain(|dot| preds.contains(dot));
                effect.owed.retain(|dot| preds.contains(dot));
            }
        }
        Fault::NoAmendments => {
            let mut op = row.op.clone();
            op.seen = HubSeq { epoch: u32::MAX, n: 0 };
            let ordinary = judge(hub, author, row.seq, row.dot, row.entity, row.eff, op);
            row.effects = ordinary.effects;
        }
        _ => {}
    }
    row
}

/// The row with a number of its own scope instead of the cell's.
pub fn numbered(hub: &Hub, mut row: Row) -> Row {
    if hub.fault == Fault::SeqPerScope {
        let scope = *row.scopes.last().expect("a row is somewhere");
        let before = hub.rows.iter().filter(|other| other.scopes.contains(&scope)).count();
        row.seq.n = before as u64 + 1;
    }
    row
}

/// Puts a decision into the row that stands.
pub fn flip(hub: &mut Hub, released: Row) {
    let at = hub.found[&released.dot].1;
    let seq = hub.rows[at].seq;
    hub.rows[at] = Row { seq, decision: None, ..released };
    hub.refold();
}

pub fn fold(fault: Fault, record: &mut Record, row: &Row) {
    if fault == Fault::NoAsof {
        record.asof = HubSeq::ZERO;
    }
    fold::fold(record, row);
}
