use super::*;
use firstcall_core::policy::{AfterNo, PreviousOffers, Ranking};
use firstcall_mail::{DateOrder, Label};
use jiff::SignedDuration;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

fn environment(variables: &[(&str, &str)]) -> Environment {
    variables.iter().copied().collect()
}

fn from_environment(variables: &[(&str, &str)]) -> Result<Settings, String> {
    let loaded = load(&Place::Nowhere, &environment(variables));
    loaded.map(|loaded| loaded.settings).map_err(|error| error.to_string())
}

fn file(text: &str) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.toml");
    fs::write(&path, text).unwrap();
    (directory, path)
}

/// Loads a file; errors name it as FILE.
fn from_file(text: &str) -> Result<Settings, String> {
    let (_directory, path) = file(text);
    let loaded = load(&Place::Named(path.clone()), &Environment::default());
    let shorten = |error: SettingsError| error.to_string().replace(&path.display().to_string(), "FILE");
    loaded.map(|loaded| loaded.settings).map_err(shorten)
}

#[test]
fn the_defaults_are_those_of_the_documentation() {
    let settings = from_environment(&[]).unwrap();
    assert_eq!(settings.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.server.public_url.as_str(), "http://127.0.0.1:8080");
    assert!(settings.server.rate_limits.is_on());
    assert_eq!(settings.database.url.expose(), "sqlite://firstcall.db");
    assert_eq!(settings.studio.time_zone.iana_name(), Some("America/New_York"));
    assert_eq!(settings.studio.opening_hours, None);
    let hour = SignedDuration::from_hours(1);
    let sessions = &settings.sessions;
    assert_eq!((sessions.length, sessions.step), (hour, hour));
    assert_eq!((sessions.travel_gap, sessions.notice), (SignedDuration::ZERO, SignedDuration::ZERO));
    let calling = &settings.calling;
    assert_eq!((calling.patience, calling.ranking), (hour, Ranking::RecentFirst));
    assert_eq!((calling.previous_offers, calling.after_no), (PreviousOffers::StayOpen, AfterNo::Wait));
    assert!(calling.quiet_hours.is_some());
    assert_eq!((settings.intake.date_order, &settings.intake.token), (None, &None));
    assert_eq!(settings.sms.provider, SmsProvider::Phones);
    assert_eq!(settings.sms.settle_after, [SignedDuration::from_mins(2), SignedDuration::from_mins(10)]);
    assert!(settings.api.keys.is_empty());
}

#[test]
fn a_file_sets_every_kind_of_value() {
    let settings = from_file(
        r#"
        [server]
        public_url = "https://calls.example.com/"
        rate_limits = "off"
        [studio]
        phone = "(212) 555-0143"
        opening_hours = { mon = ["10:00-22:00"], sat = ["12:00-24:00", "22:00-02:00"] }
        [manager]
        email = "dane@example.com"
        [calling]
        quiet_hours = "off"
        ranking = "call_list"
        [intake]
        token = "hunter2"
        date_order = "dmy"
        form_senders = ["forms@example.com", "Forms.example.com"]
        [intake.instruments]
        cello = ["violoncello", "'cello"]
        [intake.labels]
        times = ["Wann?"]
        [intake.parts_of_day]
        Morning = "09:00-12:00"
        [sms.twilio]
        base_url = "http://127.0.0.1:9"
        [smtp]
        port = 2525
        [api]
        keys = ["one", "two"]
        "#,
    )
    .unwrap();
    assert_eq!(settings.server.public_url.as_str(), "https://calls.example.com");
    assert!(!settings.server.rate_limits.is_on());
    assert_eq!(settings.studio.phone.unwrap().as_str(), "+12125550143");
    assert!(settings.studio.opening_hours.is_some());
    assert_eq!(settings.manager.email.unwrap().as_str(), "dane@example.com");
    assert_eq!((settings.calling.quiet_hours, settings.calling.ranking), (None, Ranking::CallList));
    let intake = settings.intake;
    assert_eq!(intake.token.unwrap().expose(), "hunter2");
    assert_eq!(intake.date_order, Some(DateOrder::Dmy));
    assert_eq!(intake.form_senders, ["forms@example.com", "@forms.example.com"]);
    assert_eq!(intake.instruments["cello"], ["violoncello", "'cello"]);
    assert_eq!(intake.labels["Wann?"], Label::Times);
    assert!(intake.parts_of_day.contains_key("morning"));
    assert_eq!(settings.sms.twilio.base_url.as_str(), "http://127.0.0.1:9");
    assert_eq!(settings.smtp.port, 2525);
    assert_eq!(settings.api.keys.iter().map(Secret::expose).collect::<Vec<_>>(), ["one", "two"]);
}

