//! The studio's name and colour on the pages that clients and musicians see.

use super::Web;
use crate::hash::sha256;
use crate::settings::Colour;
use std::fmt;

/// The studio, as the frame of a page shows it.
#[derive(Clone, Debug)]
pub struct Brand {
    name: String,
    /// The version of the studio's own style sheet, where it has a colour.
    pub style: Option<String>,
}

impl fmt::Display for Brand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Web {
    /// The studio, as the frame of a page shows it.
    #[must_use]
    pub fn brand(&self) -> Brand {
        let studio = &self.engine.settings().studio;
        Brand { name: studio.name.clone(), style: studio.colour.map(version) }
    }
}

/// A name for the style sheet of this colour.
#[must_use]
pub fn version(colour: Colour) -> String {
    sha256(&[style(colour).as_bytes()]).chars().take(12).collect()
}

/// The style sheet of this colour: as it is on what is big, and as near to it as can be read where it is text. The papers
/// are those of `style.css`: the darker one by day, the lighter one by night.
#[must_use]
pub fn style(colour: Colour) -> String {
    let [day, night] = [("#f6f5f1", Colour::BLACK), ("#1e2126", Colour::WHITE)].map(|(paper, end)| {
        let paper = Colour::new(paper).unwrap_or(Colour::WHITE);
        colour.readable_on(paper, end)
    });
    let on_it = colour.text_on_it();
    format!(
        ":root{{--accent:{day}}}@media(prefers-color-scheme:dark){{:root{{--accent:{night}}}}}\
         .musician .big{{background:{colour};color:{on_it}}}\
         .musician .question{{border-top-color:{colour}}}.studio{{border-bottom:4px solid {colour}}}\n"
    )
}
