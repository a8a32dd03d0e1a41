//! Figures for Prometheus: how the hub does, never how a person does.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::cell::{Cell, read};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    /// The pattern of the address, never the address: that names records.
    route: String,
    status: u16,
}

pub struct Metrics {
    registry: Registry,
    answered: Family<Answered, Counter>,
    seconds: Histogram,
    rows: Gauge<i64>,
    held: Gauge<i64>,
    disputed: Gauge<i64>,
    blobs: Gauge<u64, AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("gridpatrol");
        let metrics = Metrics {
            answered: Family::default(),
            seconds: Histogram::new(exponential_buckets(0.001, 2.0, 14)),
            rows: Gauge::default(),
            held: Gauge::default(),
            disputed: Gauge::default(),
            blobs: Gauge::default(),
            registry: Registry::default(),
        };
        registry.register("answers", "Answered requests by route and status", metrics.answered.clone());
        registry.register("answer_seconds", "Time to answer", metrics.seconds.clone());
        registry.register("log_rows", "Rows of the log", metrics.rows.clone());
        registry.register("records_held", "Records with held work", metrics.held.clone());
        registry.register("records_disputed", "Records in open conflict", metrics.disputed.clone());
        registry.register("blob_bytes", "Bytes of photos and tracks", metrics.blobs.clone());
        Metrics { registry, ..metrics }
    }
}

impl Metrics {
    /// The figures as text, the gauges read from the cell.
    pub fn text(&self, cell: &Cell) -> Result<String, crate::cell::CellError> {
        let (rows, held, disputed, blobs) = cell.read(|state| {
            let count = |sql: &str| state.query_row(sql, [], |row| row.get::<_, i64>(0));
            Ok((
                read::head(state)?.0.n as i64,
                count("SELECT count(*) FROM record WHERE held = 1")?,
                count("SELECT count(*) FROM record WHERE disputed = 1")?,
                count("SELECT coalesce(sum(size), 0) FROM blob")?,
            ))
        })?;
        self.rows.set(rows);
        self.held.set(held);
        self.disputed.set(disputed);
        self.blobs.set(blobs.unsigned_abs());
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry)
            .map_err(|_| crate::cell::CellError::Damaged)?;
        Ok(text)
    }
}

pub async fn count(State(metrics): State<Arc<Metrics>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map_or("file", MatchedPath::as_str).to_owned();
    let response = next.run(request).await;
    metrics.seconds.observe(began.elapsed().as_secs_f64());
    metrics.answered.get_or_create(&Answered { route, status: response.status().as_u16() }).inc();
    response
}
