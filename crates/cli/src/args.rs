//! The command line.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::check::Server;

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
    #[command(after_help = DEMO_EXAMPLES)]
    Demo(DemoArgs),
    /// Say what a page would experience that asks for URL
    #[command(after_help = CHECK_EXAMPLES)]
    Check(Box<CheckArgs>),
    /// Run scripts with a browser's fetch and XMLHttpRequest
    #[command(after_help = RUN_EXAMPLES)]
    Run(Box<RunArgs>),
    /// Say what a code or a console's message means, and how to mend it
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(ExplainArgs),
    /// Find what is wrong with a policy file
    #[command(after_help = LINT_EXAMPLES)]
    Lint(LintArgs),
    /// Say who gains and who loses access from one policy to another
    #[command(after_help = DIFF_EXAMPLES)]
    Diff(DiffArgs),
    /// Put CORS in front of any server, by a file that is read again when it changes
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(ServeArgs),
    /// Find what is wrong with servers, from outside
    #[command(after_help = AUDIT_EXAMPLES)]
    Audit(AuditArgs),
    /// Play the conformance suite in our own browser and in real ones
    #[command(after_help = CONFORM_EXAMPLES)]
    Conform(ConformArgs),
    /// Write a policy as the configuration of another server
    #[command(after_help = EXPORT_EXAMPLES)]
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

const DEMO_EXAMPLES: &str = "\
Examples:
  crossing demo
  crossing demo --xhr
  crossing demo --json | jq '.cases[] | select(.ok | not)'";

/// How the demo's cases are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// As requests of the core.
    Core,
    /// As scripts.
    Script,
}

