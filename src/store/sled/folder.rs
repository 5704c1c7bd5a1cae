//! The folder under a sled database: what sled leaves undone about it.
//!
//! sled syncs none of the names it makes, and it stumbles over two files of its own that a power cut can
//! leave half written. Both are put right here, under a lock of ours, before sled looks at the folder.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// Makes the folder if it is missing and takes it for this process, until the answer is dropped; `None`
/// when another process has it.
pub(super) fn take(folder: &Path) -> io::Result<Option<File>> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let lock = File::create(folder.join("lock"))?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// The file that says: a store of ours was made here, and it was durable before this file was.
const MARK: &str = "thoai-store";

/// Whether a store was made in the folder before.
pub(super) fn is_marked(folder: &Path) -> bool {
    folder.join(MARK).exists()
}

/// Writes down that a store was made in the folder, unless that is written already.
pub(super) fn mark(folder: &Path) -> io::Result<()> {
    if is_marked(folder) {
        return Ok(());
    }
    File::create(folder.join(MARK))?;
    File::open(folder)?.sync_all()
}

/// Removes what a cut has left half written and sled would take for damage: a snapshot that was not yet
/// renamed, and `conf` with a wrong checksum. Neither holds anything: snapshots shorten the start, and
/// `conf` holds only what this program always chooses.
pub(super) fn mend(folder: &Path) -> io::Result<()> {
    for file in fs::read_dir(folder)? {
        let (path, name) = file.map(|file| (file.path(), file.file_name()))?;
        let name = name.to_string_lossy();
        let is_half = match &*name {
            "conf" => !is_sound(&fs::read(&path)?),
            _ => name.starts_with("snap.") && name.ends_with(".generating"),
        };
        if is_half {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// `conf` ends in the CRC-32 of what is before it, little-endian.
fn is_sound(conf: &[u8]) -> bool {
    conf.split_last_chunk().is_some_and(|(text, checksum)| crc32fast::hash(text).to_le_bytes() == *checksum)
}

/// Makes the names durable that opening has made: without this a new store may be gone after a power cut,
/// whatever was synced in it.
pub(super) fn sync_names(folder: &Path) -> io::Result<()> {
    File::open(folder.join("conf"))?.sync_all()?;
    File::open(folder.join("blobs"))?.sync_all()?;
    File::open(folder)?.sync_all()?;
    match fs::canonicalize(folder)?.parent() {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_conf_of_sled_stays_and_half_of_one_goes() {
        let folder = tempfile::tempdir().unwrap();
        drop(::sled::open(folder.path()).unwrap());
        let conf = folder.path().join("conf");
        let sound = fs::read(&conf).unwrap();
        mend(folder.path()).unwrap();
        assert_eq!(fs::read(&conf).unwrap(), sound);
        fs::write(&conf, vec![0; sound.len()]).unwrap();
        fs::write(folder.path().join("snap.00.generating"), "").unwrap();
        assert!(::sled::open(folder.path()).is_err());
        mend(folder.path()).unwrap();
        drop(::sled::open(folder.path()).unwrap());
        assert_eq!(fs::read(&conf).unwrap(), sound);
    }
}
