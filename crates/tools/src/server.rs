//! Which server sent a response, as far as its headers show.

use crossing::{HeaderName, ResponseHead};

/// A server whose configuration a patch can be written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Server {
    /// nginx
    Nginx,
    /// Apache httpd
    Apache,
    /// Caddy
    Caddy,
    /// Express
    Express,
    /// Spring
    Spring,
    /// FastAPI
    FastApi,
    /// axum, with `crossing-tower`
    Axum,
    /// Envoy
    Envoy,
    /// Amazon S3
    S3,
    /// Amazon API Gateway
    ApiGateway,
    /// Kong
    Kong,
    /// Any other server: the header lines.
    Unknown,
}

impl Server {
    /// Every server, in the order in which a command lists them.
    pub const ALL: &'static [Server] = &[
        Server::Nginx,
        Server::Apache,
        Server::Caddy,
        Server::Express,
        Server::Spring,
        Server::FastApi,
        Server::Axum,
        Server::Envoy,
        Server::S3,
        Server::ApiGateway,
        Server::Kong,
        Server::Unknown,
    ];

    /// The word that a command line takes for it.
    pub const fn token(self) -> &'static str {
        match self {
            Server::Nginx => "nginx",
            Server::Apache => "apache",
            Server::Caddy => "caddy",
            Server::Express => "express",
            Server::Spring => "spring",
            Server::FastApi => "fastapi",
            Server::Axum => "axum",
            Server::Envoy => "envoy",
            Server::S3 => "s3",
            Server::ApiGateway => "api-gateway",
            Server::Kong => "kong",
            Server::Unknown => "headers",
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Server::Nginx => "nginx",
            Server::Apache => "Apache",
            Server::Caddy => "Caddy",
            Server::Express => "Express",
            Server::Spring => "Spring",
            Server::FastApi => "FastAPI",
            Server::Axum => "axum",
            Server::Envoy => "Envoy",
            Server::S3 => "S3",
            Server::ApiGateway => "Amazon API Gateway",
            Server::Kong => "Kong",
            Server::Unknown => "a server",
        }
    }

    /// By what it says about itself. The application goes before the proxy: there the routes are known.
    pub(crate) fn recognise(head: &ResponseHead) -> Server {
        let get = |name: &'static str| {
            head.headers.get(&HeaderName::from_static(name)).map(|value| value.to_text().to_ascii_lowercase())
        };
        let (server, powered) = (get("server").unwrap_or_default(), get("x-powered-by").unwrap_or_default());
        let says = |word: &str| server.contains(word) || powered.contains(word);
        let has = |name| get(name).is_some();
        if powered.contains("express") {
            Server::Express
        } else if has("x-application-context") || is_spring(head) {
            Server::Spring
        } else if ["uvicorn", "hypercorn", "fastapi", "starlette"].iter().any(|word| says(word)) {
            Server::FastApi
        } else if says("axum") || says("hyper") {
            Server::Axum
        } else if server.contains("amazons3") || has("x-amz-bucket-region") || has("x-amz-id-2") {
            Server::S3
        } else if has("apigw-requestid") || has("x-amz-apigw-id") || has("x-amzn-errortype") {
            Server::ApiGateway
        } else if says("kong") || has("x-kong-upstream-latency") || has("x-kong-response-latency") {
            Server::Kong
        } else if server == "envoy" || server == "istio-envoy" || has("x-envoy-upstream-service-time") {
            Server::Envoy
        } else if says("nginx") || says("openresty") {
            Server::Nginx
        } else if server.starts_with("apache") && !server.contains("coyote") {
            Server::Apache
        } else if says("caddy") {
            Server::Caddy
        } else {
            Server::Unknown
        }
    }
}

/// Spring varies on three lines of their own, and its security adds a well-known set.
fn is_spring(head: &ResponseHead) -> bool {
    let vary = HeaderName::from_static("vary");
    let lines: Vec<String> =
        head.headers.lines(&vary).map(|line| line.to_text().to_ascii_lowercase()).collect();
    let three = ["origin", "access-control-request-method", "access-control-request-headers"];
    let security = [
        ("cache-control", "no-cache, no-store, max-age=0, must-revalidate"),
        ("pragma", "no-cache"),
        ("expires", "0"),
        ("x-content-type-options", "nosniff"),
    ];
    let says = |(name, value): &(&'static str, &str)| {
        head.headers.get(&HeaderName::from_static(name)).is_some_and(|known| known.to_text() == *value)
    };
    three.iter().all(|name| lines.iter().any(|line| line == name)) || security.iter().all(says)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossing::{HeaderList, Value};

    fn recognised(lines: &[(&'static str, &str)]) -> Server {
        let mut headers = HeaderList::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_static(name), Value::new(value).unwrap());
        }
        Server::recognise(&ResponseHead::new(http::StatusCode::OK, headers))
    }

    #[test]
    fn servers_are_known_by_what_they_say() {
        for (lines, server) in [
            (&[("server", "nginx/1.22.1")][..], Server::Nginx),
            (&[("server", "nginx"), ("x-powered-by", "Express")], Server::Express),
            (&[("server", "Apache/2.4.58 (Debian)")], Server::Apache),
            (&[("server", "Apache-Coyote/1.1"), ("x-application-context", "app")], Server::Spring),
            (
                &[
                    ("vary", "Origin"),
                    ("vary", "Access-Control-Request-Method"),
                    ("vary", "Access-Control-Request-Headers"),
                ],
                Server::Spring,
            ),
            (&[("server", "Caddy")], Server::Caddy),
            (&[("server", "uvicorn")], Server::FastApi),
            (&[("server", "envoy")], Server::Envoy),
            (&[("server", "nginx"), ("x-envoy-upstream-service-time", "3")], Server::Envoy),
            (&[("server", "AmazonS3")], Server::S3),
            (&[("apigw-requestid", "x=")], Server::ApiGateway),
            (&[("via", "kong/3.4"), ("x-kong-response-latency", "1")], Server::Kong),
            (&[("server", "SimpleHTTP/0.6 Python/3.11.7")], Server::Unknown),
            (&[], Server::Unknown),
        ] {
            assert_eq!(recognised(lines), server, "{lines:?}");
        }
    }
}
