//! HTML to lines as a reader sees them: hidden parts gone, table rows kept together, quotations marked.
//!
//! One pass over the characters with a stack of open elements; no tree is built, so that hostile nesting costs nothing.

use crate::body::{Line, MOST_LINES};
use crate::text::{self, STRUCK};

/// What an element does to the text inside it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effect {
    None,
    Hidden,
    Quote,
    Struck,
}

struct Open {
    name: String,
    effect: Effect,
}

struct Walker {
    lines: Vec<Line>,
    /// Rows being filled, the innermost last; cells of finished inner tables are part of the outer cell's lines.
    row: Option<Vec<String>>,
    cell: String,
    links: Vec<String>,
    open: Vec<Open>,
    hidden: usize,
    quoted: usize,
    struck: usize,
    preformatted: usize,
}

/// So many elements may be open at once; what is nested deeper keeps the effects of what is outside it.
const DEEPEST: usize = 256;

/// The lines of an HTML part.
pub(crate) fn lines(html: &str) -> Vec<Line> {
    let mut walker = Walker {
        lines: Vec::new(),
        row: None,
        cell: String::new(),
        links: Vec::new(),
        open: Vec::new(),
        hidden: 0,
        quoted: 0,
        struck: 0,
        preformatted: 0,
    };
    let mut rest = html;
    while !rest.is_empty() && walker.lines.len() < MOST_LINES {
        rest = walker.step(rest);
    }
    walker.end_row();
    walker.end_line();
    walker.lines
}

