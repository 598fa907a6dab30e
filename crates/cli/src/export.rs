//! `crossing export`: a policy as the configuration of another server.

use crossing_tools::export::{Export, Loosening};
use crossing_tools::policy_file::{Contents, PolicyFile};

use crate::args::ExportArgs;
use crate::output::{self, Exit};
use crate::terminal::{stderr_paint, width};

/// Writes the configuration and prints every loss; refuses a loss that loosens unless it is accepted.
pub(crate) fn run(args: &ExportArgs) -> Exit {
    let file = match PolicyFile::read(&args.file) {
        Ok(file) => file,
        Err(error) => return output::cannot_tell(&error.to_string()),
    };
    let name = &file.source.name;
    let policy = match &file.contents {
        Ok(Contents::Policy(policy)) => policy,
        Ok(Contents::Gateway(_)) => {
            return output::cannot_tell(&format!(
                "{name}: a gateway's file has a policy for each route; write the grants of one into a file of its own"
            ));
        }
        Err(_) => {
            output::complain(file.draw(width(), stderr_paint()).trim_end());
            return output::cannot_tell(&format!("{name}: no policy, so there is nothing to export"));
        }
    };
    let export = Export::new(policy, args.to, name);
    for loss in &export.losses {
        output::complain(&loss.to_string());
    }
    let loosening = if args.lossy { Loosening::Accepted } else { Loosening::Refused };
    let refused = export.loosens() && loosening == Loosening::Refused;
    if args.json {
        output::print_json(&export.document(loosening));
    } else if !refused {
        output::print(export.config.as_bytes());
    }
    if refused {
        output::complain(
            "crossing: nothing is written, for it would grant more than the policy; --lossy writes it all the same",
        );
        return Exit::No;
    }
    Exit::Yes
}
