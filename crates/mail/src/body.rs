//! A part's text to lines, with quotation depth and table cells, and the size limits.

use crate::html;
use crate::text;

/// So much text is read; longer mails are asked about.
pub(crate) const MOST_TEXT: usize = 256 * 1024;
/// So much HTML is read: mark-up takes several times the room of the words in it.
pub(crate) const MOST_HTML: usize = 2 * 1024 * 1024;
/// So many lines are read.
pub(crate) const MOST_LINES: usize = 20_000;

/// One line as a reader sees it; a table row is one line with several cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// How often the line is quoted (`>`).
    pub(crate) quote: usize,
    /// One cell, or those of a table row. A cell may hold several lines.
    pub(crate) cells: Vec<String>,
    /// Links behind the words.
    pub(crate) links: Vec<String>,
}

impl Line {
    /// An empty line.
    pub(crate) fn blank(quote: usize) -> Line {
        Line { quote, cells: Vec::new(), links: Vec::new() }
    }

    /// Nothing to be seen.
    pub(crate) fn is_blank(&self) -> bool {
        self.cells.iter().all(|c| c.trim().is_empty())
    }

    /// The words of the whole line.
    pub(crate) fn words(&self) -> String {
        self.cells.join(" ")
    }
}

/// The lines of a part, and whether it was too long to be read whole.
pub(crate) struct Body {
    pub(crate) lines: Vec<Line>,
    pub(crate) cut: bool,
}

/// The lines of a text part.
pub(crate) fn of_text(raw: &str) -> Body {
    let kept = text::first_bytes(raw, MOST_TEXT);
    let plain = text::plain(&kept.replace("\r\n", "\n").replace('\r', "\n"));
    let mut lines: Vec<Line> = plain.lines().take(MOST_LINES).map(text_line).collect();
    let cut =
        (kept.len() < raw.len() && !raw[kept.len()..].trim().is_empty()) || plain.lines().nth(MOST_LINES).is_some();
    lines.retain(|l| !is_table_rule(l));
    Body { lines, cut }
}

/// The lines of an HTML part.
pub(crate) fn of_html(raw: &str) -> Body {
    let kept = text::first_bytes(raw, MOST_HTML);
    let mut lines = html::lines(kept);
    let mut cut = kept.len() < raw.len() || lines.len() >= MOST_LINES;
    let mut room = MOST_TEXT;
    let fits = lines.iter().take_while(|l| {
        let size: usize = l.cells.iter().map(String::len).sum();
        let fits = size <= room;
        room = room.saturating_sub(size);
        fits
    });
    let fits = fits.count();
    cut |= fits < lines.len();
    lines.truncate(fits);
    Body { lines: lines.into_iter().map(requoted).collect(), cut }
}

/// Some programs put `>` into HTML as well.
fn requoted(mut line: Line) -> Line {
    if let [only] = line.cells.as_slice()
        && only.starts_with('>')
        && !only.contains('\n')
    {
        let (depth, rest) = unquoted(only);
        line.quote += depth;
        line.cells = vec![rest.trim().to_owned()];
    }
    line
}

fn text_line(raw: &str) -> Line {
    let (quote, rest) = unquoted(raw);
    Line { quote, cells: cells_of(rest), links: Vec::new() }
}

fn unquoted(raw: &str) -> (usize, &str) {
    let mut depth = 0;
    let mut rest = raw;
    while let Some(inner) = rest.trim_start_matches(' ').strip_prefix('>') {
        depth += 1;
        rest = inner;
    }
    (depth, rest)
}

/// Tabs and the pipes of a text table separate cells.
fn cells_of(line: &str) -> Vec<String> {
    let trimmed = line.trim();
    let pipes = trimmed.matches('|').count();
    let cells: Vec<&str> = if trimmed.starts_with('|') && pipes >= 2 {
        trimmed.trim_matches('|').split('|').collect()
    } else if trimmed.contains('\t') {
        trimmed.split('\t').collect()
    } else if pipes >= 1 && trimmed.contains(" | ") {
        trimmed.split(" | ").collect()
    } else if let Some((label, rest)) = trimmed.split_once("  ").filter(|(label, _)| !label.contains([':', '?'])) {
        std::iter::once(label).chain(rest.split("  ")).collect()
    } else {
        vec![trimmed]
    };
    cells.into_iter().map(text::squeezed).filter(|c| !c.is_empty()).collect()
}

/// The ruler under the head of a text table.
fn is_table_rule(line: &Line) -> bool {
    let words = line.words();
    words.len() >= 3
        && words.contains('-')
        && (words.contains('|') || words.contains('+') || line.cells.len() > 1)
        && words.chars().all(|c| matches!(c, '-' | '|' | '+' | ' ' | ':' | '='))
}
