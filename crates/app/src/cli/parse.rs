//! `firstcall parse`. It knows the settings; what was taught on the desk is in the database, which it does not ask.

use super::Exit;
use super::args::MailArgs;
use super::reading_table::as_text;
use crate::reading::context;
use crate::settings::Settings;
use firstcall_mail::{Message, Reading, read};
use firstcall_store::lessons::Lesson;
use jiff::Timestamp;
use std::io::Write;

pub fn run(settings: &Settings, args: &MailArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let reading = reading(settings, &[], args)?;
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&reading)?)?;
    } else {
        out.write_all(as_text(&reading).as_bytes())?;
    }
    Ok(exit(&reading))
}

/// How a command ends that has read a mail.
pub(super) fn exit(reading: &Reading) -> Exit {
    if reading.problems.is_empty() { Exit::Done } else { Exit::Problems }
}

/// What the mail that the arguments name says at the moment they name.
pub(super) fn reading(settings: &Settings, lessons: &[Lesson], args: &MailArgs) -> anyhow::Result<Reading> {
    let message = Message::parse(&args.mail.read()?);
    let now = args.now.unwrap_or_else(Timestamp::now);
    Ok(read(&message, &context(settings, lessons, now)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::Source;
    use crate::settings::{Environment, Place, load};
    use firstcall_mail::{Field, Problem};
    use std::fs;

    fn print(json: bool) -> (Exit, String) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("mail.eml");
        fs::write(&path, "From: MAILER-DAEMON@example.com\r\nAuto-Submitted: auto-replied\r\n\r\nReturned.\r\n")
            .unwrap();
        let settings = load(&Place::Nowhere, &Environment::default()).unwrap().settings;
        let args = MailArgs { mail: Source::File(path), json, now: Some(Timestamp::UNIX_EPOCH) };
        let mut out = Vec::new();
        let exit = run(&settings, &args, &mut out).unwrap();
        (exit, String::from_utf8(out).unwrap())
    }

    #[test]
    fn json_has_every_field_also_when_it_is_empty() {
        let (exit, out) = print(true);
        let reading: serde_json::Value = serde_json::from_str(&out).unwrap();
        let fields =
            ["client", "time_zone", "instruments", "times", "dropped", "machine", "notes", "links", "problems"];
        for field in fields {
            assert!(reading.get(field).is_some(), "{field}");
        }
        assert_eq!(exit, Exit::Done);
    }

    #[test]
    fn the_table_is_what_people_get() {
        let (exit, out) = print(false);
        assert_eq!(exit, Exit::Done);
        assert!(!out.starts_with('{') && out.ends_with('\n'), "{out}");
    }

    #[test]
    fn problems_are_an_exit_code_of_their_own() {
        let problem = Problem { field: Field::Times, message: "which?".into(), text: String::new() };
        assert_eq!(exit(&Reading::default()), Exit::Done);
        assert_eq!(exit(&Reading { problems: vec![problem], ..Reading::default() }), Exit::Problems);
    }
}
