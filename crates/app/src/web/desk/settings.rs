//! The settings: all that the settings file has, but for what decides where the data is and who is let in. What the file or
//! the environment fixes is shown as fixed.

use super::access::{Visitor, see_other};
use super::{Frame, failed, fields, nothing, page, value};
use crate::engine::settings::{Changes, NotSet};
use crate::settings::{Colour, Desk, Key, Settings, SettingsError, Shape, Shown, SmsProvider, Source};
use crate::web::Web;
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use firstcall_core::wording::capital;
use jiff::civil::Time;
use toml::Value;

/// A page of settings.
struct Group {
    name: &'static str,
    title: &'static str,
    sections: &'static [&'static str],
}

const fn group(name: &'static str, title: &'static str, sections: &'static [&'static str]) -> Group {
    Group { name, title, sections }
}

const GROUPS: &[Group] = &[
    group("studio", "Studio", &["studio"]),
    group("manager", "You", &["manager"]),
    group("calling", "Sessions and calling", &["sessions", "calling"]),
    group("mails", "Booking mails", &["intake"]),
    group("texts", "Texts", &["sms", "sms.twilio", "sms.vonage"]),
    group("calendars", "Calendars", &["calendars", "google"]),
    group("email", "E-mail", &["smtp"]),
    group("server", "Server", &["server"]),
];

const HOURS: &str = "studio.opening_hours";
const COLOUR: &str = "studio.colour";
/// The colour of pages while none is set.
const USUAL_COLOUR: &str = "#12614a";
/// Sections that only some studios need: their name, and the provider they are for.
const FOLDED: [(&str, &str, SmsProvider); 2] = [
    ("sms.twilio", "Twilio: account and number", SmsProvider::Twilio),
    ("sms.vonage", "Vonage: account and number", SmsProvider::Vonage),
];
/// What hardly anybody changes.
const RARE: [&str; 14] = [
    "sms.settle_after",
    "sms.per_second",
    "sms.per_number",
    "sms.per_booking",
    "sms.twilio.auth_token_next",
    "sms.twilio.shared_secret",
    "sms.twilio.base_url",
    "sms.vonage.api",
    "sms.vonage.base_url",
    "sms.vonage.messages_url",
    "google.auth_url",
    "google.token_url",
    "google.calendar_url",
    "calendars.private_addresses",
];
const DAYS: [(&str, &str); 7] = [
    ("mon", "Monday"),
    ("tue", "Tuesday"),
    ("wed", "Wednesday"),
    ("thu", "Thursday"),
    ("fri", "Friday"),
    ("sat", "Saturday"),
    ("sun", "Sunday"),
];

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    frame: Frame,
    groups: Vec<(&'static str, &'static str, bool)>,
    title: &'static str,
    at: String,
    /// Where to go on.
    next: String,
    saved: bool,
    /// What is wrong, if it is not one field.
    wrong: Option<String>,
    /// The first field with which something is wrong: its key and its label.
    marked: Option<(&'static str, String)>,
    sections: Vec<Section>,
    zones: Vec<String>,
}

struct Section {
    about: String,
    /// What stands on it while it is folded; none: it never is.
    folded: Option<&'static str>,
    open: bool,
    fields: Vec<Field>,
    rare: Vec<Field>,
}

impl Section {
    /// The section of a key, of which there are no fields yet.
    fn of(key: &Key, settings: &Settings) -> Self {
        let folded = FOLDED.iter().find(|(section, ..)| *section == key.section());
        Self {
            about: help(key.about),
            folded: folded.map(|(_, name, _)| *name),
            open: folded.is_some_and(|(.., provider)| *provider == settings.sms.provider),
            fields: Vec::new(),
            rare: Vec::new(),
        }
    }

    fn takes(&mut self, field: Field) {
        self.open |= field.wrong.is_some();
        let fields = if RARE.contains(&field.key) { &mut self.rare } else { &mut self.fields };
        fields.push(field);
    }