impl Walker {
    fn step<'a>(&mut self, rest: &'a str) -> &'a str {
        let Some(at) = rest.find('<') else {
            self.words(rest);
            return "";
        };
        if at > 0 {
            self.words(&rest[..at]);
            return &rest[at..];
        }
        if let Some(comment) = rest.strip_prefix("<!--") {
            return comment.find("-->").map_or("", |end| &comment[end + 3..]);
        }
        if !rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
            self.words("<");
            return &rest[1..];
        }
        let end = tag_end(rest);
        self.tag(&rest[1..end]);
        let after = rest.get(end + 1..).unwrap_or("");
        let name = tag_name(&rest[1..end]);
        if matches!(name.as_str(), "script" | "style" | "title" | "template" | "textarea" | "xml") {
            return skip_raw(after, &name);
        }
        after
    }

    fn words(&mut self, raw: &str) {
        if self.hidden > 0 {
            return;
        }
        let decoded = unescaped(raw);
        if self.struck > 0 && !decoded.trim().is_empty() {
            self.cell.push(' ');
            self.cell.push(STRUCK);
            self.cell.push(' ');
            return;
        }
        if self.preformatted > 0 {
            for (at, part) in decoded.split('\n').enumerate() {
                if at > 0 {
                    self.end_line();
                }
                self.cell.push_str(part);
            }
            return;
        }
        for c in decoded.chars() {
            let c = if c.is_whitespace() && c != '\u{A0}' { ' ' } else { c };
            if c != ' ' || !self.cell.ends_with(' ') {
                self.cell.push(c);
            }
        }
    }

    fn tag(&mut self, tag: &str) {
        let name = tag_name(tag);
        if tag.starts_with('/') {
            self.close(&name);
        } else {
            self.open(&name, tag);
        }
    }

    fn open(&mut self, name: &str, tag: &str) {
        self.layout(name, false);
        if self.hidden == 0
            && name == "a"
            && let Some(link) = attribute(tag, "href").filter(|l| l.trim().to_ascii_lowercase().starts_with("http"))
        {
            self.links.push(unescaped(link.trim()));
        }
        let void = matches!(
            name,
            "br" | "hr" | "img" | "meta" | "link" | "input" | "col" | "wbr" | "area" | "base" | "source"
        );
        if void || tag.ends_with('/') || self.open.len() >= DEEPEST {
            return;
        }
        let effect = effect_of(name, tag);
        self.count(effect, true);
        if name == "pre" {
            self.preformatted += 1;
        }
        self.open.push(Open { name: name.to_owned(), effect });
    }

    fn close(&mut self, name: &str) {
        self.layout(name, true);
        let Some(at) = self.open.iter().rposition(|o| o.name == name) else { return };
        // A stray end tag must not close the cell or the table around it.
        if !matches!(name, "table" | "td" | "th" | "tr" | "html" | "body")
            && self.open[at..].iter().any(|o| matches!(o.name.as_str(), "td" | "th"))
        {
            return;
        }
        while self.open.len() > at {
            let Some(open) = self.open.pop() else { return };
            self.count(open.effect, false);
            if open.name == "pre" {
                self.preformatted = self.preformatted.saturating_sub(1);
            }
        }
    }

    fn count(&mut self, effect: Effect, up: bool) {
        let counter = match effect {
            Effect::None => return,
            Effect::Hidden => &mut self.hidden,
            Effect::Quote => {
                self.end_row();
                self.end_line();
                &mut self.quoted
            }
            Effect::Struck => &mut self.struck,
        };
        *counter = if up { *counter + 1 } else { counter.saturating_sub(1) };
    }

    /// Where lines, cells and rows begin and end.
    fn layout(&mut self, name: &str, closing: bool) {
        match name {
            "tr" => {
                self.end_row();
                self.end_line();
                if !closing && self.hidden == 0 {
                    self.row = Some(Vec::new());
                }
            }
            "table" => {
                self.end_row();
                self.end_line();
            }
            "td" | "th" => self.end_cell(),
            "li" if !closing => {
                self.end_line();
                self.cell.push_str("\u{2022} ");
            }
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "hr" | "ul" | "ol" | "dl" | "pre" | "blockquote" => {
                self.end_line();
                self.blank();
            }
            "br" | "div" | "li" | "dt" | "dd" | "section" | "article" | "header" | "footer" | "center" | "address"
            | "form" | "fieldset" | "legend" | "option" | "tbody" | "thead" | "tfoot" | "caption" | "body" | "html"
            | "head" | "label" => self.end_line(),
            _ => {}
        }
    }

    /// Inside a row a line break stays within the cell, so that label and answer stay side by side.
    fn end_line(&mut self) {
        if self.row.is_some() {
            if !self.cell.is_empty() && !self.cell.ends_with('\n') {
                self.cell.push('\n');
            }
            return;
        }
        let links = std::mem::take(&mut self.links);
        let cell = std::mem::take(&mut self.cell);
        if !cell.trim().is_empty() || !links.is_empty() {
            self.lines.push(Line { quote: self.quoted, cells: vec![tidy(&cell)], links });
        }
    }

    fn blank(&mut self) {
        if self.row.is_none() && self.lines.last().is_some_and(|l| !l.is_blank()) {
            self.lines.push(Line::blank(self.quoted));
        }
    }

    fn end_cell(&mut self) {
        let cell = std::mem::take(&mut self.cell);
        match &mut self.row {
            Some(row) if !cell.trim().is_empty() => row.push(tidy(&cell)),
            Some(_) => {}
            None => self.cell = cell,
        }
    }

    fn end_row(&mut self) {
        self.end_cell();
        let Some(cells) = self.row.take() else { return };
        let links = std::mem::take(&mut self.links);
        if !cells.is_empty() || !links.is_empty() {
            self.lines.push(Line { quote: self.quoted, cells, links });
        }
    }
}

fn tidy(cell: &str) -> String {
    let lines: Vec<String> = text::plain(cell).lines().map(text::squeezed).filter(|l| !l.is_empty()).collect();
    lines.join("\n")
}

fn tag_name(tag: &str) -> String {
    tag.trim_start_matches('/')
        .chars()
        .take(16)
        .take_while(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_lowercase()
}

/// Where a tag ends; a `>` inside a quoted attribute does not end it.
fn tag_end(tag: &str) -> usize {
    let mut quote = None;
    for (at, b) in tag.bytes().enumerate().take(4096) {
        match (quote, b) {
            (None, b'>') => return at,
            (None, b'"' | b'\'') if tag.as_bytes().get(at.wrapping_sub(1)) == Some(&b'=') => quote = Some(b),
            (Some(q), b) if q == b => quote = None,
            _ => {}
        }
    }
    tag.find('>').unwrap_or(tag.len())
}

fn skip_raw<'a>(rest: &'a str, name: &str) -> &'a str {
    let bytes = rest.as_bytes();
    let mut at = 0;
    while let Some(found) = rest[at..].find("</") {
        at += found + 2;
        if bytes.get(at..at + name.len()).is_some_and(|b| b.eq_ignore_ascii_case(name.as_bytes())) {
            return rest[at..].find('>').map_or("", |end| &rest[at + end + 1..]);
        }
    }
    ""
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let lower = tag.to_ascii_lowercase();
    let mut from = 0;
    while let Some(found) = lower[from..].find(name) {
        let at = from + found;
        from = at + name.len();
        if at > 0
            && !lower.as_bytes()[at - 1].is_ascii_whitespace()
            && !matches!(lower.as_bytes()[at - 1], b'"' | b'\'')
        {
            continue;
        }
        let Some(value) = tag[from..].trim_start().strip_prefix('=') else { continue };
        let value = value.trim_start();
        return Some(match value.chars().next() {
            Some(q @ ('"' | '\'')) => value[1..].split(q).next().unwrap_or(""),
            _ => value.split(|c: char| c.is_whitespace()).next().unwrap_or(""),
        });
    }
    None
}

