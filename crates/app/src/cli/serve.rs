//! `firstcall serve`: web and worker in one process.

use super::Exit;
use crate::carriers::Carriers;
use crate::clock::Clock;
use crate::engine::Engine;
use crate::engine::settings::with_desk;
use crate::settings::{Loaded, Settings};
use crate::sources::Sources;
use crate::{web, worker};
use anyhow::Context;
use axum::Router;
use firstcall_store::Store;
use std::io::{IsTerminal, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Settings that cannot be used are tried again after this.
const AFTER_REFUSAL: Duration = Duration::from_secs(5);
/// A command that runs beside the service does not wait longer for the desk's settings.
const LONGEST_LOOK: Duration = Duration::from_secs(5);

pub fn run(settings: Settings) -> anyhow::Result<Exit> {
    runtime()?.block_on(serve(settings))
}

/// The runtime of every command that has one.
pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("the runtime does not start")
}

async fn serve(settings: Settings) -> anyhow::Result<Exit> {
    let store = open(&settings).await?;
    let listener = listen(settings.server.listen).await?;
    let settings = with_desk(&store, &settings).await?.settings;
    if settings.intake.token.is_none() {
        tracing::warn!("intake.token is not set: booking mails are refused until it is");
    }
    let engine = Engine::new(store.clone(), Clock::System, Arc::new(settings));
    engine.take_up().await?;
    let address = listener.local_addr()?;
    writeln!(std::io::stderr(), "First Call listens on http://{address}")?;
    if let Some(file) = engine.settings().database.url.file() {
        writeln!(std::io::stderr(), "Its data is in {}", std::path::absolute(file)?.display())?;
    }
    if let Some(token) = engine.first_link().await? {
        let public = &engine.settings().server.public_url;
        let path = format!("/first-run/{token}");
        // An address that is only for this computer may have another port.
        lead_in(&if public.is_local() { format!("http://{}{path}", near(address)) } else { public.join(&path) })?;
    }
    run_until(engine, listener, closing(), web::Mode::Serve).await?;
    store.close().await;
    Ok(Exit::Done)
}

/// Where this computer reaches what listens on all of its addresses.
fn near(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => (Ipv4Addr::LOCALHOST, address.port()).into(),
        IpAddr::V6(ip) if ip.is_unspecified() => (Ipv6Addr::LOCALHOST, address.port()).into(),
        IpAddr::V4(_) | IpAddr::V6(_) => address,
    }
}

/// The settings with those of the desk, for commands that run beside the service. Without a database, or one that can be
/// read, they are those without.
pub(super) fn beside(loaded: Loaded) -> anyhow::Result<Loaded> {
    if loaded.settings.database.url.is_absent_file() {
        return Ok(loaded);
    }
    let kept = async {
        let store = open(&loaded.settings).await?;
        let kept = with_desk(&store, &loaded.settings).await;
        store.close().await;
        kept
    };
    let kept = runtime()?.block_on(async { timeout(LONGEST_LOOK, kept).await.context("the database does not answer") });
    Ok(kept.flatten().unwrap_or_else(|error| {
        tracing::warn!("without the desk's settings: {error:#}");
        loaded
    }))
}

/// Says where the first manager is made. On a desktop a browser goes there by itself, if there is one.
fn lead_in(link: &str) -> anyhow::Result<()> {
    let mut errors = std::io::stderr();
    writeln!(
        errors,
        "Nobody has an account yet. Create the first manager (the link opens once, within 24 hours):\n{link}"
    )?;
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let screen =
        cfg!(target_os = "macos") || ["WAYLAND_DISPLAY", "DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    if errors.is_terminal() && screen {
        let mut opener = Command::new(opener);
        opener.arg(link).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // Whether it opens or not: the link is printed.
        std::thread::spawn(move || opener.status());
    }
    Ok(())
}

/// The database of the settings.
pub(super) async fn open(settings: &Settings) -> anyhow::Result<Store> {
    let url = &settings.database.url;
    Store::open(url.expose()).await.with_context(|| format!("cannot open the database {url}"))
}

pub(super) async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address} (server.listen)"))
}

/// Web and worker, until `closing` says so; then requests that are being answered are answered to their end. When
/// settings change on the desk, new ones take over without a pause: to each other they are like two nodes.
pub(super) async fn run_until(
    engine: Engine,
    listener: TcpListener,
    mut closing: watch::Receiver<bool>,
    mode: web::Mode,
) -> anyhow::Result<()> {
    let mut running = Running::start(engine, mode)?;
    let (routes, newest) = watch::channel(running.router.clone());
    let serving = tokio::spawn(web::serve(listener, newest, closing.clone()));
    let mut leaving = JoinSet::new();
    loop {
        let next = async {
            running.engine.settings_changed().await;
            running.engine.anew().await
        };
        tokio::select! {
            () = web::is_true(&mut closing) => break,
            engine = next => match Running::start(engine, mode) {
                Ok(next) => {
                    drop(routes.send_replace(next.router.clone()));
                    leaving.spawn(std::mem::replace(&mut running, next).end());
                    tracing::info!("the desk's settings are taken up");
                }
                Err(error) => {
                    tracing::error!("the desk's settings cannot be used: {error:#}");
                    sleep(AFTER_REFUSAL).await;
                }
            },
        }
    }
    // Whoever listens for events is let go first: they would never be answered to their end.
    running.close.send_replace(true);
    serving.await?;
    tracing::info!("closed");
    running.end().await;
    leaving.join_all().await;
    Ok(())
}

/// Web and worker with one set of settings.
struct Running {
    engine: Engine,
    router: Router,
    loops: worker::Loops,
    close: watch::Sender<bool>,
}

impl Running {
    fn start(engine: Engine, mode: web::Mode) -> anyhow::Result<Self> {
        let (close, closing) = watch::channel(false);
        let carriers = Arc::new(Carriers::new(engine.settings())?);
        let sources = Arc::new(Sources::new(&engine)?);
        let loops = worker::start(&engine, Arc::clone(&carriers), Arc::clone(&sources), closing.clone());
        let router = web::router(engine.clone(), carriers, sources, closing, mode);
        Ok(Self { engine, router, loops, close })
    }

    /// What was begun is recorded.
    async fn end(self) {
        self.close.send_replace(true);
        self.loops.end().await;
    }
}

/// Turns true when the system, or somebody at the keyboard, asks the program to end.
pub(super) fn closing() -> watch::Receiver<bool> {
    let (close, closing) = watch::channel(false);
    tokio::spawn(async move {
        end_is_asked_for().await;
        // Everybody who listens has gone: then there is nothing left to close.
        let _ = close.send(true);
    });
    closing
}

async fn end_is_asked_for() {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

#[cfg(test)]
mod tests {
    use super::near;

    #[test]
    fn what_listens_everywhere_is_near_too() {
        for (listens, here) in [
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:8080", "[::1]:8080"),
            ("127.0.0.1:9000", "127.0.0.1:9000"),
            ("192.0.2.7:80", "192.0.2.7:80"),
        ] {
            assert_eq!(near(listens.parse().unwrap()), here.parse().unwrap());
        }
    }
}
