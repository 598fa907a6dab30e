//! The URL Standard's parser and setters, and forms in a query.

use rquickjs::{Array, Ctx, Object, Result};
use url::{Url, form_urlencoded, quirks};

use super::put;

pub(super) fn install<'js>(native: &Object<'js>) -> Result<()> {
    put(native, "urlParse", |ctx: Ctx<'js>, text: String, base: Option<String>| {
        let base = match base.map(|base| Url::parse(&base)) {
            Some(Ok(base)) => Some(base),
            Some(Err(_)) => return Ok(None),
            None => None,
        };
        Url::options().base_url(base.as_ref()).parse(&text).ok().map(|url| parts(&ctx, &url)).transpose()
    })?;
    put(native, "urlSet", |ctx: Ctx<'js>, href: String, what: String, value: String| {
        let Ok(mut url) = Url::parse(&href) else { return Ok(None) };
        // Only `href` throws; every other setter ignores what it cannot take.
        match what.as_str() {
            "href" => match quirks::set_href(&mut url, &value) {
                Ok(()) => {}
                Err(_) => return Ok(None),
            },
            "protocol" => drop(quirks::set_protocol(&mut url, &value)),
            "username" => drop(quirks::set_username(&mut url, &value)),
            "password" => drop(quirks::set_password(&mut url, &value)),
            "host" => drop(quirks::set_host(&mut url, &value)),
            "hostname" => drop(quirks::set_hostname(&mut url, &value)),
            "port" => drop(quirks::set_port(&mut url, &value)),
            "pathname" => quirks::set_pathname(&mut url, &value),
            "search" => quirks::set_search(&mut url, &value),
            _ => quirks::set_hash(&mut url, &value),
        }
        parts(&ctx, &url).map(Some)
    })?;
    put(native, "formParse", |ctx: Ctx<'js>, text: String| {
        let list = Array::new(ctx.clone())?;
        for (nth, (name, value)) in form_urlencoded::parse(text.as_bytes()).enumerate() {
            list.set(nth, vec![name.into_owned(), value.into_owned()])?;
        }
        Ok::<_, rquickjs::Error>(list)
    })?;
    put(native, "formWrite", |pairs: Vec<Vec<String>>| {
        let mut form = form_urlencoded::Serializer::new(String::new());
        for pair in &pairs {
            if let [name, value] = pair.as_slice() {
                form.append_pair(name, value);
            }
        }
        form.finish()
    })
}

/// A URL's parts, as the attributes of `URL` and `Location` have them.
pub(super) fn parts<'js>(ctx: &Ctx<'js>, url: &Url) -> Result<Object<'js>> {
    let parts = Object::new(ctx.clone())?;
    parts.set("href", quirks::href(url))?;
    parts.set("origin", quirks::origin(url))?;
    parts.set("protocol", quirks::protocol(url))?;
    parts.set("username", quirks::username(url))?;
    parts.set("password", quirks::password(url))?;
    parts.set("host", quirks::host(url))?;
    parts.set("hostname", quirks::hostname(url))?;
    parts.set("port", quirks::port(url))?;
    parts.set("pathname", quirks::pathname(url))?;
    parts.set("search", quirks::search(url))?;
    parts.set("hash", quirks::hash(url))?;
    Ok(parts)
}
