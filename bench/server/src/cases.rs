//! The cases: a policy, a request, and what the floor has to do for it.

use crossing_tower::{Grant, Policy};

pub const APP: &str = "https://app.example.com";
pub const METHODS: [&str; 1] = ["PUT"];
pub const HEADERS: [&str; 3] = ["authorization", "content-type", "x-request-id"];
pub const SUFFIX: &str = ".preview.example.dev";

/// Whom a policy lets in.
#[derive(Clone, Debug)]
pub enum Origins {
    Listed(usize),
    Subdomains,
    Everybody,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    NotCors,
    Granted,
    Refused,
    PreflightGranted,
    PreflightRefused,
}

pub struct Case {
    pub name: &'static str,
    pub origins: Origins,
    pub credentials: bool,
    /// The request's `Origin`.
    pub origin: Option<String>,
    /// `Access-Control-Request-Headers` of a preflight.
    pub asked: Option<String>,
    pub outcome: Outcome,
}

impl Outcome {
    pub fn is_preflight(self) -> bool {
        matches!(self, Outcome::PreflightGranted | Outcome::PreflightRefused)
    }
}

impl Origins {
    pub fn list(&self) -> Vec<String> {
        match self {
            Origins::Listed(count) => {
                let others = (1..*count).map(|nth| format!("https://app-{nth:06}.example.com"));
                others.chain([APP.to_owned()]).collect()
            }
            Origins::Subdomains => vec![format!("https://*{SUFFIX}")],
            Origins::Everybody => vec!["*".to_owned()],
        }
    }
}

impl Case {
    pub fn policy(&self) -> Policy {
        let grant = Grant::new()
            .allow_origins(self.origins.list())
            .allow_credentials(self.credentials)
            .allow_methods(METHODS)
            .allow_headers(HEADERS)
            .max_age(600);
        Policy::builder().grant(grant).build().unwrap_or_else(|errors| panic!("{errors}"))
    }

    pub fn is_preflight(&self) -> bool {
        self.outcome.is_preflight()
    }

    /// The request as lines, `Origin` amid what browsers send.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let mut lines = vec![("host", "api.example.com".to_owned()), ("accept", "*/*".to_owned())];
        lines.extend(self.origin.clone().map(|origin| ("origin", origin)));
        if self.is_preflight() {
            lines.push(("access-control-request-method", METHODS[0].to_owned()));
        }
        lines.extend(self.asked.clone().map(|asked| ("access-control-request-headers", asked)));
        lines
    }
}

pub fn all() -> Vec<Case> {
    let case = |name, origins, origin: Option<&str>, outcome| Case {
        name,
        origins,
        credentials: false,
        origin: origin.map(str::to_owned),
        asked: None,
        outcome,
    };
    let preflight = |name, credentials, origin: &str, asked: String, outcome| Case {
        name,
        origins: Origins::Listed(1),
        credentials,
        origin: Some(origin.to_owned()),
        asked: Some(asked),
        outcome,
    };
    use Origins::*;
    use Outcome::*;
    let other = Some("https://other.example.com");
    let names: Vec<String> = (0..1000).map(|nth| format!("x-name-{nth:04}")).collect();
    vec![
        case("no origin", Listed(1), None, NotCors),
        case("one origin, allowed", Listed(1), Some(APP), Granted),
        case("one origin, refused", Listed(1), other, Refused),
        case("10 origins, the last", Listed(10), Some(APP), Granted),
        case("10 origins, refused", Listed(10), other, Refused),
        case("1 000 origins, the last", Listed(1_000), Some(APP), Granted),
        case("1 000 origins, refused", Listed(1_000), other, Refused),
        case("100 000 origins, the last", Listed(100_000), Some(APP), Granted),
        case("100 000 origins, refused", Listed(100_000), other, Refused),
        case("subdomains, allowed", Subdomains, Some("https://pr-17.preview.example.dev"), Granted),
        case("subdomains, refused", Subdomains, Some("https://pr-17.preview.example.net"), Refused),
        preflight("preflight, 3 headers", false, APP, HEADERS.join(","), PreflightGranted),
        preflight(
            "preflight, refused",
            false,
            "https://other.example.com",
            HEADERS.join(","),
            PreflightRefused,
        ),
        preflight("preflight, 16 KB of commas", false, APP, ",".repeat(16 * 1024), PreflightRefused),
        preflight("preflight, 1 000 names", false, APP, names.join(","), PreflightRefused),
        case("everybody", Everybody, Some(APP), Granted),
        Case { credentials: true, ..case("credentials", Listed(1), Some(APP), Granted) },
        preflight("credentials, preflight", true, APP, HEADERS.join(","), PreflightGranted),
    ]
}
