//! The simulator's command.

use clap::Parser;
use firstcall_sim::probes::ALL;
use firstcall_sim::run::{Ending, play, shorten};
use firstcall_sim::story::Story;
use firstcall_store::testing::Place;
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Plays stories against the real engine and store, and looks for anything that must never happen.
#[derive(Debug, Parser)]
struct Options {
    /// Play only the story of this seed, and print what happens in it.
    #[arg(long)]
    seed: Option<u64>,
    /// Begin with this seed; otherwise with one that nobody has seen.
    #[arg(long)]
    from: Option<u64>,
    /// Play this many stories.
    #[arg(long, default_value_t = 1000)]
    seeds: u64,
    /// Play for this many seconds instead.
    #[arg(long)]
    seconds: Option<u64>,
    /// memory, file or postgres.
    #[arg(long, default_value = "memory", value_parser = place)]
    place: Place,
    /// Go on after failures, and count them by kind.
    #[arg(long)]
    count: bool,
    /// Do not make a failing story short.
    #[arg(long)]
    whole: bool,
}

fn place(word: &str) -> Result<Place, String> {
    match word {
        "memory" => Ok(Place::Memory),
        "file" => Ok(Place::File),
        "postgres" => Ok(Place::Server),
        other => Err(format!("{other} is not one of memory, file and postgres")),
    }
}

fn main() -> ExitCode {
    let options = Options::parse();
    match options.seed {
        Some(seed) => tell_one(seed, &options),
        None => play_many(&options),
    }
}

/// One story, in full.
fn tell_one(seed: u64, options: &Options) -> ExitCode {
    let ending = play(&Story::of(seed), options.place);
    print!("{}", ending.trace);
    match ending.failure {
        None => {
            println!("seed {seed}: as it should be");
            ExitCode::SUCCESS
        }
        Some(failure) => {
            println!("{}", failure.0);
            if !options.whole {
                tell_short(seed, &failure.kind(), options);
            }
            ExitCode::FAILURE
        }
    }
}

fn tell_short(seed: u64, kind: &str, options: &Options) {
    let short = shorten(&Story::of(seed), options.place, kind);
    let ending = play(&short, options.place);
    println!("\nThe same in {} moves:\n", short.moves.len());
    for one in &short.moves {
        println!("  after {} min: {:?} ({})", one.after, one.what, one.luck);
    }
    println!("\n{}{}", ending.trace, ending.failure.map(|failure| failure.0).unwrap_or_default());
}

/// What the threads have found so far.
#[derive(Default)]
struct Found {
    stories: u64,
    booking_hours: i64,
    probes: BTreeMap<&'static str, u64>,
    failed: Option<(u64, Ending)>,
    kinds: BTreeMap<String, (u64, u64)>,
}

fn play_many(options: &Options) -> ExitCode {
    let first = options.from.unwrap_or_else(|| fastrand::u64(..1 << 48));
    let until = options.seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let (next, stop) = (AtomicU64::new(first), AtomicBool::new(false));
    let found = Mutex::new(Found::default());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::panic::set_hook(Box::new(|_| {}));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if until.map_or(seed >= first + options.seeds, |until| Instant::now() >= until) {
                        break;
                    }
                    let ending = play(&Story::of(seed), options.place);
                    let failed = note(&found, seed, ending);
                    if failed && !options.count {
                        stop.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    drop(std::panic::take_hook());
    report(found.into_inner().unwrap_or_default(), first, options)
}

fn note(found: &Mutex<Found>, seed: u64, ending: Ending) -> bool {
    let Ok(mut found) = found.lock() else { return true };
    found.stories += 1;
    found.booking_hours += ending.booking_hours;
    for (what, times) in &ending.probes {
        *found.probes.entry(what).or_default() += times;
    }
    if let Some(failure) = &ending.failure {
        let (times, _) = found.kinds.entry(failure.kind()).or_insert((0, seed));
        *times += 1;
    }
    let failed = ending.failure.is_some();
    if failed && found.failed.as_ref().is_none_or(|(first, _)| seed < *first) {
        found.failed = Some((seed, ending));
    }
    failed
}

fn report(found: Found, first: u64, options: &Options) -> ExitCode {
    println!("{} stories from seed {first}, {} booking-hours", found.stories, found.booking_hours);
    let missed: Vec<&str> = ALL.into_iter().filter(|what| !found.probes.contains_key(what)).collect();
    println!("{} of {} rare paths were reached", ALL.len() - missed.len(), ALL.len());
    for what in missed {
        println!("  never: {what}");
    }
    for (kind, (times, seed)) in found.kinds.iter().filter(|_| options.count) {
        println!("  {times:>8} × failed: {kind} (seed {seed})");
    }
    let Some((seed, ending)) = found.failed else { return ExitCode::SUCCESS };
    let failure = ending.failure.map(|failure| failure.0).unwrap_or_default();
    println!("\nSeed {seed} failed: {}", failure.lines().next().unwrap_or_default());
    println!("Again: cargo run --profile sim -p firstcall-sim -- --seed {seed}");
    if !options.whole && !options.count {
        tell_one(seed, options);
    }
    ExitCode::FAILURE
}
