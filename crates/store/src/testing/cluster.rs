//! A `PostgreSQL` server for one run of the tests.
//!
//! The processes of a run (nextest gives every test its own) have the same parent. The first that needs the server
//! starts it, the others find it, and a watchdog stops it when the parent is gone, whatever became of the tests.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::unix::process::{CommandExt as _, parent_id};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::{env, iter, os::unix::fs::MetadataExt as _};

/// Names a server to use instead, as `postgres://…`; databases are created on it.
const GIVEN: &str = "FIRSTCALL_TEST_POSTGRES";

/// Nothing here has to outlive a power failure. Deadlocks are looked for early, since tests make them on purpose.
const SETTINGS: &str = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=400 \
                        -c shared_buffers=64MB -c deadlock_timeout=50ms -c autovacuum=off";

/// The address of a database of the server.
pub(super) fn database_url(name: &str) -> String {
    static SERVER: OnceLock<String> = OnceLock::new();
    let server = SERVER.get_or_init(|| env::var(GIVEN).unwrap_or_else(|_| shared()));
    // There is always an option, so that a test can append others.
    let (start, query) = server.split_once('?').unwrap_or((server, "connect_timeout=10"));
    let (scheme, rest) = start.split_once("://").expect("the address of a server");
    let authority = rest.split('/').next().unwrap_or_default();
    format!("{scheme}://{authority}/{name}?{query}")
}

/// The server's part of an address, and the name of the database.
pub(super) fn split(url: &str) -> (&str, &str) {
    let start = url.split('?').next().unwrap_or_default();
    start.rsplit_once('/').unwrap_or_default()
}

/// The address of the run's server, which is started if nobody has.
fn shared() -> String {
    let directory = env::temp_dir().join(format!("firstcall-pg-{}", run_name()));
    let lock_path = directory.with_extension("lock");
    let mut lock = File::options().read(true).append(true).create(true).open(&lock_path).expect("the lock file");
    lock.lock().expect("the lock");
    let mut state = String::new();
    lock.read_to_string(&mut state).expect("the lock file");
    if state.is_empty() {
        start(&directory, &lock_path);
        lock.write_all(b"started\n").expect("the lock file");
    }
    format!("postgres://postgres@/?host={}", directory.display())
}

/// The same for every process of a run: the parent, and when that one started, as numbers are used again.
fn run_name() -> String {
    let parent = parent_id();
    let stat = fs::read_to_string(format!("/proc/{parent}/stat")).unwrap_or_default();
    let started = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(19)).unwrap_or("0");
    format!("{parent}-{started}")
}

fn start(directory: &Path, lock: &Path) {
    let bin = binaries();
    // One that another process failed to start.
    let _ = fs::remove_dir_all(directory);
    fs::create_dir(directory).expect("a directory for the server");
    let root = fs::metadata(directory).expect("its owner").uid() == 0;
    if root {
        run(Command::new("chown").arg("postgres").arg(directory));
    }
    let data = directory.join("data");
    run(server_command(root, &bin.join("initdb")).args(["-A", "trust", "-U", "postgres", "-N", "-E", "UTF8"]).args([
        "--locale=C",
        "-D",
        path(&data),
    ]));
    // Before the server, so that nothing is left whatever happens next.
    watch(root, &bin, directory, lock);
    let options = format!("{SETTINGS} -c unix_socket_directories='{}'", directory.display());
    let log = directory.join("log");
    run(server_command(root, &bin.join("pg_ctl"))
        .args(["start", "-w", "-s", "-D", path(&data), "-l", path(&log)])
        .args(["-o", &options]));
}

/// The server refuses to run as root.
fn server_command(root: bool, program: &Path) -> Command {
    if !root {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program);
    command
}

/// Outlives this process, in a group of its own and without its output, for which a test runner would wait.
fn watch(root: bool, bin: &Path, directory: &Path, lock: &Path) {
    let stop = server_command(root, &bin.join("pg_ctl"));
    let stop: Vec<_> = iter::once(stop.get_program()).chain(stop.get_args()).collect();
    let script = format!(
        "( while kill -0 {parent}; do sleep 1; done
           {stop} stop -m immediate -D {directory}/data
           rm -rf {directory} {lock}
         ) </dev/null >/dev/null 2>&1 &",
        parent = parent_id(),
        stop = stop.join(OsStr::new(" ")).display(),
        directory = directory.display(),
        lock = lock.display(),
    );
    run(Command::new("sh").args(["-c", &script]).process_group(0));
}

fn run(command: &mut Command) {
    // The server's user may not be allowed to enter the directory of the tests.
    let output =
        command.current_dir("/").stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a temporary directory with a name in UTF-8")
}

/// Debian keeps them out of the PATH, by version.
fn binaries() -> PathBuf {
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = debian.map(|version| version.path().join("bin"));
    let search = env::var_os("PATH").unwrap_or_default();
    let mut found: Vec<_> =
        debian.chain(env::split_paths(&search)).filter(|directory| directory.join("initdb").exists()).collect();
    found.sort();
    found.pop().unwrap_or_else(|| {
        panic!("PostgreSQL is not installed: apt-get install -y postgresql (Debian), or name a server in {GIVEN}")
    })
}
