//! The flags `--resolve`, `--cacert` and `-k`, for each command that has them.

use std::path::Path;

use crossing_tools::network::{Certificates, Network};
use crossing_tools::text::shorten;

/// The longest value of `--resolve`, in bytes.
const LONGEST_VALUE: usize = 64 * 1024;

/// # Errors
/// If a `--resolve` is not HOST:PORT:ADDR.
pub(crate) fn network(resolve: &[String], cacert: Option<&Path>, insecure: bool) -> Result<Network, String> {
    let mut network = Network::default();
    for text in resolve {
        if text.len() > LONGEST_VALUE {
            let bytes = text.len();
            return Err(format!(
                "the value of --resolve has {bytes} bytes; at most {LONGEST_VALUE} are taken"
            ));
        }
        network.resolve.push(text.parse().map_err(|_| {
            format!(
                "--resolve '{}' is not HOST:PORT:ADDR; write it as in api.example.com:443:127.0.0.1",
                shorten(text)
            )
        })?);
    }
    network.certificates = match cacert {
        _ if insecure => Certificates::Any,
        Some(file) => Certificates::File(file.to_owned()),
        None => Certificates::Platform,
    };
    Ok(network)
}
