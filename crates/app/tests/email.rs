//! Notices by e-mail, taken by a real SMTP server (aiosmtpd), which may also be away.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use firstcall::carriers::Carriers;
use firstcall::clock::Clock;
use firstcall::engine::{Engine, NewBooking};
use firstcall::settings::{Environment, Place, load};
use firstcall::worker;
use firstcall_core::booking::{Chair, Request};
use firstcall_core::span::Span;
use firstcall_store::messages::{self, Which};
use firstcall_store::{Store, Tx};
use jiff::SignedDuration;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

struct Server(Child);

impl Server {
    /// A server that keeps what it takes in a maildir.
    fn start(port: u16, maildir: &std::path::Path) -> Self {
        let python = std::env::var("FIRSTCALL_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let server = Command::new(python)
            .args(["-m", "aiosmtpd", "-n", "-l", &format!("127.0.0.1:{port}"), "-c", "aiosmtpd.handlers.Mailbox"])
            .arg(maildir)
            .stderr(Stdio::inherit())
            .spawn()
            .expect("python3");
        let until = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < until, "aiosmtpd does not listen: scripts/test installs it");
            std::thread::yield_now();
        }
        Self(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Rules 6.4, 7.1: a mail server that is away delays a notice and does not lose it; it is sent once.
#[tokio::test]
async fn notices_wait_for_the_mail_server() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let environment: Environment = [
        ("FIRSTCALL__SMTP__HOST", "127.0.0.1"),
        ("FIRSTCALL__SMTP__PORT", port.as_str()),
        ("FIRSTCALL__SMTP__SECURITY", "none"),
        ("FIRSTCALL__SMTP__FROM", "studio@example.com"),
        ("FIRSTCALL__MANAGER__EMAIL", "rosa@example.com"),
        ("FIRSTCALL__STUDIO__NAME", "Fern Room"),
    ]
    .into_iter()
    .collect();
    let settings = load(&Place::Nowhere, &environment).unwrap().settings;
    let clock = Clock::starting_at("2026-12-01T10:00:00-05:00".parse().unwrap(), 0);
    let engine = Engine::new(Store::open("sqlite::memory:").await.unwrap(), clock.clone(), Arc::new(settings));
    let carriers = Carriers::new(engine.settings()).unwrap();
    let start = clock.now() + SignedDuration::from_hours(48);
    let nobody_plays_it = NewBooking {
        request: Request::default(),
        chairs: Chair::list([("drums", 1)]),
        times: vec![Span::new(start, SignedDuration::from_hours(1))],
    };
    engine.book(nobody_plays_it, "test", None).await.unwrap();
    worker::send_due(&engine, &carriers).await.unwrap();
    let state = async || {
        let all = engine.store().read(async |tx: &mut Tx| messages::list(tx, &Which::All, 0, 9).await).await.unwrap();
        all.into_iter().find(|message| message.to == "rosa@example.com").expect("a notice").state
    };
    assert_eq!(state().await, "queued");

    let maildir = tempfile::tempdir().unwrap();
    let path = maildir.path().join("mails");
    let server = Server::start(port.parse().unwrap(), &path);
    clock.set(clock.now() + SignedDuration::from_mins(2));
    worker::send_due(&engine, &carriers).await.unwrap();
    worker::send_due(&engine, &carriers).await.unwrap();
    assert_eq!(state().await, "sent");
    let mails: Vec<_> = std::fs::read_dir(path.join("new")).unwrap().collect();
    assert_eq!(mails.len(), 1);
    let mail = std::fs::read_to_string(mails[0].as_ref().unwrap().path()).unwrap();
    assert!(mail.contains("Subject: First Call: #1 has no possible time"), "{mail}");
    assert!(
        mail.contains("Auto-Submitted: auto-generated") && mail.contains("From: \"Fern Room\" <studio@example.com>"),
        "{mail}"
    );
    drop(server);
}
