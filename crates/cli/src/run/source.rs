//! Where the script is, and whose it is.

use std::io::{self, Read};
use std::path::Path;

use crossing::Origin;
use url::Url;

use crate::args::RunArgs;

/// The longest script, in bytes.
const LONGEST: u64 = 64 << 20;

/// A script.
pub(crate) struct Script {
    /// How errors name it.
    pub(crate) name: String,
    pub(crate) text: String,
}

/// Scripts, with the address that they believe in.
pub(crate) struct Source {
    pub(crate) scripts: Vec<Script>,
    /// The page's address.
    pub(crate) address: String,
    /// The page's origin, where it is not the address's own.
    pub(crate) origin: Option<String>,
}

impl Source {
    /// Reads them; the error says what to mend.
    pub(crate) fn read(args: &RunArgs) -> Result<Source, String> {
        let code = args.code.iter().map(|code| Ok(Script { name: "-e".to_owned(), text: code.clone() }));
        let scripts =
            code.chain(args.scripts.iter().map(|file| Script::read(file))).collect::<Result<_, _>>()?;
        let (address, origin) = whose(args)?;
        Ok(Source { scripts, address, origin })
    }
}

impl Script {
    fn read(file: &Path) -> Result<Script, String> {
        if file.as_os_str() == "-" {
            return Ok(Script { name: "standard input".to_owned(), text: from_stdin()? });
        }
        Ok(Script { name: file.display().to_string(), text: from_file(file)? })
    }
}

fn from_stdin() -> Result<String, String> {
    let mut text = String::new();
    let read = io::stdin().lock().take(LONGEST).read_to_string(&mut text);
    read.map(|_| text).map_err(|error| format!("standard input: {error}"))
}

fn from_file(file: &Path) -> Result<String, String> {
    let wrong = |error: io::Error| match error.kind() {
        io::ErrorKind::InvalidData => format!("{}: not UTF-8, which a script must be", file.display()),
        _ => format!("{}: {error}", file.display()),
    };
    let length = std::fs::metadata(file).map_err(wrong)?.len();
    if length > LONGEST {
        return Err(format!("{}: {length} bytes; at most {LONGEST} are read", file.display()));
    }
    std::fs::read_to_string(file).map_err(wrong)
}

/// The page's address and origin: a local file has neither, and is an opaque origin.
fn whose(args: &RunArgs) -> Result<(String, Option<String>), String> {
    match (&args.url, &args.origin) {
        (Some(url), _) => {
            let parsed = Url::parse(url).map_err(|error| {
                format!(
                    "--url '{url}' is not a URL: {error}; write it whole, as in https://app.example.com/page"
                )
            })?;
            if !matches!(parsed.scheme(), "http" | "https") {
                return Err(format!("--url '{url}': a page has an http: or https: address"));
            }
            Ok((parsed.into(), None))
        }
        (None, Some(origin)) => match Origin::parse(origin).map_err(|error| format!("--origin: {error}"))? {
            Origin::Opaque => Ok(("about:blank".to_owned(), Some("null".to_owned()))),
            origin => Ok((format!("{}/", origin.as_str()), None)),
        },
        (None, None) => Ok(("about:blank".to_owned(), Some("null".to_owned()))),
    }
}
