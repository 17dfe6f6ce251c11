//! A copy of a database that is in use.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, backup::Backup};

use super::session::refused;
use crate::Error;

/// Copies the whole in one step, which is one read transaction: writers go on, and the copy is of one moment.
/// It gets its name once it is complete and on the disk.
pub(super) fn copy(source: &Connection, target: &Path) -> Result<(), Error> {
    if target.exists() {
        return Err(Error::Unavailable(format!("{} exists", target.display())));
    }
    let partial = partial(target);
    let copied = copy_pages(source, &partial).and_then(|()| {
        let named = File::open(&partial).and_then(|file| file.sync_all()).and_then(|()| fs::rename(&partial, target));
        named.map_err(|error| Error::Unavailable(format!("{}: {error}", target.display())))
    });
    if copied.is_err() {
        let _ = fs::remove_file(&partial);
    }
    copied
}

fn partial(target: &Path) -> PathBuf {
    let mut name = OsString::from(target);
    name.push(".partial");
    PathBuf::from(name)
}

fn copy_pages(source: &Connection, partial: &Path) -> Result<(), Error> {
    let mut copy = Connection::open(partial).map_err(|error| refused("backup", &error))?;
    let copied = Backup::new(source, &mut copy)
        .and_then(|backup| backup.run_to_completion(i32::MAX, Duration::from_millis(50), None));
    copied.map_err(|error| refused("backup", &error))
}
