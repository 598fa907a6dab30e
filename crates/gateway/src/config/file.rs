//! Reading what a gateway's file consists of.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

/// The largest file that is read, in bytes: a hundred thousand origins take four million.
const LARGEST: u64 = 64 << 20;

/// Reads a file that may have to be read again when it changes: a regular one, and not too large. A pipe would be waited
/// for, and a device may never end.
///
/// # Errors
/// When it is no such file, or cannot be read.
pub fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let kind = fs::metadata(path)?.file_type();
    if !(kind.is_file() || kind.is_dir()) {
        return Err(io::Error::other("it is no regular file, which could be read again when it changes"));
    }
    // Of a directory, the system says that it is one.
    read_within_limit(File::open(path)?)
}

/// Reads to the end what is not too large.
///
/// # Errors
/// When it is, or cannot be read.
pub fn read_within_limit(from: impl io::Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::other(format!("a file has at most {} MiB", LARGEST >> 20)));
    }
    Ok(bytes)
}
