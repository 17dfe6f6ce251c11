//! Every setting there is.
//!
//! The comment on a key is its entry in `docs/settings.md`; run the tests with `UPDATE=1` to write that page anew.

use super::kinds::{
    Aliases, CallingCode, Choice, Clock, Cost, Count, DatabaseAt, Days, Duration, DurationOrNone, Durations, Email,
    Hex, LabelWords, ListOf, Optional, Origin, Parts, Port, Postal, Quiet, SecretText, Secrets, Sender, Socket,
    Telephone, Text, Url, Zone,
};
use super::section::{Key, section};
use super::sources::Sources;
use super::{
    BaseUrl, Colour, DatabaseUrl, Fixed, Price, Secret, Security, SettingsError, SmsProvider, Switch, VonageApi,
};
use firstcall_core::contact::{EmailAddress, Phone};
use firstcall_core::policy::{AfterNo, ClockRange, OpeningHours, PreviousOffers, Ranking};
use firstcall_mail::{DateOrder, Label};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

/// Every setting, by section.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The web server.
    pub server: Server,
    /// Where the data is.
    pub database: Database,
    /// The studio.
    pub studio: Studio,
    /// The booking form.
    pub book: Book,
    /// The manager.
    pub manager: Manager,
    /// How sessions are planned.
    pub sessions: Sessions,
    /// How musicians are called.
    pub calling: Calling,
    /// How mails are taken and read.
    pub intake: Intake,
    /// How texts are sent.
    pub sms: Sms,
    /// How calendars are read.
    pub calendars: Calendars,
    /// Google calendars.
    pub google: Google,
    /// Outgoing e-mail.
    pub smtp: Smtp,
    /// The JSON interface.
    pub api: Api,
    /// What of it the desk cannot change.
    pub fixed: Arc<Fixed>,
    /// Which settings of the desk are in it: another number, other settings.
    pub desk_version: i64,
}

impl Settings {
    /// Every key, in the order of the documentation.
    #[must_use]
    pub fn keys() -> Vec<Key> {
        let mut keys = Vec::new();
        Server::keys_into(&mut keys);
        Database::keys_into(&mut keys);
        Studio::keys_into(&mut keys);
        Book::keys_into(&mut keys);
        Manager::keys_into(&mut keys);
        Sessions::keys_into(&mut keys);
        Calling::keys_into(&mut keys);
        Intake::keys_into(&mut keys);
        Sms::keys_into(&mut keys);
        Calendars::keys_into(&mut keys);
        Google::keys_into(&mut keys);
        Smtp::keys_into(&mut keys);
        Api::keys_into(&mut keys);
        keys
    }

    pub(super) fn read(sources: &mut Sources<'_>, fixed: Arc<Fixed>, desk_version: i64) -> Result<Self, SettingsError> {
        Ok(Self {
            server: Server::read(sources)?,
            database: Database::read(sources)?,
            studio: Studio::read(sources)?,
            book: Book::read(sources)?,
            manager: Manager::read(sources)?,
            sessions: Sessions::read(sources)?,
            calling: Calling::read(sources)?,
            intake: Intake::read(sources)?,
            sms: Sms::read(sources)?,
            calendars: Calendars::read(sources)?,
            google: Google::read(sources)?,
            smtp: Smtp::read(sources)?,
            api: Api::read(sources)?,
            fixed,
            desk_version,
        })
    }
}

section! {
    /// The web server.
    Server at "server" {
        /// The address and port on which it listens.
        listen: SocketAddr as Socket = "127.0.0.1:8080",
        /// Under which it is reached from outside: what links in texts and mails begin with.
        public_url: BaseUrl as Url = "http://127.0.0.1:8080",
        /// Whether each client address may only ask so often. The limits are generous; loopback without a forwarded
        /// address is exempt.
        rate_limits: Switch as Choice<Switch> = "on",
    }
}

section! {
    /// Where the data is.
    Database at "database" {
        /// The database. A file that does not exist is created.
        url: DatabaseUrl as DatabaseAt = "sqlite://firstcall.db",
    }
}

section! {
    /// The studio.
    Studio at "studio" {
        /// What it is called in texts and on pages.
        name: String as Text = "The studio",
        /// Where musicians go: on call sheets and in invitations.
        address: Option<String> as Optional<Postal>,
        /// Its zone: its local time is what every text says (rules 2.1, 2.2).
        time_zone: TimeZone as Zone = "America/New_York",
        /// The number that is called to ask about a session.
        phone: Option<Phone> as Optional<Telephone>,
        /// When it is open, day by day; a day that is not named is closed. Not set: always open (rule 3.1).
        opening_hours: Option<OpeningHours> as Optional<Days>,
        /// Its colour on the pages that clients and musicians see. Black or white is written on it, whichever reads better.
        colour: Option<Colour> as Optional<Hex>,
    }
}

