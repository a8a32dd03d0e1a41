//! What an operator meets at three in the morning: each refusal says what to do.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use gridpatrol_hub::cell::Ports;
use gridpatrol_hub::serve::{Hub, Options};

fn options(dir: &Path) -> Options {
    Options::loopback(dir.to_owned(), "440783")
}

async fn start(options: Options) -> Result<Hub, String> {
    let ports = Ports { now_ms: Arc::new(|| 1_795_500_000_000), random: Arc::new(|bytes| bytes.fill(7)) };
    Hub::start(options, ports).await.map_err(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_in_use_is_named_with_the_way_out() {
    let dir = tempfile::tempdir().expect("a folder");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("bound");
    let said = start(Options { listen: address, ..options(dir.path()) }).await.err().expect("somebody listens there");
    assert!(said.contains(&address.to_string()) && said.contains("--listen"), "{said}");
    let hub = start(options(dir.path())).await.expect("the folder is free and whole");
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hubs_never_share_a_folder() {
    let dir = tempfile::tempdir().expect("a folder");
    let first = start(options(dir.path())).await.expect("an empty folder");
    let said = start(options(dir.path())).await.err().expect("it is in use");
    assert!(said.contains("another hub uses") && said.contains("stop it first"), "{said}");
    first.stop().await;
    start(options(dir.path())).await.expect("free again").stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_without_tls_is_not_reached_from_other_machines() {
    let dir = tempfile::tempdir().expect("a folder");
    let everywhere = "0.0.0.0:0".parse().expect("an address");
    let said =
        start(Options { listen: everywhere, ..options(dir.path()) }).await.err().expect("everybody could read along");
    assert!(said.contains("--tls-cert") && said.contains("--behind-proxy"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_cannot_be_used_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("not-a-folder");
    std::fs::write(&file, b"mine").expect("writable");
    let said = start(options(&file)).await.err().expect("a file is no folder");
    assert!(said.contains("not-a-folder") && said.contains("may be written"), "{said}");
    assert_eq!(std::fs::read(&file).expect("untouched"), b"mine");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_database_is_named_and_stays_as_it_is() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().expect("a folder");
    start(options(dir.path())).await.expect("an empty folder").stop().await;
    let database = dir.path().join("cell.db");
    let before = std::fs::read(&database).expect("closed");
    std::fs::set_permissions(&database, std::fs::Permissions::from_mode(0o444)).expect("ours");
    // The administrator may write everywhere, so there is nothing read-only to try.
    let administrator = std::fs::OpenOptions::new().append(true).open(&database).is_ok();
    let started = start(options(dir.path())).await;
    if administrator {
        started.expect("it may be written").stop().await;
    } else {
        let said = started.err().expect("read-only");
        assert!(said.contains("permissions"), "{said}");
        assert_eq!(std::fs::read(&database).expect("readable"), before);
    }
}
