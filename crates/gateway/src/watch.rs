//! Learning that files have changed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;

/// Watches the directories of some files, for editors and deployments put new files in the place of old ones.
pub struct FileWatch {
    watcher: Mutex<(RecommendedWatcher, BTreeSet<PathBuf>)>,
    changed: Arc<Notify>,
}

impl FileWatch {
    /// Watches nothing yet.
    ///
    /// # Errors
    /// When the system does not tell of changes.
    pub fn new() -> Result<FileWatch, notify::Error> {
        let changed = Arc::new(Notify::new());
        let told = changed.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // Reading a file, as a reload does, changes nothing.
            if !event.is_ok_and(|event| matches!(event.kind, EventKind::Access(_))) {
                told.notify_one();
            }
        })?;
        Ok(FileWatch { watcher: Mutex::new((watcher, BTreeSet::new())), changed })
    }

    /// Watches these files, too.
    ///
    /// # Errors
    /// When a directory cannot be watched.
    pub fn watch<'p>(&self, files: impl IntoIterator<Item = &'p Path>) -> Result<(), notify::Error> {
        let mut guard = self.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        let (watcher, watched) = &mut *guard;
        for file in files {
            // A link and what it leads to may change apart from each other.
            for path in [Some(file.to_owned()), file.canonicalize().ok()].into_iter().flatten() {
                let directory = match path.parent() {
                    Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
                    _ => PathBuf::from("."),
                };
                if watched.insert(directory.clone()) {
                    watcher.watch(&directory, RecursiveMode::NonRecursive)?;
                    // What happened before this counts as a change: nobody would have told of it.
                    self.changed.notify_one();
                }
            }
        }
        Ok(())
    }

    /// Waits until something in those directories has changed since the last time.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }
}

impl std::fmt::Debug for FileWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileWatch").finish_non_exhaustive()
    }
}
