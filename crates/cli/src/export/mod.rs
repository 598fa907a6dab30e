//! `crossing export`: the same policy for another server.

mod apache;
mod caddy;
mod envoy;
mod gateway_api;
mod haproxy;
mod line;
mod loss;
mod nginx;
mod plan;
mod yaml;

use serde::Serialize;

use crate::args::{ExportArgs, Target};
use crate::output::{self, Exit};
use crate::policy_file::{Contents, PolicyFile};
use crate::text::Paint;
use loss::{Loss, Weight};
use plan::Plan;

/// What `--json` prints.
#[derive(Serialize)]
struct Document<'a> {
    target: &'static str,
    config: &'a str,
    losses: Vec<LossDocument<'a>>,
}

#[derive(Serialize)]
struct LossDocument<'a> {
    code: &'static str,
    /// `loosens`, `tightens` or `differs`.
    weight: &'static str,
    message: &'a str,
}

/// A configuration, and what it says differently.
struct Exported {
    config: String,
    losses: Vec<Loss>,
}

/// Writes the configuration, and names every loss; refuses one that loosens unless told otherwise.
pub(crate) fn run(args: &ExportArgs) -> Exit {
    let file = match PolicyFile::read(&args.file) {
        Ok(file) => file,
        Err(message) => return output::cannot_tell(&message),
    };
    let policy = match &file.contents {
        Ok(Contents::Policy(policy)) => policy,
        Ok(Contents::Gateway(_)) => {
            return output::cannot_tell(&format!(
                "{}: a gateway's file has a policy for each route; write the grants of one into a file of its own",
                file.source.name
            ));
        }
        Err(_) => {
            output::complain(file.draw(Paint::for_stderr()).trim_end());
            return output::cannot_tell(&format!(
                "{}: no policy, so there is nothing to export",
                file.source.name
            ));
        }
    };
    let plan = Plan::of(policy);
    let name = &file.source.name;
    let exported = match args.to {
        Target::Nginx => nginx::export(&plan, name),
        Target::Haproxy => haproxy::export(&plan, name),
        Target::Caddy => caddy::export(&plan, name),
        Target::Apache => apache::export(&plan, name),
        Target::Envoy => envoy::export(&plan, name),
        Target::GatewayApi => gateway_api::export(&plan, name),
    };
    for loss in &exported.losses {
        output::complain(&format!("{}: {}: {}", loss.weight.as_str(), loss.code, loss.message));
    }
    let loosens = exported.losses.iter().any(|loss| loss.weight == Weight::Loosens);
    if args.json {
        let losses = exported.losses.iter().map(|loss| LossDocument {
            code: loss.code,
            weight: loss.weight.as_str(),
            message: &loss.message,
        });
        let config = if loosens && !args.lossy { "" } else { exported.config.as_str() };
        output::print_json(&Document { target: args.to.name(), config, losses: losses.collect() });
    } else if !loosens || args.lossy {
        output::print(exported.config.as_bytes());
    }
    if loosens && !args.lossy {
        output::complain(
            "crossing: nothing is written, for it would grant more than the policy; --lossy writes it all the same",
        );
        return Exit::No;
    }
    Exit::Yes
}
