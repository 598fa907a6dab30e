//! Compiles and runs every Rust example in README.md and docs/. The tests of the project as a whole are in `tests/project/`.

#![forbid(unsafe_code)]

macro_rules! pages {
    ($($name:ident $path:literal)+) => {
        $(
            #[cfg(doctest)]
            #[doc = include_str!(concat!("../../../", $path))]
            struct $name;
        )+
    };
}

pages! {
    Readme "README.md"
    MigrateFromActixCors "docs/migrate-from-actix-cors.md"
    MigrateFromTowerHttp "docs/migrate-from-tower-http.md"
    RustServer "docs/rust-server.md"
    RustTesting "docs/rust-testing.md"
    Scripts "docs/scripts.md"
}
