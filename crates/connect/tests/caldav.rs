//! Calendars on servers that others wrote (`radicale` and `xandikos`), and on one that behaves as badly as it is told
//! (rules 3.3, 6.2, 6.4).

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

#[path = "support/calendars.rs"]
mod calendars;
#[path = "support/node.rs"]
mod node;
mod support;

use calendars::{Dav, PASSWORD, USER, busy, dav, event, here, impatient_web, is_later, is_refused, span, web};
use firstcall_calendar::{Calendar, Reading};
use firstcall_connect::calendars::Fetched;
use firstcall_connect::calendars::caldav::{Account, Collection, Expect, Written};
use firstcall_connect::calendars::{Reach, Trouble, Web};
use firstcall_core::span::Span;
use jiff::tz::TimeZone;
use reqwest::Method;
use std::time::Instant;
use support::{Act, StandIn, answer};

const NAME: &str = "session-17.ics";
const UID: &str = "session-17@calls.example.com";

fn account(url: &str) -> Account {
    Account::new(url, USER, PASSWORD, web()).unwrap()
}

/// A server with one empty calendar, and where that is.
async fn with_calendar(kind: &str) -> (Dav, String) {
    let dav = dav(kind);
    let path = if kind == "xandikos" { "/user/calendars/calendar/" } else { "/ann/band/" };
    if kind == "radicale" {
        let called = r#"<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>
            <D:displayname>Ann's &amp; band</D:displayname></D:prop></D:set></C:mkcalendar>"#;
        make(&dav, path, "MKCALENDAR", called).await;
    }
    let href = format!("{}{path}", dav.server.url);
    (dav, href)
}

async fn make(dav: &Dav, path: &str, method: &str, body: &str) {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let request = client().request(method, format!("{}{path}", dav.server.url)).basic_auth(USER, Some(PASSWORD));
    let status = request.body(body.to_owned()).send().await.unwrap().status();
    assert!(status.is_success(), "{path}: {status}");
}

/// A plain client, beside the one that is tested.
fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

fn at_ten() -> Span {
    span("2026-12-08T15:00:00Z", "2026-12-08T16:00:00Z")
}

fn december() -> Span {
    span("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z")
}

fn ics(uid: &str, time: Span) -> String {
    event(uid, time, &TimeZone::get("America/New_York").unwrap()).to_ics(None)
}

async fn text(account: &Account, href: &str, range: Span) -> (Vec<u8>, Option<String>) {
    match account.read(href, range, None).await.unwrap() {
        Fetched::Text { bytes, mark } => (bytes, mark),
        Fetched::Unchanged => panic!("nothing was known"),
    }
}

fn etag(written: Written) -> String {
    match written {
        Written::Done(Some(etag)) | Written::There(Some(etag)) => etag,
        Written::Done(None) | Written::There(None) | Written::Missing => panic!("no ETag"),
    }
}

#[tokio::test]
async fn calendars_are_found_from_wherever_somebody_begins() {
    for (kind, name, starts) in [
        ("radicale", "Ann's & band", ["", "/ann/", "/ann/band/", "/nothing/here/"]),
        ("digest", "Ann's & band", ["", "/ann/", "/ann/band/", "/nothing/here/"]),
        ("xandikos", "calendar", ["", "/user/", "/user/calendars/calendar/", "/nothing/here/"]),
    ] {
        let (dav, href) = with_calendar(kind).await;
        for start in starts {
            let found = account(&format!("{}{start}", dav.server.url)).list().await;
            let calendar = Collection { href: href.clone(), name: name.to_owned(), writable: true };
            assert_eq!(found, Ok(vec![calendar]), "{kind} from {start:?}");
        }
    }
}