fn effect_of(name: &str, tag: &str) -> Effect {
    let style = attribute(tag, "style").unwrap_or("").to_ascii_lowercase().replace(char::is_whitespace, "");
    if is_hidden(name, tag, &style) {
        return Effect::Hidden;
    }
    match name {
        "blockquote" => Effect::Quote,
        "del" | "s" | "strike" => Effect::Struck,
        _ if style.contains("line-through") => Effect::Struck,
        _ => Effect::None,
    }
}

fn is_hidden(name: &str, tag: &str, style: &str) -> bool {
    const STYLES: &[&str] =
        &["display:none", "visibility:hidden", "mso-hide:all", "opacity:0;", "font-size:0;", "font-size:0px"];
    let style_hides = STYLES.iter().any(|s| style.contains(s))
        || style.ends_with("opacity:0")
        || style.ends_with("font-size:0")
        || (style.contains("max-height:0") && style.contains("overflow:hidden"));
    let hidden_word = tag.split(['"', '\'']).step_by(2).any(|outside| {
        outside
            .split_whitespace()
            .skip(usize::from(outside.starts_with(name)))
            .any(|w| w.eq_ignore_ascii_case("hidden"))
    });
    style_hides || hidden_word || matches!(name, "head" | "noframes" | "object" | "svg")
}

fn unescaped(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|b| b == b';');
        if let Some((end, c)) = end.and_then(|end| Some((end, entity(&rest[1..end])?))) {
            out.push(c);
            rest = &rest[end + 1..];
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    let known = [
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", ' '),
        ("ndash", '-'),
        ("mdash", '-'),
        ("minus", '-'),
        ("times", 'x'),
        ("rsquo", '\''),
        ("lsquo", '\''),
        ("ldquo", '"'),
        ("rdquo", '"'),
        ("laquo", '"'),
        ("raquo", '"'),
        ("hellip", '\u{2026}'),
        ("bull", '\u{2022}'),
        ("middot", '\u{2022}'),
        ("shy", '\u{AD}'),
        ("zwnj", '\u{200C}'),
        ("zwj", '\u{200D}'),
        ("ensp", ' '),
        ("emsp", ' '),
        ("thinsp", ' '),
        ("eacute", 'é'),
        ("egrave", 'è'),
        ("aacute", 'á'),
        ("agrave", 'à'),
        ("oacute", 'ó'),
        ("uacute", 'ú'),
        ("iacute", 'í'),
        ("ntilde", 'ñ'),
        ("uuml", 'ü'),
        ("ouml", 'ö'),
        ("auml", 'ä'),
        ("Uuml", 'Ü'),
        ("Ouml", 'Ö'),
        ("Auml", 'Ä'),
        ("szlig", 'ß'),
        ("ccedil", 'ç'),
        ("oslash", 'ø'),
        ("aring", 'å'),
        ("atilde", 'ã'),
        ("frac12", '½'),
        ("colon", ':'),
        ("comma", ','),
        ("lpar", '('),
        ("rpar", ')'),
        ("sol", '/'),
        ("hyphen", '-'),
        ("dash", '-'),
        ("commat", '@'),
        ("period", '.'),
        ("plus", '+'),
        ("num", '#'),
        ("Tab", ' '),
        ("NewLine", ' '),
    ];
    known.iter().find(|(n, _)| *n == name).map(|(_, c)| *c)
}
