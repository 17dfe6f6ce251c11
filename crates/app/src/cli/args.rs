//! What can be written on the command line.

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use jiff::Timestamp;
use std::convert::Infallible;
use std::io::Read;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

/// The session contractor that texts the next player until every chair is filled.
#[derive(Debug, Parser)]
#[command(name = "firstcall", version, arg_required_else_help = true)]
pub struct Cli {
    /// The settings file. Else: the one named in `FIRSTCALL_CONFIG`, else firstcall/config.toml in the XDG directory
    /// for settings (~/.config).
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Play the whole thing with nothing to set up: a sample studio, fake phones in the browser, a fast clock.
    Demo(DemoArgs),
    /// Run the service: web and worker in one process. Its database is created and kept up to date by itself.
    Serve,
    /// Show what is read from a mail, and every problem with it.
    ///
    /// Ends with 3 when there are problems, and with 1 when the mail cannot be opened.
    Parse(MailArgs),
    /// Show what a mail would set off: options, line-ups and every text. Sends nothing, writes nothing.
    Plan(MailArgs),
    /// Add what is in a file.
    #[command(subcommand)]
    Import(ImportCommand),
    /// Write to a file what is there.
    #[command(subcommand)]
    Export(ExportCommand),
    /// Look at everything that has to be right before a mail arrives.
    ///
    /// Ends with 3 when something does not work.
    Doctor(DoctorArgs),
    /// Send one text, and show what each hop says of it.
    SendTest(SendTestArgs),
    /// Accounts and keys from the server itself: the way in for the first manager, and the way back in. Works while
    /// `serve` runs.
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Work with the settings.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print a script that completes commands in your shell.
    Completions(CompletionsArgs),
    /// Print the manual page.
    Man,
}

/// What `admin` can do.
#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Make an account that manages. The password is asked for, or read from stdin where that is no terminal.
    CreateManager(CreateManagerArgs),
    /// Set another password. Whoever is signed in with the account is not any more.
    ResetPassword(ResetPasswordArgs),
    /// Make a key for the JSON interface, and print it: it is not shown again.
    ApiKey(ApiKeyArgs),
    /// List accounts and keys.
    List(AdminListArgs),
}

/// What `admin create-manager` takes.
#[derive(Args, Debug)]
pub struct CreateManagerArgs {
    /// The name to sign in with. With --link whoever opens the link chooses it.
    #[arg(value_name = "NAME", required_unless_present = "link")]
    pub name: Option<String>,

    /// An e-mail address, which signs in as well.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "link")]
    pub email: Option<String>,

    /// Where the password comes from.
    #[command(flatten)]
    pub password: PasswordArgs,

    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// What `admin reset-password` takes.
#[derive(Args, Debug)]
pub struct ResetPasswordArgs {
    /// The name, or the e-mail address.
    #[arg(value_name = "NAME")]
    pub name: String,

    /// Where the password comes from.
    #[command(flatten)]
    pub password: PasswordArgs,

    /// Ask for no codes either: the phone that made them is lost.
    #[arg(long)]
    pub without_code: bool,

    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Where a password comes from, if it is not asked for.
#[derive(Args, Debug)]
pub struct PasswordArgs {
    /// Read the password from the first line of a file; `-` for stdin.
    #[arg(long, value_name = "FILE", conflicts_with = "link")]
    pub password_file: Option<Source>,

    /// Print a link by which the password is chosen: it opens once, within 24 hours.
    #[arg(long)]
    pub link: bool,
}

/// What `admin api-key` takes.
#[derive(Args, Debug)]
pub struct ApiKeyArgs {
    /// What will use the key: it stands in the log of bookings.
    #[arg(value_name = "NAME")]
    pub name: String,

    /// Take the key of this name back instead.
    #[arg(long)]
    pub revoke: bool,

    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// What `admin list` takes.
#[derive(Args, Debug)]
pub struct AdminListArgs {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// What `config` can do.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Show each setting as it takes effect and where it comes from, secrets masked.
    Show(ConfigShowArgs),
}

/// What `config show` takes.
#[derive(Args, Debug)]
pub struct ConfigShowArgs {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// What `completions` takes.
#[derive(Args, Debug)]
pub struct CompletionsArgs {
    /// The shell.
    pub shell: Shell,
}

/// What the commands take that read a mail: `parse` and `plan`.
#[derive(Args, Debug)]
pub struct MailArgs {
    /// The mail, an RFC 5322 file; `-` for stdin.
    #[arg(value_name = "MAIL")]
    pub mail: Source,

    /// Print JSON.
    #[arg(long)]
    pub json: bool,

    /// The moment of reading, in RFC 3339. Else: this moment.
    #[arg(long, value_name = "INSTANT", env = "FIRSTCALL_NOW")]
    pub now: Option<Timestamp>,
}

/// What `demo` takes.
#[derive(Args, Debug)]
pub struct DemoArgs {
    /// Play a booking in the terminal, from the mail until it is booked.
    #[arg(long)]
    pub headless: bool,

    /// Where to listen. Else: as in the settings.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
}

/// What `import` can read.
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Add musicians from a CSV file, or change those whose phone number is known.
    ///
    /// Columns: name, phone, instruments; and, optional, email, `time_zone`, notes, `last_booked`. Instruments are
    /// separated by semicolons, each with its place in the call list as instrument=place, or in the order of the rows.
    Musicians(ImportMusiciansArgs),
}

/// What `import musicians` takes.
#[derive(Args, Debug)]
pub struct ImportMusiciansArgs {
    /// The CSV file; `-` for stdin.
    #[arg(value_name = "FILE")]
    pub file: Source,

    /// Do not ask first.
    #[arg(long, short)]
    pub yes: bool,
}

/// What `export` can write.
#[derive(Debug, Subcommand)]
pub enum ExportCommand {
    /// Write the musicians to a CSV file, as `import` reads it.
    Musicians(ExportMusiciansArgs),
}

/// What `export musicians` takes.
#[derive(Args, Debug)]
pub struct ExportMusiciansArgs {
    /// The CSV file; `-` for stdout.
    #[arg(value_name = "FILE")]
    pub file: Source,
}

/// What `doctor` takes.
#[derive(Args, Debug)]
pub struct DoctorArgs {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// What `send-test` takes.
#[derive(Args, Debug)]
pub struct SendTestArgs {
    /// The number, such as "+1 212 555 0143".
    #[arg(value_name = "NUMBER")]
    pub number: String,
}

/// A file, or the standard stream that `-` stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Stdin, or stdout where something is written.
    Standard,
    /// A file.
    File(PathBuf),
}

impl FromStr for Source {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(if text == "-" { Self::Standard } else { Self::File(PathBuf::from(text)) })
    }
}

impl Source {
    /// Everything that is in it.
    ///
    /// # Errors
    /// When it cannot be read; the error names it.
    pub fn read(&self) -> anyhow::Result<Vec<u8>> {
        use anyhow::Context;
        match self {
            Self::File(path) => std::fs::read(path).with_context(|| format!("cannot read {}", path.display())),
            Self::Standard => {
                let mut bytes = Vec::new();
                std::io::stdin().read_to_end(&mut bytes).context("cannot read stdin")?;
                Ok(bytes)
            }
        }
    }
}
