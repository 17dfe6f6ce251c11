//! Notices and invitations by e-mail, taken by a real SMTP server (aiosmtpd), which may also be away, and read back from a
//! real IMAP server (Dovecot).

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

#[path = "support/running.rs"]
mod running;

use firstcall::carriers::Carriers;
use firstcall::clock::Clock;
use firstcall::engine::{Engine, MusicianChange, NewBooking};
use firstcall::settings::{Environment, Place, load};
use firstcall::sources::Sources;
use firstcall::worker;
use firstcall_core::booking::{Chair, Request};
use firstcall_core::contact::Phone;
use firstcall_core::ids::ChairNo;
use firstcall_core::manage::Act;
use firstcall_core::span::Span;
use firstcall_store::messages::{self, Which};
use firstcall_store::{Store, Tx};
use jiff::SignedDuration;
use running::Running;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn python() -> String {
    std::env::var("FIRSTCALL_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

/// A server that keeps what it takes in a maildir.
fn mail_server(port: &str, maildir: &Path) -> Running {
    let address = format!("127.0.0.1:{port}");
    let mut command = Command::new(python());
    command.args(["-m", "aiosmtpd", "-n", "-l", &address, "-c", "aiosmtpd.handlers.Mailbox"]).arg(maildir);
    let server = Running::start(&mut command);
    let until = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(&address).is_err() {
        assert!(Instant::now() < until, "aiosmtpd does not listen: scripts/test installs it");
        std::thread::yield_now();
    }
    server
}

fn free_port() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string()
}

fn settings_for(port: &str) -> Environment {
    let settings = [
        ("FIRSTCALL__SMTP__HOST", "127.0.0.1"),
        ("FIRSTCALL__SMTP__PORT", port),
        ("FIRSTCALL__SMTP__SECURITY", "none"),
        ("FIRSTCALL__SMTP__FROM", "studio@example.com"),
        ("FIRSTCALL__MANAGER__EMAIL", "rosa@example.com"),
        ("FIRSTCALL__STUDIO__NAME", "Fern Room"),
    ];
    settings.into_iter().collect()
}

/// Rules 6.4, 7.1: a mail server that is away delays a notice and does not lose it; it is sent once.
#[tokio::test]
async fn notices_wait_for_the_mail_server() {
    let port = free_port();
    let environment = settings_for(&port);
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
    let server = mail_server(&port, &path);
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

/// What the `email` and `icalendar` packages of Python find in Ann's mails, which they have from an IMAP server: their kinds,
/// and the fields of each event.
const READ: &str = r"
import email, email.policy, icalendar, imaplib, sys
server = imaplib.IMAP4_stream(sys.argv[1])
server.select('INBOX', readonly=True)
for number in server.search(None, 'HEADER', 'To', 'ann@example.com')[1][0].split():
    mail = email.message_from_bytes(server.fetch(number, '(RFC822)')[1][0][1], policy=email.policy.default)
    parts = list(mail.iter_parts())
    print(mail.get_content_type(), [part.get_content_type() for part in parts], [part.is_attachment() for part in parts])
    last = parts[-1]
    calendar = icalendar.Calendar.from_ical(last.get_content())
    event = calendar.walk('VEVENT')[0]
    print(last.get_content_type(), last.get_param('method'), calendar['METHOD'], event['UID'], event['SEQUENCE'], event['STATUS'])
    print(event['DTSTART'].dt.isoformat(), event['DTEND'].dt.isoformat(), event['DTSTART'].params['TZID'])
    print(event['ORGANIZER'], event['ATTENDEE'], mail['From'].addresses[0].addr_spec)
";

/// Dovecot, as it is run over a tunnel: it speaks IMAP on its input and output, and asks for no password. It serves nobody as
/// root, who runs tests in containers.
fn imap_server(folder: &Path) -> String {
    let config = folder.join("dovecot.conf");
    let shown = folder.display();
    let settings =
        format!("base_dir = {shown}\nlog_path = {shown}/log\nmail_location = maildir:{shown}/mails\nssl = no\n");
    std::fs::write(&config, settings).unwrap();
    let run = |command: &[&str]| Command::new(command[0]).args(&command[1..]).output().unwrap().stdout;
    let imap = format!("env USER=ann HOME={shown} /usr/lib/dovecot/imap -c {}", config.display());
    if run(&["id", "-u"]) != b"0\n" {
        return imap;
    }
    run(&["chown", "-R", "65534:65534", folder.to_str().unwrap()]);
    format!("setpriv --reuid=65534 --regid=65534 --clear-groups {imap}")
}

/// Rule 6.2: an invitation as RFC 6047 has it, and its end, arrive at real servers, and others read them as they were meant.
#[tokio::test]
async fn r6_2_invitations_are_read_by_others_as_they_were_meant() {
    let port = free_port();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mails");
    let _server = mail_server(&port, &path);
    let settings = load(&Place::Nowhere, &settings_for(&port)).unwrap().settings;
    let clock = Clock::starting_at("2026-12-01T10:00:00-05:00".parse().unwrap(), 0);
    let engine = Engine::new(Store::open("sqlite::memory:").await.unwrap(), clock.clone(), Arc::new(settings));
    let (carriers, sources) = (Carriers::new(engine.settings()).unwrap(), Sources::new(&engine).unwrap());
    let ann = MusicianChange {
        name: Some("Ann, \"the\" Drümmer".to_owned()),
        phone: Some(Phone::new("+12125550101").unwrap()),
        email: Some("ann@example.com".to_owned()),
        instruments: Some(vec![("drums".to_owned(), None)]),
        ..MusicianChange::default()
    };
    let ann = engine.add_musician(ann).await.unwrap().musician.id;
    let start = "2026-12-08T10:00:00-05:00".parse().unwrap();
    let booking = NewBooking {
        request: Request::default(),
        chairs: Chair::list([("drums", 1)]),
        times: vec![Span::new(start, SignedDuration::from_hours(1))],
    };
    let id = engine.book(booking, "test", None).await.unwrap().id;
    engine.manage(id, Act::Fill(ann, ChairNo(0)), "test").await.unwrap();
    while worker::calendars_due(&engine, &sources).await.unwrap() + worker::send_due(&engine, &carriers).await.unwrap()
        > 0
    {}
    engine.manage(id, Act::Cancel, "test").await.unwrap();
    while worker::calendars_due(&engine, &sources).await.unwrap() + worker::send_due(&engine, &carriers).await.unwrap()
        > 0
    {}
    let read = Command::new(python()).args(["-c", READ, &imap_server(folder.path())]).output().unwrap();
    let found = String::from_utf8_lossy(&read.stdout);
    let lines: Vec<&str> = found.lines().collect();
    let kinds = "multipart/alternative ['text/plain', 'text/calendar'] [False, False]";
    let times = "2026-12-08T10:00:00-05:00 2026-12-08T11:00:00-05:00 America/New_York";
    let people = "mailto:studio@example.com mailto:ann@example.com studio@example.com";
    let event = |method, rest| format!("text/calendar {method} {method} booking-{id}-{ann}@127.0.0.1 {rest}");
    assert_eq!(
        lines,
        [kinds, &event("REQUEST", "0 CONFIRMED"), times, people, kinds, &event("CANCEL", "1 CANCELLED"), times, people,],
        "{} (scripts/test installs Dovecot)",
        String::from_utf8_lossy(&read.stderr)
    );
}
