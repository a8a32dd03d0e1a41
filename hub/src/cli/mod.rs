//! The commands and their options.

mod backup;
mod grids;
mod operator;
mod photo;
mod serve;

use std::error::Error;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use gridpatrol_hub::cell::Ports;
use gridpatrol_hub::demo;

#[derive(Parser)]
#[command(name = "gridpatrol", version, about = "Gridpatrol: the hub of a county and its supervisors' console")]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the hub for phones and browsers.
    Serve(Serve),
    /// Set the password of somebody who works at the console; the first one sets up the hub.
    Operator(Operator),
    /// Copy a hub's folder while the hub runs.
    Backup(Backup),
    /// Say what a photo is worth as evidence.
    #[command(subcommand)]
    Photo(photo::Photo),
    /// Check, repair and keep the borders of grids, and give them to a hub.
    #[command(subcommand)]
    Grids(Box<grids::Grids>),
    /// Play a day without signal on synthetic phones, sync it, and leave the console open.
    Demo(demo::Demo),
    /// A phone of the demo that dies in the middle of a save.
    #[command(hide = true)]
    DemoChild(demo::child::Child),
}

#[derive(clap::Args)]
struct Serve {
    /// The hub's folder; made if it is not there.
    #[arg(long)]
    dir: PathBuf,
    /// Where to listen. Other addresses than loopback need TLS, or --behind-proxy.
    #[arg(long, default_value = "127.0.0.1:8740")]
    listen: SocketAddr,
    /// PEM file with the certificate chain.
    #[arg(long, requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// PEM file with the certificate's key.
    #[arg(long, requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// TLS ends in front of this hub.
    #[arg(long, conflicts_with = "tls_cert")]
    behind_proxy: bool,
    /// PEM file with the certificate that the proxy shows: phones trust its key and no other.
    #[arg(long, requires = "behind_proxy")]
    proxy_cert: Option<PathBuf>,
    /// Where phones reach the hub, as in https://hub.example: it stands in the links that enrol them.
    #[arg(long)]
    url: Option<String>,
    /// MBTiles or PMTiles file to show under the grid in the console; may be given more than once.
    #[arg(long = "base-map", value_name = "FILE")]
    base_maps: Vec<PathBuf>,
}

#[derive(clap::Args)]
struct Operator {
    /// The hub's folder; made if it is not there.
    #[arg(long)]
    dir: PathBuf,
    /// Name to log in with.
    #[arg(long)]
    name: String,
    /// Area code of what the operator may see; the first operator's county is the hub's.
    #[arg(long)]
    area: String,
    /// How the operator is called on screens; the area's name and "网格办" if left out.
    #[arg(long)]
    label: Option<String>,
    /// Read the password from standard input instead of asking for it.
    #[arg(long)]
    password_stdin: bool,
}

#[derive(clap::Args)]
struct Backup {
    /// The hub's folder.
    #[arg(long)]
    dir: PathBuf,
    /// A new folder for the copy.
    #[arg(long)]
    to: PathBuf,
}

type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

pub fn run(cli: Cli) -> Outcome {
    match cli.command {
        Command::Serve(asked) => serve::run(asked),
        Command::Operator(asked) => operator::run(&asked),
        Command::Backup(asked) => backup::run(&asked),
        Command::Photo(asked) => photo::run(&asked),
        Command::Grids(asked) => grids::run(&asked),
        Command::Demo(asked) => demo::run(&asked, &ports()),
        Command::DemoChild(asked) => demo::child::run(&asked),
    }
}

/// One line a person can act on.
pub fn complain(error: &dyn Error) {
    let _ = writeln!(std::io::stderr(), "gridpatrol: {error}");
}

/// The machine's clock and randomness.
fn ports() -> Ports {
    Ports {
        now_ms: Arc::new(|| jiff::Timestamp::now().as_millisecond()),
        random: Arc::new(|bytes| getrandom::fill(bytes).expect("the system has randomness")),
    }
}
