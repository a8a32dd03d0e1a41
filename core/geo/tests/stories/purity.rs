//! The crate stays pure: files, clocks, sockets and random numbers come in as values or not at all.

use std::fs;
use std::path::Path;

/// Each of these computes on values. One more is a decision, taken here.
const ALLOWED: [&str; 7] = ["crc32fast", "encoding_rs", "gridpatrol-model", "jiff", "quick-xml", "thiserror", "zstd"];

/// What of `std` and of `jiff` would reach outside.
const REACHES_OUTSIDE: [&str; 10] = [
    "std::fs",
    "std::net",
    "std::time",
    "std::env",
    "std::thread",
    "std::process",
    "::now()",
    "TimeZone::system",
    "TimeZone::get",
    "static mut",
];

fn here(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[test]
fn the_crate_depends_on_nothing_that_reaches_outside() {
    let manifest = fs::read_to_string(here("Cargo.toml")).expect("the manifest is beside the sources");
    let (_, after) = manifest.split_once("\n[dependencies]\n").expect("it has dependencies");
    let section = after.split("\n[").next().expect("a split has a first part");
    let names: Vec<&str> = section.lines().filter_map(|line| line.split(['.', ' ', '=']).next()).collect();
    let names: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
    assert_eq!(names, ALLOWED);
    assert!(!manifest.contains("[target."), "a dependency for one platform hides from this test");
}

#[test]
fn no_source_line_reaches_outside() {
    let mut folders = vec![here("src")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a source folder") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let source = fs::read_to_string(&path).expect("a source file is text");
            for word in REACHES_OUTSIDE {
                assert!(!source.contains(word), "{} uses {word}", path.display());
            }
        }
    }
    assert!(files > 5);
}
