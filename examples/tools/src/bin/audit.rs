//! Which origins a server trusts, and what breaks in a browser: cargo run --bin audit -- URL ORIGIN…

use crossing_tools::audit::{Audit, AuditOptions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut options = AuditOptions::new(arguments.next());
    options.own = arguments.collect();
    let report = Audit::new(&options)?.run(|_progress| {}).await?;
    for finding in report.findings() {
        println!("{:?} {}: {}", finding.severity, finding.code, finding.title);
    }
    Ok(())
}