impl DemoArgs {
    pub(crate) fn way(&self) -> Way {
        if self.xhr { Way::Script } else { Way::Core }
    }
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Ask with scripts: XMLHttpRequest, or fetch where only that can ask so
    #[arg(long)]
    xhr: bool,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

const CHECK_EXAMPLES: &str = "\
Examples:
  crossing check https://api.example.com/ --from https://app.example.com
  crossing check https://api.example.com/items/1 --from https://app.example.com \\
      -X PUT -H 'content-type: application/json' -d '{}'
  crossing check https://api.example.com/me --from https://app.example.com \\
      --credentials include --cookie 'session=1'
  crossing check https://api.example.com/ --from null --profile all --json
  crossing check --from-har session.har --profile all
  crossing check \"curl 'https://api.example.com/' -H 'origin: https://app.example.com' -X PUT\"

Exit status:
  0  allowed: the page gets the response
  1  blocked: the browser refuses or withholds it
  2  could not tell: wrong usage, or a failure of the network, which is no CORS error";

#[derive(Clone, Debug, Args)]
pub(crate) struct CheckArgs {
    /// What the page asks for, with http:// or https://; or a whole curl command or fetch(…) call, as a browser's tools
    /// copy them; or a HAR entry; or - to read any of these from standard input. With --from-har: which addresses, by a part of
    /// theirs
    #[arg(required_unless_present = "from_har", default_value = "", hide_default_value = true)]
    pub(crate) url: String,
    /// The page's origin, as in https://app.example.com; null for a sandboxed frame or a local file. A pasted request
    /// may name it
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) from: Option<String>,
    /// The method; GET, or POST with -d
    #[arg(short = 'X', long = "request", value_name = "METHOD")]
    pub(crate) method: Option<String>,
    /// A header that the script sets; may be repeated
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// The body, a text; its type is text/plain;charset=UTF-8 unless -H says otherwise
    #[arg(short = 'd', long = "data", value_name = "BODY", allow_hyphen_values = true)]
    pub(crate) body: Option<String>,
    /// Whether cookies and HTTP authentication go along [default: same-origin]
    #[arg(long, value_name = "MODE",
          value_parser = PossibleValuesParser::new(["omit", "same-origin", "include"]))]
    pub(crate) credentials: Option<String>,
    /// The request's mode [default: cors]
    #[arg(long, value_name = "MODE",
          value_parser = PossibleValuesParser::new(["cors", "no-cors", "same-origin"]))]
    pub(crate) mode: Option<String>,
    /// What happens to a redirect [default: follow]
    #[arg(long, value_name = "MODE",
          value_parser = PossibleValuesParser::new(["follow", "error", "manual"]))]
    pub(crate) redirect: Option<String>,
    /// The request's referrer policy [default: strict-origin-when-cross-origin]
    #[arg(long, value_name = "POLICY",
          value_parser = PossibleValuesParser::new([
              "no-referrer", "no-referrer-when-downgrade", "same-origin", "origin", "strict-origin",
              "origin-when-cross-origin", "strict-origin-when-cross-origin", "unsafe-url",
          ]))]
    pub(crate) referrer_policy: Option<String>,
    /// A cookie of the URL's host, which the credentials mode alone decides on; may be repeated
    #[arg(long = "cookie", value_name = "NAME=VALUE")]
    pub(crate) cookies: Vec<String>,
    /// A user and a password that the browser knows for the URL's origin
    #[arg(long, value_name = "NAME:PASSWORD")]
    pub(crate) user: Option<String>,
    /// Whose rules hold where browsers differ
    #[arg(long, value_name = "NAME", default_value = "consensus",
          value_parser = PossibleValuesParser::new(profiles()))]
    pub(crate) profile: String,
    /// Ask so many times, with one preflight cache; ends at the first answer that is not "allowed"
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) repeat: u32,
    /// Connect to ADDR instead of what HOST:PORT resolves to; may be repeated
    #[arg(long = "resolve", value_name = "HOST:PORT:ADDR")]
    pub(crate) resolve: Vec<String>,
    /// Trust the certificate authorities in this PEM file, and no others
    #[arg(long, value_name = "FILE")]
    pub(crate) cacert: Option<PathBuf>,
    /// Trust any certificate
    #[arg(short = 'k', long)]
    pub(crate) insecure: bool,
    /// For which server the mend is written [default: recognised from its answers]
    #[arg(long, value_enum, value_name = "NAME")]
    pub(crate) server: Option<Server>,
    /// How long everything together may take
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0, value_parser = seconds)]
    pub(crate) timeout: f64,
    /// Write what happened to FILE, as HAR 1.2; cookies, passwords and tokens are told as (present)
    #[arg(long, value_name = "FILE", conflicts_with = "from_har")]
    pub(crate) har: Option<PathBuf>,
    /// Write cookies, passwords and tokens into that file as they are
    #[arg(long, requires = "har")]
    pub(crate) har_secrets: bool,
    /// Ask nobody: judge the traffic that a browser's tools exported to FILE, as HAR
    #[arg(long, value_name = "FILE")]
    pub(crate) from_har: Option<PathBuf>,
    /// Print one JSON document; cookies, passwords and tokens are told as (present)
    #[arg(long)]
    pub(crate) json: bool,
}

const RUN_EXAMPLES: &str = "\
Examples:
  crossing run --origin https://app.example.com script.js
  crossing run --url 'https://app.example.com/#https://api.example.com/' examples/xhr-with-credentials.js
  crossing run --origin https://app.example.com --trace \\
      -e \"fetch('https://api.example.com/').then(r => console.log(r.status))\"