#[test]
fn the_environment_sets_every_kind_of_value() {
    let settings = from_environment(&[
        ("FIRSTCALL__CALLING__PATIENCE", "1h 30m"),
        ("FIRSTCALL__STUDIO__OPENING_HOURS", "{ mon = ['10:00-22:00'] }"),
        ("FIRSTCALL__INTAKE__LABELS", "{ times = ['Wann?'], ignored = ['IP'] }"),
        ("FIRSTCALL__INTAKE__PARTS_OF_DAY", "{ night = '20:00-24:00' }"),
        ("FIRSTCALL__SMS__SETTLE_AFTER", "10s, 1m"),
        ("FIRSTCALL__SMS__TWILIO__AUTH_TOKEN", "{not a table}"),
        ("FIRSTCALL__SMTP__PORT", "25"),
        ("FIRSTCALL__API__KEYS", "one, two,"),
        ("FIRSTCALL_CONFIG", "is not a setting"),
        ("OTHER__KEY", "neither"),
    ])
    .unwrap();
    assert_eq!(settings.calling.patience, SignedDuration::from_mins(90));
    assert!(settings.studio.opening_hours.is_some());
    assert_eq!(settings.intake.labels["IP"], Label::Ignored);
    assert!(settings.intake.parts_of_day.contains_key("night"));
    assert_eq!(settings.sms.settle_after, [SignedDuration::from_secs(10), SignedDuration::from_mins(1)]);
    assert_eq!(settings.sms.twilio.auth_token.unwrap().expose(), "{not a table}");
    assert_eq!(settings.smtp.port, 25);
    assert_eq!(settings.api.keys.iter().map(Secret::expose).collect::<Vec<_>>(), ["one", "two"]);
}

#[test]
fn the_environment_wins_over_the_file_key_by_key() {
    let (_directory, path) = file("[calling]\npatience = '2h'\nafter_no = 'next'\n");
    let environment = environment(&[("FIRSTCALL__CALLING__PATIENCE", "15m")]);
    let calling = load(&Place::Named(path), &environment).unwrap().settings.calling;
    assert_eq!((calling.patience, calling.after_no), (SignedDuration::from_mins(15), AfterNo::Next));
}

#[test]
fn errors_are_one_line_with_the_key_where_it_stands_what_was_found_and_what_is_allowed() {
    let duration = "a duration from 1 s to a year, such as \"90s\", \"15m\" or \"1h 30m\"";
    for (variable, value, error) in [
        ("CALLING__PATIENCE", "soon", format!("calling.patience: found \"soon\" (VAR); allowed: {duration}")),
        ("CALLING__PATIENCE", "", format!("calling.patience: found \"\" (VAR); allowed: {duration}")),
        ("SERVER__RATE_LIMITS", "yes", "server.rate_limits: found \"yes\" (VAR); allowed: \"on\" or \"off\"".into()),
        (
            "CALLING__RANKING",
            "Best\nfirst",
            "calling.ranking: found \"Best\\nfirst\" (VAR); allowed: \"recent_first\" or \"rested_first\" or \
             \"call_list\""
                .into(),
        ),
        ("SMTP__PORT", "99999", "smtp.port: found 99999 (VAR); allowed: a port from 1 to 65535".into()),
        (
            "STUDIO__OPENING_HOURS",
            "{ mon = ['10-22'] }",
            "studio.opening_hours: found \"10-22\" for mon (VAR); allowed: ranges by day (mon, tue, wed, thu, fri, sat, \
             sun), such as { mon = [\"10:00-22:00\"], sat = [\"12:00-24:00\"] }"
                .into(),
        ),
        ("CALLING__PATIENC", "1h", unknown("calling.patienc", "calling", "patience, ranking, previous_offers, after_no, quiet_hours")),
        ("SMS__TWILIO__FORM", "1", unknown("sms.twilio.form", "sms.twilio", "account_sid, auth_token, auth_token_next, shared_secret, from, messaging_service_sid, base_url")),
        ("SMS__PROVIDER_FILE", "x", unknown("sms.provider_file", "sms", "provider, dry_run, settle_after, per_second, per_day, per_number, per_booking, segment_price, countries, twilio, vonage")),
    ] {
        let variable = format!("FIRSTCALL__{variable}");
        let found = from_environment(&[(&variable, value)]).unwrap_err();
        assert_eq!(found, error.replace("VAR", &variable));
        assert!(!found.contains('\n'));
    }
}