/// Rule 6.4: whatever is tried again, one event is there.
#[tokio::test]
async fn an_event_is_written_once() {
    for kind in ["radicale", "xandikos", "digest"] {
        let (_dav, href) = with_calendar(kind).await;
        let account = account(&href);
        let written = account.put(&href, NAME, &ics(UID, at_ten()), Expect::New).await.unwrap();
        assert!(matches!(written, Written::Done(Some(_))), "{kind}: {written:?}");
        let first = etag(written);
        // Its answer was lost, say.
        let again = account.put(&href, NAME, &ics(UID, at_ten()), Expect::New).await;
        assert_eq!(again, Ok(Written::There(Some(first.clone()))), "{kind}");
        let (bytes, _) = text(&account, &href, december()).await;
        assert_eq!(busy(&bytes, december()), [at_ten()], "{kind}");
        let other = account.put(&href, NAME, &ics("other@example.com", at_ten()), Expect::New).await;
        assert!(is_refused(other).contains("another event"));

        let later = span("2026-12-09T15:00:00Z", "2026-12-09T16:00:00Z");
        let moved = account.put(&href, NAME, &ics(UID, later), Expect::Etag(&first)).await.unwrap();
        let second = etag(moved.clone());
        assert!(moved == Written::Done(Some(second.clone())) && second != first, "{kind}");
        let stale = account.put(&href, NAME, &ics(UID, at_ten()), Expect::Etag(&first)).await;
        assert_eq!(stale, Ok(Written::There(Some(second))), "{kind}");
        assert!(matches!(account.put(&href, NAME, &ics(UID, later), Expect::Any).await, Ok(Written::Done(_))));
        let (bytes, _) = text(&account, &href, december()).await;
        assert_eq!(busy(&bytes, december()), [later], "{kind}");

        for _ in 0..2 {
            assert_eq!(account.delete(&href, NAME).await, Ok(()), "{kind}");
        }
        let gone = account.put(&href, NAME, &ics(UID, later), Expect::Etag(&first)).await;
        assert_eq!(gone, Ok(Written::Missing), "{kind}");
        let (bytes, _) = text(&account, &href, december()).await;
        assert_eq!(busy(&bytes, december()), [], "{kind}");
    }
}

/// Rules 3.1 and 3.2. The series begins before the range, and the server is not asked to expand it.
#[tokio::test]
async fn what_recurs_is_read_whole() {
    let rehearsal = ics("rehearsal@example.com", span("2025-01-07T15:00:00Z", "2025-01-07T16:00:00Z"));
    let rehearsal = rehearsal
        .replace("SEQUENCE:", "RRULE:FREQ=WEEKLY\r\nEXDATE;TZID=America/New_York:20261215T100000\r\nSEQUENCE:");
    let away = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:away@example.com\r\n\
        DTSTAMP:20261101T000000Z\r\nDTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20261226\r\nSUMMARY:Away\r\n\
        END:VEVENT\r\nEND:VCALENDAR\r\n";
    let expected = [
        at_ten(),
        span("2026-12-22T15:00:00Z", "2026-12-22T16:00:00Z"),
        span("2026-12-24T00:00:00Z", "2026-12-26T00:00:00Z"),
        span("2026-12-29T15:00:00Z", "2026-12-29T16:00:00Z"),
    ];
    for kind in ["radicale", "xandikos"] {
        let (_dav, href) = with_calendar(kind).await;
        let account = account(&href);
        let long_ago = ics("long-ago@example.com", span("2025-01-07T15:00:00Z", "2025-01-07T16:00:00Z"));
        for (name, ics) in [("a b.ics", rehearsal.as_str()), ("away.ics", away), ("ago.ics", &long_ago)] {
            let written = account.put(&href, name, ics, Expect::New).await;
            assert!(matches!(written, Ok(Written::Done(_))), "{kind}: {written:?}");
        }
        let range = span("2026-12-02T00:00:00Z", "2027-01-01T00:00:00Z");
        let (bytes, _) = text(&account, &href, range).await;
        assert_eq!(busy(&bytes, range), expected, "{kind}");
        assert!(!String::from_utf8(bytes).unwrap().contains("long-ago"), "{kind}: only what may be in the range comes");
        // What overlaps its edge by a zone.
        let range = span("2026-12-25T23:00:00Z", "2026-12-25T23:30:00Z");
        let (bytes, _) = text(&account, &href, range).await;
        assert_eq!(busy(&bytes, range), [range], "{kind}");
    }
}

