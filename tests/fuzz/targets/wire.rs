//! What a hub reads from strangers, and a phone from whoever answers.
#![no_main]

use gridpatrol_model::op::Op;
use gridpatrol_model::record::Record;
use gridpatrol_model::row::Row;
use gridpatrol_protocol::auth::Certificate;
use gridpatrol_protocol::frame::FrameHead;
use gridpatrol_protocol::refs::FullIds;
use gridpatrol_protocol::reply::Reply;
use gridpatrol_protocol::request::Sealed;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]).verifying_key();
    let _ = Sealed::decode(bytes).and_then(|sealed| sealed.open(&key));
    let _ = Reply::decode(bytes);
    let _ = FrameHead::decode(bytes).and_then(|head| head.open(&FullIds, &key));
    let _ = Certificate::read(bytes);
    let _ = Op::decode(bytes).map(|op| op.encode());
    let _ = Row::decode(bytes).map(|row| row.encode());
    let _ = Record::decode(bytes).map(|record| record.encode());
});