    fn rare_open(&self) -> bool {
        self.rare.iter().any(|field| field.wrong.is_some())
    }

    fn all(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().chain(&self.rare)
    }
}

/// One setting in the form.
struct Field {
    key: &'static str,
    label: String,
    help: String,
    control: Control,
    /// Where it is fixed.
    fixed: Option<String>,
    wrong: Option<String>,
}

enum Control {
    Text(String),
    Zone(String),
    Lines(String),
    Colour(String),
    Words(Vec<(&'static str, bool)>),
    /// Whether one is set.
    Secret(bool),
    /// Whether it is always open, and the hours of each day.
    Hours(bool, Vec<(&'static str, &'static str, String)>),
}

/// What somebody typed, and what is wrong with it.
struct Typed {
    form: Vec<(String, String)>,
    error: NotSet,
}

/// The first page of the settings.
pub async fn index(Extension(visitor): Extension<Visitor>) -> Response {
    see_other(&format!("{}settings/{}", visitor.root, GROUPS[0].name), None)
}

/// A page of settings.
pub async fn show(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(name): Path<String>,
    uri: axum::http::Uri,
) -> Response {
    let Some(group) = GROUPS.iter().find(|group| group.name == name) else { return nothing(&web, visitor) };
    let query = fields(uri.query().unwrap_or_default().as_bytes());
    let next = value(&query, "next").unwrap_or_default().to_owned();
    let saved = value(&query, "saved").is_some();
    settings_page(&web, visitor, group, Around { next, saved, typed: None }).await
}

/// Saves a page of settings: all of it, or nothing.
pub async fn save(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    let Some(group) = GROUPS.iter().find(|group| group.name == name) else { return nothing(&web, visitor) };
    let form = fields(&body);
    let kept = match web.engine.kept_settings().await {
        Ok(kept) => kept,
        Err(error) => return unusable(&web, visitor, &error),
    };
    let mut changes = changes(group, &form, &kept.shown, &kept.settings);
    begin_dry_run(&mut changes, &kept.settings);
    let next = value(&form, "next").unwrap_or_default().to_owned();
    match web.engine.change_settings(changes).await {
        Ok(()) if next == "set-up" => see_other(&format!("{}set-up", visitor.root), None),
        Ok(()) => see_other(&format!("{}settings/{}?saved=yes", visitor.root, group.name), None),
        Err(NotSet::Store(error)) => failed(&error),
        Err(error) => {
            let typed = Some(Typed { form, error });
            settings_page(&web, visitor, group, Around { next, saved: false, typed }).await
        }
    }
}

/// What of the form differs from what is kept. An empty field has its default again; an empty secret stays as it is.
fn changes(group: &Group, form: &[(String, String)], shown: &[Shown], settings: &Settings) -> Changes {
    let mut changes = Changes::new();
    for key in keys_of(group).filter(|key| settings.fixed.source(key.path).is_none()) {
        let before = shown.iter().find(|shown| shown.key == key.path).and_then(|shown| shown.value.as_ref());
        let Some(typed) = typed(&key, form, before.is_none()) else { continue };
        if key.secret {
            if value(form, &format!("{}-remove", key.path)).is_some() {
                changes.insert(key.path, None);
            } else if !typed.is_empty() {
                changes.insert(key.path, Some(typed));
            }
        } else if typed != before.map(|value| written(value, key.shape)).unwrap_or_default() {
            changes.insert(key.path, Some(typed).filter(|typed| !typed.is_empty()));
        }
    }
    changes
}

/// Whoever connects a provider rehearses first.
fn begin_dry_run(changes: &mut Changes, before: &Settings) {
    let connects = before.sms.provider == SmsProvider::Phones && changes.contains_key("sms.provider");
    if connects && before.fixed.source("sms.dry_run").is_none() {
        changes.insert("sms.dry_run", Some("on".to_owned()));
    }
}

/// What was typed for a key, as it is written in the environment; none: the form has no such field. Whoever types hours
/// where there were none, as `new` says, means them, also when "always" is still chosen.
fn typed(key: &Key, form: &[(String, String)], new: bool) -> Option<String> {
    if key.path == COLOUR {
        return value(form, key.path).map(|text| if text == USUAL_COLOUR { String::new() } else { text.to_owned() });
    }
    if key.path != HOURS {
        return Some(value(form, key.path)?.replace("\r\n", "\n").trim().to_owned());
    }
    let always = value(form, key.path)? == "always";
    let mut hours = toml::Table::new();
    for (day, _) in DAYS {
        let ranges = value(form, &format!("{HOURS}.{day}")).unwrap_or_default();
        let ranges = ranges.split([',', ';']).map(|range| range.replace(['–', '—'], "-").replace(' ', ""));
        let ranges: Vec<Value> =
            ranges.filter(|range| !range.is_empty()).map(|range| Value::String(of_24_hours(&range))).collect();
        if !ranges.is_empty() {
            hours.insert(day.to_owned(), Value::Array(ranges));
        }
    }
    let meant = !always || new && !hours.is_empty();
    Some(if meant { Value::Table(hours).to_string() } else { String::new() })
}

/// "9am-10:30pm" and "10-22" as "09:00-22:30" and "10:00-22:00"; anything else as it is. "10-6" may be meant otherwise.
fn of_24_hours(range: &str) -> String {
    if let Some((from, to)) = range.split_once('-')
        && let (Ok(from), Ok(to)) = (from.parse::<u8>(), to.parse::<u8>())
        && from < to
        && (13..=24).contains(&to)
    {
        return format!("{from:02}:00-{to:02}:00");
    }
    let clock = |text: &str| {
        let time =
            ["%I:%M%p", "%I%p"].into_iter().find_map(|form| Time::strptime(form, text.to_ascii_uppercase()).ok());
        time.map_or_else(|| text.to_owned(), |time| time.strftime("%H:%M").to_string())
    };
    range.split('-').map(clock).collect::<Vec<_>>().join("-")
}

/// A value in the form it has in the environment.
fn written(value: &Value, shape: Shape) -> String {
    match (value, shape) {
        (Value::String(text), _) => text.clone(),
        (Value::Array(items), Shape::List) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n"),
        (value, _) => value.to_string(),
    }
}

fn keys_of(group: &Group) -> impl Iterator<Item = Key> {
    let sections = group.sections;
    Settings::keys().into_iter().filter(move |key| sections.contains(&key.section()) && Desk::takes(key.path))
}

/// How somebody came to a page of settings.
struct Around {
    /// Where they go once it is saved.
    next: String,
    /// Whether it was saved just now.
    saved: bool,
    /// What was typed and refused.
    typed: Option<Typed>,
}

async fn settings_page(web: &Web, visitor: Visitor, group: &Group, around: Around) -> Response {
    let Around { next, saved, typed } = around;
    let kept = match web.engine.kept_settings().await {
        Ok(kept) => kept,
        Err(error) => return unusable(web, visitor, &error),
    };
    let mut sections: Vec<Section> = Vec::new();
    let mut section = "";
    for key in keys_of(group) {
        if section != key.section() {
            section = key.section();
            sections.push(Section::of(&key, &kept.settings));
        }
        let shown = kept.shown.iter().find(|shown| shown.key == key.path);
        if let (Some(section), Some(shown)) = (sections.last_mut(), shown) {
            section.takes(field(key, shown, typed.as_ref()));
        }
    }
    let marked = sections.iter().flat_map(Section::all).find(|field| field.wrong.is_some());
    let marked = marked.map(|field| (field.key, field.label.clone()));
    let wrong = typed.as_ref().filter(|_| marked.is_none()).map(|typed| typed.error.to_string());
    let status = if typed.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let has_zone = sections.iter().flat_map(Section::all).any(|f| matches!(f.control, Control::Zone(_)));
    let zones = if has_zone { jiff::tz::db().available().map(|zone| zone.to_string()).collect() } else { Vec::new() };
    let at = format!("{}settings/{}", visitor.root, group.name);
    let frame = Frame::new(web, visitor, group.title);
    let groups = GROUPS.iter().map(|each| (each.name, each.title, each.name == group.name)).collect();
    page(status, &SettingsPage { frame, groups, title: group.title, at, next, saved, wrong, marked, sections, zones })
}

fn field(key: Key, shown: &Shown, before: Option<&Typed>) -> Field {
    let kept = shown.value.as_ref().map(|value| written(value, key.shape)).unwrap_or_default();
    let text = before.and_then(|before| typed(&key, &before.form, shown.value.is_none())).unwrap_or(kept);
    let control = match key.shape {
        _ if key.secret => Control::Secret(shown.value.is_some()),
        _ if key.path == HOURS => hours(&text),
        _ if key.path == COLOUR => Control::Colour(colour(&text)),
        _ if key.path == "studio.time_zone" => Control::Zone(text),
        _ if !key.words.is_empty() => Control::Words(key.words.iter().map(|word| (*word, *word == text)).collect()),
        Shape::List | Shape::Table => Control::Lines(text),
        _ if key.path == "studio.address" => Control::Lines(text),
        Shape::Text | Shape::Number => Control::Text(text),
    };
    let name = key.path.rsplit('.').next().unwrap_or_default().replace('_', " ");
    Field {
        key: key.path,
        label: capital(&name),
        help: help(key.meaning),
        control,
        fixed: fixed(&shown.source),
        wrong: before.and_then(|before| before.wrong(&key)),
    }
}

impl Typed {
    fn wrong(&self, key: &Key) -> Option<String> {
        let NotSet::Wrong(errors) = &self.error else { return None };
        let error = errors.iter().find(|error| error.key() == Some(key.path))?;
        Some(match error {
            SettingsError::Wrong { .. } if key.path == HOURS => {
                "Write hours such as 10:00-22:00 or 9am-9pm, several with a comma between them.".to_owned()
            }
            SettingsError::Wrong { found, allowed, .. } => format!("Not {found}, but {allowed}."),
            SettingsError::Missing { because, .. } => format!("It is needed, because {because}."),
            SettingsError::Unknown { .. }
            | SettingsError::Twice { .. }
            | SettingsError::NoFile { .. }
            | SettingsError::NotToml { .. } => error.to_string(),
        })
    }
}

/// As a browser's field of this kind has it.
fn colour(text: &str) -> String {
    Colour::new(text).map_or_else(|| USUAL_COLOUR.to_owned(), |colour| colour.to_string())
}

fn hours(text: &str) -> Control {
    let table: toml::Table = format!("hours = {text}").parse().unwrap_or_default();
    let of_day = |day: &str| {
        let ranges = table.get("hours").and_then(|hours| hours.get(day)).and_then(Value::as_array);
        ranges.map(|ranges| ranges.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "))
    };
    let days = DAYS.iter().map(|(day, name)| (*day, *name, of_day(day).unwrap_or_default()));
    Control::Hours(text.is_empty(), days.collect())
}

fn fixed(source: &Source) -> Option<String> {
    match source {
        Source::Default | Source::Desk => None,
        Source::File { .. } | Source::Environment(_) | Source::SecretFile { .. } => Some(source.to_string()),
    }
}

/// The meaning without the numbers of rules, which are for those who read the rules.
fn help(meaning: &str) -> String {
    let mut text = meaning.trim().replace('`', "");
    while let Some(begin) = text.find(" (rule") {
        let Some(length) = text[begin..].find(')') else { break };
        text.replace_range(begin..=begin + length, "");
    }
    text
}

/// What is kept cannot be read, for example with another seal.
pub(super) fn unusable(web: &Web, visitor: Visitor, error: &anyhow::Error) -> Response {
    let why = format!("{error:#}");
    super::notice(web, visitor, StatusCode::CONFLICT, "The settings cannot be read.", &why, visitor.root)
}
