//! `firstcall serve`: web and worker in one process.

use super::Exit;
use crate::carriers::Carriers;
use crate::clock::Clock;
use crate::engine::Engine;
use crate::settings::Settings;
use crate::sources::Sources;
use crate::{web, worker};
use anyhow::Context;
use firstcall_store::Store;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

pub fn run(settings: Settings) -> anyhow::Result<Exit> {
    runtime()?.block_on(serve(settings))
}

/// The runtime of every command that has one.
pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("the runtime does not start")
}

async fn serve(settings: Settings) -> anyhow::Result<Exit> {
    let store = open(&settings).await?;
    if settings.intake.token.is_none() {
        tracing::warn!("intake.token is not set: booking mails are refused until it is");
    }
    let listener = listen(settings.server.listen).await?;
    let engine = Engine::new(store.clone(), Clock::System, Arc::new(settings));
    engine.take_up().await?;
    writeln!(std::io::stderr(), "First Call listens on http://{}", listener.local_addr()?)?;
    run_until(&engine, listener, closing(), web::Mode::Serve).await?;
    store.close().await;
    Ok(Exit::Done)
}

/// The database of the settings.
pub(super) async fn open(settings: &Settings) -> anyhow::Result<Store> {
    let url = &settings.database.url;
    Store::open(url.expose()).await.with_context(|| format!("cannot open the database {url}"))
}

pub(super) async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address} (server.listen)"))
}

/// Web and worker, until `closing` says so; then requests that are being answered are answered to their end.
pub(super) async fn run_until(
    engine: &Engine,
    listener: TcpListener,
    closing: watch::Receiver<bool>,
    mode: web::Mode,
) -> anyhow::Result<()> {
    let carriers = Arc::new(Carriers::new(engine.settings())?);
    let sources = Arc::new(Sources::new(engine)?);
    let loops = worker::start(engine, Arc::clone(&carriers), Arc::clone(&sources), closing.clone());
    let router = web::router(engine.clone(), carriers, sources, closing.clone(), mode);
    web::serve(listener, router, closing).await;
    tracing::info!("closed");
    loops.end().await;
    Ok(())
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
