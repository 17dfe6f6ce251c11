//! Answers on PostgreSQL, against single-row commits of `pgbench` on the same server.

use crate::Bench;
use crate::answers::{Clicks, fill};
use crate::child::Child;
use crate::load;
use crate::report::{Aim, Report, median};
use crate::stock::{self, CHAIRS, Offers};
use anyhow::{Context, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const CLICKS: usize = 4_000;

/// Eight connections against eight clients.
pub fn measure(bench: &Bench, report: &mut Report) -> anyhow::Result<()> {
    let Some(server) = Server::start()? else {
        eprintln!("  PostgreSQL is not installed: left out");
        return Ok(());
    };
    server.run("psql", &["-q", "-c", "CREATE DATABASE bench", "postgres"])?;
    server.run("psql", &["-q", "-c", "CREATE TABLE yardstick (a BIGINT, b TEXT)", "bench"])?;
    let url = format!("postgres:///bench?host={}&user=postgres", server.directory.path().display());
    let bookings = CLICKS.div_ceil(CHAIRS.len() - 1) * (bench.rounds + 1);
    bench.runtime.block_on(fill(&url, bookings, Offers::Asked(stock::in_an_hour())))?;
    server.run("psql", &["-q", "-c", "ANALYZE", "bench"])?;
    let product = Child::product(&bench.program, &url)?;
    product.settle()?;
    let mut clicks = Clicks::new(CHAIRS.len() - 1);
    let (mut ours, mut theirs, mut p99, mut cpu) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..=bench.rounds {
        let before = product.cpu()?;
        let load = load::run(product.address, 8, &clicks.take(CLICKS), "Your time is held")?;
        let used = product.cpu()? - before;
        let their = server.pgbench()?;
        if round > 0 {
            ours.push(load.per_second);
            p99.push(load.percentile(0.99));
            theirs.push(their);
            #[allow(clippy::cast_precision_loss, reason = "a figure to look at")]
            cpu.push(used * 1e3 / CLICKS as f64);
        }
    }
    let name = "answers on PostgreSQL, 8 connections";
    report.add(&format!("{name}: a second"), median(ours), "/s", Some(median(theirs)), Aim::ShareOf(0.5));
    report.add(&format!("{name}: p99"), median(p99), "ms", None, Aim::None);
    report.add(&format!("{name}: our CPU each"), median(cpu), "ms", None, Aim::None);
    Ok(())
}

/// A server of its own, on a socket, with the settings that it comes with.
struct Server {
    bin: PathBuf,
    directory: TempDir,
}

impl Server {
    fn start() -> anyhow::Result<Option<Self>> {
        let mut versions: Vec<_> = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().collect();
        versions.sort_by_key(std::fs::DirEntry::path);
        let Some(version) = versions.pop() else { return Ok(None) };
        let server = Self { bin: version.path().join("bin"), directory: tempfile::tempdir()? };
        let directory = path(server.directory.path())?.to_owned();
        if Self::is_root() {
            checked(Command::new("chown").args(["postgres", &directory]))?;
        }
        let (data, log) = (format!("{directory}/data"), format!("{directory}/log"));
        server.run("initdb", &["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "-D", &data])?;
        let options = format!("-c listen_addresses='' -c unix_socket_directories='{directory}'");
        server.run("pg_ctl", &["start", "-w", "-s", "-D", &data, "-l", &log, "-o", &options])?;
        Ok(Some(server))
    }

    /// Single-row commits a second.
    fn pgbench(&self) -> anyhow::Result<f64> {
        let script = self.directory.path().join("insert.sql");
        fs::write(&script, "INSERT INTO yardstick VALUES (1, 'yes');\n")?;
        let arguments = ["-n", "-M", "prepared", "-c", "8", "-j", "1", "-T", "2", "-f", path(&script)?, "bench"];
        let said = self.run("pgbench", &arguments)?;
        let line = said.lines().find_map(|line| line.strip_prefix("tps = ")).context("tps")?;
        Ok(line.split(' ').next().context("a number")?.parse()?)
    }

    fn run(&self, program: &str, arguments: &[&str]) -> anyhow::Result<String> {
        let mut command = Command::new(self.bin.join(program));
        if Self::is_root() {
            command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(self.bin.join(program));
        }
        command.env("PGHOST", self.directory.path()).env("PGUSER", "postgres").current_dir("/");
        checked(command.args(arguments))
    }

    /// The server refuses to run as root.
    fn is_root() -> bool {
        use std::os::unix::fs::MetadataExt as _;
        fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.directory.path().join("data");
        let _ = self.run("pg_ctl", &["stop", "-m", "immediate", "-D", &data.to_string_lossy()]);
    }
}

fn path(path: &Path) -> anyhow::Result<&str> {
    path.to_str().context("a path in UTF-8")
}

fn checked(command: &mut Command) -> anyhow::Result<String> {
    // A server that is started keeps its output open, so it goes to files.
    let out = tempfile::tempfile()?;
    let status =
        command.stdin(std::process::Stdio::null()).stdout(out.try_clone()?).stderr(out.try_clone()?).status()?;
    let mut said = String::new();
    let mut out = out;
    std::io::Seek::rewind(&mut out)?;
    std::io::Read::read_to_string(&mut out, &mut said)?;
    if !status.success() {
        bail!("{command:?}: {said}");
    }
    Ok(said)
}
