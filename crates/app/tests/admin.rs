//! `firstcall admin`, and how `serve` leads to the first manager.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/running.rs"]
mod running;
mod support;

use running::Running;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use support::{Ended, Home};

const PASSWORD: &str = "four quiet rooms\n";

#[test]
fn without_a_command_it_says_which_there_are() {
    let ended = Home::new().run(&["admin"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("create-manager"), "{}", ended.err);
    let mistaken = Home::new().run_with(&[("FIRSTCALL__CALLING__PATIENC", "1h")], &["admin", "list"]);
    assert_eq!(mistaken.code, Some(2), "{}", mistaken.err);
}

/// Runs `admin` with something on stdin.
fn admin(home: &Home, arguments: &[&str], stdin: &str) -> Ended {
    let arguments: Vec<&str> = std::iter::once("admin").chain(arguments.iter().copied()).collect();
    let mut command = home.command(&arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // One that reads nothing has closed it.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    Ended::from(child.wait_with_output().unwrap())
}

fn serve(home: &Home) -> Running {
    Running::start(home.command(&["serve"]).env("FIRSTCALL__SERVER__LISTEN", "127.0.0.1:0"))
}

#[test]
fn accounts_and_keys_are_made_on_the_server() {
    let home = Home::new();
    assert!(admin(&home, &["list"], "").out.starts_with("nobody: "));
    let made = admin(&home, &["create-manager", "Rosa", "--email", "rosa@example.com", "--json"], PASSWORD);
    assert_eq!((made.code, made.err.as_str()), (Some(0), ""));
    let made: serde_json::Value = serde_json::from_str(&made.out).unwrap();
    assert_eq!(made, serde_json::json!({ "id": 1, "name": "Rosa", "role": "manager" }));
    let again = admin(&home, &["create-manager", "ROSA"], PASSWORD);
    assert_eq!((again.code, again.err.as_str()), (Some(1), "firstcall: somebody has this name\n"));
    let weak = admin(&home, &["create-manager", "Ben"], "password123\n");
    assert_eq!((weak.code, weak.out.as_str()), (Some(1), ""));
    assert!(weak.err.contains("among the first that are guessed"), "{}", weak.err);
    let file = home.file("password", "five quiet rooms\nnot this line\n");
    assert_eq!(
        admin(&home, &["reset-password", "rosa@example.com", "--password-file", &file, "--without-code"], "").code,
        Some(0)
    );
    assert_eq!(admin(&home, &["reset-password", "Nobody"], PASSWORD).code, Some(1));
    let link = admin(&home, &["reset-password", "Rosa", "--link"], "").out;
    assert!(link.starts_with("http://127.0.0.1:8080/reset/") && link.len() > 50, "{link}");
    let link = admin(&home, &["create-manager", "--link", "--json"], "").out;
    assert!(link.contains("http://127.0.0.1:8080/invited/"), "{link}");
    let key = admin(&home, &["api-key", "scheduler"], "").out;
    assert_eq!(key.trim().len(), 32, "{key}");
    let listed: serde_json::Value = serde_json::from_str(&admin(&home, &["list", "--json"], "").out).unwrap();
    assert_eq!(
        (&listed["accounts"][0]["email"], &listed["api_keys"][0]["name"]),
        (&"rosa@example.com".into(), &"scheduler".into())
    );
    assert!(!listed.to_string().contains("argon2"));
    assert_eq!(admin(&home, &["list"], "").out, "manager  Rosa\napi key  scheduler\n");
    assert_eq!(admin(&home, &["api-key", "scheduler", "--revoke"], "").code, Some(0));
    assert_eq!(
        admin(&home, &["api-key", "scheduler", "--revoke"], "").err,
        "firstcall: there is no key of this name\n"
    );
    for usage in [
        &["create-manager"][..],
        &["create-manager", "A", "--link", "--email", "a@example.com"],
        &["reset-password"],
        &[],
    ] {
        assert_eq!(admin(&home, usage, "").code, Some(2), "{usage:?}");
    }
}

/// The link is printed until somebody has an account; `admin` works beside a program that serves.
#[test]
fn serve_leads_to_the_first_manager() {
    let home = Home::new();
    let serving = serve(&home);
    let here = serving.says("First Call listens on ");
    serving.says("Its data is in /");
    serving.says(&format!("{here}/first-run/"));
    assert_eq!(admin(&home, &["create-manager", "Rosa"], PASSWORD).code, Some(0));
    drop(serving);
    let again = serve(&home);
    let listens = again.says("First Call listens on http://");
    // Once it answers, it has said what it has to say at its start.
    let mut stream = TcpStream::connect(listens).unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(Command::new("kill").arg(again.id().to_string()).status().unwrap().success());
    let rest: Vec<String> = std::iter::from_fn(|| again.line()).collect();
    assert!(!rest.iter().any(|line| line.contains("first-run")), "{rest:?}");
}
