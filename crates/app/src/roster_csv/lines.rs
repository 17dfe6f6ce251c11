//! A file's records and the lines on which they begin.

use super::Mistake;
use csv::{ReaderBuilder, StringRecord};

/// Added behind the file: where it does not come back as a record of its own, a quote before it was never closed.
const END: &str = "\u{1}end of file\u{1}";

/// The text of the file, without a byte order mark.
pub fn text(bytes: &[u8]) -> Result<&str, Mistake> {
    let mistake = |line, reason: &str| Mistake { line, column: None, reason: reason.to_owned() };
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(mistake(1, "the file is in UTF-16: save it as \"CSV UTF-8\""));
    }
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        let line = line_starts(&before).len() as u64;
        mistake(line, "a character that is not UTF-8: save the file as \"CSV UTF-8\"")
    })
}

/// Every record that is not empty, with its line. Spreadsheets leave rows of nothing but commas at the end of a file.
pub fn records(text: &str) -> Result<Vec<(u64, StringRecord)>, Mistake> {
    let starts = line_starts(text);
    let whole = format!("{text}\n{END}");
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(whole.as_bytes());
    let mut records = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| Mistake { line: 1, column: None, reason: error.to_string() })?;
        let line = line_of(&record, &whole, &starts);
        if record.iter().any(|field| field.contains(END)) {
            if record.len() > 1 || record.get(0) != Some(END) {
                let reason = "a quotation mark that is never closed".to_owned();
                return Err(Mistake { line, column: None, reason });
            }
        } else if record.iter().any(|field| !field.trim().is_empty()) {
            records.push((line, record));
        }
    }
    Ok(records)
}

/// The reader's own count leaves out the empty lines before a record, so lines are counted from its position.
fn line_of(record: &StringRecord, text: &str, starts: &[usize]) -> u64 {
    let at = record.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(usize::MAX));
    let skipped = text.as_bytes().iter().skip(at).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    starts.partition_point(|start| *start <= at + skipped) as u64
}

/// Where each line begins. A line ends with LF, CR LF, or a CR alone.
fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let ends = |at: usize| bytes[at] == b'\n' || (bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
    std::iter::once(0).chain((0..bytes.len()).filter(|at| ends(*at)).map(|at| at + 1)).collect()
}
