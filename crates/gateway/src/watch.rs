//! Notifications of changed files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;

/// Watches files for changes. It watches their directories: editors and deployments replace files by new ones.
pub struct FileWatch {
    watcher: Mutex<(RecommendedWatcher, BTreeSet<PathBuf>)>,
    changed: Arc<Notify>,
}

impl FileWatch {
    /// Creates a watch without files.
    ///
    /// # Errors
    /// When the system does not support notifications.
    pub fn new() -> Result<FileWatch, notify::Error> {
        let changed = Arc::new(Notify::new());
        let sender = changed.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // A reload reads the files, which must not cause another one.
            if !event.is_ok_and(|event| matches!(event.kind, EventKind::Access(_))) {
                sender.notify_one();
            }
        })?;
        Ok(FileWatch { watcher: Mutex::new((watcher, BTreeSet::new())), changed })
    }

    /// Adds files to the watch.
    ///
    /// # Errors
    /// When a directory cannot be watched.
    pub fn watch<'p>(&self, files: impl IntoIterator<Item = &'p Path>) -> Result<(), notify::Error> {
        let mut guard = self.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        let (watcher, watched) = &mut *guard;
        for file in files {
            // A link and its target may change independently.
            for path in [Some(file.to_owned()), file.canonicalize().ok()].into_iter().flatten() {
                let directory = match path.parent() {
                    Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
                    _ => PathBuf::from("."),
                };
                if watched.insert(directory.clone()) {
                    watcher.watch(&directory, RecursiveMode::NonRecursive)?;
                    // A change just before this call would be missed: count it as one.
                    self.changed.notify_one();
                }
            }
        }
        Ok(())
    }

    /// Waits for a change in these directories since the last call.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }
}

impl std::fmt::Debug for FileWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileWatch").finish_non_exhaustive()
    }
}
