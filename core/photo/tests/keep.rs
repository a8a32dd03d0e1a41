//! Originals in the photo folder.

mod support;

use gridpatrol_photo::{PhotoError, keep_original};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;
use support::jpeg;

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("a folder");
    entries.map(|e| e.expect("an entry").file_name().into_string().expect("a plain name")).collect()
}

#[test]
fn an_original_is_kept_byte_for_byte_under_its_hash() {
    let (camera, store) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let (src, original) = (camera.path().join("碉楼.jpg"), jpeg(64, 48));
    fs::write(&src, &original).expect("a writable folder");
    let kept = keep_original(&src, store.path()).expect("room and rights");
    let hash: String = Sha256::digest(&original).iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(names(store.path()), [hash]);
    assert_eq!((fs::read(&kept.path).expect("kept"), kept.size), (original.clone(), original.len() as u64));
    assert_eq!(fs::read(&src).expect("untouched"), original);
    assert_eq!(keep_original(&src, store.path()).expect("the same again"), kept);
    assert_eq!(names(store.path()).len(), 1, "the same photo is one file, and nothing is left over");
}

#[test]
fn a_damaged_copy_is_replaced_by_a_good_one() {
    let (camera, store) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let src = camera.path().join("a.jpg");
    fs::write(&src, jpeg(64, 48)).expect("a writable folder");
    let kept = keep_original(&src, store.path()).expect("room and rights");
    fs::write(&kept.path, b"half").expect("a writable folder");
    keep_original(&src, store.path()).expect("room and rights");
    assert_eq!(fs::read(&kept.path).expect("kept"), jpeg(64, 48));
}

#[test]
fn a_failure_names_its_side_and_leaves_nothing() {
    let store = tempfile::tempdir().expect("a folder");
    let missing = keep_original(&store.path().join("gone.jpg"), store.path());
    assert!(matches!(missing, Err(PhotoError::Unreadable(_))));
    let folder = keep_original(store.path(), store.path());
    assert!(matches!(folder, Err(PhotoError::Unreadable(_))), "a folder opens and cannot be read");
    assert!(names(store.path()).is_empty());
    let src = store.path().join("a.jpg");
    fs::write(&src, jpeg(64, 48)).expect("a writable folder");
    let nowhere = keep_original(&src, &store.path().join("no/such/folder"));
    assert!(matches!(nowhere, Err(PhotoError::CannotKeep(_))));
}
