//! The change, in the words of each server.

mod frameworks;
mod gateways;
mod lines;
mod proxies;

use super::patch::{GrantedBy, Part};
use crate::server::Server;

/// A line of a patch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) mark: Mark,
    pub(crate) text: String,
}

/// What happens to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// It comes.
    Add,
    /// It goes.
    Remove,
    /// It shows where.
    Keep,
}

impl Line {
    pub(crate) fn add(text: impl Into<String>) -> Line {
        Line { mark: Mark::Add, text: text.into() }
    }

    pub(crate) fn remove(text: impl Into<String>) -> Line {
        Line { mark: Mark::Remove, text: text.into() }
    }

    pub(crate) fn keep(text: impl Into<String>) -> Line {
        Line { mark: Mark::Keep, text: text.into() }
    }
}

/// The patch for this part's server.
pub(crate) fn write(part: &Part) -> Vec<Line> {
    if part.granted_by == GrantedBy::List {
        return lines::list(part);
    }
    match part.server {
        Server::Nginx => proxies::nginx(part),
        Server::Apache => proxies::apache(part),
        Server::Caddy => proxies::caddy(part),
        Server::Express => frameworks::express(part),
        Server::Spring => frameworks::spring(part),
        Server::FastApi => frameworks::fastapi(part),
        Server::Axum => frameworks::axum(part),
        Server::Envoy => gateways::envoy(part),
        Server::S3 => gateways::s3(part),
        Server::ApiGateway => gateways::api_gateway(part),
        Server::Kong => gateways::kong(part),
        Server::Unknown => lines::lines(part),
    }
}
