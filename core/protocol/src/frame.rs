//! A frame: consecutive ops of one replica, committed by the hub in one piece and signed over the chain at
//! its end, so that cutting the same ops elsewhere after a lost reply changes nothing.

use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
use gridpatrol_model::ids::{ChainHash, Dot, EntityId, ReplicaId};
use gridpatrol_model::op::{Op, chain_next, chain_seed};
use minicbor::{Decoder, Encoder};

use crate::auth;
use crate::compact::{OpReader, OpWriter, put};
use crate::limits::{FRAME_BYTES, FRAME_CAP, FRAME_OPS, LOST_OPS};
use crate::parts::{Head, end, fixed};
use crate::refs::{Expand, Shorten};
use crate::{Result, WireError, malformed};

/// Where in a replica's chain a frame begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    pub replica: ReplicaId,
    /// Of the first op.
    pub rseq: u64,
    /// Chain before that op: names the branch that the frame continues.
    pub prev: ChainHash,
    /// So many ops directly before the first one are lost: the phone's disk was damaged before they were sent.
    /// What was written after them must not wait for them for ever.
    pub lost: u64,
}

impl Start {
    /// The beginning of a replica.
    pub fn of(replica: ReplicaId) -> Self {
        Start { replica, rseq: 1, prev: chain_seed(replica), lost: 0 }
    }
}

/// Ops as they came, ready for the hub's intake.
#[derive(Debug)]
pub struct Frame {
    pub start: Start,
    pub ops: Vec<FramedOp>,
}

#[derive(Debug)]
pub struct FramedOp {
    pub op: Op,
    /// Canonical bytes.
    pub bytes: Vec<u8>,
    pub chain: ChainHash,
}

/// Encodes as many of the ops as a frame takes, at least one; says how many.
pub fn encode<'a>(
    start: Start,
    ops: impl Iterator<Item = (&'a Op, ChainHash)>,
    shorten: &impl Shorten,
    key: &SigningKey,
) -> (Vec<u8>, usize) {
    let mut writer = OpWriter::new(shorten);
    let Start { replica, rseq: first_rseq, prev, lost } = start;
    let mut end = Head { rseq: first_rseq - 1, chain: prev };
    for (op, chain) in ops.take(FRAME_OPS) {
        end = Head { rseq: end.rseq + 1, chain };
        writer.op(op);
        let dot = Dot { replica, rseq: end.rseq, tag: chain.tag() };
        writer.say(dot, op.entity.unwrap_or_else(|| chain.entity()), op);
        if writer.is_full(FRAME_BYTES) {
            break;
        }
    }
    let count = (end.rseq + 1 - first_rseq) as usize;
    let signature = auth::sign_chain(key, replica, end);
    let mut out = Encoder::new(Vec::new());
    put!(out, array(if lost == 0 { 6 } else { 7 }));
    put!(out, bytes(&replica.0), u64(first_rseq), bytes(&prev.0), u64(count as u64));
    put!(out, bytes(&writer.finish()), bytes(&signature.to_bytes()));
    if lost != 0 {
        put!(out, u64(lost));
    }
    (out.into_writer(), count)
}

/// The head of a frame: enough to find the key and the branch.
pub struct FrameHead<'b> {
    pub start: Start,
    count: usize,
    ops: &'b [u8],
    signature: Signature,
}

impl<'b> FrameHead<'b> {
    pub fn decode(bytes: &'b [u8]) -> Result<Self> {
        let mut d = Decoder::new(bytes);
        let parts = d.array()?;
        if !matches!(parts, Some(6 | 7)) {
            return Err(malformed("a frame has six parts, or seven"));
        }
        let (replica, rseq, prev) = (d.decode()?, d.u64()?, d.decode()?);
        let count = d.u64()?;
        if count > FRAME_OPS as u64 {
            return Err(WireError::TooManyOps { cap: FRAME_OPS });
        }
        let ops = d.bytes()?;
        if ops.len() > FRAME_CAP {
            return Err(WireError::TooLarge { cap: FRAME_CAP });
        }
        let signature = Signature::from_bytes(&fixed(&mut d)?);
        let lost = if parts == Some(7) { d.u64()? } else { 0 };
        end(&d)?;
        if rseq == 0 || rseq.checked_add(count).is_none() || lost >= rseq || lost > LOST_OPS {
            return Err(malformed("no such place in a chain"));
        }
        Ok(FrameHead { start: Start { replica, rseq, prev, lost }, count: count as usize, ops, signature })
    }

    /// Expands the ops, works out their chain and checks the signature over its end.
    pub fn open(&self, expand: &impl Expand, key: &VerifyingKey) -> Result<Frame> {
        let mut reader = OpReader::new(self.ops)?;
        let mut frame = Frame { start: self.start, ops: Vec::new() };
        for at in 0..self.count {
            let (op, _) = reader.op(expand)?;
            let bytes = op.encode().map_err(|_| malformed("an op over its limit"))?;
            let chain = chain_next(frame.end().chain, &bytes);
            frame.ops.push(FramedOp { op, bytes, chain });
            reader.say(frame.dot(at), frame.entity(at));
        }
        reader.end()?;
        auth::verify_chain(key, self.start.replica, frame.end(), &self.signature)?;
        Ok(frame)
    }
}

impl Frame {
    /// The identity of the `at`th op of the frame.
    pub fn dot(&self, at: usize) -> Dot {
        Dot { replica: self.start.replica, rseq: self.start.rseq + at as u64, tag: self.ops[at].chain.tag() }
    }

    /// The record that the `at`th op is about.
    pub fn entity(&self, at: usize) -> EntityId {
        let framed = &self.ops[at];
        framed.op.entity.unwrap_or_else(|| framed.chain.entity())
    }

    /// Where the chain stands behind the last op.
    pub fn end(&self) -> Head {
        let chain = self.ops.last().map_or(self.start.prev, |last| last.chain);
        Head { rseq: self.start.rseq - 1 + self.ops.len() as u64, chain }
    }
}
