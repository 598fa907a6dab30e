//! [URLs](https://url.spec.whatwg.org/), by the `url` crate: their parts, and how they are set.

use rquickjs::convert::List;
use rquickjs::{Ctx, Object, Result, Value};
use url::{Url, form_urlencoded, quirks};

/// The parts of a URL; `null` if it is none.
pub(crate) fn parse<'js>(ctx: Ctx<'js>, input: String, base: Option<String>) -> Result<Value<'js>> {
    let base = match base.map(|base| Url::parse(&base)) {
        None => None,
        Some(Ok(base)) => Some(base),
        Some(Err(_)) => return Ok(Value::new_null(ctx)),
    };
    match Url::options().base_url(base.as_ref()).parse(&input) {
        Ok(url) => parts(&ctx, &url),
        Err(_) => Ok(Value::new_null(ctx)),
    }
}

/// A URL of the script's as a text; `null` if it is none, and the empty string if it has a user or a password.
pub(crate) fn href(base: Option<&Url>, input: &str) -> Option<String> {
    let url = Url::options().base_url(base).parse(input).ok()?;
    let bare = url.username().is_empty() && url.password().is_none_or(str::is_empty);
    Some(if bare { url.into() } else { String::new() })
}

/// Sets a part, as the attribute of this name does; gives the parts as they are then, `null` for a bad `href`.
pub(crate) fn set<'js>(ctx: Ctx<'js>, href: String, part: String, value: String) -> Result<Value<'js>> {
    let Ok(mut url) = Url::parse(&href) else { return Ok(Value::new_null(ctx)) };
    // A value that is not allowed changes nothing, without an error.
    let _ = match part.as_str() {
        "href" => match Url::parse(&value) {
            Ok(new) => {
                url = new;
                Ok(())
            }
            Err(_) => return Ok(Value::new_null(ctx)),
        },
        "protocol" => quirks::set_protocol(&mut url, &value),
        "username" => quirks::set_username(&mut url, &value),
        "password" => quirks::set_password(&mut url, &value),
        "host" => quirks::set_host(&mut url, &value),
        "hostname" => quirks::set_hostname(&mut url, &value),
        "port" => quirks::set_port(&mut url, &value),
        "pathname" => {
            quirks::set_pathname(&mut url, &value);
            Ok(())
        }
        "search" => {
            quirks::set_search(&mut url, &value);
            Ok(())
        }
        "hash" => {
            quirks::set_hash(&mut url, &value);
            Ok(())
        }
        _ => Ok(()),
    };
    parts(&ctx, &url)
}

fn parts<'js>(ctx: &Ctx<'js>, url: &Url) -> Result<Value<'js>> {
    let object = Object::new(ctx.clone())?;
    object.set("href", quirks::href(url))?;
    object.set("origin", quirks::origin(url))?;
    object.set("protocol", quirks::protocol(url))?;
    object.set("username", quirks::username(url))?;
    object.set("password", quirks::password(url))?;
    object.set("host", quirks::host(url))?;
    object.set("hostname", quirks::hostname(url))?;
    object.set("port", quirks::port(url))?;
    object.set("pathname", quirks::pathname(url))?;
    object.set("search", quirks::search(url))?;
    object.set("hash", quirks::hash(url))?;
    Ok(object.into_value())
}

/// [Parses](https://url.spec.whatwg.org/#concept-urlencoded-parser) `application/x-www-form-urlencoded`.
pub(crate) fn form_parse(input: String) -> Vec<List<(String, String)>> {
    form_urlencoded::parse(input.as_bytes())
        .map(|(name, value)| List((name.into_owned(), value.into_owned())))
        .collect()
}

/// [Serialises](https://url.spec.whatwg.org/#concept-urlencoded-serializer) it.
pub(crate) fn form_serialize(pairs: Vec<List<(String, String)>>) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs.into_iter().map(|List(pair)| pair))
        .finish()
}
