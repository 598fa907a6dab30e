//! For applications that are told a policy: Express, Spring, FastAPI, axum.

use super::Line;
use crate::check::remedy::patch::Part;

/// Texts in quotes, with commas.
pub(super) fn quoted(texts: &[String]) -> String {
    texts.iter().map(|text| format!("{text:?}")).collect::<Vec<_>>().join(", ")
}

fn all<const N: usize>(lines: [String; N]) -> Vec<Line> {
    lines.into_iter().filter(|line| !line.is_empty()).map(Line::add).collect()
}

/// A line, where it is needed.
fn when(needed: bool, line: String) -> String {
    if needed { line } else { String::new() }
}

pub(super) fn express(part: &Part) -> Vec<Line> {
    let methods = part.methods();
    // What the package grants by itself.
    let usual =
        |method: &String| ["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"].contains(&method.as_str());
    all([
        "const cors = require(\"cors\"); // npm install cors".to_owned(),
        "app.use(cors({ // before every route".to_owned(),
        format!("  origin: [{}],", quoted(&part.origins)),
        when(part.credentials(), "  credentials: true,".to_owned()),
        when(!methods.iter().all(usual), format!("  methods: [{}],", quoted(&methods))),
        "}));".to_owned(),
    ])
}

pub(super) fn spring(part: &Part) -> Vec<Line> {
    let (methods, headers) = (part.methods(), part.headers());
    let mut out = vec![
        Line::keep("// in a WebMvcConfigurer"),
        Line::add("@Override public void addCorsMappings(CorsRegistry registry) {"),
        Line::add(format!("    registry.addMapping(\"{}\")", part.url.path())),
        Line::add(format!("        .allowedOrigins({})", quoted(&part.origins))),
        Line::add(format!("        .allowedMethods({})", quoted(&methods))),
    ];
    if !headers.is_empty() {
        out.push(Line::add(format!("        .allowedHeaders({})", quoted(&headers))));
    }
    out.push(Line::add(format!("        .allowCredentials({});", part.credentials())));
    out.push(Line::add("}"));
    out.push(Line::keep("// with Spring Security, so that preflights pass before authentication"));
    out.push(Line::add("http.cors(Customizer.withDefaults());"));
    out
}

pub(super) fn fastapi(part: &Part) -> Vec<Line> {
    let headers = part.headers();
    all([
        "from fastapi.middleware.cors import CORSMiddleware".to_owned(),
        "app.add_middleware(".to_owned(),
        "    CORSMiddleware,".to_owned(),
        format!("    allow_origins=[{}],", quoted(&part.origins)),
        when(part.credentials(), "    allow_credentials=True,".to_owned()),
        format!("    allow_methods=[{}],", quoted(&part.methods())),
        when(!headers.is_empty(), format!("    allow_headers=[{}],", quoted(&headers))),
        ")".to_owned(),
    ])
}

pub(super) fn axum(part: &Part) -> Vec<Line> {
    let headers = part.headers();
    all([
        "use crossing_tower::{CorsLayer, Grant, Policy};".to_owned(),
        "let grant = Grant::new()".to_owned(),
        format!("    .allow_origins([{}])", quoted(&part.origins)),
        when(part.credentials(), "    .allow_credentials(true)".to_owned()),
        format!("    .allow_methods([{}])", quoted(&part.methods())),
        when(!headers.is_empty(), format!("    .allow_headers([{}])", quoted(&headers))),
        "    .max_age(600);".to_owned(),
        "let app = app.layer(CorsLayer::new(Policy::builder().grant(grant).build()?));".to_owned(),
    ])
}
