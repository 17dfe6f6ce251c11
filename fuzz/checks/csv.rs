//! What holds for any file of musicians whatever.

use firstcall::roster_csv::{NewMusician, Vocabulary, read, write};
use firstcall_mail::built_in_instruments;
use jiff::tz::TimeZone;

/// Checks the reading of this file.
pub fn holds(bytes: &[u8]) {
    let vocabulary = Vocabulary {
        instruments: built_in_instruments(),
        studio_zone: TimeZone::get("America/New_York").expect("a zone"),
    };
    let rows = match read(bytes, &vocabulary) {
        Ok(rows) => rows,
        Err(mistakes) => {
            let lines = 1 + bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u64;
            assert!(!mistakes.is_empty(), "refused without a reason");
            assert!(mistakes.is_sorted_by_key(|mistake| mistake.line), "in the order of the lines: {mistakes:?}");
            for mistake in &mistakes {
                assert!((1..=lines).contains(&mistake.line), "line {} of {lines}", mistake.line);
                assert!(!mistake.reason.trim().is_empty(), "{mistake:?}");
            }
            return;
        }
    };
    assert!(rows.is_sorted_by_key(|row| row.line));
    let musicians: Vec<NewMusician> = rows.into_iter().map(|row| row.musician).collect();
    for (at, musician) in musicians.iter().enumerate() {
        assert!(!musician.name.trim().is_empty() && !musician.instruments.is_empty(), "{musician:?}");
        assert!(musicians[..at].iter().all(|other| other.phone != musician.phone), "two with {}", musician.phone);
    }
    let written = write(&musicians).expect("written to memory");
    let again = read(written.as_bytes(), &vocabulary).unwrap_or_else(|mistakes| panic!("{mistakes:?}\n{written}"));
    let again: Vec<NewMusician> = again.into_iter().map(|row| row.musician).collect();
    assert_eq!(musicians, again, "what was written reads back as something else:\n{written}");
}
