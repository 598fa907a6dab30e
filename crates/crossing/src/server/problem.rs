//! What can be wrong with a policy: one table of codes, severities and sentences.

use std::fmt;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The policy is refused.
    Error,
    /// The policy stands, and probably does not do what was meant.
    Warning,
    /// Worth knowing; nothing to mend.
    Note,
}

impl Severity {
    /// The word for it: `error`, `warning` or `note`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! problems {
    ($( $name:ident $severity:ident $code:literal $message:literal )+) => {
        /// What is wrong with a policy, or at least worth a look.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Problem {
            $( #[doc = $message] $name, )+
        }

        impl Problem {
            /// Every problem, in the order of the table.
            pub const ALL: &'static [Problem] = &[ $( Problem::$name ),+ ];

            /// The stable code: `origin-trailing-slash`.
            pub const fn code(self) -> &'static str {
                match self { $( Problem::$name => $code, )+ }
            }

            /// How much it weighs.
            pub const fn severity(self) -> Severity {
                match self { $( Problem::$name => Severity::$severity, )+ }
            }

            /// What is wrong, in a sentence.
            pub const fn message(self) -> &'static str {
                match self { $( Problem::$name => $message, )+ }
            }
        }
    };
}

problems! {
    // The file.
    Syntax Error "syntax" "This is not TOML."
    UnknownKey Error "unknown-key" "There is no such key."
    WrongType Error "wrong-type" "The value has the wrong type."
    UnknownValue Error "unknown-value" "The value is none of those that can stand here."
    GrantsMissing Error "grants-missing" "A policy without a grant allows nobody."
    TooManyGrants Error "too-many-grants" "A policy has at most 64 grants."

    // Origins.
    OriginsMissing Error "origins-missing" "A grant without an origin allows nobody."
    OriginEmpty Error "origin-empty" "An empty text is no origin."
    OriginTooLong Error "origin-too-long" "No origin is longer than 326 bytes."
    OriginNull Error "origin-null" "Any page can make its origin null, in a sandboxed frame."
    OriginNoScheme Error "origin-no-scheme" "An origin begins with its scheme, as in https://."
    OriginUserinfo Error "origin-userinfo" "An origin has no user and no password."
    OriginTrailingSlash Error "origin-trailing-slash" "An origin has no trailing slash; no browser would ever match this."
    OriginPath Error "origin-path" "An origin has no path, query or fragment; no browser would ever match this."
    OriginWildcard Error "origin-wildcard" "A * stands alone, as *. before a host, or as a port, and nowhere else."
    SchemeInvalid Error "scheme-invalid" "A scheme is a lower-case letter, then lower-case letters, digits, +, - and dots."
    SchemeTooLong Error "scheme-too-long" "A scheme has at most 64 bytes."
    SchemeFile Error "scheme-file" "A file: page has the origin null, never file://."
    HostEmpty Error "host-empty" "The host is missing."
    HostUppercase Error "host-uppercase" "Browsers send hosts in lower case; this would never match."
    HostUnicode Error "host-unicode" "Browsers send hosts in punycode; this would never match."
    HostByte Error "host-byte" "The host holds a character that no host name has."
    HostTooLong Error "host-too-long" "A host has at most 253 bytes."
    HostNumeric Error "host-numeric" "A host whose last label begins with a digit is an IPv4 address, and this is none in its usual spelling."
    HostPunycode Error "host-punycode" "This is no valid punycode; no browser would ever send it."
    HostHyphens Error "host-hyphens" "A label has no hyphen at its ends, and no two as its third and fourth character."
    LabelEmpty Error "label-empty" "A label of the host is empty."
    LabelTooLong Error "label-too-long" "A label has at most 63 bytes."
    WildcardIp Error "wildcard-ip" "An IP address has no subdomains."
    Placeholder Error "placeholder" "The placeholders of a host are {label}, for a whole label, and {digits}, within one."
    PlaceholderLast Error "placeholder-last" "The last label of a host must be written out."
    Ipv6Brackets Error "ipv6-brackets" "An IPv6 address stands alone in brackets."
    Ipv6Zone Error "ipv6-zone" "An origin has no IPv6 zone."
    Ipv6Invalid Error "ipv6-invalid" "What stands in brackets is no IPv6 address."
    Ipv6NotCanonical Error "ipv6-not-canonical" "Browsers send IPv6 addresses in their shortest spelling; this would never match."
    Ipv4Mapped Error "ipv4-mapped" "An IPv4-mapped IPv6 address is not accepted as an origin."
    PortInvalid Error "port-invalid" "A port is a number from 1 to 65535 without leading zeros, or *."
    PortDefault Error "port-default" "Browsers leave the scheme's default port out; this would never match."
    PortSet Error "port-set" "A set of ports is written {3000,5173,8000-8999}."
    WildcardCredentials Error "wildcard-credentials" "Any origin with credentials would let every page act in the user's name."
    InsecureOrigin Error "insecure-origin" "With credentials, an origin that is not https lets whoever is on the network act in the user's name."
    PublicSuffix Error "public-suffix" "Anyone can register a name under this public suffix, and would get the user's credentials."

    LookedUp Error "looked-up" "A policy looks origins up for one grant at most, and that grant lists none itself."

    // Methods and headers.
    MethodInvalid Error "method-invalid" "This is no method: a method is a token."
    MethodForbidden Error "method-forbidden" "Browsers never let a script send CONNECT, TRACE or TRACK."
    RequestHeaderInvalid Error "request-header-invalid" "This is no header name: a name is a token."
    RequestHeaderForbidden Error "request-header-forbidden" "Browsers never let a script set this header."
    RequestHeaderIsResponse Error "request-header-is-response" "This is a response header; the server sends it, the page does not."
    ExposeHeaderInvalid Error "expose-header-invalid" "This is no header name: a name is a token."
    ExposeHeaderForbidden Error "expose-header-forbidden" "Browsers never show Set-Cookie to a script."
    ExposeHeaderIsRequest Error "expose-header-is-request" "This is a request header; there is nothing to expose."
    ExposeHeaderPreflight Error "expose-header-preflight" "This header stands in answers to preflights alone, which no script sees."
    MaxAgeNegative Error "max-age-negative" "A negative max_age is no number of seconds; 0 turns caching off."
    MaxAgeTooLarge Error "max-age-too-large" "No browser keeps a preflight longer than 86400 seconds."

    // A gateway's file.
    ListenMissing Error "listen-missing" "A gateway listens somewhere."
    AddressInvalid Error "address-invalid" "This is no IP address with a port."
    ListenTwice Error "listen-twice" "The gateway listens there already."
    RoutesMissing Error "routes-missing" "A gateway without a route answers nothing."
    RouteTarget Error "route-target" "A route has an upstream or a root, and not both."
    RoutePath Error "route-path" "A route's path begins with a slash, is spelt as in a URL (é as %C3%A9), stands for what is below it, and has no query, no ;, no * and no dot or empty segment."
    RouteHost Error "route-host" "A route's host is a name without a port, in lower case, or *. and a name."
    RouteTwice Error "route-twice" "An earlier route has the same host and the same path, or one that some servers take for the same."
    UpstreamInvalid Error "upstream-invalid" "An upstream is http:// or https://, a host and perhaps a port; the path goes there unchanged."
    RootInvalid Error "root-invalid" "A root is a directory that exists."
    ForwardWithRoot Error "forward-with-root" "A directory answers no preflights: there is nobody to forward them to."
    OutOfRange Error "out-of-range" "The number is out of range."
    CertificateMissing Error "certificate-missing" "TLS needs a certificate and its key."
    CertificateInvalid Error "certificate-invalid" "The certificate or its key cannot be used."

    // It stands, but.
    MethodCase Warning "method-case" "Methods are compared to the byte, and this one is usually sent in upper case."
    MaxAgeCapped Warning "max-age-capped" "Some browsers keep a preflight for less time: Safari 600 seconds, Chromium 7200."
    ExposeHeaderSafelisted Warning "expose-header-safelisted" "Every script may read this header without it being exposed."
    Redundant Warning "redundant" "The * beside it already covers this."
    Duplicate Warning "duplicate" "This stands here a second time."
    ShadowedGrant Warning "shadowed-grant" "No request ever comes to this grant: earlier ones match every origin that it names."
    ShadowedOrigin Warning "shadowed-origin" "An earlier grant decides for every origin that this names."
    WildcardPort Warning "wildcard-port" "Any subdomain on any port is a large crowd to trust."
    NeedlessDangerously Warning "needless-dangerously" "Nothing in this policy needs the dangerous wish."
    MethodSafelisted Note "method-safelisted" "GET, HEAD and POST are granted without being listed."
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}
