//! Connections: accepted, bounded in number and in patience, and ended in good order.

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};
use tower::Service;

/// A client that has not sent the head of a request by then never will.
const LONGEST_HEAD: Duration = Duration::from_secs(15);
/// Fewer than the files that a process may usually have open, so that the database never finds none left.
const MOST_CONNECTIONS: usize = 800;
/// How long requests that are being answered are waited for at the end.
const DRAIN: Duration = Duration::from_secs(10);
/// After the system refused a connection.
const AFTER_REFUSAL: Duration = Duration::from_millis(50);

/// Serves what `router` holds, each request by the newest, until `closing` says so; then requests that are being answered
/// are answered to their end.
pub async fn serve(listener: TcpListener, router: watch::Receiver<Router>, mut closing: watch::Receiver<bool>) {
    let seats = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let connections = GracefulShutdown::new();
    loop {
        let Ok(seat) = Arc::clone(&seats).acquire_owned().await else { break };
        tokio::select! {
            () = is_true(&mut closing) => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => connect(stream, peer, router.clone(), seat, &connections),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(AFTER_REFUSAL).await;
                }
            },
        }
    }
    drop(listener);
    if timeout(DRAIN, connections.shutdown()).await.is_err() {
        tracing::warn!("some requests were not answered in time");
    }
}

/// Returns when it turns true, or nobody is left who could say so.
pub async fn is_true(closing: &mut watch::Receiver<bool>) {
    // An error means that nobody is left who could say so: then it is time, too.
    let _ = closing.wait_for(|closing| *closing).await;
}

fn connect(
    stream: TcpStream,
    peer: SocketAddr,
    router: watch::Receiver<Router>,
    seat: OwnedSemaphorePermit,
    connections: &GracefulShutdown,
) {
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        let mut newest = router.borrow().clone();
        newest.call(request.map(Body::new))
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(LONGEST_HEAD);
    let connection = connections.watch(http.serve_connection(TokioIo::new(stream), service));
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection broke off");
        }
        drop(seat);
    });
}
