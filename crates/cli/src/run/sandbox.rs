//! What a script's own process gives up before it meets the script.

/// The most memory of the process, in bytes: the script's own limit is far below.
const MEMORY: u64 = 4 << 30;
/// How many files, sockets among them, it may have open at once.
const FILES: u64 = 1024;

/// Closes what the process has inherited beside the three standard streams. To be called before anything has been opened.
#[cfg(unix)]
pub(super) fn close_files() {
    let listed = std::fs::read_dir("/proc/self/fd").map(|files| {
        files.filter_map(|file| file.ok()?.file_name().to_str()?.parse().ok()).collect::<Vec<i32>>()
    });
    for file in listed.unwrap_or_else(|_| (3..256).collect()) {
        if file > 2 {
            // The one of the list itself is closed already.
            let _ = nix::unistd::close(file);
        }
    }
}

#[cfg(not(unix))]
pub(super) fn close_files() {}

/// Gives up what only an engine that has been taken over would ask for. Threads that have been started before keep it.
///
/// # Errors
/// When the system refuses; then nothing is to be run.
#[cfg(unix)]
pub(super) fn enter(seconds: f64) -> Result<(), String> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    // Two threads may compute all the time; whoever is alive after that does not listen to its own clock.
    let computing = (2.0 * seconds) as u64 + 10;
    let limits = [
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_FSIZE, 0),
        (Resource::RLIMIT_NOFILE, FILES),
        (Resource::RLIMIT_CPU, computing),
        #[cfg(target_os = "linux")]
        (Resource::RLIMIT_AS, MEMORY),
    ];
    for (resource, limit) in limits {
        let refused = |error| format!("the script's own process cannot be limited: {resource:?}: {error}");
        let (_, most) = getrlimit(resource).map_err(refused)?;
        setrlimit(resource, limit.min(most), limit.min(most)).map_err(refused)?;
    }
    system::enter()
}

#[cfg(not(unix))]
pub(super) fn enter(_: f64) -> Result<(), String> {
    Ok(())
}

#[cfg(target_os = "linux")]
mod system {
    use landlock::{
        ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
        RulesetCreatedAttr, RulesetError, Scope,
    };
    use nix::sys::prctl;
    use nix::sys::signal::Signal;

    /// What looking up a name and the time of day read.
    const READ: &[&str] = &[
        "/etc/resolv.conf",
        "/etc/hosts",
        "/etc/host.conf",
        "/etc/nsswitch.conf",
        "/etc/gai.conf",
        "/etc/services",
        "/etc/localtime",
        "/etc/ld.so.cache",
        "/usr/share/zoneinfo",
        "/lib",
        "/lib64",
        "/usr/lib",
        "/usr/lib64",
        "/run/systemd/resolve",
        "/run/nscd",
    ];

    /// Ends with whoever has started it; opens, changes and starts no file but those; takes no connection. As far as the
    /// kernel knows how.
    pub(super) fn enter() -> Result<(), String> {
        prctl::set_pdeathsig(Signal::SIGKILL).map_err(|error| format!("prctl: {error}"))?;
        confine().map_err(|error| format!("the script's own process cannot be confined: {error}"))
    }

    fn confine() -> Result<(), RulesetError> {
        let all = ABI::V6;
        let mut rules = Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(all))?
            .handle_access(AccessNet::BindTcp)?
            .scope(Scope::from_all(all))?
            .create()?;
        for path in READ {
            // What is not there is not read.
            let Ok(file) = PathFd::new(path) else { continue };
            let access = if std::path::Path::new(path).is_dir() {
                AccessFs::ReadFile | AccessFs::ReadDir
            } else {
                AccessFs::ReadFile.into()
            };
            rules = rules.add_rule(PathBeneath::new(file, access))?;
        }
        rules.restrict_self()?;
        Ok(())
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
mod system {
    pub(super) fn enter() -> Result<(), String> {
        Ok(())
    }
}
