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
    // Whoever computes for longer does not listen to its own clock.
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs::File;
    use std::io::ErrorKind;
    use std::net::{TcpListener, ToSocketAddrs};
    use std::process::Command;

    const ALONE: &str = "A_PROCESS_OF_ITS_OWN";

    /// The test starts itself once more, in a process that gives up everything. The kernel must have Landlock.
    #[test]
    fn a_confined_process_opens_writes_and_starts_nothing() {
        if std::env::var_os(ALONE).is_none() {
            let this = "run::sandbox::tests::a_confined_process_opens_writes_and_starts_nothing";
            let mut again = Command::new(std::env::current_exe().unwrap());
            let done = again.args([this, "--exact", "--nocapture"]).env(ALONE, "1").output().unwrap();
            let said =
                String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
            assert!(done.status.success() && said.contains("1 passed"), "{said}");
            return;
        }
        let file = std::env::temp_dir().join(format!("crossing-{}", std::process::id()));
        super::enter(10.0).unwrap();
        for path in ["/etc/passwd", "/proc/self/environ", "/", "/home", "/tmp", "/bin/sh"] {
            assert_eq!(File::open(path).unwrap_err().kind(), ErrorKind::PermissionDenied, "{path}");
        }
        File::open("/etc/hosts").unwrap();
        assert!(File::create(&file).is_err());
        assert!(File::options().write(true).open("/etc/hosts").is_err());
        assert!(Command::new("/bin/true").status().is_err());
        assert!(TcpListener::bind("127.0.0.1:0").is_err());
        ("localhost", 80).to_socket_addrs().unwrap();
    }
}
