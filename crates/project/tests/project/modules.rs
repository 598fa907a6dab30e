//! The modules of the crates: no circles, no long files, no long functions.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::Visit;

use crate::workspace::{Source, none, sources};

const MOST_LINES_OF_A_FILE: usize = 500;
const MOST_LINES_OF_A_FUNCTION: usize = 80;

/// The circles that are still there, by crate, each by its first module. One that is gone must be taken out.
const KNOWN_CIRCLES: &[(&str, &str)] = &[
    ("crossing", "browser::client"),
    ("crossing", "browser::network"),
    ("crossing", "headers::grammar"),
    ("crossing", "server::check"),
];

/// The files and functions that are still too long, each as its complaint begins.
const KNOWN_LONG: &[&str] = &[
    "crates/cli/tests/audit.rs:",
    "crates/conformance/tests/properties.rs:",
    "crates/crossing/src/browser/profile/switches.rs:",
    "crates/crossing/src/browser/request.rs:",
    "crates/crossing/src/reason/table.rs:",
    "crates/crossing/tests/server_faults.rs:",
    "crates/tools/src/export/envoy/mod.rs:",
    "crates/tools/src/export/nginx.rs:",
];

/// A module's name, from the crate's root: `["server", "matcher"]`.
type Name = Vec<String>;

#[test]
fn modules_form_no_circle_but_parent_and_child() {
    let (mut complaints, mut known) = (Vec::new(), KNOWN_CIRCLES.to_vec());
    for (name, modules) in crates() {
        for circle in circles(&edges(&modules)) {
            let modules: Vec<String> = circle.iter().map(|name| name.join("::")).collect();
            match known.iter().position(|(of, first)| *of == name && *first == modules[0]) {
                Some(at) => drop(known.swap_remove(at)),
                None => complaints.push(format!("crates/{name}: {}", modules.join(" <-> "))),
            }
        }
    }
    complaints.extend(
        known.iter().map(|(name, first)| format!("KNOWN_CIRCLES: crates/{name} has no circle with {first}")),
    );
    none(&complaints);
}

#[test]
fn no_file_and_no_function_is_long() {
    let mut complaints = Vec::new();
    for source in sources().iter().filter(|source| source.path.ends_with(".rs")) {
        let lines = source.text.lines().count();
        if lines > MOST_LINES_OF_A_FILE {
            complaints.push(format!("{}: {lines} lines; the most is {MOST_LINES_OF_A_FILE}", source.path));
        }
        let mut functions = LongFunctions { path: &source.path, complaints: &mut complaints };
        functions.visit_file(&parse(source));
    }
    let stale = KNOWN_LONG.iter().filter(|known| !complaints.iter().any(|found| found.starts_with(**known)));
    let stale: Vec<String> =
        stale.map(|known| format!("KNOWN_LONG: nothing in {known} is too long")).collect();
    complaints.retain(|found| !KNOWN_LONG.iter().any(|known| found.starts_with(known)));
    complaints.extend(stale);
    none(&complaints);
}

struct LongFunctions<'a> {
    path: &'a str,
    complaints: &'a mut Vec<String>,
}

impl LongFunctions<'_> {
    fn note(&mut self, name: &syn::Ident, span: Span) {
        let lines = span.end().line + 1 - span.start().line;
        if lines > MOST_LINES_OF_A_FUNCTION {
            let (path, at) = (self.path, span.start().line);
            self.complaints.push(format!(
                "{path}:{at}: {name} has {lines} lines; the most is {MOST_LINES_OF_A_FUNCTION}"
            ));
        }
    }
}

impl<'ast> Visit<'ast> for LongFunctions<'_> {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.note(&function.sig.ident, function.block.span());
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.note(&function.sig.ident, function.block.span());
        syn::visit::visit_impl_item_fn(self, function);
    }
}

fn parse(source: &Source) -> syn::File {
    syn::parse_file(&source.text).unwrap_or_else(|error| panic!("{}: {error}", source.path))
}

/// The modules of each crate, with their sources. Inline modules belong to their file.
fn crates() -> BTreeMap<String, BTreeMap<Name, syn::File>> {
    let mut crates: BTreeMap<String, BTreeMap<Name, syn::File>> = BTreeMap::new();
    for source in sources().iter().filter(|source| source.is_crate_source()) {
        let (name, path) = source.path.trim_start_matches("crates/").split_once("/src/").unwrap();
        let path = path.trim_end_matches(".rs");
        let path = path.strip_suffix("/mod").unwrap_or(path);
        let module = match path {
            "lib" | "main" => Name::new(),
            path => path.split('/').map(str::to_owned).collect(),
        };
        crates.entry(name.to_owned()).or_default().insert(module, parse(source));
    }
    crates
}

