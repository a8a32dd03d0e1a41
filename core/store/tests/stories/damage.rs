//! Disks that fail.

use std::fs;
use std::path::{Path, PathBuf};

use gridpatrol_store::{Key, Report, Store, StoreError};
use tempfile::tempdir;

use crate::support::*;

fn find(dir: &Path, name: &str) -> PathBuf {
    let folder = fs::read_dir(dir).expect("there").next().expect("one member").expect("readable").path();
    folder.join(name)
}

#[test]
fn a_database_of_rubbish_is_set_apart_and_reported() {
    let dir = tempdir().expect("a folder");
    drop(phone(dir.path(), 3));
    let records = find(dir.path(), "records.db");
    fs::write(&records, vec![0x55; 8192]).expect("writable");
    let opened = open(dir.path(), 3);
    let [Report::Damaged { moved_to, rows, complete }] = &opened.reports[..] else { panic!("{:?}", opened.reports) };
    assert_eq!((fs::read(moved_to).expect("kept").len(), *rows, *complete), (8192, 0, false));
    report(&opened.store, "接着干");
    drop(opened);
    assert_eq!(open(dir.path(), 3).reports, [], "healthy again");
}

#[test]
fn damage_found_while_reading_is_salvaged_at_the_next_opening() {
    let dir = tempdir().expect("a folder");
    let store = phone(dir.path(), 3);
    let enrolment = gridpatrol_store::Enrolment {
        certificate: vec![1],
        hub_url: "https://127.0.0.1".into(),
        hub_key: vec![2],
        device_key: vec![3],
    };
    store.set_enrolment(&enrolment).expect("writable");
    let cases: Vec<_> =
        (0..400).map(|number| report(&store, &format!("第{number}件，{}", "细节".repeat(40)))).collect();
    let head = store.head().expect("readable");
    store.pause();
    let records = find(dir.path(), "records.db");
    let mut bytes = fs::read(&records).expect("closed, so all is in one file");
    // One page in the middle; what it holds is one part of one table or index.
    let at = bytes.len() / 4096 / 2 * 4096;
    bytes[at..at + 4096].fill(0x5a);
    fs::write(&records, &bytes).expect("writable");

    store.resume().expect("the damage does not show yet");
    let readable =
        |store: &Store| cases.iter().filter(|case| store.record(case.entity).is_ok_and(|view| view.is_some())).count();
    readable(&store);
    let all = gridpatrol_store::Query { limit: 1_000, ..Default::default() };
    let noticed = store.list(&all).is_err()
        || store.outgoing(head.replica, 1, 1_000, usize::MAX).is_err()
        || cases.iter().any(|case| store.record(case.entity).is_err());
    assert!(noticed, "a page was overwritten");
    store.pause();
    let reports = store.resume().expect("salvaged");
    let [Report::Damaged { moved_to, rows, .. }] = &reports[..] else { panic!("{reports:?}") };
    let kept = fs::read(moved_to).expect("kept");
    assert!(kept[at..at + 4096] == bytes[at..at + 4096], "nobody tidied up");
    assert!(*rows > 400, "{rows} rows of about 800 were carried over");
    assert!(readable(&store) > 300, "{} of 400", readable(&store));
    assert_eq!(store.enrolment().expect("readable"), Some(enrolment));
    assert_ne!(store.head().expect("readable").replica, head.replica, "a number is never used twice");
    report(&store, "接着干");
}

#[test]
fn a_folder_that_cannot_be_made_is_a_clear_error() {
    let dir = tempdir().expect("a folder");
    let file = dir.path().join("not-a-folder");
    fs::write(&file, b"x").expect("writable");
    let error = refused(Store::open(&file, &member(3), Key::Plain, ports()));
    assert!(matches!(error, StoreError::File { .. }), "{error}");
    assert_eq!(fs::read(&file).expect("untouched"), b"x");
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_is_a_clear_error_and_stays_as_it_is() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempdir().expect("a folder");
    let store = phone(dir.path(), 3);
    let case = report(&store, "只读").entity;
    store.pause();
    let folder = find(dir.path(), "");
    let before = fs::read(folder.join("records.db")).expect("readable");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).expect("ours");
    // The administrator may write everywhere, so there is no read-only folder to try.
    let administrator = fs::write(folder.join("probe"), b"").is_ok();
    let resumed = store.resume();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("ours");
    if !administrator {
        assert!(matches!(refused(resumed), StoreError::ReadOnly(_)));
        assert_eq!(fs::read(folder.join("records.db")).expect("readable"), before);
        store.resume().expect("writable again");
    }
    assert_eq!(words(&store, case).as_deref(), Some("只读"));
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let dir = tempdir().expect("a folder");
    drop(phone(dir.path(), 3));
    let records = find(dir.path(), "records.db");
    let mut bytes = fs::read(&records).expect("closed");
    // user_version stands at byte 60 of the file header.
    bytes[60..64].copy_from_slice(&99u32.to_be_bytes());
    fs::write(&records, &bytes).expect("writable");
    let error = refused(Store::open(dir.path(), &member(3), Key::Plain, ports()));
    assert!(matches!(error, StoreError::TooNew { found: 99, .. }), "{error}");
    assert!(error.to_string().contains("update the app"));
}
