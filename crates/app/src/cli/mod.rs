//! The command line: what can be asked for, and how the program ends.
//!
//! [`args`] defines what each command takes; each command has a file with its `run`. Results go to stdout, which every
//! command is handed as `out`; progress, logs and errors go to stderr.

mod admin;
pub mod args;
mod config;
mod demo;
mod doctor;
mod documents;
mod logging;
mod output;
mod parse;
mod plan;
mod reading_table;
mod roster;
mod send_test;
mod serve;

use crate::settings::{Environment, Loaded, Place, SettingsError, load};
use anyhow::Context;
use args::{Cli, Command, ExportCommand, ImportCommand};
use clap::Parser;
use output::Output;
use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// Failed.
    Failed,
    /// Asked for in a way that does not exist, or with settings that are not allowed.
    Usage,
    /// Done, and what was given has problems.
    Problems,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0_u8,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Problems => 3,
        })
    }
}

/// Does what the arguments ask for. The first argument is the program's name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Nobody is left to tell when this cannot be printed.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Done };
        }
    };
    logging::start();
    let mut out = Output::stdout();
    let outcome = dispatch(&cli, &mut out).and_then(|exit| {
        out.flush().context("cannot write to stdout")?;
        Ok(exit)
    });
    outcome.unwrap_or_else(|error| {
        let _ = writeln!(std::io::stderr(), "firstcall: {error:#}");
        if error.is::<SettingsError>() { Exit::Usage } else { Exit::Failed }
    })
}

fn dispatch(cli: &Cli, out: &mut dyn Write) -> anyhow::Result<Exit> {
    match &cli.command {
        Command::Demo(args) => demo::run(&settings(cli)?.settings, args, out),
        Command::Serve => serve::run(settings(cli)?.settings),
        Command::Plan(args) => plan::run(&serve::beside(settings(cli)?)?.settings, args, out),
        Command::Import(ImportCommand::Musicians(args)) => {
            roster::import(serve::beside(settings(cli)?)?.settings, args, out)
        }
        Command::Export(ExportCommand::Musicians(args)) => {
            roster::export(&serve::beside(settings(cli)?)?.settings, args, out)
        }
        Command::Doctor(args) => doctor::run(&serve::beside(settings(cli)?)?.settings, args, out),
        Command::Admin(command) => admin::run(serve::beside(settings(cli)?)?.settings, command, out),
        Command::SendTest(args) => send_test::run(&serve::beside(settings(cli)?)?.settings, args, out),
        Command::Parse(args) => parse::run(&settings(cli)?.settings, args, out),
        Command::Config(args) => config::run(&serve::beside(settings(cli)?)?, args, out),
        Command::Completions(args) => documents::completions(args, out),
        Command::Man => documents::man(out),
    }
}

/// The settings, read only by the commands that need them, so that a mistake in them does not stop the others.
fn settings(cli: &Cli) -> Result<Loaded, SettingsError> {
    let environment = Environment::of_process();
    load(&Place::find(cli.config.as_deref(), &environment), &environment)
}
