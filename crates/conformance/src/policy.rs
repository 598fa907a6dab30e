//! The policy of a scenario.

use crossing::Policy;

/// Reads a policy that a scenario holds as a table.
///
/// # Errors
/// If the policy is refused; the message has all findings.
pub(crate) fn parse(policy: &toml::Table) -> Result<Policy, String> {
    Policy::from_toml(&policy.to_string()).map_err(|errors| errors.to_string())
}
