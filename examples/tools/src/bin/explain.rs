//! What a code or console message means: cargo run --bin explain -- TEXT

use crossing_tools::explain::Explanation;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let text = std::env::args().nth(1).ok_or("usage: explain TEXT")?;
    print!("{}", Explanation::of(&text)?);
    Ok(())
}
