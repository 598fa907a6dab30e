//! What happens when a page requests a URL: cargo run --bin check -- URL ORIGIN

use crossing_tools::check::{Check, CheckOptions};
use crossing_tools::report::Verdict;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().ok_or("usage: check URL ORIGIN")?;
    let mut options = CheckOptions::new(url);
    options.from = arguments.next();
    let checked = Check::new(&options)?.run().await?;
    print!("{checked}");
    match checked.verdict() {
        Verdict::Allowed => Ok(()),
        verdict => Err(format!("the page cannot read the response: {verdict:?}").into()),
    }
}
