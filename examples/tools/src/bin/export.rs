//! A policy file for nginx, as a build script would write it: cargo run --bin export -- POLICY

use std::path::Path;

use crossing_tools::export::{Export, Target};
use crossing_tools::policy_file::{Contents, PolicyFile};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: export POLICY")?;
    let file = PolicyFile::read(Path::new(&path))?;
    let Ok(Contents::Policy(policy)) = &file.contents else {
        return Err("the file is not a valid policy".into());
    };
    let export = Export::new(policy, Target::Nginx, &path);
    for loss in &export.losses {
        eprintln!("{loss}");
    }
    if export.loosens() {
        return Err("nginx would grant more than the policy".into());
    }
    print!("{export}");
    Ok(())
}