section! {
    /// The booking form for clients, at `/book`.
    Book at "book" {
        /// The sites that may show the form in a frame. None: no site may.
        embed_from: Vec<String> as ListOf<Origin> = "",
    }
}

section! {
    /// The person who runs the desk.
    Manager at "manager" {
        /// What the manager is called.
        name: String as Text = "The manager",
        /// Where texts about what needs a human go (rule 7.1). Not set: none are sent, the desk shows them.
        phone: Option<Phone> as Optional<Telephone>,
        /// Where the same goes by e-mail.
        email: Option<EmailAddress> as Optional<Email>,
    }
}

section! {
    /// How sessions are planned.
    Sessions at "sessions" {
        /// How long a session is when the mail does not say (rule 2.5).
        length: SignedDuration as Duration = "1h",
        /// How far apart the starts are that a range of time gives (rule 2.5).
        step: SignedDuration as Duration = "1h",
        /// What a musician keeps free before and after a session (rule 3.2).
        travel_gap: SignedDuration as DurationOrNone = "0m",
        /// How long before it a session can be booked at the latest (rules 2.7, 4.10).
        notice: SignedDuration as DurationOrNone = "0m",
        /// Sessions inside these hours of the studio's day are tried first (rule 3.5).
        prime_hours: ClockRange as Clock = "10:00-18:00",
    }
}

section! {
    /// How musicians are called.
    Calling at "calling" {
        /// How long an answer is waited for before the next are asked (rule 4.3).
        patience: SignedDuration as Duration = "1h",
        /// Who is asked first: who was booked most recently, who was booked longest ago, or who comes first in the
        /// call list (rule 3.6).
        ranking: Ranking as Choice<Ranking> = "recent_first",
        /// Whether offers can still be answered when the next have gone out (rule 4.5).
        previous_offers: PreviousOffers as Choice<PreviousOffers> = "stay_open",
        /// Whether a NO is followed by the next offer at once, or when patience has passed (rule 4.6).
        after_no: AfterNo as Choice<AfterNo> = "wait",
        /// When no offer leaves, in the recipient's zone (rule 4.7).
        quiet_hours: Option<ClockRange> as Quiet = "21:00-09:00",
    }
}

section! {
    /// How booking mails are taken and read.
    Intake at "intake" {
        /// What callers of `/workflow/email` present. Not set: booking mails are refused.
        token: Option<Secret> as Optional<SecretText>,
        /// Services whose mails are read though a machine sent them, and whose address is never the client's (rules
        /// 1.6, 1.9): addresses, or a whole domain as `@example.com`.
        form_senders: Vec<String> as ListOf<Sender> = "forms-receipts-noreply@google.com",
        /// How 4/5/2027 is read where nothing beside it settles it. Not set: it is asked (rule 2.6).
        date_order: Option<DateOrder> as Optional<Choice<DateOrder>>,
        /// Which hours words such as "morning" stand for. A word that is not here is asked (rule 2.5).
        parts_of_day: BTreeMap<String, ClockRange> as Parts = "{}",
        /// More words for instruments: the roster's name in snake case, and what people write for it. New names add
        /// an instrument, known ones add words to it (rule 1.7).
        instruments: BTreeMap<String, Vec<String>> as Aliases = "{}",
        /// More labels of the fields in your form (rule 1.5).
        labels: BTreeMap<String, Label> as LabelWords = "{}",
    }
}

section! {
    /// How texts are sent.
    Sms at "sms" {
        /// Who sends them: `phones` shows them on pretended phones in the browser.
        provider: SmsProvider as Choice<SmsProvider> = "phones",
        /// A dry run: everything is real, but texts and e-mails to others go to the manager, and nothing is written into
        /// calendars.
        dry_run: Switch as Choice<Switch> = "off",
        /// When a text in doubt is looked up at the provider, counted from the doubt.
        settle_after: Vec<SignedDuration> as Durations = "2m, 10m",
        /// How many texts are handed over in a second at the most. Not set: as many as the network takes.
        per_second: Option<u32> as Optional<Count>,
        /// How many texts leave on one day of the studio's at the most; the others wait for the next day, and you are
        /// told. What is texted to you does not wait.
        per_day: u32 as Count = "20000",
        /// The same for one number.
        per_number: u32 as Count = "100",
        /// The same for one booking.
        per_booking: u32 as Count = "2000",
        /// What one segment of a text costs: the desk shows what the next wave would cost.
        segment_price: Option<Price> as Optional<Cost>,
        /// Which countries are texted, by their calling codes. None: all.
        countries: Vec<String> as ListOf<CallingCode> = "",
    }
    sections {
        /// Texts by Twilio.
        twilio: Twilio,
        /// Texts by Vonage.
        vonage: Vonage,
    }
}