fn unknown(key: &str, section: &str, keys: &str) -> String {
    format!("{key}: found an unknown key (VAR); allowed: in [{section}] {keys}")
}

#[test]
fn errors_in_a_file_name_its_line() {
    for (text, error) in [
        (
            "[calling]\n\nafter_no = 'stop'\n",
            "calling.after_no: found \"stop\" (FILE:3); allowed: \"wait\" or \"next\"",
        ),
        ("[sessions]\nlength = 60\n", "sessions.length: found 60 (FILE:2); allowed: a duration from 1 s"),
        (
            "[sessions]\nlenght = '1h'\n",
            "sessions.lenght: found an unknown key (FILE:2); allowed: in [sessions] length, ",
        ),
        (
            "sms.twilio.sid = 'x'\n",
            "sms.twilio.sid: found an unknown key (FILE:1); allowed: in [sms.twilio] account_sid",
        ),
        ("\n[caling]\n", "caling: found an unknown key (FILE:2); allowed: the sections server, database, "),
        ("server = 'x'\n", "server: found string (not shown) (FILE:1); allowed: a section [server]"),
        ("[api]\nkeys = [\"hunter2\n", "FILE:2: found something that is not TOML: "),
        ("[api]\nkeys = []\nkeys = []\n", "FILE:3: found something that is not TOML: duplicate key"),
    ] {
        let found = from_file(text).unwrap_err();
        assert!(found.starts_with(error), "{found}");
        assert!(!found.contains('\n') && !found.contains("hunter2"), "{found}");
    }
}

#[test]
fn values_that_are_no_text_or_no_number_are_refused_by_their_key() {
    use std::os::unix::ffi::OsStringExt;
    let bytes = std::ffi::OsString::from_vec(vec![0xff]);
    let environment: Environment = [("FIRSTCALL__STUDIO__NAME", bytes)].into_iter().collect();
    let error = load(&Place::Nowhere, &environment).unwrap_err().to_string();
    assert!(error.starts_with("studio.name: found bytes that are not UTF-8 (FIRSTCALL__STUDIO__NAME)"), "{error}");
    let error = from_file("[smtp]\nport = 99999999999999999999\n").unwrap_err();
    assert!(error.starts_with("smtp.port: found a value outside TOML's limits, "), "{error}");
    assert!(!error.contains('\n'), "{error}");
}

#[test]
fn every_kind_refuses_what_it_does_not_allow() {
    for (key, value) in [
        ("SERVER__LISTEN", "8080"),
        ("SERVER__PUBLIC_URL", "calls.example.com"),
        ("DATABASE__URL", "mysql://db"),
        ("STUDIO__NAME", "  "),
        ("STUDIO__NAME", "two\nlines"),
        ("STUDIO__TIME_ZONE", "EST"),
        ("STUDIO__PHONE", "555-0143"),
        ("STUDIO__OPENING_HOURS", "{ monday = [] }"),
        ("STUDIO__OPENING_HOURS", "always"),
        ("MANAGER__EMAIL", "dane"),
        ("SESSIONS__STEP", "0s"),
        ("SESSIONS__NOTICE", "-1h"),
        ("SESSIONS__PRIME_HOURS", "10-18"),
        ("CALLING__QUIET_HOURS", "never"),
        ("INTAKE__TOKEN", " "),
        ("INTAKE__FORM_SENDERS", "example"),
        ("INTAKE__DATE_ORDER", "ymd"),
        ("INTAKE__INSTRUMENTS", "{ \"Double Bass\" = [] }"),
        ("INTAKE__INSTRUMENTS", "{ a = ['x'], b = ['X'] }"),
        ("INTAKE__INSTRUMENTS", "{ a = 'x' }"),
        ("INTAKE__LABELS", "{ when = ['Wann?'] }"),
        ("INTAKE__LABELS", "{ times = ['Wann?'], date = ['wann?'] }"),
        ("INTAKE__PARTS_OF_DAY", "{ morning = 'early' }"),
        ("SMS__SETTLE_AFTER", ""),
        ("SMS__SETTLE_AFTER", "10m, 2m"),
        ("SMTP__SECURITY", "ssl"),
        ("API__KEYS", "[1]"),
    ] {
        let error = from_environment(&[(&format!("FIRSTCALL__{key}"), value)]).unwrap_err();
        let name = key.to_lowercase().replace("__", ".");
        assert!(error.starts_with(&format!("{name}: found ")), "{error}");
    }
}

