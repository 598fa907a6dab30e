//! [HAR 1.2](http://www.softwareishard.com/blog/har-12-spec/): traffic as browsers' tools export it. What is not needed is not read.

use serde::{Deserialize, Serialize};

/// A whole file.
#[derive(Debug, Deserialize, Serialize)]
pub struct Har {
    pub(crate) log: Log,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Log {
    #[serde(default)]
    pub(crate) version: String,
    pub(crate) creator: Option<Program>,
    #[serde(default)]
    pub(crate) pages: Vec<Page>,
    pub(crate) entries: Vec<Entry>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Program {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) version: String,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) started_date_time: String,
    #[serde(default)]
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) page_timings: Empty,
}

/// A request, and its answer.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    #[serde(default)]
    pub(crate) pageref: Option<String>,
    #[serde(default)]
    pub(crate) started_date_time: String,
    /// In milliseconds.
    #[serde(default)]
    pub(crate) time: f64,
    pub(crate) request: Request,
    pub(crate) response: Option<Response>,
    #[serde(default)]
    pub(crate) cache: Empty,
    #[serde(default)]
    pub(crate) timings: Timings,
    /// What asked, as Chromium says it: `fetch`, `xhr`, `preflight`, `document`, …
    #[serde(default, rename = "_resourceType", skip_serializing_if = "Option::is_none")]
    pub(crate) resource_type: Option<String>,
    /// The credentials mode, as this program writes it: no browser tells it.
    #[serde(default, rename = "_credentials", skip_serializing_if = "Option::is_none")]
    pub(crate) credentials: Option<String>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) http_version: String,
    #[serde(default)]
    pub(crate) cookies: Vec<Pair>,
    #[serde(default)]
    pub(crate) headers: Vec<Pair>,
    #[serde(default)]
    pub(crate) query_string: Vec<Pair>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) post_data: Option<PostData>,
    #[serde(default = "unknown")]
    pub(crate) headers_size: i64,
    #[serde(default = "unknown")]
    pub(crate) body_size: i64,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PostData {
    #[serde(default)]
    pub(crate) mime_type: String,
    #[serde(default)]
    pub(crate) text: String,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    /// 0 where none came.
    pub(crate) status: i64,
    #[serde(default)]
    pub(crate) status_text: String,
    #[serde(default)]
    pub(crate) http_version: String,
    #[serde(default)]
    pub(crate) cookies: Vec<Pair>,
    #[serde(default)]
    pub(crate) headers: Vec<Pair>,
    #[serde(default)]
    pub(crate) content: Content,
    #[serde(default, rename = "redirectURL")]
    pub(crate) redirect_url: String,
    #[serde(default = "unknown")]
    pub(crate) headers_size: i64,
    #[serde(default = "unknown")]
    pub(crate) body_size: i64,
    /// Why none came, as Chromium says it.
    #[serde(default, rename = "_error", skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
}

/// The body, without its text.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Content {
    #[serde(default)]
    pub(crate) size: i64,
    #[serde(default)]
    pub(crate) mime_type: String,
}

/// In milliseconds.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Timings {
    #[serde(default)]
    pub(crate) send: f64,
    #[serde(default)]
    pub(crate) wait: f64,
    #[serde(default)]
    pub(crate) receive: f64,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Pair {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) value: String,
}

/// An object in which nothing matters.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Empty {}

fn unknown() -> i64 {
    -1
}

impl Request {
    /// A header's value.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|pair| pair.name.eq_ignore_ascii_case(name));
        header.map(|pair| pair.value.as_str())
    }
}
