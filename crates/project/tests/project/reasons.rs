//! The page about the reasons, written from the table.

use std::fs;

use crossing::{Exchange, Fault, Reason};

use crate::workspace::{read, root};

const PAGE: &str = "docs/why-is-my-request-blocked.md";

const TOP: &str = "\
# Why is my request blocked?

A script is told nothing but `TypeError: Failed to fetch`. The browser's console says more, and `crossing explain` takes what it
says: `crossing explain \"…\"`. To see the request blocked, and by which line of which answer: `crossing check URL --from ORIGIN`.

This page has every reason, by whose it is to mend. It is written from the table in the source, and tested against it.
";

/// `BLESS=1` writes the page instead of comparing it.
#[test]
fn the_page_about_the_reasons_is_current() {
    let page = page();
    if std::env::var_os("BLESS").is_some() {
        fs::write(root().join(PAGE), &page).unwrap();
    } else {
        assert!(read(PAGE) == page, "{PAGE} should be as BLESS=1 writes it");
    }
}

fn page() -> String {
    let mut page = TOP.to_owned();
    for (fault, title) in [
        (Fault::Server, "The server's"),
        (Fault::Page, "The page's"),
        (Fault::Network, "The network's"),
        (Fault::Browser, "The browser's"),
        (Fault::User, "The person's"),
    ] {
        page += &format!("\n## {title}\n");
        for reason in Reason::ALL.iter().filter(|reason| reason.fault() == fault) {
            page += &entry(*reason);
        }
    }
    page
}

fn entry(reason: Reason) -> String {
    let mut entry = format!(
        "\n### `{}`\n\n{}\n\n- **Usually:** {}\n- **Mend:** {}\n- **The rule:** {} ([standard]({}))\n",
        reason.code(),
        reason.message(),
        reason.cause(),
        reason.fix(),
        reason.rule(),
        reason.spec(),
    );
    let mut names: Vec<String> = Vec::new();
    for exchange in [Exchange::Request, Exchange::Preflight] {
        let name = reason.chromium(exchange).map(|name| format!("Chromium `{name}`"));
        names.extend(name.filter(|name| !names.contains(name)));
    }
    names.extend(reason.firefox().map(|name| format!("Firefox `{name}`")));
    if !names.is_empty() {
        entry += &format!("- **Known as:** {}\n", names.join(", "));
    }
    entry
}
