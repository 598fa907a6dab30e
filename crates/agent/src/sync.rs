//! Locks.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A lock that outlives a panic elsewhere: what it guards is valid after each statement.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
