//! The command `crossing`: flags in, exit code out.

#![forbid(unsafe_code)]

mod args;
mod audit;
mod check;
mod conform;
mod demo;
mod diff;
mod explain;
mod export;
mod lab;
mod lint;
mod network;
mod output;
mod run;
mod serve;
mod terminal;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use crossing_tools::text::{LONGEST_ECHO, shorten};

use args::{Cli, Command};
use output::Exit;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // What `run` starts for itself is nothing for people: neither the help nor the completions know it.
    if std::env::args_os().skip(1).eq([run::INSIDE]) {
        return run::inside().into();
    }
    let exit = match Cli::try_parse() {
        Ok(cli) => run(cli.command),
        Err(error) => explain_usage(&error),
    };
    exit.into()
}

fn run(command: Command) -> Exit {
    match command {
        Command::Demo(args) => wait_for(demo::run(&args)),
        Command::Check(args) => wait_for(check::run(&args)),
        Command::Run(args) => run::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Lint(args) => lint::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Audit(args) => wait_for(audit::run(&args)),
        Command::Lab(args) => wait_for(lab::run(&args)),
        Command::Conform(args) => conform::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Completions { shell } => completions(shell),
        Command::Man { directory } => match clap_mangen::generate_to(Cli::command(), &directory) {
            Ok(()) => Exit::Yes,
            Err(error) => output::cannot_tell(&format!("{}: {error}", directory.display())),
        },
    }
}

/// Runs a command that waits for sockets.
fn wait_for(command: impl Future<Output = Exit>) -> Exit {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output::cannot_tell(&format!("no event loop: {error}")),
    };
    let exit = runtime.block_on(command);
    // A resolver that still waits for a name is not waited for.
    runtime.shutdown_background();
    exit
}

fn completions(shell: clap_complete::Shell) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "crossing", &mut script);
    output::print(&script);
    Exit::Yes
}

/// `--help` and `--version` are answers; everything else is a mistake, told in lines of bounded length.
fn explain_usage(error: &clap::Error) -> Exit {
    if !error.use_stderr() {
        return match error.print() {
            // A reader that has gone away has seen enough.
            Err(failed) if failed.kind() != std::io::ErrorKind::BrokenPipe => {
                output::cannot_tell(&format!("standard output: {failed}"))
            }
            _ => Exit::Yes,
        };
    }
    let plain = error.render().to_string();
    if plain.lines().all(|line| line.len() <= LONGEST_ECHO) {
        let _ = error.print();
    } else {
        let lines: Vec<String> = plain.lines().map(shorten).collect();
        output::complain(&lines.join("\n"));
    }
    Exit::Unknown
}
