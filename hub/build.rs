//! The console is embedded: a build made before it was built must not stay.

#![allow(clippy::print_stdout, reason = "that is how a build script answers")]

fn main() {
    println!("cargo:rerun-if-changed=console/dist");
    println!("cargo:rerun-if-changed=migrations");
}