section! {
    /// Texts by Twilio; needed when `sms.provider` is `twilio`.
    Twilio at "sms.twilio" {
        /// The account.
        account_sid: Option<String> as Optional<Text>,
        /// The account's secret, which also signs its callbacks.
        auth_token: Option<Secret> as Optional<SecretText>,
        /// The secret that is about to replace the first: what it signs is believed too.
        auth_token_next: Option<Secret> as Optional<SecretText>,
        /// What signs callbacks where you have chosen signatures by HMAC-SHA256.
        shared_secret: Option<Secret> as Optional<SecretText>,
        /// The number that texts come from; or set `messaging_service_sid`.
        from: Option<Phone> as Optional<Telephone>,
        /// The messaging service that texts come from; or set `from`.
        messaging_service_sid: Option<String> as Optional<Text>,
        /// Where the provider is reached.
        base_url: BaseUrl as Url = "https://api.twilio.com",
    }
}

section! {
    /// Texts by Vonage; needed when `sms.provider` is `vonage`.
    Vonage at "sms.vonage" {
        /// The account.
        api_key: Option<String> as Optional<Text>,
        /// The account's secret.
        api_secret: Option<Secret> as Optional<SecretText>,
        /// The number or name that texts come from.
        from: Option<String> as Optional<Text>,
        /// What signs its callbacks.
        signature_secret: Option<Secret> as Optional<SecretText>,
        /// Which of its interfaces is used: the SMS API, or Messages v1.
        api: VonageApi as Choice<VonageApi> = "sms",
        /// Where the SMS API is reached.
        base_url: BaseUrl as Url = "https://rest.nexmo.com",
        /// Where Messages v1 is reached.
        messages_url: BaseUrl as Url = "https://api.nexmo.com",
    }
}

section! {
    /// How the calendars of musicians and of the studio are read.
    Calendars at "calendars" {
        /// What seals the addresses, passwords and tokens of calendars in the database: any long text. Not set: a key is
        /// made and kept beside a SQLite file, as `FILE.key`; on PostgreSQL it must be set before a calendar is connected.
        key: Option<Secret> as Optional<SecretText>,
        /// How often each is read, give or take a quarter. Before somebody is asked it is read again.
        refresh: SignedDuration as Duration = "30m",
        /// Whether what is tentative in a calendar blocks time.
        tentative_blocks: Switch as Choice<Switch> = "on",
        /// Whether calendars may be at addresses of your own network, and without TLS.
        private_addresses: Switch as Choice<Switch> = "off",
    }
}

section! {
    /// Google calendars; `client_id` and `client_secret` are set together.
    Google at "google" {
        /// The OAuth client.
        client_id: Option<String> as Optional<Text>,
        /// The OAuth client's secret.
        client_secret: Option<Secret> as Optional<SecretText>,
        /// Where musicians give their consent.
        auth_url: BaseUrl as Url = "https://accounts.google.com/o/oauth2/v2/auth",
        /// Where consent is turned into tokens.
        token_url: BaseUrl as Url = "https://oauth2.googleapis.com/token",
        /// Where the calendars are.
        calendar_url: BaseUrl as Url = "https://www.googleapis.com/calendar/v3",
    }
}

section! {
    /// Outgoing e-mail: invitations and notices. Without `host` none is sent, and the desk says so.
    Smtp at "smtp" {
        /// The mail server.
        host: Option<String> as Optional<Text>,
        /// Its port.
        port: u16 as Port = "587",
        /// How the connection is secured.
        security: Security as Choice<Security> = "starttls",
        /// The login, where the server asks for one.
        username: Option<String> as Optional<Text>,
        /// The login's password.
        password: Option<Secret> as Optional<SecretText>,
        /// The address that mails come from. Needed with `host`.
        from: Option<EmailAddress> as Optional<Email>,
    }
}

section! {
    /// The JSON interface.
    Api at "api" {
        /// The keys of those who may use it. None: nobody may.
        keys: Vec<Secret> as Secrets = "",
    }
}
