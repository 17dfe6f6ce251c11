//! `firstcall admin`: accounts and keys from the server itself.

use super::Exit;
use super::args::{
    AdminCommand, AdminListArgs, ApiKeyArgs, CreateManagerArgs, PasswordArgs, ResetPasswordArgs, Source,
};
use super::serve::{open, runtime};
use crate::clock::Clock;
use crate::engine::{AccountForm, Engine, Ticket};
use crate::settings::Settings;
use anyhow::Context;
use firstcall_store::accounts::{self, Account, ApiKey, Role};
use firstcall_store::{Error, Tx};
use serde_json::json;
use std::io::{IsTerminal, Write};
use std::sync::Arc;

/// Who did it, in the record.
const BY: &str = "firstcall admin";
/// More accounts than a studio has.
const MOST: i64 = 10_000;

pub fn run(settings: Settings, command: &AdminCommand, out: &mut dyn Write) -> anyhow::Result<Exit> {
    runtime()?.block_on(async {
        let store = open(&settings).await?;
        let engine = Engine::new(store.clone(), Clock::System, Arc::new(settings));
        let done = match command {
            AdminCommand::CreateManager(args) => create_manager(&engine, args, out).await,
            AdminCommand::ResetPassword(args) => reset_password(&engine, args, out).await,
            AdminCommand::ApiKey(args) => api_key(&engine, args, out).await,
            AdminCommand::List(args) => list(&engine, args, out).await,
        };
        store.close().await;
        done
    })
}

async fn create_manager(engine: &Engine, args: &CreateManagerArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    if args.password.link {
        let token = engine.invite(Role::Manager, BY).await?;
        return print_link(engine, &format!("/invited/{token}"), args.json, out);
    }
    let form = AccountForm {
        name: args.name.clone().unwrap_or_default(),
        email: args.email.clone().unwrap_or_default(),
        password: password(&args.password)?,
    };
    let made = engine.make_account(form, Ticket::Admin, BY).await?;
    if args.json {
        writeln!(out, "{}", json!({ "id": made.id, "name": made.name, "role": made.role.word() }))?;
    } else {
        writeln!(out, "{} can sign in at {}", made.name, engine.settings().server.public_url)?;
    }
    Ok(Exit::Done)
}

async fn reset_password(engine: &Engine, args: &ResetPasswordArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let account = engine.account_named(&args.name).await?;
    if args.password.link {
        let token = engine.reset_link(account.id, BY).await?;
        if args.without_code {
            engine.take_codes_away(account.id, BY).await?;
        }
        return print_link(engine, &format!("/reset/{token}"), args.json, out);
    }
    let password = password(&args.password)?;
    engine.set_password(&args.name, &password, args.without_code, BY).await?;
    if args.json {
        writeln!(out, "{}", json!({ "id": account.id, "name": account.name, "role": account.role.word() }))?;
    } else {
        writeln!(out, "{} has a new password, and is signed out everywhere", account.name)?;
    }
    if account.disabled_at.is_some() {
        writeln!(std::io::stderr(), "{} is disabled: another manager can enable the account", account.name)?;
    }
    Ok(Exit::Done)
}

async fn api_key(engine: &Engine, args: &ApiKeyArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    if args.revoke {
        engine.revoke_key(&args.name, BY).await?;
        if args.json {
            writeln!(out, "{}", json!({ "name": args.name, "revoked": true }))?;
        } else {
            writeln!(out, "the key {} opens nothing any more", args.name)?;
        }
        return Ok(Exit::Done);
    }
    let key = engine.make_key(&args.name, BY).await?;
    if args.json {
        writeln!(out, "{}", json!({ "name": args.name, "key": key }))?;
    } else {
        writeln!(out, "{key}")?;
    }
    Ok(Exit::Done)
}

async fn list(engine: &Engine, args: &AdminListArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let read = async |tx: &mut Tx| Ok::<_, Error>((accounts::list(tx, MOST).await?, accounts::keys(tx).await?));
    let (people, keys) = engine.store().read(read).await?;
    if args.json {
        writeln!(out, "{}", listed(&people, &keys))?;
        return Ok(Exit::Done);
    }
    for one in &people {
        let disabled = if one.disabled_at.is_some() { ", disabled" } else { "" };
        let codes = if one.secret.is_some() { ", with codes" } else { "" };
        writeln!(out, "{:<8} {}{codes}{disabled}", one.role.word(), one.name)?;
    }
    for key in &keys {
        writeln!(out, "{:<8} {}", "api key", key.name)?;
    }
    if people.is_empty() && keys.is_empty() {
        writeln!(out, "nobody: make the first manager with firstcall admin create-manager NAME")?;
    }
    Ok(Exit::Done)
}

fn listed(people: &[Account], keys: &[ApiKey]) -> serde_json::Value {
    let person = |one: &Account| {
        json!({ "id": one.id, "name": one.name, "email": one.email, "role": one.role.word(),
            "codes": one.secret.is_some(), "disabled": one.disabled_at.is_some(), "created_at": one.created_at.to_string() })
    };
    let key = |key: &ApiKey| json!({ "name": key.name, "created_at": key.created_at.to_string() });
    json!({ "accounts": people.iter().map(person).collect::<Vec<_>>(), "api_keys": keys.iter().map(key).collect::<Vec<_>>() })
}

fn print_link(engine: &Engine, path: &str, json: bool, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let link = engine.settings().server.public_url.join(path);
    if json {
        writeln!(out, "{}", json!({ "link": link }))?;
    } else {
        writeln!(out, "{link}")?;
    }
    Ok(Exit::Done)
}

/// The password from where it is to come from. On a terminal it is asked for twice and not shown.
fn password(args: &PasswordArgs) -> anyhow::Result<String> {
    let from = match &args.password_file {
        Some(source) => source,
        None if std::io::stdin().is_terminal() => return asked(),
        None => &Source::Standard,
    };
    let text = String::from_utf8(from.read()?).context("the password is not UTF-8")?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn asked() -> anyhow::Result<String> {
    let one =
        rpassword::prompt_password("Password (at least 10 characters): ").context("cannot ask for the password")?;
    let again = rpassword::prompt_password("The same once more: ").context("cannot ask for the password")?;
    anyhow::ensure!(one == again, "these are two different passwords; nothing was changed");
    Ok(one)
}
