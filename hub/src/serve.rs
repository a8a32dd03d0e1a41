//! A running hub: the folder, the cell and one listener for phones and browsers.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router, middleware};
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;

use crate::api;
use crate::api::base_map::{BadBaseMap, BaseMaps};
use crate::blobs::Blobs;
use crate::cell::{Cell, CellError, Ports};
use crate::desk::Desk;
use crate::door::Door;
use crate::folder::Folder;
use crate::metrics::{self, Metrics};
use crate::phone::{self, Phones};
use crate::web;

/// Time for requests under way when the hub is asked to stop.
const GRACE: Duration = Duration::from_secs(20);

pub struct Options {
    pub dir: PathBuf,
    pub listen: SocketAddr,
    /// PEM files of certificate and key.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// TLS ends in front of this hub.
    pub behind_proxy: bool,
    /// PEM file of the certificate that the proxy shows.
    pub proxy_cert: Option<PathBuf>,
    /// Where phones reach the hub, if not where it listens.
    pub url: Option<String>,
    /// The county whose log this is.
    pub county: String,
    /// MBTiles or PMTiles files to show under the grid.
    pub base_maps: Vec<PathBuf>,
}

impl Options {
    /// A hub for programs on this machine, at a port that is free.
    pub fn loopback(dir: PathBuf, county: &str) -> Self {
        Options {
            dir,
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            tls: None,
            behind_proxy: false,
            proxy_cert: None,
            url: None,
            county: county.to_owned(),
            base_maps: Vec::new(),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Cell(#[from] CellError),
    #[error(
        "{0} is reached from other machines, and without TLS everybody on the way can read along: give --tls-cert and --tls-key, or --behind-proxy if TLS ends in front of this hub"
    )]
    Unprotected(SocketAddr),
    #[error("cannot listen on {0}: {1}. Another program may use the port: choose one with --listen")]
    Listen(SocketAddr, std::io::Error),
    #[error("cannot use the certificate: {0}")]
    Tls(std::io::Error),
    #[error("cannot keep content: {0}")]
    Blobs(#[from] object_store::Error),
    #[error(transparent)]
    BaseMap(#[from] BadBaseMap),
}

pub struct Hub {
    pub address: SocketAddr,
    pub cell: Arc<Cell>,
    pub blobs: Blobs,
    pub door: Door,
    handle: Handle<SocketAddr>,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
    _folder: Folder,
}

impl Hub {
    pub async fn start(options: Options, ports: Ports) -> Result<Self, StartError> {
        if !options.listen.ip().is_loopback() && options.tls.is_none() && !options.behind_proxy {
            return Err(StartError::Unprotected(options.listen));
        }
        let base_maps = BaseMaps::open(&options.base_maps)?;
        let folder = Folder::open(&options.dir)?;
        let cell = Arc::new(Cell::open(folder.root(), ports.clone())?);
        let blobs = Blobs::local(&folder.blobs())?;
        let key = folder.enrolment_key(&ports)?;
        let phones = Phones::new(cell.clone(), blobs.clone(), folder.uploads(), key, options.county);
        let listener = TcpListener::bind(options.listen).map_err(|error| StartError::Listen(options.listen, error))?;
        let cannot = |error| StartError::Listen(options.listen, error);
        listener.set_nonblocking(true).map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        let shown = options.tls.as_ref().map(|(certificate, _)| certificate).or(options.proxy_cert.as_ref());
        let door = Door::new(options.url, address, shown.map(PathBuf::as_path))?;
        let desk = Desk::new(cell.clone(), blobs.clone(), door.clone());
        let app = router(cell.clone(), Arc::new(phones), Arc::new(desk), base_maps);
        let handle = Handle::new();
        let serve = app.into_make_service_with_connect_info::<SocketAddr>();
        let task = match options.tls {
            None => {
                let server = axum_server::from_tcp(listener).map_err(cannot)?.handle(handle.clone());
                tokio::spawn(server.serve(serve))
            }
            Some((certificate, key)) => {
                let config = RustlsConfig::from_pem_file(certificate, key).await.map_err(StartError::Tls)?;
                let server = axum_server::from_tcp_rustls(listener, config).map_err(cannot)?.handle(handle.clone());
                tokio::spawn(server.serve(serve))
            }
        };
        tracing::info!(%address, "the hub listens");
        Ok(Hub { address, cell, blobs, door, handle, task, _folder: folder })
    }

    /// Lets requests under way finish, then lets go of the folder.
    pub async fn stop(self) {
        self.handle.graceful_shutdown(Some(GRACE));
        let _ = self.task.await;
        tracing::info!("the hub stopped");
    }
}

fn router(cell: Arc<Cell>, phones: Arc<Phones>, desk: Arc<Desk>, base_maps: BaseMaps) -> Router {
    let metrics = Arc::new(Metrics::default());
    let (console, document) = api::router(desk);
    let document = document.to_json().unwrap_or_default();
    let operator = Router::new()
        .route("/healthz", get(health))
        .route("/metrics", get(figures))
        .with_state((cell, metrics.clone()));
    Router::new()
        .merge(phone::router(phones))
        .merge(console.layer(Extension(base_maps)))
        .merge(operator)
        .route(
            "/api/openapi.json",
            get(move || async move { ([(header::CONTENT_TYPE, "application/json")], document) }),
        )
        .fallback(web::file)
        .layer(middleware::from_fn_with_state(metrics, metrics::count))
        .layer(middleware::map_response(web::secure))
}

type Operator = (Arc<Cell>, Arc<Metrics>);

/// Whether the cell answers.
async fn health(State((cell, _)): State<Operator>) -> Response {
    let answers = tokio::task::spawn_blocking(move || cell.read(|state| Ok(crate::cell::read::head(state)?.0))).await;
    match answers {
        Ok(Ok(_)) => "ok".into_response(),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer").into_response(),
    }
}

async fn figures(State((cell, metrics)): State<Operator>) -> Response {
    match tokio::task::spawn_blocking(move || metrics.text(&cell)).await {
        Ok(Ok(text)) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response(),
        _ => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