Exit status:
  0  the script has ended, and nothing is pending
  1  an error or a rejection that nobody has caught, or a limit
  2  could not tell: wrong usage, no such file, or the time was over";

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The scripts, one after another in one global
    #[arg(value_name = "FILE", required_unless_present = "eval")]
    pub(crate) files: Vec<PathBuf>,
    /// Run this code
    #[arg(
        short = 'e',
        long = "eval",
        value_name = "CODE",
        conflicts_with = "files",
        allow_hyphen_values = true
    )]
    pub(crate) eval: Option<String>,
    /// The script's origin, as in https://app.example.com; without it and --url, an opaque one
    #[arg(long, value_name = "ORIGIN", conflicts_with = "url")]
    pub(crate) origin: Option<String>,
    /// The address that the script believes in: `location`, and the base of relative URLs
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Whose rules hold where browsers differ
    #[arg(long, value_name = "NAME", default_value = "consensus",
          value_parser = PossibleValuesParser::new(single_profiles()))]
    pub(crate) profile: String,
    /// Connect to ADDR instead of what HOST:PORT resolves to; may be repeated
    #[arg(long = "resolve", value_name = "HOST:PORT:ADDR")]
    pub(crate) resolve: Vec<String>,
    /// Trust the certificate authorities in this PEM file, and no others
    #[arg(long, value_name = "FILE")]
    pub(crate) cacert: Option<PathBuf>,
    /// How long the script may take, waiting included
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0, value_parser = seconds)]
    pub(crate) timeout: f64,
    /// Tell each conversation on standard error: what the script asked, what went over the wire, and why it failed
    #[arg(long)]
    pub(crate) trace: bool,
}

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  crossing explain acao-missing
  crossing explain CORSMissingAllowOrigin
  crossing explain \"Access to fetch at 'https://api.example.com/' from origin ... has been blocked ...\"
  crossing explain --list

Exit status:
  0  explained
  2  not recognised";

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A code of ours, Chromium's or Firefox's name for one, or the line that a browser's console shows
    #[arg(value_name = "CODE|MESSAGE", required_unless_present = "list")]
    pub(crate) what: Option<String>,
    /// Name all codes
    #[arg(long, conflicts_with = "what")]
    list: bool,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

