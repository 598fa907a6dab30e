//! Host names of its own for each scenario, so that nothing a browser remembers of one is met by another.

/// Gives the symbolic hosts of one scenario names of their own: `a.test` becomes `a.test17`.
///
/// The number goes where no rule of the protocol looks: labels, sites and look-alikes stay what they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Naming(pub(crate) u32);

const TOP: &str = ".test";

impl Naming {
    /// The symbolic names themselves, where only one scenario is on.
    pub(crate) const SYMBOLIC: Naming = Naming(0);
}

impl Naming {
    /// The text with each symbolic host under its own name.
    pub(crate) fn outward(self, text: &str) -> String {
        if self == Naming::SYMBOLIC {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len() + 8);
        let mut rest = text;
        while let Some(at) = find(rest) {
            let (before, after) = rest.split_at(at + TOP.len());
            out.push_str(before);
            if !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-') {
                out.push_str(&self.0.to_string());
            }
            rest = after;
        }
        out + rest
    }

    /// The text with the symbolic hosts as the scenario has them.
    pub(crate) fn inward(self, text: &str) -> String {
        if self == Naming::SYMBOLIC {
            return text.to_owned();
        }
        let number = self.0.to_string();
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = find(rest) {
            let (before, after) = rest.split_at(at + TOP.len());
            out.push_str(before);
            rest = match after.strip_prefix(number.as_str()) {
                Some(after) if !after.starts_with(|c: char| c.is_ascii_digit()) => after,
                _ => after,
            };
        }
        out + rest
    }

    /// Whose host this is; `None` if it carries no number.
    pub(crate) fn of_host(host: &str) -> Option<Naming> {
        let (_, top) = host.trim_end_matches('.').rsplit_once('.')?;
        top.strip_prefix("test")?.parse().ok().map(Naming)
    }
}

fn find(text: &str) -> Option<usize> {
    text.as_bytes().windows(TOP.len()).position(|five| five.eq_ignore_ascii_case(TOP.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_out_and_come_back() {
        for (symbolic, own) in [
            ("https://a.test", "https://a.test7"),
            ("https://A.TEST/x?y=b.test", "https://A.TEST7/x?y=b.test7"),
            ("https://a.test.evil.test:8443", "https://a.test7.evil.test7:8443"),
            ("connect-src https://*.b.test", "connect-src https://*.b.test7"),
            ("https://a.testing", "https://a.testing"),
            ("b\u{fc}cher.test", "b\u{fc}cher.test7"),
        ] {
            assert_eq!(Naming(7).outward(symbolic), own);
            assert_eq!(Naming(7).inward(own), symbolic);
        }
        assert_eq!(Naming::of_host("sub.a.test31"), Some(Naming(31)));
        assert_eq!(Naming::of_host("a.test"), None);
        assert_eq!(Naming::of_host("localhost"), None);
    }
}
