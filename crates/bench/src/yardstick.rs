//! The least that could be done: a handler that writes two rows for each click, durably, with group commit. A process of its
//! own, `firstcall-bench yardstick FILE`.

use anyhow::Context;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use rusqlite::{Connection, params};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

type Click = (String, oneshot::Sender<()>);

/// Listens until it is killed.
pub fn run(file: &str) -> anyhow::Result<()> {
    let connection = Connection::open(file)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE answers (id INTEGER PRIMARY KEY, token TEXT NOT NULL, answer TEXT NOT NULL, at INTEGER NOT NULL);
         CREATE TABLE log (id INTEGER PRIMARY KEY, token TEXT NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL);",
    )?;
    let (sender, queue) = mpsc::channel(1024);
    std::thread::spawn(move || write(&connection, queue));
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        eprintln!("the yardstick listens on http://{}", listener.local_addr()?);
        axum::serve(listener, Router::new().route("/y/{token}", post(click)).with_state(sender))
            .await
            .context("serving")
    })
}

async fn click(State(writer): State<mpsc::Sender<Click>>, Path(token): Path<String>) -> (StatusCode, &'static str) {
    let (reply, written) = oneshot::channel();
    let sent = writer.send((token, reply)).await.is_ok();
    if sent && written.await.is_ok() { (StatusCode::OK, "thanks") } else { (StatusCode::SERVICE_UNAVAILABLE, "sorry") }
}

/// Everybody who waits shares a commit.
fn write(connection: &Connection, mut queue: mpsc::Receiver<Click>) {
    while let Some(first) = queue.blocking_recv() {
        let mut group = vec![first];
        while let Ok(next) = queue.try_recv() {
            group.push(next);
        }
        if commit(connection, &group).is_ok() {
            for (_, reply) in group {
                let _ = reply.send(());
            }
        }
    }
}

fn commit(connection: &Connection, group: &[Click]) -> rusqlite::Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    for (token, _) in group {
        let answer = "INSERT INTO answers (token, answer, at) VALUES (?1, 'yes', ?2)";
        connection.prepare_cached(answer)?.execute(params![token, 1_800_000_000_000_000_i64])?;
        let line = "INSERT INTO log (token, kind, at) VALUES (?1, 'yes', ?2)";
        connection.prepare_cached(line)?.execute(params![token, 1_800_000_000_000_000_i64])?;
    }
    connection.execute_batch("COMMIT")
}
