//! Colours, and whether text in one can be read on another (WCAG 2.2, success criterion 1.4.3).

/// Red, green and blue (sRGB).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour([u8; 3]);

/// Text of any size can be read from this contrast on (WCAG 2.2, 1.4.3, level AA).
const READABLE: f64 = 4.5;

impl Colour {
    /// White.
    pub const WHITE: Self = Self([255; 3]);
    /// Black.
    pub const BLACK: Self = Self([0; 3]);

    /// A colour as style sheets write it: "#12614a", or "#164" for short.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        let digits: Vec<u8> = digits.chars().map(|digit| digit.to_digit(16)?.try_into().ok()).collect::<Option<_>>()?;
        let part =
            |at: usize| if digits.len() == 3 { digits[at] * 17 } else { digits[at * 2] * 16 + digits[at * 2 + 1] };
        matches!(digits.len(), 3 | 6).then(|| Self([part(0), part(1), part(2)]))
    }

    /// Black or white, whichever reads better on it. One of the two always has a contrast of 4.58 at the least.
    #[must_use]
    pub fn text_on_it(self) -> Self {
        if self.contrast(Self::WHITE) >= self.contrast(Self::BLACK) { Self::WHITE } else { Self::BLACK }
    }

    /// The same hue, as much nearer to `end` as it takes to be read on `paper`.
    #[must_use]
    pub fn readable_on(self, paper: Self, end: Self) -> Self {
        let mixed = |parts: u16| {
            let mix = |own: u8, end: u8| (u16::from(own) * (16 - parts) + u16::from(end) * parts) / 16;
            let [r, g, b] = [0, 1, 2].map(|at| u8::try_from(mix(self.0[at], end.0[at])).unwrap_or(end.0[at]));
            Self([r, g, b])
        };
        (0..16).map(mixed).find(|colour| colour.contrast(paper) >= READABLE).unwrap_or(end)
    }

    /// The contrast between two colours: 1 to 21 (WCAG 2.2, "contrast ratio").
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// WCAG 2.2, "relative luminance".
    fn luminance(self) -> f64 {
        let [r, g, b] = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_written_as_style_sheets_write_them() {
        assert_eq!(Colour::new("#12614a").unwrap().to_string(), "#12614a");
        assert_eq!(Colour::new("#F0C").unwrap().to_string(), "#ff00cc");
        for wrong in ["", "#", "12614a", "#12614", "#12614g", "#12614a;}", "red", "#é2"] {
            assert_eq!(Colour::new(wrong), None, "{wrong}");
        }
    }

    /// The numbers that WCAG's own examples have.
    #[test]
    fn contrast_is_that_of_wcag() {
        assert!((Colour::BLACK.contrast(Colour::WHITE) - 21.0).abs() < 1e-9);
        let grey = Colour::new("#777").unwrap().contrast(Colour::WHITE);
        assert!((grey - 4.478).abs() < 0.001, "{grey}");
    }

    #[test]
    fn whatever_the_colour_text_on_it_and_links_in_it_can_be_read() {
        let (light, dark) = (Colour::new("#f6f5f1").unwrap(), Colour::new("#1e2126").unwrap());
        for at in 0..4096_u32 {
            let colour = Colour::new(&format!("#{at:03x}")).unwrap();
            assert!(colour.contrast(colour.text_on_it()) >= READABLE, "{colour}");
            assert!(colour.readable_on(light, Colour::BLACK).contrast(light) >= READABLE, "{colour}");
            assert!(colour.readable_on(dark, Colour::WHITE).contrast(dark) >= READABLE, "{colour}");
        }
    }
}
