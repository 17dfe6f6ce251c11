//! Figures, and whether each meets its aim.

use serde_json::json;

/// What a figure is to be.
#[derive(Clone, Copy)]
pub enum Aim {
    /// At least this share of the yardstick.
    ShareOf(f64),
    /// At most so many times the yardstick.
    TimesAtMost(f64),
    /// At least this.
    AtLeast(f64),
    /// At most this.
    AtMost(f64),
    /// It is only told.
    None,
}

struct Figure {
    name: String,
    measured: f64,
    unit: &'static str,
    yardstick: Option<f64>,
    aim: Aim,
}

/// What was measured.
#[derive(Default)]
pub struct Report(Vec<Figure>);

impl Report {
    /// Notes a figure beside its yardstick.
    pub fn add(&mut self, name: &str, measured: f64, unit: &'static str, yardstick: Option<f64>, aim: Aim) {
        let figure = Figure { name: name.to_owned(), measured, unit, yardstick, aim };
        eprintln!("  {}", figure.row());
        self.0.push(figure);
    }

    /// Prints the table, or the same as JSON.
    pub fn print(&self, as_json: bool) {
        if as_json {
            let figures: Vec<_> = self.0.iter().map(Figure::json).collect();
            println!("{}", serde_json::Value::Array(figures));
            return;
        }
        println!("{:<52} {:>12} {:<6} {:>12} {:>7} {:>9}", "figure", "measured", "", "yardstick", "ratio", "aim");
        for figure in &self.0 {
            println!("{}", figure.row());
        }
    }
}

impl Figure {
    fn ratio(&self) -> Option<f64> {
        self.yardstick.filter(|yardstick| *yardstick > 0.0).map(|yardstick| self.measured / yardstick)
    }

    fn met(&self) -> Option<bool> {
        match self.aim {
            Aim::ShareOf(least) => self.ratio().map(|ratio| ratio >= least),
            Aim::TimesAtMost(most) => self.ratio().map(|ratio| ratio <= most),
            Aim::AtLeast(least) => Some(self.measured >= least),
            Aim::AtMost(most) => Some(self.measured <= most),
            Aim::None => None,
        }
    }

    fn aim(&self) -> String {
        match self.aim {
            Aim::ShareOf(share) => format!("≥ {share}×"),
            Aim::TimesAtMost(times) => format!("≤ {times}×"),
            Aim::AtLeast(least) => format!("≥ {least}"),
            Aim::AtMost(most) => format!("≤ {most}"),
            Aim::None => String::new(),
        }
    }

    fn row(&self) -> String {
        let optional = |value: Option<f64>| value.map(number).unwrap_or_default();
        let met = self.met().map_or("", |met| if met { "met" } else { "MISSED" });
        let (measured, yardstick, ratio) = (
            number(self.measured),
            optional(self.yardstick),
            self.ratio().map(|r| format!("{r:.2}")).unwrap_or_default(),
        );
        format!("{:<52} {measured:>12} {:<6} {yardstick:>12} {ratio:>7} {:>9} {met}", self.name, self.unit, self.aim())
    }

    fn json(&self) -> serde_json::Value {
        json!({
            "figure": self.name, "measured": self.measured, "unit": self.unit, "yardstick": self.yardstick,
            "ratio": self.ratio(), "aim": self.aim(), "met": self.met(),
        })
    }
}

fn number(value: f64) -> String {
    if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.3}") }
}

/// The value in the middle.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
