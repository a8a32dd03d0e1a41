//! What phones bring back to a hub that was restored: rows of the log as it was, which the backup does not have.
//!
//! An op enters this log once, whoever brings it first: another phone that had seen it, or its own. Of one that others
//! bring only the tag of its chain is known, so nothing may follow on it until its own phone sends it.

use gridpatrol_model::ids::{ChainHash, Dot};
use gridpatrol_model::intake;
use gridpatrol_model::row::{HeldReason, Row, Verdict};
use rusqlite::params;

use super::{Batch, HeldDecision, Result, people, read};

impl Batch<'_> {
    /// Takes in what this log does not have of rows that the hub once had; gives how many.
    pub fn take_back(&mut self, lost: Vec<Row>) -> Result<u64> {
        let mut taken = 0;
        for row in lost {
            // Of one that was signed by another than it names, the row does not say whose phone has it.
            let nobodys = row.verdict == Verdict::Quarantined(HeldReason::NotAuthor);
            if !nobodys && read::chain_of(self.transaction, row.dot)?.is_none() {
                self.take_again(row.clone())?;
                taken += 1;
            }
            taken += self.decide_again(&row)?;
        }
        Ok(taken)
    }

    fn take_again(&mut self, lost: Row) -> Result<()> {
        let author = people::author(self.transaction, &lost.op.actor)?;
        let replica = self.replica_of(lost.dot, &author.actor)?;
        self.note_fork(replica, lost.dot.rseq)?;
        let (rseq, chain) = (lost.dot.rseq as i64, head_of_chain(&lost));
        let row = intake::judge_again(self, &author, self.next(), lost);
        self.append(replica, chain, row)?;
        self.transaction.execute(
            "UPDATE op SET unproven = 1 WHERE replica = ?1 AND rseq = ?2 AND chain = ?3",
            params![replica, rseq, chain.0],
        )?;
        Ok(())
    }

    fn decide_again(&mut self, lost: &Row) -> Result<u64> {
        let Some(decision) = &lost.decision else { return Ok(0) };
        let held = read::latest_row(self.transaction, lost.dot)?.is_some_and(|row| row.verdict.held().is_some());
        if !held {
            return Ok(0);
        }
        let reason = decision.reason.clone().unwrap_or_default();
        let what = match lost.verdict {
            Verdict::SentBack => HeldDecision::SendBack { reason, due_ms: decision.due_ms },
            _ => HeldDecision::Release,
        };
        Ok(self.decide(&decision.by, lost.dot, &what)?.rows)
    }

    /// The number of a replica, of which perhaps only its member is known.
    fn replica_of(&self, dot: Dot, member: &gridpatrol_model::ids::ActorId) -> Result<i64> {
        let no = self.replica_no(dot.replica, None)?;
        self.transaction.execute(
            "UPDATE replica SET member = ?2 WHERE no = ?1 AND device IS NULL AND member IS NULL
                AND NOT EXISTS (SELECT 1 FROM account WHERE actor = ?2)",
            params![no, member.as_str()],
        )?;
        Ok(no)
    }

    /// Whether an op that others brought back is here; its own phone has sent it now.
    pub(super) fn prove(&self, replica: i64, rseq: u64, chain: ChainHash) -> Result<bool> {
        let proven = self
            .transaction
            .prepare_cached(
                "UPDATE op SET chain = ?3, unproven = 0
                 WHERE replica = ?1 AND rseq = ?2 AND unproven = 1 AND substr(chain, 1, 8) = ?4",
            )?
            .execute(params![replica, rseq as i64, chain.0, chain.tag()])?;
        Ok(proven > 0)
    }
}

/// As much of a chain hash as a row says: its tag, and of a Create the whole id.
fn head_of_chain(row: &Row) -> ChainHash {
    let mut chain = [0; 32];
    chain[..8].copy_from_slice(&row.dot.tag);
    if row.op.entity.is_none() {
        chain[..16].copy_from_slice(&row.entity.0);
    }
    ChainHash(chain)
}