/// A server takes a time without a zone for UTC, and who has it may live fourteen hours before.
#[tokio::test]
async fn times_without_a_zone_are_not_missed() {
    let floating = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:floating@example.com\r\n\
        DTSTAMP:20261101T000000Z\r\nDTSTART:20261210T100000\r\nDURATION:PT1H\r\nSUMMARY:Lunch\r\n\
        END:VEVENT\r\nEND:VCALENDAR\r\n";
    let zone = TimeZone::get("Pacific/Kiritimati").unwrap();
    let time = span("2026-12-09T20:00:00Z", "2026-12-09T21:00:00Z");
    for kind in ["radicale", "xandikos"] {
        let (_dav, href) = with_calendar(kind).await;
        let account = account(&href);
        account.put(&href, "lunch.ics", floating, Expect::New).await.unwrap();
        let (bytes, _) = text(&account, &href, time).await;
        let reading = Reading { tentative_blocks: true, ours: &|_| false };
        assert_eq!(Calendar::read(&bytes).unwrap().busy(time, &zone, &reading), Ok(vec![time]), "{kind}");
    }
}

#[tokio::test]
async fn a_calendar_that_did_not_change_is_not_read_again() {
    for kind in ["radicale", "xandikos"] {
        let (_dav, href) = with_calendar(kind).await;
        let account = account(&href);
        let (bytes, mark) = text(&account, &href, december()).await;
        assert_eq!(busy(&bytes, december()), [], "{kind}: an empty calendar can be read");
        let mark = mark.expect("both servers have one");
        assert_eq!(account.read(&href, december(), Some(&mark)).await, Ok(Fetched::Unchanged), "{kind}");
        account.put(&href, NAME, &ics(UID, at_ten()), Expect::New).await.unwrap();
        let Ok(Fetched::Text { bytes, mark: next }) = account.read(&href, december(), Some(&mark)).await else {
            panic!()
        };
        assert_eq!(busy(&bytes, december()), [at_ten()], "{kind}");
        assert_ne!(next, Some(mark), "{kind}");
    }
}

