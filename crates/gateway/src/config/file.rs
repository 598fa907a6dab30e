//! Reading configuration and certificate files.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

/// The largest file that is read, in bytes. A file with 100,000 origins has about four million.
const MAX_BYTES: u64 = 64 << 20;

/// Reads a regular file of at most 64 MiB. Pipes and devices are refused: they cannot be read again after a change, and may
/// block or never end.
///
/// # Errors
/// When it is not a regular file, is too large, or cannot be read.
pub fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let kind = fs::metadata(path)?.file_type();
    if !(kind.is_file() || kind.is_dir()) {
        return Err(io::Error::other("it is no regular file, which could be read again when it changes"));
    }
    // A directory passes the check: the error of reading one is clearer.
    read_within_limit(File::open(path)?)
}

/// Reads to the end, at most 64 MiB.
///
/// # Errors
/// When there is more, or reading fails.
pub fn read_within_limit(from: impl io::Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::other(format!("a file has at most {} MiB", MAX_BYTES >> 20)));
    }
    Ok(bytes)
}
