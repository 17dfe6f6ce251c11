//! What a musician plays: "drums; double bass=3".

use firstcall_mail::InstrumentName;
use std::collections::{BTreeSet, HashMap};

/// One instrument of a row. The place is the one that was written.
pub struct Plays {
    /// The roster's name.
    pub instrument: String,
    /// The place in its call list.
    pub place: Option<u32>,
}

/// The roster's instruments by every word for them.
pub struct Names<'a> {
    words: HashMap<String, BTreeSet<&'a str>>,
    all: Vec<&'a str>,
}

impl<'a> Names<'a> {
    pub fn new(instruments: &'a [InstrumentName]) -> Self {
        let mut words: HashMap<String, BTreeSet<&str>> = HashMap::new();
        for instrument in instruments {
            for word in std::iter::once(&instrument.name).chain(&instrument.aliases) {
                words.entry(simple(word)).or_default().insert(&instrument.name);
            }
        }
        // The roster's own name means that instrument, also where it is another one's alias.
        for instrument in instruments {
            words.insert(simple(&instrument.name), BTreeSet::from([instrument.name.as_str()]));
        }
        Self { words, all: instruments.iter().map(|each| each.name.as_str()).collect() }
    }

    /// Reads a field: instruments separated by semicolons, each once.
    pub fn read(&self, text: &str) -> Result<Vec<Plays>, String> {
        let mut plays: Vec<Plays> = Vec::new();
        for item in text.split(';').map(str::trim).filter(|item| !item.is_empty()) {
            let item = self.item(item)?;
            if plays.iter().any(|each| each.instrument == item.instrument) {
                return Err(format!("{} is there twice", item.instrument));
            }
            plays.push(item);
        }
        if plays.is_empty() { Err("no instrument".to_owned()) } else { Ok(plays) }
    }

    fn item(&self, item: &str) -> Result<Plays, String> {
        let (name, place) = match item.split_once('=') {
            Some((name, place)) => (name, Some(self::place(place.trim())?)),
            None => (item, None),
        };
        Ok(Plays { instrument: self.name(name.trim())?.to_owned(), place })
    }

    fn name(&self, word: &str) -> Result<&'a str, String> {
        let found = self.words.get(&simple(word)).map(|names| names.iter().copied().collect::<Vec<_>>());
        match found.as_deref() {
            Some([name]) => Ok(name),
            Some(several) => Err(format!("{word:?} may mean {}", several.join(" or "))),
            None => Err(format!("no instrument {word:?}; allowed: {} and their aliases", self.all.join(", "))),
        }
    }
}

fn place(text: &str) -> Result<u32, String> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let place = if digits { text.parse().ok() } else { None };
    place
        .filter(|place| (1..=1_000_000).contains(place))
        .ok_or_else(|| format!("{text:?} is no place; allowed: 1, 2, 3…"))
}

/// Words are compared without regard to case, and to what stands between their parts.
fn simple(word: &str) -> String {
    let word = word.to_lowercase().replace(['_', '-', '.'], " ");
    word.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Gives everybody a place: the one that was written, else, in the order of the rows, the first that no row has.
pub fn places<'a>(rows: impl Iterator<Item = &'a [Plays]> + Clone) -> Vec<Vec<(String, u32)>> {
    let mut taken: HashMap<&str, BTreeSet<u32>> = HashMap::new();
    for plays in rows.clone().flatten() {
        taken.entry(&plays.instrument).or_default().extend(plays.place);
    }
    let mut next: HashMap<&str, u32> = HashMap::new();
    let mut place = |plays: &'a Plays| {
        let place = plays.place.unwrap_or_else(|| {
            let next = next.entry(&plays.instrument).or_insert(1);
            let taken = taken.get(plays.instrument.as_str());
            while taken.is_some_and(|taken| taken.contains(next)) {
                *next += 1;
            }
            *next += 1;
            *next - 1
        });
        (plays.instrument.clone(), place)
    };
    rows.map(|row| row.iter().map(&mut place).collect()).collect()
}