/// Rule 3.3: a place that is no calendar has no events, and is not free.
#[tokio::test]
async fn what_is_no_calendar_is_not_free() {
    for (kind, places) in [("radicale", ["/ann/", "/ann/gone/"]), ("xandikos", ["/user/", "/user/calendars/gone/"])] {
        let (dav, href) = with_calendar(kind).await;
        let account = account(&href);
        for place in places {
            let href = format!("{}{place}", dav.server.url);
            assert!(
                is_refused(account.read(&href, december(), None).await).contains("not there any more"),
                "{kind} {place}"
            );
        }
        let nowhere = format!("{}{}", dav.server.url, places[1]);
        is_refused(account.put(&nowhere, NAME, &ics(UID, at_ten()), Expect::New).await);
        assert_eq!(account.delete(&nowhere, NAME).await, Ok(()), "{kind}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_not_repeated() {
    let (dav, href) = with_calendar("radicale").await;
    let account = Account::new(&dav.server.url, USER, "wr0ng-pass", web()).unwrap();
    let words = [
        is_refused(account.list().await),
        is_refused(account.read(&href, december(), None).await),
        is_refused(account.put(&href, NAME, &ics(UID, at_ten()), Expect::New).await),
        is_refused(account.delete(&href, NAME).await),
    ];
    for words in words {
        assert!(words.contains("enter them again") && !words.contains("wr0ng"), "{words}");
    }
    assert!(!format!("{account:?}").contains("wr0ng"));
}

/// A calendar, as its server describes it.
const STATE: &str = r#"<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><response><href>/c/</href>
    <propstat><prop><resourcetype><collection/><C:calendar/></resourcetype></prop><status>HTTP/1.1 200 OK</status>
    </propstat></response></multistatus>"#;

fn multi(body: &str) -> String {
    answer("207 Multi-Status", "", body)
}

fn member(href: &str, status: &str, data: &str) -> String {
    format!(
        "<response><href>{href}</href><propstat><prop><C:calendar-data><![CDATA[{data}]]></C:calendar-data></prop>
        <status>HTTP/1.1 {status}</status></propstat></response>"
    )
}

fn members(all: &[String]) -> String {
    let all = all.concat();
    multi(&format!(r#"<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">{all}</multistatus>"#))
}

async fn read_by(web: Web, acts: &[Act]) -> Result<Fetched<Option<String>>, Trouble> {
    let server = StandIn::new(acts).await;
    let account = Account::new(&server.url, USER, PASSWORD, web).unwrap();
    account.read("/c/", december(), None).await
}

async fn read_from(report: Act) -> Result<Fetched<Option<String>>, Trouble> {
    let web = if let Act::Drip | Act::Silence = report { impatient_web() } else { web() };
    read_by(web, &[Act::Answer(multi(STATE)), report]).await
}

/// Rule 3.3.
#[tokio::test]
async fn nothing_is_left_out_of_what_is_read() {
    let good = member("/c/1", "200 OK", &ics(UID, at_ten()));
    let Ok(Fetched::Text { bytes, mark: None }) = read_from(Act::Answer(members(std::slice::from_ref(&good)))).await
    else {
        panic!()
    };
    assert_eq!(busy(&bytes, december()), [at_ten()]);
    let whole = |status| format!("<response><href>/c/2</href><status>HTTP/1.1 {status}</status></response>");
    let cut = ics("2@example.com", at_ten()).replace("END:VCALENDAR", "");
    for bad in [
        member("/c/2", "404 Not Found", ""),
        member("/c/2", "403 Forbidden", &ics("2@example.com", at_ten())),
        member("/c/2", "200 OK", ""),
        member("/c/2", "200 OK", "<html>"),
        member("/c/2", "200 OK", &cut),
        whole("404 Not Found"),
        whole("507 Insufficient Storage"),
        good.replace("</href>", "</href><status>HTTP/1.1 403 Forbidden</status>"),
        "<response><href>/c/2</href></response>".to_owned(),
        "<response><href>/c/2</href><status>fine</status></response>".to_owned(),
        "<response></response>".to_owned(),
    ] {
        for all in [[good.clone(), bad.clone()], [bad.clone(), good.clone()]] {
            is_later(read_from(Act::Answer(members(&all))).await);
        }
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_none() {
    let whole = members(&[member("/c/1", "200 OK", &ics(UID, at_ten()))]);
    // The process was killed: within the head, the body, and with a body that says no length.
    for at in [10, 60, whole.len() - 200, whole.len() - 1] {
        assert!(is_later(read_from(Act::Answer(whole[..at].to_owned())).await).contains("broke"), "{at}");
    }
    let endless = "HTTP/1.1 207 Multi-Status\r\n\r\n".to_owned() + whole.split_once("\r\n\r\n").unwrap().1;
    assert!(read_from(Act::Answer(endless.clone())).await.is_ok());
    assert!(
        is_later(read_from(Act::Answer(endless[..endless.len() - 20].to_owned())).await).contains("cannot be read")
    );
    for act in [Act::Reset, Act::Cut] {
        is_later(read_from(act).await);
    }
}

#[tokio::test]
async fn a_slow_server_is_not_waited_for_without_end() {
    for act in [Act::Silence, Act::Drip] {
        let started = Instant::now();
        assert!(is_later(read_from(act).await).contains("in time"));
        assert!(started.elapsed().as_secs() < 5);
    }
}

#[tokio::test]
async fn an_enormous_answer_is_refused() {
    let reach = Reach { most: 100_000, ..here() };
    let read = read_by(Web::new(reach).unwrap(), &[Act::Answer(multi(STATE)), Act::Endless]).await;
    assert!(is_refused(read).contains("larger"));
    let member = member("/c/1", "200 OK", &ics(UID, at_ten()));
    let size = members(std::slice::from_ref(&member)).split_once("\r\n\r\n").unwrap().1.len();
    for (most, fits) in [(size, true), (size - 1, false)] {
        let acts = [Act::Answer(multi(STATE)), Act::Answer(members(std::slice::from_ref(&member)))];
        let read = read_by(Web::new(Reach { most, ..here() }).unwrap(), &acts).await;
        assert_eq!(read.is_ok(), fits);
    }
}

#[tokio::test]
async fn hostile_xml_is_an_answer_that_cannot_be_read() {
    let laughs = r#"<!DOCTYPE x [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><multistatus xmlns="DAV:">
        <response><href>&b;</href></response></multistatus>"#;
    let file = r#"<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><multistatus xmlns="DAV:"><response><href>&f;</href>
        </response></multistatus>"#;
    let deep = format!(r#"<multistatus xmlns="DAV:">{}"#, "<a>".repeat(1_000_000));
    let wrong = r#"<multistatus xmlns="NOT-DAV:"></multistatus>"#.to_owned();
    for body in [laughs.to_owned(), file.to_owned(), deep, wrong, "<html><body>Log in".to_owned(), String::new()] {
        assert!(is_later(read_from(Act::Answer(multi(&body))).await).contains("cannot be read"));
    }
}

#[tokio::test]
async fn statuses_say_who_has_to_do_something() {
    let dav_error = |inner: &str| {
        format!(
            r#"<d:error xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:s="http://sabredav.org/ns">{inner}</d:error>"#
        )
    };
    let put = async |status: &str, headers: &str, body: &str| {
        let server = StandIn::answering(status, headers, body).await;
        account(&server.url).put("/c/", NAME, &ics(UID, at_ten()), Expect::Any).await
    };
    for status in ["429 Too Many", "500 No", "502 No", "503 No", "423 Locked", "408 Too Slow"] {
        let tried = put(status, "Retry-After: 120\r\n", "").await;
        assert!(matches!(tried, Err(Trouble::Later(Some(wait), _)) if wait.as_secs() == 120), "{tried:?}");
    }
    for (status, headers, body, said) in [
        ("401 No", "WWW-Authenticate: Digest realm=\"x\"\r\n", String::new(), "Digest"),
        ("401 No", "WWW-Authenticate: Basic realm=\"x\"\r\n", String::new(), "made for programs"),
        ("403 No", "", String::new(), "not ours to write"),
        ("403 No", "", dav_error("<c:no-uid-conflict/>"), "another name"),
        ("409 No", "", dav_error("<c:valid-calendar-data/>"), "valid-calendar-data"),
        ("409 No", "", String::new(), "not there any more"),
        ("507 Full", "", String::new(), "no room"),
        (
            "400 No",
            "",
            dav_error("<s:message>UID exists for ann:dav-s3cret</s:message>"),
            "refuses the event: UID exists for ann:…",
        ),
        ("413 No", "", "<html>".to_owned(), "status 413"),
    ] {
        let words = is_refused(put(status, headers, &body).await);
        assert!(words.contains(said), "{status}: {words}");
    }
    // Too many entries, a proxy's page, and a page in the place of an answer.
    is_later(read_from(Act::Answer(answer("507 No", "", ""))).await);
    let many = answer("403 No", "", &dav_error("<d:number-of-matches-within-limits/>"));
    assert!(is_refused(read_from(Act::Answer(many)).await).contains("more entries"));
    is_later(read_from(Act::Answer(answer("200 OK", "", "<html>Log in"))).await);
    is_refused(read_from(Act::Answer(answer("403 No", "", ""))).await);
    let server = StandIn::answering("200 OK", "", "<html>Welcome").await;
    assert!(is_refused(account(&server.url).list().await).contains("no calendars were found"));
}

/// RFC 4791, section 5.3.4: a server that keeps something else than was sent says no `ETag`.
#[tokio::test]
async fn an_etag_that_is_not_said_is_asked_for() {
    let created = || Act::Answer(answer("201 Created", "", ""));
    let kept = answer("200 OK", "ETag: \"7\"\r\n", &ics(UID, at_ten()));
    for (there, etag) in [(Act::Answer(kept), Some("\"7\"".to_owned())), (Act::Cut, None)] {
        let server = StandIn::new(&[created(), there]).await;
        let written = account(&server.url).put("/c/", NAME, &ics(UID, at_ten()), Expect::New).await;
        assert_eq!(written, Ok(Written::Done(etag)));
        let requests = server.requests();
        assert_eq!(requests[0].header("if-none-match"), Some("*"));
        assert_eq!(requests[0].header("content-type"), Some("text/calendar; charset=utf-8"));
        assert_eq!(requests[0].body, ics(UID, at_ten()));
        assert_eq!(requests[1].line, "GET /c/session-17.ics HTTP/1.1");
    }
}

/// Whoever gets the password has been named by its owner.
#[tokio::test]
async fn the_password_goes_nowhere_else() {
    let thief = StandIn::answering("207 Multi-Status", "", STATE).await;
    let elsewhere = thief.url.replace("127.0.0.1", "localhost");
    let redirect = Act::Answer(answer("301 Moved", &format!("Location: {elsewhere}/c/\r\n"), ""));
    let server = StandIn::new(&[redirect]).await;
    let account = account(&server.url);
    for words in [
        is_refused(account.list().await),
        is_refused(account.read("/c/", december(), None).await),
        is_refused(account.put("/c/", NAME, "", Expect::New).await),
        is_refused(account.read(&format!("{elsewhere}/c/"), december(), None).await),
        is_refused(account.delete("//localhost/c/", NAME).await),
    ] {
        assert!(words.contains("localhost, which would get the password"), "{words}");
    }
    let home = format!(
        r#"<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><response><href>/</href><propstat><prop>
        <C:calendar-home-set><href>{elsewhere}/</href></C:calendar-home-set></prop><status>HTTP/1.1 200 OK</status></propstat>
        </response></multistatus>"#
    );
    let server = StandIn::answering("207 Multi-Status", "", &home).await;
    assert!(is_refused(self::account(&server.url).list().await).contains("password"));
    assert_eq!(thief.connections(), 0);
}

/// The same server by another port, as the well-known address often does.
#[tokio::test]
async fn a_redirect_on_the_same_host_is_followed() {
    let other = StandIn::answering("207 Multi-Status", "", STATE).await;
    let server =
        StandIn::new(&[Act::Answer(answer("301 Moved", &format!("Location: {}/c/\r\n", other.url), ""))]).await;
    let found = account(&server.url).list().await.unwrap();
    assert_eq!(found[0].href, format!("{}/c/", other.url));
    let request = other.only_request();
    assert_eq!(request.line, "PROPFIND /c/ HTTP/1.1");
    assert_eq!(request.header("authorization"), Some("Basic YW5uOmRhdi1zM2NyZXQ="));
    assert_eq!(request.header("depth"), Some("0"));
    let server = StandIn::new(&[Act::Answer(answer("302 Moved", "Location: /again/\r\n", ""))]).await;
    assert!(is_refused(account(&server.url).list().await).contains("from one address to the next"));
    assert_eq!(server.connections(), 6);
}

#[tokio::test]
async fn what_is_no_address_is_refused() {
    for entered in ["", "example.com", "ftp://example.com/", "https://ann:x@example.com/"] {
        assert!(matches!(Account::new(entered, USER, PASSWORD, web()), Err(Trouble::Refused(_))), "{entered}");
    }
    for entered in ["http://example.com/", "https://127.0.0.1/", "https://[::1]/", "https://10.0.0.1/"] {
        let web = Web::new(Reach::default()).unwrap();
        assert!(matches!(Account::new(entered, USER, PASSWORD, web), Err(Trouble::Refused(_))), "{entered}");
    }
    let server = StandIn::answering("204 Fine", "", "").await;
    for name in ["", ".", ".."] {
        is_refused(account(&server.url).delete("/c/", name).await);
    }
    account(&server.url).delete("/c", "../a/b?c#d.ics").await.unwrap();
    assert_eq!(server.only_request().line, "DELETE /c/..%2Fa%2Fb%3Fc%23d.ics HTTP/1.1");
}
