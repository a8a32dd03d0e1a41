//! A frame: consecutive ops of one replica, committed by the hub in one piece and signed over the chain at
//! its end, so that cutting the same ops elsewhere after a lost reply changes nothing.

use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
use gridpatrol_model::ids::{ChainHash, Dot, EntityId, ReplicaId};
use gridpatrol_model::op::{Op, chain_next};
use minicbor::{Decoder, Encoder};

use crate::auth;
use crate::compact::{OpReader, OpWriter, put};
use crate::limits::{FRAME_BYTES, FRAME_CAP, FRAME_OPS};
use crate::parts::{Head, array, end, fixed};
use crate::refs::{Expand, Shorten};
use crate::{Result, WireError, malformed};

/// Ops as they came, ready for the hub's intake.
#[derive(Debug)]
pub struct Frame {
    pub replica: ReplicaId,
    pub first_rseq: u64,
    /// Chain before the first op: names the branch that the frame continues.
    pub prev: ChainHash,
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
    replica: ReplicaId,
    first_rseq: u64,
    prev: ChainHash,
    ops: impl Iterator<Item = (&'a Op, ChainHash)>,
    shorten: &impl Shorten,
    key: &SigningKey,
) -> (Vec<u8>, usize) {
    let mut writer = OpWriter::new(shorten);
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
    put!(out, array(6), bytes(&replica.0), u64(first_rseq), bytes(&prev.0), u64(count as u64));
    put!(out, bytes(&writer.finish()), bytes(&signature.to_bytes()));
    (out.into_writer(), count)
}

/// The head of a frame: enough to find the key and the branch.
pub struct FrameHead<'b> {
    pub replica: ReplicaId,
    pub first_rseq: u64,
    pub prev: ChainHash,
    count: usize,
    ops: &'b [u8],
    signature: Signature,
}

impl<'b> FrameHead<'b> {
    pub fn decode(bytes: &'b [u8]) -> Result<Self> {
        let mut d = Decoder::new(bytes);
        array(&mut d, 6)?;
        let (replica, first_rseq, prev) = (d.decode()?, d.u64()?, d.decode()?);
        let count = d.u64()?;
        if count > FRAME_OPS as u64 {
            return Err(WireError::TooManyOps { cap: FRAME_OPS });
        }
        let ops = d.bytes()?;
        if ops.len() > FRAME_CAP {
            return Err(WireError::TooLarge { cap: FRAME_CAP });
        }
        let signature = Signature::from_bytes(&fixed(&mut d)?);
        end(&d)?;
        if first_rseq == 0 || first_rseq.checked_add(count).is_none() {
            return Err(malformed("no such place in a chain"));
        }
        Ok(FrameHead { replica, first_rseq, prev, count: count as usize, ops, signature })
    }

    /// Expands the ops, works out their chain and checks the signature over its end.
    pub fn open(&self, expand: &impl Expand, key: &VerifyingKey) -> Result<Frame> {
        let mut reader = OpReader::new(self.ops)?;
        let mut frame = Frame { replica: self.replica, first_rseq: self.first_rseq, prev: self.prev, ops: Vec::new() };
        for at in 0..self.count {
            let (op, _) = reader.op(expand)?;
            let bytes = op.encode().map_err(|_| malformed("an op over its limit"))?;
            let chain = chain_next(frame.end().chain, &bytes);
            frame.ops.push(FramedOp { op, bytes, chain });
            reader.say(frame.dot(at), frame.entity(at));
        }
        reader.end()?;
        auth::verify_chain(key, self.replica, frame.end(), &self.signature)?;
        Ok(frame)
    }
}

impl Frame {
    /// The identity of the `at`th op of the frame.
    pub fn dot(&self, at: usize) -> Dot {
        Dot { replica: self.replica, rseq: self.first_rseq + at as u64, tag: self.ops[at].chain.tag() }
    }

    /// The record that the `at`th op is about.
    pub fn entity(&self, at: usize) -> EntityId {
        let framed = &self.ops[at];
        framed.op.entity.unwrap_or_else(|| framed.chain.entity())
    }

    /// Where the chain stands behind the last op.
    pub fn end(&self) -> Head {
        let chain = self.ops.last().map_or(self.prev, |last| last.chain);
        Head { rseq: self.first_rseq - 1 + self.ops.len() as u64, chain }
    }
}
