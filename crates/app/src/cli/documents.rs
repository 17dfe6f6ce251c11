//! `firstcall completions` and `firstcall man`, both made from the definition of the command line.

use super::Exit;
use super::args::{Cli, CompletionsArgs};
use clap::CommandFactory;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use std::io::{self, Write};

pub fn completions(args: &CompletionsArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "firstcall", &mut script);
    out.write_all(&script)?;
    Ok(Exit::Done)
}

pub fn man(out: &mut dyn Write) -> anyhow::Result<Exit> {
    let page = page()?;
    // Every part begins with the same preamble; one of them is enough.
    let is_preamble = |line: &str| line.starts_with(".ie ") || line.starts_with(".el ");
    for (at, line) in page.lines().enumerate() {
        if at < 2 || !is_preamble(line) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(Exit::Done)
}

fn page() -> io::Result<String> {
    let program = Cli::command().disable_help_subcommand(true);
    let man = Man::new(program.clone());
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_options_section(&mut page)?;
    let mut commands = Roff::default();
    commands.control("SH", ["COMMANDS"]).to_writer(&mut page)?;
    for command in program.get_subcommands() {
        describe("firstcall", command, &mut page)?;
    }
    rest().to_writer(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

/// A command with its options, or the commands inside it. What would be a section on a page of its own is a part of
/// the section on commands.
fn describe(parent: &str, command: &clap::Command, page: &mut Vec<u8>) -> io::Result<()> {
    let name = format!("{parent} {}", command.get_name());
    if command.has_subcommands() {
        return command.get_subcommands().try_for_each(|inner| describe(&name, inner, page));
    }
    let man = Man::new(command.clone().bin_name(&name).disable_help_flag(true));
    let mut sections = Vec::new();
    man.render_synopsis_section(&mut sections)?;
    man.render_description_section(&mut sections)?;
    if command.get_arguments().next().is_some() {
        man.render_options_section(&mut sections)?;
    }
    Roff::default().control("SS", [name.as_str()]).to_writer(page)?;
    let sections = String::from_utf8_lossy(&sections);
    for line in sections.lines() {
        writeln!(page, "{}", if line.starts_with(".SH ") { ".PP" } else { line })?;
    }
    Ok(())
}

const ENVIRONMENT: &[(&str, &str)] = &[
    ("FIRSTCALL__SECTION__KEY", "a setting, such as FIRSTCALL__CALLING__PATIENCE=15m; it wins over the settings file"),
    ("FIRSTCALL__SECTION__KEY_FILE", "a file that holds a secret setting"),
    ("FIRSTCALL_CONFIG", "the settings file"),
    ("FIRSTCALL_NOW", "the moment at which parse and plan read a mail"),
    ("RUST_LOG", "which logs are written, such as debug"),
    ("NO_COLOR", "when not empty, nothing is coloured"),
];

const EXIT: &[(&str, &str)] =
    &[("0", "done"), ("1", "failed"), ("2", "wrong usage or settings"), ("3", "the input has problems")];

fn rest() -> Roff {
    let mut roff = Roff::default();
    for (title, entries) in [("ENVIRONMENT", ENVIRONMENT), ("EXIT STATUS", EXIT)] {
        roff.control("SH", [title]);
        for (name, meaning) in entries {
            roff.control("TP", []).text([bold(*name)]).text([roman(*meaning)]);
        }
    }
    roff.control("SH", ["FILES"]);
    roff.control("TP", []).text([roman("$XDG_CONFIG_HOME/firstcall/config.toml")]);
    roff.text([roman("the settings, in TOML; ~/.config where XDG_CONFIG_HOME is not set")]);
    roff
}
