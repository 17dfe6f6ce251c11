//! `firstcall demo`: the whole thing with nothing to set up. Its studio, roster and mail are samples, its database is in
//! memory, its phones are pretended, its clock is its own; everything else is what `serve` runs.

use super::Exit;
use super::args::DemoArgs;
use super::serve::{closing, listen, run_until, runtime};
use crate::clock::Clock;
use crate::engine::Engine;
use crate::engine::settings::with_desk;
use crate::reading;
use crate::roster_csv::{self, Vocabulary};
use crate::settings::{Environment, Place, Settings, load};
use crate::web;
use anyhow::{Context, anyhow};
use firstcall_store::Store;
use jiff::Timestamp;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

mod story;

/// The sample mail, posted as a form service would.
const MAIL: &[u8] = include_bytes!("../../demo/sample.eml");
const ROSTER: &[u8] = include_bytes!("../../demo/roster.csv");
/// When the demo begins: a Tuesday morning at the studio, just after the sample mail was written.
const BEGIN: &str = "2026-12-01T09:30:00-05:00";
/// In the browser an hour of patience passes in a minute.
const SPEED: u32 = 60;

/// The demo's settings: samples, and nothing of this computer's.
fn settings(address: SocketAddr, token: &str) -> anyhow::Result<Settings> {
    let url = format!("http://{address}");
    let settings = [
        ("FIRSTCALL__SERVER__PUBLIC_URL", url.as_str()),
        ("FIRSTCALL__SERVER__LISTEN", &address.to_string()),
        ("FIRSTCALL__STUDIO__NAME", "Fern Room"),
        ("FIRSTCALL__STUDIO__ADDRESS", "14 Canal Yard, New York"),
        ("FIRSTCALL__STUDIO__PHONE", "+12125550100"),
        ("FIRSTCALL__MANAGER__NAME", "Rosa"),
        ("FIRSTCALL__MANAGER__PHONE", "+12125550199"),
        ("FIRSTCALL__INTAKE__TOKEN", token),
    ]
    .into_iter()
    .collect::<Environment>();
    Ok(load(&Place::Nowhere, &settings)?.settings)
}

/// A demo that is ready to begin.
struct Demo {
    engine: Engine,
    listener: TcpListener,
    address: SocketAddr,
    token: String,
}

impl Demo {
    async fn set_up(address: SocketAddr, speed: u32) -> anyhow::Result<Self> {
        let listener = listen(address).await?;
        let (address, token) = (listener.local_addr()?, crate::token::fresh());
        let settings = settings(address, &token)?;
        let begin: Timestamp = BEGIN.parse().context("the demo's beginning")?;
        let store = Store::open("sqlite::memory:").await?;
        // As `serve` begins: settings of the desk that are known are not taken up once more.
        let settings = with_desk(&store, &settings).await?.settings;
        let studio = settings.studio.time_zone.clone();
        let vocabulary =
            Vocabulary { instruments: reading::instruments(&settings.intake, &[]), studio_zone: studio.clone() };
        let engine = Engine::new(store, Clock::starting_at(begin, speed), Arc::new(settings));
        let rows =
            roster_csv::read(ROSTER, &vocabulary).map_err(|mistakes| anyhow!("the sample roster: {mistakes:?}"))?;
        engine.import(roster_csv::changes(&rows, &studio)?).await?;
        Ok(Self { engine, listener, address, token })
    }
}

pub fn run(settings: &Settings, args: &DemoArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    if args.headless {
        return runtime()?.block_on(story::tell(out));
    }
    runtime()?.block_on(in_the_browser(args.listen.unwrap_or(settings.server.listen), out))
}

async fn in_the_browser(address: SocketAddr, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let demo = Demo::set_up(address, SPEED).await?;
    let (engine, address, token) = (demo.engine.clone(), demo.address, demo.token);
    tokio::spawn(async move {
        if let Err(error) = post_mail(address, &token).await {
            tracing::error!(%error, "the sample mail could not be posted");
        }
    });
    writeln!(out, "The demo is at http://{address}/demo (Ctrl-C ends it; nothing is kept)")?;
    out.flush()?;
    run_until(engine, demo.listener, closing(), web::Mode::Demo).await?;
    Ok(Exit::Done)
}

/// Posts the sample mail over HTTP, as a form service would; returns what was answered.
async fn post_mail(address: SocketAddr, token: &str) -> anyhow::Result<String> {
    post(address, &format!("/workflow/email/{token}"), "message/rfc822", MAIL).await
}

/// One POST to the demo's own server: enough HTTP/1.1 for that.
async fn post(address: SocketAddr, path: &str, media_type: &str, body: &[u8]) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").context("the server's answer broke off")?;
    let status = head.split(' ').nth(1).unwrap_or_default();
    if status.starts_with('2') { Ok(body.to_owned()) } else { Err(anyhow!("{path} answered {status}: {body}")) }
}
