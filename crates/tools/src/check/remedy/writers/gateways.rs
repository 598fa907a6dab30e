//! For what stands before applications: Envoy, S3, Amazon API Gateway, Kong.

use super::Line;
use super::frameworks::quoted;
use crate::check::remedy::patch::Part;

pub(super) fn envoy(part: &Part) -> Vec<Line> {
    let mut out = vec![
        Line::keep(
            "# on the route; the filter envoy.filters.http.cors must be in http_filters, before the router",
        ),
        Line::add("typed_per_filter_config:"),
        Line::add("  envoy.filters.http.cors:"),
        Line::add("    \"@type\": type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy"),
        Line::add("    allow_origin_string_match:"),
    ];
    out.extend(part.origins.iter().map(|origin| Line::add(format!("    - exact: {origin:?}"))));
    out.push(Line::add(format!("    allow_methods: {:?}", part.methods().join(", "))));
    if !part.headers().is_empty() {
        out.push(Line::add(format!("    allow_headers: {:?}", part.headers().join(", "))));
    }
    if part.credentials() {
        out.push(Line::add("    allow_credentials: true"));
    }
    out
}

pub(super) fn s3(part: &Part) -> Vec<Line> {
    vec![
        Line::keep("the bucket's CORS configuration"),
        Line::add("[{"),
        Line::add(format!("  \"AllowedOrigins\": [{}],", quoted(&part.origins))),
        Line::add(format!("  \"AllowedMethods\": [{}],", quoted(&part.methods()))),
        Line::add(format!("  \"AllowedHeaders\": [{}]", quoted(&part.headers()))),
        Line::add("}]"),
    ]
}

pub(super) fn api_gateway(part: &Part) -> Vec<Line> {
    let list = |texts: &[String]| texts.iter().map(|text| format!("'{text}'")).collect::<Vec<_>>().join(",");
    let mut configuration =
        format!("AllowOrigins={},AllowMethods={}", list(&part.origins), list(&part.methods()));
    if !part.headers().is_empty() {
        configuration.push_str(&format!(",AllowHeaders={}", list(&part.headers())));
    }
    if part.credentials() {
        configuration.push_str(",AllowCredentials=true");
    }
    vec![
        Line::keep("an HTTP API; a REST API needs an OPTIONS method with these values"),
        Line::add("aws apigatewayv2 update-api --api-id ID \\"),
        Line::add(format!("    --cors-configuration \"{configuration}\"")),
    ]
}

pub(super) fn kong(part: &Part) -> Vec<Line> {
    let mut out = vec![
        Line::add("plugins:"),
        Line::add("- name: cors"),
        Line::add("  config:"),
        Line::add(format!("    origins: [{}]", quoted(&part.origins))),
        Line::add(format!("    methods: [{}]", quoted(&part.methods()))),
    ];
    if !part.headers().is_empty() {
        out.push(Line::add(format!("    headers: [{}]", quoted(&part.headers()))));
    }
    out.push(Line::add(format!("    credentials: {}", part.credentials())));
    out
}
