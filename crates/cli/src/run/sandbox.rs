//! What the child process gives up before it runs a script.

/// The most memory of the process, in bytes. The limit of the script engine is far below.
const MAX_MEMORY: u64 = 4 << 30;
/// The most open files, sockets included.
const MAX_FILES: u64 = 1024;

/// Closes all inherited files except the three standard streams. Call it before any file is opened.
#[cfg(unix)]
pub(super) fn close_files() {
    let listed = std::fs::read_dir("/proc/self/fd").map(|files| {
        files.filter_map(|file| file.ok()?.file_name().to_str()?.parse().ok()).collect::<Vec<i32>>()
    });
    for file in listed.unwrap_or_else(|_| (3..256).collect()) {
        if file > 2 {
            // The directory that was listed is closed already.
            let _ = nix::unistd::close(file);
        }
    }
}

#[cfg(not(unix))]
pub(super) fn close_files() {}

/// Gives up everything that only an exploited script engine would use. Threads that run already keep it.
///
/// # Errors
/// If the system refuses. Then nothing may run.
#[cfg(unix)]
pub(super) fn enter(timeout: f64) -> Result<(), String> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    // A script that uses more processor time has escaped the runtime's timeout.
    let processor_time = (2.0 * timeout) as u64 + 10;
    let limits = [
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_FSIZE, 0),
        (Resource::RLIMIT_NOFILE, MAX_FILES),
        (Resource::RLIMIT_CPU, processor_time),
        #[cfg(target_os = "linux")]
        (Resource::RLIMIT_AS, MAX_MEMORY),
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

    /// The files that name resolution and the time zone need.
    const READABLE: &[&str] = &[
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

    /// The process ends with its parent. It can only read the files above, and cannot write or execute files, or accept
    /// connections, as far as the kernel supports that.
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
        for path in READABLE {
            // A path that does not exist needs no rule.
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

    const IN_CHILD: &str = "A_PROCESS_OF_ITS_OWN";

    /// The test starts itself again, in a child process that enters the sandbox. The kernel must have Landlock.
    #[test]
    fn a_sandboxed_process_cannot_open_write_or_execute_files() {
        if std::env::var_os(IN_CHILD).is_none() {
            let this = "run::sandbox::tests::a_sandboxed_process_cannot_open_write_or_execute_files";
            let mut again = Command::new(std::env::current_exe().unwrap());
            let done = again.args([this, "--exact", "--nocapture"]).env(IN_CHILD, "1").output().unwrap();
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
