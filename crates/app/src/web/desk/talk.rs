//! One conversation: all texts both ways, in order, and what became of each.

use crate::settings::SmsProvider;
use crate::web::{Web, when};
use firstcall_core::segments;
use firstcall_store::inbound::Inbound;
use firstcall_store::messages::Message;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A text of a conversation.
pub struct Line {
    pub ours: bool,
    pub body: String,
    pub at: String,
    /// What it is for, and what became of it.
    pub what: String,
    pub state: String,
    pub tone: &'static str,
    pub error: String,
    pub booking: Option<i64>,
}

/// The newest texts of both kinds, oldest first, and before which texts the older ones are.
pub fn lines(
    web: &Web,
    ours: &[Message],
    theirs: &[Inbound],
    most: i64,
    before: (i64, i64),
) -> (Vec<Line>, Option<(i64, i64)>) {
    let (now, zone) = (web.engine.clock().now(), &web.engine.settings().studio.time_zone);
    let ours = ours.iter().map(|message| (message.created_at, message.id, our_line(web, message)));
    let theirs = theirs.iter().map(|text| (text.received_at, text.id, their_line(text, now, zone)));
    let mut all: Vec<(Timestamp, i64, Line)> = ours.chain(theirs).collect();
    // What answers a text was written at the same moment as it came, or later.
    all.sort_by_key(|(at, id, line)| (std::cmp::Reverse((*at, line.ours)), std::cmp::Reverse(*id)));
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let more = all.len() >= most;
    all.truncate(most);
    let first = |ours: bool, before: i64| {
        all.iter().filter(|(.., line)| line.ours == ours).map(|(_, id, _)| *id).min().unwrap_or(before)
    };
    let older = more.then(|| (first(true, before.0), first(false, before.1)));
    all.reverse();
    (all.into_iter().map(|(.., line)| line).collect(), older)
}

fn our_line(web: &Web, message: &Message) -> Line {
    let (now, zone) = (web.engine.clock().now(), &web.engine.settings().studio.time_zone);
    let (state, tone) = state(web, message);
    let segments = segments::size(&message.body).segments;
    let what = match message.kind.as_str() {
        _ if message.to.contains('@') => "e-mail".to_owned(),
        kind if segments > 1 => format!("{kind}, {segments} segments"),
        kind => kind.to_owned(),
    };
    Line {
        ours: true,
        body: message.body.clone(),
        at: when::moment(message.sent_at.unwrap_or(message.created_at), now, zone),
        error: message.error.clone().unwrap_or_default(),
        booking: message.booking.map(|id| id.0),
        what,
        state,
        tone,
    }
}

fn their_line(text: &Inbound, now: Timestamp, zone: &TimeZone) -> Line {
    let (state, tone) = if text.waits() { ("wants a reply".to_owned(), "bad") } else { (String::new(), "") };
    Line {
        ours: false,
        body: text.body.clone(),
        at: when::moment(text.received_at, now, zone),
        what: String::new(),
        error: String::new(),
        booking: None,
        state,
        tone,
    }
}

/// What became of a text of ours, and how it is shown.
pub fn state(web: &Web, message: &Message) -> (String, &'static str) {
    let (now, settings) = (web.engine.clock().now(), web.engine.settings());
    let pretended = settings.sms.provider == SmsProvider::Phones && !message.to.contains('@');
    let answered = match message.answer.as_deref() {
        Some("yes") => Some(("they said yes", "yes")),
        Some("no") => Some(("they said no", "")),
        Some("late") => Some(("they said yes, too late", "wait")),
        Some("conflict") => Some(("they said yes, and are busy then", "wait")),
        _ => None,
    };
    let (words, tone) = match (message.state.as_str(), answered) {
        (_, Some((words, tone))) => (words.to_owned(), tone),
        ("queued", _) => {
            let at = message.due_at.filter(|at| *at > now).map(|at| when::moment(at, now, &settings.studio.time_zone));
            (at.map_or_else(|| "leaves now".to_owned(), |at| format!("leaves {at}")), "wait")
        }
        ("sending", _) => ("leaving".to_owned(), "wait"),
        ("failed", _) => ("not delivered".to_owned(), "bad"),
        ("in_doubt", _) => ("in doubt".to_owned(), "bad"),
        ("void", _) => ("not sent".to_owned(), ""),
        ("sent" | "delivered", _) if pretended => ("on their pretended phone".to_owned(), ""),
        (state, _) => (state.to_owned(), ""),
    };
    (words, tone)
}
