//! `gridpatrol serve`

use gridpatrol_hub::cell::{Cell, people, read};
use gridpatrol_hub::serve::{Hub, Options};

use super::{Outcome, Serve, ports};

pub fn run(asked: Serve) -> Outcome {
    let ports = ports();
    let cell = Cell::open(&asked.dir, ports.clone())?;
    let (set_up, county) = cell.read(|state| Ok((people::has_accounts(state)?, read::meta_text(state, "county")?)))?;
    drop(cell);
    let (true, Some(county)) = (set_up, county) else {
        return Err(format!(
            "nobody can log in to this hub yet. Run first:\n  gridpatrol operator --dir {} --name NAME --area CODE",
            asked.dir.display()
        )
        .into());
    };
    let options = Options {
        dir: asked.dir,
        listen: asked.listen,
        tls: asked.tls_cert.zip(asked.tls_key),
        behind_proxy: asked.behind_proxy,
        proxy_cert: asked.proxy_cert,
        url: asked.url,
        county,
        base_maps: asked.base_maps,
    };
    tokio::runtime::Runtime::new()?.block_on(async {
        let hub = Hub::start(options, ports).await?;
        stop_signal().await?;
        hub.stop().await;
        Ok(())
    })
}

/// Ctrl-C, or the service manager's request.
async fn stop_signal() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
