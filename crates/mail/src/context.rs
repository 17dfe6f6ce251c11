//! What a reading needs to know that is not in the mail: the moment, the studio and the manager's settings.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};

/// What a reading needs to know that is not in the mail.
#[derive(Clone, Debug)]
pub struct Context {
    /// The moment of reading.
    pub now: Timestamp,
    /// Where the studio is.
    pub studio_zone: TimeZone,
    /// How long a session is when the mail does not say (`sessions.length`).
    pub length: SignedDuration,
    /// The grid of starts inside a range (`sessions.step`).
    pub step: SignedDuration,
    /// How soon a session may start (`sessions.notice`).
    pub notice: SignedDuration,
    /// How 4/5/2027 is read (`intake.date_order`); without it such a date is asked about.
    pub date_order: Option<DateOrder>,
    /// Hours for words such as "morning" (`intake.parts_of_day`).
    pub parts_of_day: BTreeMap<String, (civil::Time, civil::Time)>,
    /// Addresses of form services (`intake.form_senders`).
    pub form_senders: Vec<String>,
    /// The manager's own address.
    pub manager_email: Option<String>,
    /// Labels beyond the built-in ones (`intake.labels`).
    pub labels: BTreeMap<String, Label>,
    /// The instruments of the roster with their other names.
    pub instruments: Vec<InstrumentName>,
}

/// Which number comes first in 4/5/2027.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder {
    /// Month, day, year.
    Mdy,
    /// Day, month, year.
    Dmy,
}

/// What a labelled answer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Label {
    /// The client's whole name.
    Name,
    /// The client's first name.
    FirstName,
    /// The client's last name.
    LastName,
    /// The client's address.
    Email,
    /// The client's telephone.
    Phone,
    /// The client's city.
    City,
    /// The instruments.
    Instruments,
    /// How many of the instrument before it.
    Count,
    /// The client's zone.
    Zone,
    /// A day, or days.
    Date,
    /// Times of the day before them, or whole dates with times.
    Times,
    /// The end of a session that has its start in a label of its own.
    End,
    /// How long the session is.
    Length,
    /// Anything else the client says.
    Notes,
    /// Links to demos, charts, videos.
    Links,
    /// Something that is not read.
    Ignored,
}

/// One instrument of the roster and the names people give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstrumentName {
    /// Snake case, as on the roster: `upright_bass`.
    pub name: String,
    /// Other names; the name itself with spaces counts without being listed.
    pub aliases: Vec<String>,
}

impl Context {
    /// The settings a new installation has, at the given moment and place.
    #[must_use]
    pub fn new(now: Timestamp, studio_zone: TimeZone) -> Context {
        Context {
            now,
            studio_zone,
            length: SignedDuration::from_hours(1),
            step: SignedDuration::from_hours(1),
            notice: SignedDuration::ZERO,
            date_order: None,
            parts_of_day: BTreeMap::new(),
            form_senders: Vec::new(),
            manager_email: None,
            labels: BTreeMap::new(),
            instruments: built_in_instruments(),
        }
    }
}

/// The instruments a new installation knows, with the names people give them.
#[must_use]
pub fn built_in_instruments() -> Vec<InstrumentName> {
    BUILT_IN
        .iter()
        .map(|(name, aliases)| InstrumentName {
            name: (*name).to_owned(),
            aliases: aliases.split(", ").map(str::to_owned).collect(),
        })
        .collect()
}

const BUILT_IN: &[(&str, &str)] = &[
    (
        "acoustic_guitar",
        "acoustic gtr, ac guitar, ac gtr, a guitar, acc guitar, acoustic guitarist, acoustic guitar player, \
         steel string guitar, steel-string guitar",
    ),
    ("drums", "drum, drummer, drum kit, drumkit, drum set, drumset, drummers, drum player, drums player, kit drums"),
    (
        "electric_bass",
        "bass guitar, e bass, elec bass, el bass, electric bass guitar, bass gtr, electric bassist, electric bass player, \
         bass guitarist, bass guitar player, fender bass",
    ),
    (
        "electric_guitar",
        "elec guitar, elec gtr, electric gtr, e guitar, e gtr, el guitar, el gtr, electric guitarist, \
         electric guitar player, lead electric guitar",
    ),
    (
        "keyboard",
        "keys, keyboards, keyboardist, keyboard player, keys player, synth, synthesizer, synthesiser, keys/piano, \
         piano/keys, keyboard/piano, piano/keyboard, keyboards/piano, piano/keyboards",
    ),
    ("live_piano", "acoustic piano, grand piano, upright piano, real piano, live pianist"),
    ("tenor_sax", "tenor saxophone, tenor saxophonist, tenor sax player, tenor saxophone player, tenor saxist"),
    ("trumpet", "trumpeter, trumpet player, tpt"),
    (
        "upright_bass",
        "double bass, doublebass, contrabass, string bass, standup bass, stand-up bass, stand up bass, \
         upright bassist, upright bass player, double bassist, double bass player",
    ),
    ("violin", "violinist, fiddle, fiddler, violin player, fiddle player, vln"),
];
