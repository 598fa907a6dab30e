//! How WebKitGTK's MiniBrowser is started: it needs a display, so it gets one that nobody sees.

use std::path::Path;
use std::process::Command;

use super::find;
use crate::rig_error::RigError;

pub(super) fn command(program: &Path, scratch: &Path, arguments: &[&str]) -> Result<Command, RigError> {
    let xvfb = find("xvfb-run")
        .ok_or_else(|| RigError::Missing { program: "xvfb-run".to_owned(), package: "xvfb xauth" })?;
    let mut command = Command::new(xvfb);
    command.arg("-a").arg("-e").arg(scratch.join("xvfb")).arg(program).args(arguments);
    command
        .env("WEBKIT_DISABLE_COMPOSITING_MODE", "1")
        .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
        .env("LIBGL_ALWAYS_SOFTWARE", "1")
        // Each page's process would look for media plugins, of which no page plays anything.
        .env("GST_PLUGIN_SYSTEM_PATH_1_0", scratch.join("no-plugins"))
        .env("NO_AT_BRIDGE", "1")
        .env("GSETTINGS_BACKEND", "memory");
    Ok(command)
}
