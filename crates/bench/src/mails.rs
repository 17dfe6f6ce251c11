//! Mails that become bookings.

use crate::answers::sqlite;
use crate::child::{Child, TOKEN};
use crate::report::{Aim, Report, median};
use crate::{Bench, load, stock};
use firstcall_store::Store;
use jiff::civil::Date;
use jiff::{ToSpan as _, Zoned};

const CONNECTIONS: usize = 16;
const COUNT: usize = 3_000;

/// A mail that asks for two players at one of three times, some time within the next ten months.
fn mail(number: usize) -> Vec<u8> {
    let (day, hour) = (later(2 + number / 10 % 300), 9 + number % 10);
    let text = format!(
        "From: Client {number} <client{number}@example.com>\r\nMessage-ID: <{number}@bench.example.com>\r\n\
         Subject: Session request\r\n\r\n\
         Name: Client {number}\r\nInstruments: drums, keyboard\r\nDate: {day}\r\n\
         Time: {hour:02}:00 to {:02}:00\r\nTime zone: America/New_York\r\n\
         Notes: Three songs; charts are in the folder.\r\nDemo: https://example.com/demos/{number}\r\n",
        hour + 3
    );
    load::post(&format!("/workflow/email/{TOKEN}"), "message/rfc822", text.as_bytes())
}

fn later(days: usize) -> Date {
    Zoned::now().date().saturating_add(i64::try_from(days).unwrap_or_default().days())
}

/// A mail with an attachment of `size` bytes, so that it is kept whole and read.
pub fn large(number: usize, size: usize) -> Vec<u8> {
    let mut text = format!(
        "From: big{number}@example.com\r\nMessage-ID: <big{number}@bench.example.com>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\n\
         Name: Client\r\nInstruments: drums\r\nDate: {}\r\nTime: 10:00\r\nTime zone: UTC\r\n\r\n\
         --x\r\nContent-Type: audio/mpeg\r\nContent-Transfer-Encoding: base64\r\n\r\n",
        later(2 + number)
    )
    .into_bytes();
    let line = b"VGhpcyBpcyBhIHNvbmcsIG9yIHdhcyBvbmNlOyBub3cgaXQgaXMgYnl0ZXMgYW5kIG5vdGhpbmcu\r\n";
    while text.len() < size {
        text.extend_from_slice(line);
    }
    text.extend_from_slice(b"--x--\r\n");
    load::post(&format!("/workflow/email/{TOKEN}"), "message/rfc822", &text)
}

/// Mails a second.
pub fn measure(bench: &Bench, report: &mut Report) -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let url = sqlite(directory.path());
    bench.runtime.block_on(async {
        let store = Store::open(&url).await?;
        stock::roster(&store, 1_000).await?;
        store.close().await;
        Ok::<_, anyhow::Error>(())
    })?;
    let product = Child::product(&bench.program, &url)?;
    let mut rounds = Vec::new();
    for round in 0..=bench.rounds {
        let mails: Vec<_> = (round * COUNT..(round + 1) * COUNT).map(mail).collect();
        let load = load::run(product.address, CONNECTIONS, &mails, "HTTP/1.1 201")?;
        if round > 0 {
            rounds.push(load);
        }
    }
    let per_second = median(rounds.iter().map(|load| load.per_second));
    report.add("mails that become bookings, 16 connections", per_second, "/s", None, Aim::AtLeast(1_500.0));
    report.add("mails: p99", median(rounds.iter().map(|load| load.percentile(0.99))), "ms", None, Aim::None);
    Ok(())
}
