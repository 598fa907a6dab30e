//! The command line: one file a command.

mod audit;
mod check;
mod conform;
mod demo;
mod diff;
mod explain;
mod export;
mod lab;
mod lint;
mod run;
mod serve;

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use clap_complete::Shell;

pub(crate) use audit::AuditArgs;
pub(crate) use check::CheckArgs;
pub(crate) use conform::ConformArgs;
pub(crate) use demo::DemoArgs;
pub(crate) use diff::DiffArgs;
pub(crate) use explain::ExplainArgs;
pub(crate) use export::ExportArgs;
pub(crate) use lab::LabArgs;
pub(crate) use lint::LintArgs;
pub(crate) use run::RunArgs;
pub(crate) use serve::ServeArgs;

/// What CORS does to a request, and why.
///
/// CORS is a conversation between a browser and a server that do not trust each other. This program holds both
/// halves, and says what either of them would do.
#[derive(Debug, Parser)]
#[command(name = "crossing", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit status:
  0  yes: allowed, or as expected
  1  no: blocked, or not as expected
  2  could not tell: wrong usage, or no answer from the network; standard error says why";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Play every rule of CORS through a browser's half and real servers on loopback
    #[command(after_help = demo::EXAMPLES)]
    Demo(DemoArgs),
    /// Say what a page would experience that asks for URL
    #[command(after_help = check::EXAMPLES)]
    Check(Box<CheckArgs>),
    /// Run a page or scripts with a browser's fetch and XMLHttpRequest
    #[command(after_help = run::EXAMPLES)]
    Run(Box<RunArgs>),
    /// Say what a code or a console's message means, and how to mend it
    #[command(after_help = explain::EXAMPLES)]
    Explain(ExplainArgs),
    /// Find what is wrong with a policy file
    #[command(after_help = lint::EXAMPLES)]
    Lint(LintArgs),
    /// Say who gains and who loses access from one policy to another
    #[command(after_help = diff::EXAMPLES)]
    Diff(DiffArgs),
    /// Put CORS in front of any server, by a file that is read again when it changes
    #[command(after_help = serve::EXAMPLES)]
    Serve(ServeArgs),
    /// Find what is wrong with servers, from outside
    #[command(after_help = audit::EXAMPLES)]
    Audit(AuditArgs),
    /// Learn and debug CORS on a page: both halves step by step, beside your own browser doing the same
    #[command(after_help = lab::EXAMPLES)]
    Lab(LabArgs),
    /// Play the conformance suite in our own browser and in real ones
    #[command(after_help = conform::EXAMPLES)]
    Conform(ConformArgs),
    /// Write a policy as the configuration of another server
    #[command(after_help = export::EXAMPLES)]
    Export(ExportArgs),
    /// Print the completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write the manual pages into a directory
    Man {
        /// The directory, which must exist
        directory: PathBuf,
    },
}

fn single_profiles() -> Vec<&'static str> {
    crossing::browser::Profile::ALL.iter().map(|profile| profile.name).collect()
}

fn profiles() -> Vec<&'static str> {
    crossing::browser::Profile::ALL.iter().map(|profile| profile.name).chain(["all"]).collect()
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds <= 86_400.0 => Ok(seconds),
        _ => Err("a number of seconds above 0, at most 86400".to_owned()),
    }
}
