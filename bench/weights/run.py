#!/usr/bin/env python3
"""What a CORS layer adds to an axum application: crates, and processor time of a dev build at one job.

Three programs outside the workspace: axum alone, with tower-http's CorsLayer, with crossing-tower's. Axum is built once; from
there each program is built in turns, so that the difference of two long builds does not hide the layers. Processor time (user),
not wall time, so that other work on the machine disturbs little.

    bench/weights/run.py [--rounds 3] [--check]
    bench/weights/run.py --trees        the crates in the tree of each of our crates

--check fails where crossing-tower adds more than 10 crates.
"""

import argparse
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
MANIFEST = """[package]
name = "{name}"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
axum = "0.8"
tokio = {{ version = "1", features = ["net", "rt"] }}
"""
MAIN = """use axum::{{Router, routing::get}};

fn main() {{
    let app = Router::new().route("/", get(|| async {{ "ok" }})){layer};
    tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap().block_on(async {{
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        axum::serve(listener, app).await.unwrap();
    }});
}}
"""
PROGRAMS = {
    "axum": ("", ""),
    "tower-http": (
        'tower-http = { version = "0.7", default-features = false, features = ["cors"] }\n',
        '.layer(tower_http::cors::CorsLayer::new().allow_origin(["https://app.example".parse().unwrap()]))',
    ),
    "crossing-tower": (
        f'crossing = {{ path = "{ROOT}/crates/crossing", default-features = false, features = ["server"] }}\n'
        f'crossing-tower = {{ path = "{ROOT}/crates/tower" }}\n',
        '.layer(crossing_tower::CorsLayer::new(crossing::Policy::builder().grant('
        'crossing::server::Grant::new().allow_origins(["https://app.example"])).build().unwrap()))',
    ),
}
LIBRARIES = ["crossing", "suffix", "tower", "actix", "envoy", "agent", "js", "gateway", "tools", "lab", "cli"]
NAMED = ["psl", "url", "ring", "landlock", "rquickjs-sys"]


def write(directory, name):
    dependency, layer = PROGRAMS[name]
    (directory / "src").mkdir(parents=True)
    (directory / "Cargo.toml").write_text(MANIFEST.format(name=f"weight-{name}") + dependency)
    (directory / "src" / "main.rs").write_text(MAIN.format(layer=layer))
    shutil.copy(ROOT / "Cargo.lock", directory)


def tree(directory, *more):
    command = ["cargo", "tree", "--edges", "normal", "--prefix", "none", "--format", "{p}", *more]
    lines = subprocess.run(command, cwd=directory, check=True, capture_output=True, text=True).stdout.splitlines()
    return {line.split(" (")[0] for line in lines if line}


def build(directory, target):
    environment = {**os.environ, "CARGO_INCREMENTAL": "0", "CARGO_TARGET_DIR": str(target)}
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run(["cargo", "build", "--quiet", "--jobs", "1"], cwd=directory, check=True, env=environment)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def added_build(directory, axum):
    """What a program costs where axum is built already: the crates that it adds, and the program."""
    target = directory / "target"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(axum, target, symlinks=True)
    (directory / "src" / "main.rs").touch()
    return build(directory, target)


def trees():
    print("| crate, default features | crates in its tree | of these |\n|---|---:|---|")
    for folder in LIBRARIES:
        if not (ROOT / "crates" / folder).exists():
            continue
        names = {line.split()[0] for line in tree(ROOT / "crates" / folder)}
        own = {name for name in names if name.startswith("crossing")}
        print(f"| {folder} | {len(names - own)} | {', '.join(name for name in NAMED if name in names)} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--trees", action="store_true")
    options = parser.parse_args()
    if options.trees:
        return trees()
    with tempfile.TemporaryDirectory() as scratch:
        directories = {name: pathlib.Path(scratch) / name for name in PROGRAMS}
        for name, directory in directories.items():
            write(directory, name)
        crates = {name: len(tree(directory)) - 1 for name, directory in directories.items()}
        axum = pathlib.Path(scratch) / "built"
        whole = build(directories["axum"], axum)
        seconds = {name: [] for name in PROGRAMS}
        for _ in range(options.rounds):
            for name, directory in directories.items():
                seconds[name].append(added_build(directory, axum))
    print(f"axum and the program alone, from clean: {whole:.1f} s\n")
    print("| program | crates | more than axum | then built, in user seconds | more than axum |\n|---|---:|---:|---:|---:|")
    middle = {name: statistics.median(each) for name, each in seconds.items()}
    more = {name: middle[name] - middle["axum"] for name in PROGRAMS}
    for name in PROGRAMS:
        added = crates[name] - crates["axum"]
        print(f"| {name} | {crates[name]} | {added} | {middle[name]:.1f} | {more[name]:.1f} |")
    print(f"\ncrossing-tower's layer costs {more['crossing-tower'] / more['tower-http']:.1f} times what tower-http's does")
    if options.check and crates["crossing-tower"] - crates["axum"] > 10:
        sys.exit("crossing-tower adds more than 10 crates")


main()
