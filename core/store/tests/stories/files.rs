//! Photos and tracks.

use gridpatrol_model::ids::EntityId;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::Value;
use gridpatrol_store::{ByReceipt, Lane, Report, StoreError};
use tempfile::tempdir;

use crate::support::*;

#[test]
fn a_photo_waits_until_its_bytes_are_at_the_hub_for_good() {
    let dir = tempdir().expect("a folder");
    let store = phone(dir.path(), 3);
    let mut hub = Hub::default();
    let bytes = vec![0x5a; 200_000];
    let blob = store.keep_file(&bytes[..], "image/jpeg").expect("there is room");
    let set = gridpatrol_model::author::first(FieldNo::PHOTO, Value::blob(&blob));
    let photo = store
        .save(|batch| {
            let photo = batch.add(create(RecordKind::PHOTO, vec![set]))?;
            batch.attach(&blob, Lane::Original, photo.entity)?;
            Ok(photo)
        })
        .expect("there is room");
    hub.sync(&store);
    let waiting = store.waiting().expect("readable");
    assert_eq!((waiting.records, waiting.photos, waiting.bytes), (0, 1, 200_000));
    assert_eq!(store.counts().expect("readable").photos, ByReceipt { sent: 1, ..ByReceipt::default() });

    store.upload_at(&blob.hash, Some("/files/1"), 65_536).expect("known");
    drop(store);
    let store = phone(dir.path(), 3);
    let [upload] = &store.uploads(10).expect("readable")[..] else { panic!("one file waits") };
    assert_eq!((upload.entity, upload.url.as_deref(), upload.sent), (photo.entity, Some("/files/1"), 65_536));
    assert_eq!(std::fs::read(&upload.path).expect("there"), bytes);
    assert!(matches!(refused(store.evict_file(&blob.hash)), StoreError::NotDurable));

    store.upload_done(&blob.hash).expect("known");
    assert_eq!(store.counts().expect("readable").photos, ByReceipt { accepted: 1, ..ByReceipt::default() });
    assert_eq!(store.waiting().expect("readable"), gridpatrol_store::Waiting::default());
    let path = store.file_path(&blob.hash).expect("readable").expect("still here");
    store.evict_file(&blob.hash).expect("durable");
    assert!(!path.exists());
    assert_eq!(store.file_path(&blob.hash).expect("readable"), None);
    assert!(matches!(refused(store.upload_done(&[0; 32])), StoreError::NoSuchFile));
}

#[test]
fn a_file_that_no_record_names_is_set_apart_and_not_deleted() {
    let dir = tempdir().expect("a folder");
    let store = phone(dir.path(), 3);
    store.keep_file(&b"kept, then the app was killed"[..], "image/jpeg").expect("there is room");
    let moved = store.sweep_files().expect("readable");
    assert_eq!(moved.len(), 1);
    assert_eq!(std::fs::read(&moved[0]).expect("there"), b"kept, then the app was killed");
    assert_eq!(store.sweep_files().expect("readable").len(), 0);
}

#[test]
fn a_walk_that_was_cut_off_is_closed_at_the_next_opening_and_kept_until_its_chunk_is_saved() {
    let dir = tempdir().expect("a folder");
    let store = phone(dir.path(), 3);
    let patrol = EntityId([6; 16]);
    for piece in [&b"ten seconds"[..], b"ten more"] {
        store.append_fixes(patrol, 0, piece).expect("there is room");
    }
    std::mem::forget(store);

    let opened = open(dir.path(), 3);
    assert_eq!(opened.reports, [Report::OrphanBlock { patrol, segment: 0 }]);
    let store = opened.store;
    store.append_fixes(patrol, 0, b"she walks on").expect("there is room");
    let [cut_off] = &store.closed_blocks().expect("readable")[..] else { panic!("one block was closed") };
    assert_eq!(cut_off.pieces, [b"ten seconds".to_vec(), b"ten more".to_vec()]);
    assert_eq!(store.blocks_of(patrol).expect("readable").len(), 2);

    let chunk = |id| {
        store.save(|batch| {
            batch.add(create(RecordKind::TRACK_CHUNK, vec![]))?;
            batch.block_saved(id)
        })
    };
    chunk(cut_off.id).expect("there is room");
    assert_eq!(store.closed_blocks().expect("readable"), []);
    let rest = store.close_block(patrol, 0).expect("writable").expect("open");
    assert_eq!(rest.pieces, [b"she walks on".to_vec()]);
    assert_eq!(store.close_block(patrol, 0).expect("writable"), None);

    let failed = store.save(|batch| {
        batch.block_saved(rest.id)?;
        Err::<(), _>(StoreError::Paused)
    });
    refused(failed);
    assert_eq!(store.closed_blocks().expect("readable").len(), 1, "a chunk that was not saved keeps its block");
}
