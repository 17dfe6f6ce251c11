//! The program as it is called: what it prints, where, and how it ends.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/running.rs"]
mod running;
mod support;

use clap::CommandFactory;
use firstcall::cli::args::Cli;
use running::Running;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};
use support::Home;

#[test]
fn usage_errors_end_with_2_and_help_with_0() {
    let home = Home::new();
    for arguments in [&[][..], &["dance"], &["parse"], &["parse", "mail", "--now", "noon"], &["completions", "tcsh"]] {
        let ended = home.run(arguments);
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(!ended.err.is_empty());
    }
    for arguments in [["--help"], ["--version"]] {
        let ended = home.run(&arguments);
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{arguments:?}");
    }
    assert_eq!(home.run(&["--version"]).out, format!("firstcall {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_settings_end_with_2_and_one_line() {
    let home = Home::new();
    let file = home.file("wrong.toml", "[calling]\n\npatience = 'soon'\n");
    let allowed = "allowed: a duration from 1 s to a year, such as \"90s\", \"15m\" or \"1h 30m\"";
    let line = format!("firstcall: calling.patience: found \"soon\" ({file}:3); {allowed}\n");
    for ended in [
        home.run(&["--config", &file, "config", "show"]),
        home.run(&["config", "show", "--config", &file]),
        home.run_with(&[("FIRSTCALL_CONFIG", &file)], &["parse", "-"]),
    ] {
        assert_eq!((ended.code, ended.out, ended.err), (Some(2), String::new(), line.clone()));
    }
    let ended = home.run_with(&[("FIRSTCALL__CALLING__PATIENC", "1h")], &["config", "show"]);
    let keys = "patience, ranking, previous_offers, after_no, quiet_hours";
    let unknown = "firstcall: calling.patienc: found an unknown key (FIRSTCALL__CALLING__PATIENC)";
    assert_eq!((ended.code, ended.err), (Some(2), format!("{unknown}; allowed: in [calling] {keys}\n")));
}

#[test]
fn a_named_settings_file_must_exist() {
    let home = Home::new();
    let ended = home.run(&["--config", "nowhere.toml", "config", "show"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.starts_with("firstcall: nowhere.toml: found no readable settings file: "), "{}", ended.err);
}

#[test]
fn commands_that_need_no_settings_do_not_read_them() {
    let wrong = [("FIRSTCALL__NOTHING", "x")];
    let home = Home::new();
    assert_eq!(home.run_with(&wrong, &["man"]).code, Some(0));
    assert_eq!(home.run_with(&wrong, &["completions", "bash"]).code, Some(0));
    assert_eq!(home.run_with(&wrong, &["config", "show"]).code, Some(2));
}

/// Run with `UPDATE=1` in the environment to write the snapshot anew.
#[test]
fn config_show_prints_every_setting_and_where_it_comes_from() {
    let home = Home::new();
    let token = home.file("token", "hunter2\n");
    home.file(
        ".config/firstcall/config.toml",
        "[studio]\naddress = \"\"\"1 Example Street\nNew York\"\"\"\nopening_hours = { mon = ['10:00-22:00'] }\n\
         [calling]\npatience = '2h'\nafter_no = 'next'\n",
    );
    let ended = home.run_with(
        &[
            ("FIRSTCALL__CALLING__PATIENCE", "15m"),
            ("FIRSTCALL__SERVER__PUBLIC_URL", "https://calls.example.com/"),
            ("FIRSTCALL__DATABASE__URL", "postgres://me:hunter2@db/firstcall"),
            ("FIRSTCALL__INTAKE__TOKEN_FILE", &token),
            ("FIRSTCALL__API__KEYS", "hunter2,hunter3"),
        ],
        &["config", "show"],
    );
    assert_eq!(ended.code, Some(0));
    assert!(
        ended.err.contains("without the desk's settings: cannot open the database postgres://me:********@db"),
        "{}",
        ended.err
    );
    let shown = ended.out.replace(home.path().to_str().unwrap(), "HOME");
    let snapshot = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config_show.txt");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&snapshot, &shown).unwrap();
    }
    assert_eq!(shown, fs::read_to_string(&snapshot).unwrap());
}

#[test]
fn config_show_is_json_too() {
    let home = Home::new();
    let ended = home.run_with(&[("FIRSTCALL__API__KEYS", "hunter2")], &["config", "show", "--json"]);
    let shown: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(shown["calling.patience"], serde_json::json!({ "value": "1h", "source": "default" }));
    assert_eq!(shown["smtp.port"]["value"], 587);
    assert_eq!(shown["intake.token"]["value"], serde_json::Value::Null);
    let keys = serde_json::json!({ "value": ["********"], "source": "FIRSTCALL__API__KEYS" });
    assert_eq!(shown["api.keys"], keys);
}

#[test]
fn what_config_show_prints_is_a_settings_file() {
    let home = Home::new();
    let shown = home.file("shown.toml", &home.run(&["config", "show"]).out);
    assert_eq!(home.run(&["--config", &shown, "config", "show"]).code, Some(0));
}

/// Every command that does something, with its whole name.
fn commands(parent: &str, command: &clap::Command) -> Vec<(String, clap::Command)> {
    let named = |inner: &clap::Command| (format!("{parent} {}", inner.get_name()), inner.clone());
    let inside = command.get_subcommands().map(named);
    inside
        .flat_map(|(name, inner)| if inner.has_subcommands() { commands(&name, &inner) } else { vec![(name, inner)] })
        .collect()
}

#[test]
fn the_manual_and_the_completions_cover_every_command_and_option() {
    let home = Home::new();
    // roff writes hyphens so.
    let manual = home.run(&["man"]).out.replace("\\-", "-");
    let shells = ["bash", "elvish", "fish", "powershell", "zsh"];
    let scripts = shells.map(|shell| home.run(&["completions", shell]).out);
    for (name, command) in commands("firstcall", &Cli::command()) {
        assert!(manual.contains(&format!(".SS \"{name}\"\n")), "{name}");
        let words = name.split(' ').chain(command.get_arguments().filter_map(clap::Arg::get_long));
        for word in words {
            assert!(manual.contains(word), "{word} in the manual");
            assert!(scripts.iter().all(|script| script.contains(word)), "{word} in the completions");
        }
    }
}

#[test]
fn the_definition_of_the_command_line_is_sound() {
    Cli::command().debug_assert();
}

/// What is saved on the desk takes effect while the program runs, for a connection that was open before, too; other commands
/// see it, and it is there after a restart.
#[test]
fn settings_of_the_desk_take_effect_at_once() {
    let home = Home::new();
    {
        let (_program, address) = serve(&home);
        let mut browser = TcpStream::connect(&address).unwrap();
        let page = exchange(&mut browser, "GET", "/join", "");
        assert!(page.contains("The studio"), "{page}");
        let saved = exchange(&mut browser, "POST", "/settings/studio", "studio.name=Fern+Room");
        assert!(saved.starts_with("HTTP/1.1 303"), "{saved}");
        let end = Instant::now() + Duration::from_secs(20);
        while !exchange(&mut browser, "GET", "/join", "").contains("Fern Room") {
            assert!(Instant::now() < end, "the settings were not taken up");
        }
    }
    let shown = home.run(&["config", "show"]).out;
    assert!(
        shown.lines().any(|line| line.starts_with("studio.name = \"Fern Room\"") && line.ends_with("# the desk")),
        "{shown}"
    );
    let (_program, address) = serve(&home);
    assert!(exchange(&mut TcpStream::connect(&address).unwrap(), "GET", "/join", "").contains("Fern Room"));
}

/// The service, in a home, on a port of its own, and where it listens.
fn serve(home: &Home) -> (Running, String) {
    let program = Running::start(home.command(&["serve"]).env("FIRSTCALL__SERVER__LISTEN", "127.0.0.1:0"));
    let address = program.says("listens on http://");
    (program, address)
}

/// One request on a connection that stays open.
fn exchange(stream: &mut TcpStream, method: &str, path: &str, form: &str) -> String {
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{form}",
        form.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut reader = BufReader::new(stream);
    let (mut answer, mut length) = (String::new(), 0);
    while !answer.ends_with("\r\n\r\n") {
        let begin = answer.len();
        reader.read_line(&mut answer).unwrap();
        if let Some(said) = answer[begin..].to_ascii_lowercase().strip_prefix("content-length: ") {
            length = said.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    answer + &String::from_utf8(body).unwrap()
}

#[test]
fn a_mail_that_cannot_be_opened_ends_with_1_and_one_line() {
    let ended = Home::new().run(&["parse", "nowhere.eml"]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
    assert!(ended.err.starts_with("firstcall: cannot read nowhere.eml: "), "{}", ended.err);
    assert_eq!(ended.err.lines().count(), 1);
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let home = Home::new();
    let mut child = home.command(&["man"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), ended.stderr.as_slice()), (Some(0), &b""[..]));
}