#[test]
fn secrets_are_in_no_error() {
    for (key, value) in [
        ("DATABASE__URL", "mysql://me:hunter2@db"),
        ("SERVER__PUBLIC_URL", "https://me:hunter2@example.com"),
        ("API__KEYS", "[\"hunter2\", 1]"),
        ("INTAKE__TOKN", "hunter2"),
        ("GOOGLE__CLIENT_SECRET", "hunter2"),
    ] {
        let error = from_environment(&[(&format!("FIRSTCALL__{key}"), value)]).unwrap_err();
        assert!(!error.contains("hunter2"), "{error}");
    }
    for text in
        ["[api]\nkeys = 'hunter2'", "api = 'hunter2'", "[intake]\ntoken = ['hunter2']", "[intake]\ntokn = 'hunter2'"]
    {
        let error = from_file(text).unwrap_err();
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn secrets_are_in_no_debug_output() {
    let loaded = load(
        &Place::Nowhere,
        &environment(&[
            ("FIRSTCALL__INTAKE__TOKEN", "hunter2"),
            ("FIRSTCALL__API__KEYS", "hunter2"),
            ("FIRSTCALL__DATABASE__URL", "postgres://me:hunter2@db/x"),
        ]),
    )
    .unwrap();
    assert!(!format!("{loaded:?}").contains("hunter2"));
    assert!(!as_text(&loaded.shown).contains("hunter2"));
    assert!(!as_json(&loaded.shown).to_string().contains("hunter2"));
}

#[test]
fn secrets_may_stand_in_files_of_their_own() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("token");
    fs::write(&path, "  [hunter2]\n").unwrap();
    let keys = directory.path().join("keys");
    fs::write(&keys, "[one\ntwo,three\n\n").unwrap();
    let settings = from_environment(&[
        ("FIRSTCALL__INTAKE__TOKEN_FILE", path.to_str().unwrap()),
        ("FIRSTCALL__API__KEYS_FILE", keys.to_str().unwrap()),
    ])
    .unwrap();
    assert_eq!(settings.intake.token.unwrap().expose(), "[hunter2]");
    assert_eq!(settings.api.keys.iter().map(Secret::expose).collect::<Vec<_>>(), ["[one", "two", "three"]);
}

#[test]
fn a_secrets_file_named_in_the_settings_file_is_looked_for_beside_it() {
    let (directory, path) = file("[intake]\ntoken_file = 'token'\n");
    fs::write(directory.path().join("token"), "hunter2\n").unwrap();
    let loaded = load(&Place::Named(path.clone()), &Environment::default()).unwrap();
    assert_eq!(loaded.settings.intake.token.unwrap().expose(), "hunter2");
    let token = loaded.shown.iter().find(|shown| shown.key == "intake.token").unwrap();
    let named_in = format!("{}, named in {}:2", directory.path().join("token").display(), path.display());
    assert_eq!(token.source.to_string(), named_in);
}

#[test]
fn a_secrets_file_that_gives_no_secret_is_an_error() {
    let error = from_environment(&[("FIRSTCALL__INTAKE__TOKEN_FILE", "/nowhere/token")]).unwrap_err();
    assert!(error.starts_with("intake.token: found /nowhere/token: "), "{error}");
    assert!(error.contains("(FIRSTCALL__INTAKE__TOKEN_FILE)"), "{error}");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("token");
    fs::write(&path, "\n").unwrap();
    let error = from_environment(&[("FIRSTCALL__INTAKE__TOKEN_FILE", path.to_str().unwrap())]).unwrap_err();
    assert!(error.starts_with("intake.token: found an empty file "), "{error}");
}

#[test]
fn a_value_and_a_file_in_one_place_contradict_each_other() {
    let both = [("FIRSTCALL__INTAKE__TOKEN", "a"), ("FIRSTCALL__INTAKE__TOKEN_FILE", "/b")];
    assert_eq!(
        from_environment(&both).unwrap_err(),
        "intake.token: found both a value (FIRSTCALL__INTAKE__TOKEN) and a file (FIRSTCALL__INTAKE__TOKEN_FILE); \
         allowed: one of them"
    );
}

#[test]
fn what_a_provider_needs_is_missed() {
    for (variables, key) in [
        (vec![("SMS__PROVIDER", "twilio")], "sms.twilio.account_sid"),
        (vec![("SMS__PROVIDER", "twilio"), ("SMS__TWILIO__ACCOUNT_SID", "AC1")], "sms.twilio.auth_token"),
        (
            vec![("SMS__PROVIDER", "twilio"), ("SMS__TWILIO__ACCOUNT_SID", "AC1"), ("SMS__TWILIO__AUTH_TOKEN", "t")],
            "sms.twilio.from",
        ),
        (vec![("SMS__PROVIDER", "vonage")], "sms.vonage.api_key"),
        (vec![("GOOGLE__CLIENT_ID", "x")], "google.client_secret"),
        (vec![("SMTP__HOST", "mail.example.com")], "smtp.from"),
        (vec![("SMTP__USERNAME", "me")], "smtp.password"),
    ] {
        let variables: Environment =
            variables.into_iter().map(|(name, value)| (format!("FIRSTCALL__{name}"), value)).collect();
        let error = load(&Place::Nowhere, &variables).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{key}: found nothing, but ")), "{error}");
    }
}

#[test]
fn the_file_is_the_named_one_else_the_variables_else_the_usual_one() {
    let named = |path: &str| Place::Named(PathBuf::from(path));
    let usual = |path: &str| Place::Usual(PathBuf::from(path));
    let all = environment(&[("FIRSTCALL_CONFIG", "/b"), ("XDG_CONFIG_HOME", "/c"), ("HOME", "/d")]);
    assert_eq!(Place::find(Some("/a".as_ref()), &all), named("/a"));
    assert_eq!(Place::find(None, &all), named("/b"));
    let xdg = environment(&[("FIRSTCALL_CONFIG", ""), ("XDG_CONFIG_HOME", "/c"), ("HOME", "/d")]);
    assert_eq!(Place::find(None, &xdg), usual("/c/firstcall/config.toml"));
    let relative = environment(&[("XDG_CONFIG_HOME", "c"), ("HOME", "/d")]);
    assert_eq!(Place::find(None, &relative), usual("/d/.config/firstcall/config.toml"));
    assert_eq!(Place::find(None, &Environment::default()), Place::Nowhere);
}

#[test]
fn only_a_named_file_must_exist() {
    let nowhere = PathBuf::from("/nowhere/config.toml");
    assert!(load(&Place::Usual(nowhere.clone()), &Environment::default()).is_ok());
    assert!(load(&Place::Usual(PathBuf::from("/dev/null/.config/config.toml")), &Environment::default()).is_ok());
    let error = load(&Place::Named(nowhere), &Environment::default()).unwrap_err().to_string();
    assert!(error.starts_with("/nowhere/config.toml: found no readable settings file: "), "{error}");
}

#[test]
fn the_example_in_the_documentation_is_allowed() {
    let page = fs::read_to_string(page()).unwrap();
    let example = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    from_file(example).unwrap();
}

/// Run with `UPDATE=1` in the environment to write the page anew.
#[test]
fn the_documentation_lists_every_key_as_it_is() {
    const MARK: &str = "<!-- From here on made by the tests from crates/app/src/settings/tree.rs. -->\n";
    let page = fs::read_to_string(page()).unwrap();
    let introduction = page.split(MARK).next().unwrap();
    let expected = format!("{introduction}{MARK}{}", reference());
    if std::env::var_os("UPDATE").is_some() {
        fs::write(self::page(), &expected).unwrap();
    } else {
        assert_eq!(page, expected);
    }
}

fn page() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/settings.md")
}
