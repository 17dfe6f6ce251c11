//! `docs/mails.md` lists what is read without being set up; it is made from the lists themselves.

use firstcall_mail::{built_in_instruments, built_in_labels};
use std::fmt::Write as _;

const HEAD: &str = "\
# What is read in a mail

This page is made from the program's own lists: `UPDATE=1 cargo test -p firstcall-mail --test documentation`.

A mail may label its fields in any order, as text or HTML: `Label: answer`, the label on a line of its own with the answer
below, or in a table. Small words around a label do not matter (\"What timezone are you in?\" is `timezone`). Prose without
labels is read where only one reading is possible. What is doubtful is asked: the mail then waits in the inbox.

More labels and instruments are set up in `intake.labels` and `intake.instruments` ([settings.md](settings.md)), or taught on
the desk: on a mail's page, *Teach how to read it*. What the settings say of a word counts before what was taught, and that
before what is listed here. `firstcall plan` reads as the service does; `firstcall parse` asks no database and knows the
settings alone.
";

fn page() -> String {
    let mut page = String::from(HEAD);
    page.push_str("\n## Labels\n\n| what is asked | labels |\n|---|---|\n");
    for (label, words) in built_in_labels() {
        let _ = writeln!(page, "| {label:?} | {} |", words.join(", "));
    }
    page.push_str("\n## Instruments\n\n| instrument | also written |\n|---|---|\n");
    for instrument in built_in_instruments() {
        let _ = writeln!(page, "| `{}` | {} |", instrument.name, instrument.aliases.join(", "));
    }
    page
}

#[test]
fn the_documentation_lists_what_is_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/mails.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, page()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), page(), "run this test with UPDATE=1");
}