/// Which module names which other one, parents and children left out.
fn edges(modules: &BTreeMap<Name, syn::File>) -> BTreeMap<Name, BTreeSet<Name>> {
    let exports: BTreeMap<&Name, BTreeMap<String, Vec<String>>> =
        modules.iter().map(|(name, file)| (name, imports(file))).collect();
    let mut edges: BTreeMap<Name, BTreeSet<Name>> = BTreeMap::new();
    for (name, file) in modules {
        let mut paths = Paths::default();
        paths.visit_file(file);
        for path in paths.found {
            let Some(target) = resolve(name, &path, modules, &exports, 8) else { continue };
            if !target.starts_with(name) && !name.starts_with(&target) {
                edges.entry(name.clone()).or_default().insert(target);
            }
        }
    }
    edges
}

/// The module in which a path ends, followed through re-exports.
fn resolve(
    from: &Name,
    path: &[String],
    modules: &BTreeMap<Name, syn::File>,
    exports: &BTreeMap<&Name, BTreeMap<String, Vec<String>>>,
    depth: usize,
) -> Option<Name> {
    let mut at = match path.first()?.as_str() {
        "crate" => Name::new(),
        "self" => from.clone(),
        "super" => from.split_last()?.1.to_vec(),
        // A path from a child module, as in `use child::Type`.
        first if modules.contains_key(&child(from, first)) => child(from, first),
        _ => return None,
    };
    let mut rest = &path[1..];
    while let Some((next, others)) = rest.split_first() {
        if next == "super" {
            at.pop()?;
        } else if modules.contains_key(&child(&at, next)) {
            at = child(&at, next);
        } else {
            let through = exports.get(&at).and_then(|names| names.get(next));
            return match through {
                Some(through) if depth > 0 => resolve(&at, through, modules, exports, depth - 1).or(Some(at)),
                _ => Some(at),
            };
        }
        rest = others;
    }
    Some(at)
}

fn child(module: &Name, name: &str) -> Name {
    let mut module = module.clone();
    module.push(name.to_owned());
    module
}

/// The names that a file's `use` declarations bring in, each with its path.
fn imports(file: &syn::File) -> BTreeMap<String, Vec<String>> {
    let mut names = BTreeMap::new();
    for item in &file.items {
        if let syn::Item::Use(item) = item {
            for path in leaves(&item.tree) {
                names.insert(path.last().unwrap().clone(), path);
            }
        }
    }
    names
}

fn leaves(tree: &syn::UseTree) -> Vec<Vec<String>> {
    match tree {
        syn::UseTree::Path(path) => {
            let rest = leaves(&path.tree).into_iter();
            rest.map(|rest| [vec![path.ident.to_string()], rest].concat()).collect()
        }
        syn::UseTree::Name(name) => vec![vec![name.ident.to_string()]],
        syn::UseTree::Rename(name) => vec![vec![name.ident.to_string()]],
        syn::UseTree::Glob(_) => vec![vec!["*".to_owned()]],
        syn::UseTree::Group(group) => group.items.iter().flat_map(leaves).collect(),
    }
}

/// Every path that a file's code and `use` declarations hold, its module of tests left out.
#[derive(Default)]
struct Paths {
    found: Vec<Vec<String>>,
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if module.ident != "tests" {
            syn::visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.found.extend(leaves(&item.tree));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.found.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        syn::visit::visit_path(self, path);
    }
}

/// The groups of modules that lead to each other.
fn circles(edges: &BTreeMap<Name, BTreeSet<Name>>) -> Vec<Vec<Name>> {
    let reached = |from: &Name| {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![from];
        while let Some(next) = waiting.pop() {
            for to in edges.get(next).into_iter().flatten() {
                if seen.insert(to) {
                    waiting.push(to);
                }
            }
        }
        seen
    };
    let reach: BTreeMap<&Name, BTreeSet<&Name>> = edges.keys().map(|name| (name, reached(name))).collect();
    let mut circles = BTreeSet::new();
    for (name, to) in &reach {
        if to.contains(name) {
            let circle = to.iter().filter(|other| reach.get(**other).is_some_and(|back| back.contains(name)));
            circles.insert(circle.map(|name| (*name).clone()).collect::<Vec<_>>());
        }
    }
    circles.into_iter().collect()
}

#[test]
fn a_circle_is_found_through_a_re_export() {
    let source = |text: &str| syn::parse_file(text).unwrap();
    let name = |text: &str| text.split("::").map(str::to_owned).collect::<Name>();
    let modules = BTreeMap::from([
        (Name::new(), source("mod a; mod b; mod c; pub use a::A;")),
        (name("a"), source("use crate::b::B; pub struct A;")),
        (name("b"), source("use crate::A; pub struct B;")),
        (name("c"), source("use crate::a::A;")),
    ]);
    assert_eq!(circles(&edges(&modules)), [[name("a"), name("b")]]);
}
