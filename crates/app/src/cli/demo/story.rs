//! `firstcall demo --headless`: a booking from its mail to its session, as a timeline in the terminal.

use super::{Demo, Exit, post, post_mail, run_until, web};
use crate::engine::Engine;
use anyhow::Context;
use firstcall_core::booking::State;
use firstcall_core::ids::BookingId;
use firstcall_core::wording;
use firstcall_store::messages::{self, Message, Which};
use firstcall_store::{Tx, bookings, roster};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::sleep;

/// Who says what, after how many minutes. Whoever is not here stays silent.
const ANSWERS: &[(&str, &str, i64)] =
    &[("Cleo Marsh", "y", 4), ("Esme Tran", "n", 11), ("Felix Amundsen", "y", 9), ("Ben Castellano", "y", 17)];

/// After this many waves the story would not end well.
const MOST_TURNS: usize = 40;

pub(super) async fn tell(out: &mut dyn Write) -> anyhow::Result<Exit> {
    let demo = Demo::set_up(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), 0).await?;
    let (engine, address) = (demo.engine.clone(), demo.address);
    let (close, closing) = watch::channel(false);
    let running = engine.clone();
    let server = tokio::spawn(async move { run_until(running, demo.listener, closing, web::Mode::Demo).await });
    let mut story = Story { engine, address, printed: 0, names: HashMap::new(), out };
    story.names().await?;
    story
        .say("A booking mail arrives: drums, upright bass, live piano; Tuesday 8 December, 10 AM, 2 PM or 7 PM EST.")?;
    post_mail(address, &demo.token).await?;
    let booked = story.play().await?;
    close.send(true)?;
    server.await??;
    Ok(if booked { Exit::Done } else { Exit::Failed })
}

struct Story<'a> {
    engine: Engine,
    address: SocketAddr,
    printed: i64,
    names: HashMap<String, String>,
    out: &'a mut dyn Write,
}

impl Story<'_> {
    async fn names(&mut self) -> anyhow::Result<()> {
        let everybody = self.engine.store().read(async |tx: &mut Tx| roster::list(tx, 0, 100).await).await?;
        for entry in everybody {
            self.names.insert(entry.musician.phone.as_str().to_owned(), entry.musician.name);
        }
        self.names.insert("+12125550199".to_owned(), "Rosa (manager)".to_owned());
        Ok(())
    }

    /// Answers what there is to answer, else lets the next deadline come, until the session is booked.
    async fn play(&mut self) -> anyhow::Result<bool> {
        let mut answers: Vec<(Timestamp, String, String)> = Vec::new();
        for _ in 0..MOST_TURNS {
            for message in self.print_new().await? {
                answers.extend(self.answer_to(&message));
            }
            let (booked, deadline) = self.booking().await?;
            if booked {
                return Ok(true);
            }
            answers.sort();
            let Some(deadline) = deadline else { return Ok(false) };
            if answers.first().is_some_and(|(at, ..)| *at < deadline) {
                let (at, path, words) = answers.remove(0);
                self.engine.clock().set(at);
                self.say(&words)?;
                post(self.address, &path, "application/x-www-form-urlencoded", b"").await?;
            } else {
                self.engine.clock().set(deadline);
                self.say("The deadline has come.")?;
                self.engine.ring();
            }
        }
        Ok(false)
    }

    /// The first booking: whether it is booked, and when it will be woken.
    async fn booking(&self) -> anyhow::Result<(bool, Option<Timestamp>)> {
        let find = async |tx: &mut Tx| bookings::show(tx, BookingId(1)).await;
        let shown = self.engine.store().read(find).await?.context("the sample mail made no booking")?;
        Ok((matches!(shown.booking.state, State::Booked { .. }), shown.due_at))
    }

    /// The answer of whoever got an offer: when, the link they tap, and how the timeline tells it.
    fn answer_to(&self, message: &Message) -> Option<(Timestamp, String, String)> {
        let name = self.names.get(&message.to)?;
        let (_, link, minutes) = ANSWERS.iter().find(|(who, ..)| who == name).filter(|_| message.kind == "offer")?;
        let at = message.sent_at?.saturating_add(SignedDuration::from_mins(*minutes)).ok()?;
        let said = if *link == "y" { "YES" } else { "NO" };
        Some((at, format!("/{link}/{}", message.token.as_deref()?), format!("{name} taps {said}.")))
    }

    /// Prints the messages that were handed over since the last time, once nothing is under way any more.
    async fn print_new(&mut self) -> anyhow::Result<Vec<Message>> {
        self.settled().await?;
        let after = self.printed;
        let read = async move |tx: &mut Tx| messages::list(tx, &Which::All, after, 200).await;
        let new = self.engine.store().read(read).await?;
        for message in &new {
            self.printed = message.id;
            let to = self.names.get(&message.to).unwrap_or(&message.to);
            let line = match &message.error {
                None => format!("  {} to {to}: {}", message.kind, message.body),
                Some(why) => format!("  {} to {to} ({why}): {}", message.kind, message.body),
            };
            self.say(&line)?;
        }
        Ok(new)
    }

    /// Waits until everything that is due now is done: the clock stands still, so this ends.
    async fn settled(&self) -> anyhow::Result<()> {
        for _ in 0..1000 {
            let now = self.engine.clock().now();
            let messages = self.engine.next_message_due().await?.is_some_and(|at| at <= now);
            let sending = async |tx: &mut Tx| messages::list(tx, &Which::In("sending".to_owned()), 0, 1).await;
            let sending = !self.engine.store().read(sending).await?.is_empty();
            if !messages && !sending && self.engine.due(1).await?.is_empty() {
                return Ok(());
            }
            sleep(Duration::from_millis(5)).await;
        }
        anyhow::bail!("what was due has not been done after 5 s")
    }

    fn say(&mut self, words: &str) -> anyhow::Result<()> {
        let zone = &self.engine.settings().studio.time_zone;
        let now = self.engine.clock().now();
        let clock = now.to_zoned(zone.clone()).strftime("%H:%M").to_string();
        writeln!(self.out, "{} {clock}  {words}", wording::day(now, zone))?;
        Ok(())
    }
}
