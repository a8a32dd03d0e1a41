//! Phones trust the key that the enrolment link named, and nothing else.

use std::path::Path;

use ed25519_dalek::SigningKey;
use gridpatrol_hub::serve::{Hub, Options};
use gridpatrol_model::ids::ActorId;
use gridpatrol_model::workflow::Role;
use gridpatrol_protocol::link::EnrolLink;
use gridpatrol_sync::{Http, SyncError, Transport, TransportError};

use super::field::{Field, VILLAGE, ports};

/// A certificate and its key as PEM files, made a moment ago and out of date since 2001.
fn certificate(dir: &Path) -> (std::path::PathBuf, std::path::PathBuf) {
    let mut asked = rcgen::CertificateParams::new(vec!["hub.example".to_owned()]).expect("a name");
    asked.not_after = rcgen::date_time_ymd(2001, 1, 1);
    asked.not_before = rcgen::date_time_ymd(2000, 1, 1);
    let key = rcgen::KeyPair::generate().expect("randomness");
    let signed = asked.self_signed(&key).expect("a certificate");
    let files = (dir.join("hub.pem"), dir.join("hub.key"));
    std::fs::write(&files.0, signed.pem()).expect("writable");
    std::fs::write(&files.1, key.serialize_pem()).expect("writable");
    files
}

fn options(dir: &Path, tls: (std::path::PathBuf, std::path::PathBuf)) -> Options {
    Options { tls: Some(tls), ..Options::loopback(dir.to_owned(), "440783") }
}

/// What the office hands to a member: a code for her, in a link to this hub.
fn link_to(hub: &Hub) -> EnrolLink {
    let (member, code) = (ActorId::new("m-440783108224-03").expect("short"), "7K3M9Q2XAB");
    hub.cell
        .write(move |batch| {
            batch.put_member(&member, "网格员·仲和·03", Role::Member, &[VILLAGE.parse().expect("a village")])?;
            batch.put_code(&member, code)
        })
        .expect("a code");
    EnrolLink::read(&hub.door.link(code.to_owned())).expect("as it is documented")
}

#[test]
fn a_phone_that_was_enrolled_by_link_speaks_to_that_hub_and_to_nobody_in_its_place() {
    let field = Field::new();
    let (dir, other_dir) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let start = |dir: &Path| {
        let tls = certificate(dir);
        field.runtime.block_on(Hub::start(options(dir, tls), ports())).expect("the hub starts")
    };
    let (hub, impostor) = (start(dir.path()), start(other_dir.path()));
    let link = link_to(&hub);
    assert_eq!(link.hub, format!("https://{}", hub.address));
    assert!(link.key.is_some());
    let device = SigningKey::from_bytes(&[9; 32]).verifying_key().to_bytes();

    let there = |address: std::net::SocketAddr, key| {
        Http::new(&format!("https://{address}"), key).expect("a client").enrol(&link.code, &device)
    };
    for refused in [there(impostor.address, link.key), there(hub.address, None)] {
        assert!(matches!(refused, Err(TransportError::NotTheHub)), "{refused:?}");
    }
    let certificate = there(hub.address, link.key).expect("a certificate that ran out keeps nobody out");
    assert!(!certificate.is_empty());
    field.runtime.block_on(hub.stop());
    field.runtime.block_on(impostor.stop());
}

#[test]
fn a_phone_speaks_to_no_other_machine_without_tls() {
    for elsewhere in
        ["http://hub.example:8740", "http://10.0.0.7:8740", "http://127.0.0.1.evil.example", "ftp://127.0.0.1"]
    {
        let refused = Http::new(elsewhere, None).map(drop);
        assert!(matches!(refused, Err(TransportError::Unprotected)), "{elsewhere}: {refused:?}");
    }
    for here in ["http://127.0.0.1:8740", "http://localhost:8740", "http://[::1]:8740", "https://hub.example"] {
        assert!(Http::new(here, None).is_ok(), "{here}");
    }
}

#[test]
fn whoever_tries_codes_is_asked_to_wait() {
    let field = Field::new();
    let http = Http::new(&field.url(), None).expect("a client");
    let tries: Vec<_> = (0..60_u8).map(|guess| http.enrol(&format!("GUESS-{guess}"), &[guess; 32])).collect();
    let answers = tries.into_iter().map(|tried| SyncError::from(tried.expect_err("no such code")));
    let waits = answers.filter(|said| matches!(said, SyncError::HubBusy)).count();
    assert!(waits > 20, "{waits} of 60 were asked to wait");
}