const LINT_EXAMPLES: &str = "\
Examples:
  crossing lint policy.toml
  crossing lint --json policies/*.toml | jq '.errors[].code'

Exit status:
  0  no errors; there may be warnings
  1  at least one error
  2  a file could not be read";

#[derive(Debug, Args)]
pub(crate) struct LintArgs {
    /// The policy files; - for standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

const DIFF_EXAMPLES: &str = "\
Examples:
  crossing diff old.toml new.toml
  git show main:policy.toml | crossing diff - policy.toml

Exit status:
  0  nobody gains access
  1  somebody gains access
  2  a file could not be read, or is no policy";

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// The policy file as it was; - for standard input
    pub(crate) old: PathBuf,
    /// The policy file as it shall be
    pub(crate) new: PathBuf,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

const AUDIT_EXAMPLES: &str = "\
Examples:
  crossing audit https://api.example.com/me --own https://app.example.com
  crossing audit --dry-run https://api.example.com/me
  crossing audit --sarif - < urls.txt > findings.sarif

Exit status:
  0  no findings, or nothing but remarks (info)
  1  findings
  2  wrong usage, or no answer

Ask only servers that you may ask.";

#[derive(Clone, Debug, Args)]
pub(crate) struct AuditArgs {
    /// What is asked, with http:// or https://; - to read addresses from standard input, one a line
    #[arg(required = true, value_name = "URL")]
    pub(crate) urls: Vec<String>,
    /// An origin that is meant to be allowed; may be repeated [default: the URL's own]
    #[arg(long = "own", value_name = "ORIGIN")]
    pub(crate) own: Vec<String>,
    /// Print what would be sent, and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// How many requests go out a second, over all URLs
    #[arg(long, value_name = "N", default_value_t = 20.0, value_parser = rate)]
    pub(crate) rate: f64,
    /// How many requests go out at most, for each URL
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) max_requests: u32,
    /// How often the own page asks the same, to catch replicas that differ
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) repeat: u32,
    /// How many URLs are asked at the same time
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub(crate) jobs: u32,
    /// Send a POST, too, as a form on a strange page would; without this, GET, HEAD and OPTIONS alone are sent
    #[arg(long)]
    pub(crate) post: bool,
    /// Connect to ADDR instead of what HOST:PORT resolves to; may be repeated
    #[arg(long = "resolve", value_name = "HOST:PORT:ADDR")]
    pub(crate) resolve: Vec<String>,
    /// Trust the certificate authorities in this PEM file, and no others
    #[arg(long, value_name = "FILE")]
    pub(crate) cacert: Option<PathBuf>,
    /// Trust any certificate
    #[arg(short = 'k', long)]
    pub(crate) insecure: bool,
    /// How long each request may take
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0, value_parser = seconds)]
    pub(crate) timeout: f64,
    /// Print one JSON document
    #[arg(long, conflicts_with = "sarif")]
    pub(crate) json: bool,
    /// Print one SARIF 2.1.0 document, as code scanners read it
    #[arg(long)]
    pub(crate) sarif: bool,
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if (0.01..=100_000.0).contains(&rate) => Ok(rate),
        _ => Err("a number of requests from 0.01 to 100000".to_owned()),
    }
}

const CONFORM_EXAMPLES: &str = "\
Examples:
  crossing conform --browser own
  crossing conform --browser firefox --random 1000 --seed 7
  crossing conform --browser all --json | jq '.engines[] | {engine, version, agree}'

Exit status:
  0  everything went as the scenarios, and the recorded divergences, say
  1  something did not
  2  a browser is missing, did not start, ended half-way, or reported nothing";

#[derive(Debug, Args)]
pub(crate) struct ConformArgs {
    /// Which browser plays
    #[arg(long, value_name = "NAME", default_value = "own",
          value_parser = PossibleValuesParser::new(["own", "chromium", "firefox", "webkit", "all"]))]
    pub(crate) browser: String,
    /// Play N random cases in place of the scenarios, and cut each disagreement with our engine down
    #[arg(long, value_name = "N")]
    pub(crate) random: Option<usize>,
    /// Which random cases: the same seed, the same cases [default: another one each time]
    #[arg(long, value_name = "S", requires = "random")]
    pub(crate) seed: Option<u64>,
    /// Only the scenarios whose names contain this
    #[arg(long, value_name = "TEXT")]
    pub(crate) only: Option<String>,
    /// The directory of the scenarios
    #[arg(long, value_name = "DIRECTORY", default_value = "scenarios")]
    pub(crate) scenarios: PathBuf,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

const EXPORT_EXAMPLES: &str = "\
Examples:
  crossing export policy.toml --to nginx > cors.conf

What the other server cannot say is told on standard error.

Exit status:
  0  written
  1  not written: it would grant more than the policy; --lossy writes it all the same
  2  the file cannot be read, or is no policy";

/// Another server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Target {
    /// nginx
    Nginx,
}

impl Target {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Target::Nginx => "nginx",
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The policy file; - for standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// For which server
    #[arg(long, value_name = "SERVER")]
    pub(crate) to: Target,
    /// Write it even where it grants more than the policy
    #[arg(long)]
    pub(crate) lossy: bool,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
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

const SERVE_EXAMPLES: &str = "\
Examples:
  crossing serve gateway.toml
  crossing serve gateway.toml --check && systemctl reload crossing

A file:
  listen = \"127.0.0.1:8080\"

  [[route]]
  path     = \"/api/\"
  upstream = \"http://127.0.0.1:3000\"
    [[route.grant]]
    allow_origins = [\"https://app.example.com\"]

Exit status:
  0  it was told to stop, and has served everybody; with --check: the file is good
  2  the file is bad or cannot be read, or an address cannot be listened on";

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// The gateway's file; - for standard input, which is read once
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Only say what is wrong with the file
    #[arg(long)]
    pub(crate) check: bool,
    /// With --check: print one JSON document
    #[arg(long, requires = "check")]
    pub(crate) json: bool,
}
