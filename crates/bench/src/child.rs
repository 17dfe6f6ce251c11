//! Processes that are measured: started, watched in `/proc`, ended.

use anyhow::{Context, bail};
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child as Process, Command, Stdio};
use std::thread;
use std::time::Duration;

/// What mails are posted with.
pub const TOKEN: &str = "bench";

/// A server that runs until this is dropped.
pub struct Child {
    process: Process,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Child {
    /// Starts the program on a database; it listens when this returns. Texts leave at any hour, so that what is measured
    /// does not depend on when.
    pub fn product(program: &Path, url: &str) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        command
            .arg("serve")
            .env("FIRSTCALL__DATABASE__URL", url)
            .env("FIRSTCALL__SERVER__LISTEN", "127.0.0.1:0")
            .env("FIRSTCALL__INTAKE__TOKEN", TOKEN)
            .env("FIRSTCALL__MANAGER__PHONE", "+12125550199")
            .env("FIRSTCALL__CALLING__QUIET_HOURS", "off");
        Self::start(&mut command)
    }

    /// Waits until it has nothing left to do: with other rules than before it wakes every booking first.
    pub fn settle(&self) -> anyhow::Result<()> {
        let mut before = 0.0;
        loop {
            thread::sleep(Duration::from_millis(500));
            let cpu = self.cpu()?;
            if cpu - before < 0.01 {
                return Ok(());
            }
            before = cpu;
        }
    }

    /// Starts the yardstick on a database file.
    pub fn yardstick(file: &Path) -> anyhow::Result<Self> {
        Self::start(Command::new(std::env::current_exe()?).arg("yardstick").arg(file))
    }

    fn start(command: &mut Command) -> anyhow::Result<Self> {
        let mut process = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().context("the server starts")?;
        let mut lines = BufReader::new(process.stderr.take().context("its errors")?).lines().map_while(Result::ok);
        let mut said = String::new();
        let address = loop {
            let Some(line) = lines.next() else { bail!("the server did not say where it listens: {said}") };
            if let Some((_, address)) = line.rsplit_once("http://") {
                break address.trim().parse()?;
            }
            said.push_str(&line);
        };
        thread::spawn(move || lines.for_each(|line| eprintln!("    {line}")));
        Ok(Self { process, address })
    }

    /// How long it has computed, in seconds, on all cores together.
    pub fn cpu(&self) -> anyhow::Result<f64> {
        // Each thread counts in nanoseconds; threads that ended do not count any more, and none of those measured do.
        let mut nanoseconds = 0.0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.process.id()))? {
            let text = fs::read_to_string(thread?.path().join("schedstat")).unwrap_or_default();
            nanoseconds += text.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or(0.0);
        }
        Ok(nanoseconds / 1e9)
    }

    /// How much memory it holds, in megabytes.
    pub fn resident(&self) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
        let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kilobytes / 1024.0)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
