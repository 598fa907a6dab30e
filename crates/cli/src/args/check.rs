//! The flags of `crossing check`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use crossing_tools::server::Server;

use super::{profiles, seconds};

pub(super) const EXAMPLES: &str = "\
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
    #[arg(long, value_name = "NAME", value_parser = servers())]
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

/// The servers that a patch can be written for, with the help of those whose word does not say enough.
fn servers() -> impl TypedValueParser<Value = Server> {
    let values = Server::ALL.iter().map(|server| {
        let value = PossibleValue::new(server.token());
        match server {
            Server::ApiGateway => value.help("Amazon API Gateway"),
            Server::Unknown => value.help("Any other: the header lines"),
            _ => value,
        }
    });
    PossibleValuesParser::new(values).map(|word| {
        Server::ALL.iter().copied().find(|server| server.token() == word).unwrap_or(Server::Unknown)
    })
}
