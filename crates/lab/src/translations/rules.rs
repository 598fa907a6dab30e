//! The rules of the steps that are not refusals.

use super::RuleTexts;

macro_rules! fetch {
    ($anchor:literal) => {
        concat!("https://fetch.spec.whatwg.org/#", $anchor)
    };
}

const fn rule(code: &'static str, spec: &'static str, en: &'static str, ru: &'static str) -> RuleTexts {
    RuleTexts { code, spec, en, ru }
}

pub(super) const RULES: &[RuleTexts] = &[
    rule(
        "dropped",
        fetch!("forbidden-request-header"),
        "Some request headers are the browser's alone, and a script that sets one of them is ignored.",
        "Часть заголовков запроса ставит только сам браузер; попытка скрипта задать такой заголовок ни к чему не приводит.",
    ),
    rule(
        "upgraded",
        fetch!("concept-main-fetch"),
        "A host that is known to want https is asked over https.",
        "К хосту, который требует https, браузер обращается по https.",
    ),
    rule(
        "hop-basic",
        fetch!("concept-main-fetch"),
        "A request of the page's own origin needs nobody's consent.",
        "Запросу к собственному источнику страницы ничьё согласие не нужно.",
    ),
    rule(
        "hop-cors",
        fetch!("concept-main-fetch"),
        "With mode cors, another origin may be asked; its response is shown only if the server shares it.",
        "В режиме cors можно спросить и чужой источник, но его ответ будет показан, только если сервер им поделится.",
    ),
    rule(
        "hop-opaque",
        fetch!("concept-main-fetch"),
        "With mode no-cors, another origin is asked as an image asks it, and nothing of the response is shown.",
        "В режиме no-cors чужой источник спрашивают так, как это делает картинка: из ответа не видно ничего.",
    ),
    rule(
        "hop-tainted",
        fetch!("concept-request-tainted-origin"),
        "Once another origin has redirected the request, its origin is serialized as null: the server that is asked now \
         cannot know who wrote the request.",
        "Если запрос перенаправил чужой источник, его источником становится null: новому серверу уже нельзя сказать, кто \
         этот запрос составил.",
    ),
    rule(
        "classified-safe",
        fetch!("cors-safelisted-method"),
        "The method and the headers are such as a form could always send, so the request leaves without a preflight.",
        "Такие метод и заголовки всегда могла отправить и обычная форма, поэтому предварительный запрос не нужен.",
    ),
    rule(
        "classified-unsafe",
        fetch!("cors-preflight-fetch"),
        "What no form could ever send needs the server's consent first: that is the preflight.",
        "На то, чего обычная форма отправить не могла, сервер должен сначала согласиться: для этого есть предварительный \
         запрос.",
    ),
    rule(
        "cache-hit",
        fetch!("concept-cache-match"),
        "What an earlier preflight granted, and is not too old, need not be asked for again.",
        "То, что разрешил прежний предварительный запрос, не нужно спрашивать снова, пока разрешение не устарело.",
    ),
    rule(
        "cache-miss",
        fetch!("concept-cache-match"),
        "The preflight cache has no fresh entry for all of this, so the browser asks.",
        "В кеше предварительных запросов нет свежих записей на всё это, поэтому браузер спрашивает.",
    ),
    rule(
        "granted",
        fetch!("cors-preflight-fetch-0"),
        "The method and every header were granted. Access-Control-Max-Age says for how long; without it, five seconds.",
        "Метод и каждый заголовок разрешены. На какой срок, говорит Access-Control-Max-Age; без него — на пять секунд.",
    ),
    rule(
        "credentials-included",
        fetch!("concept-request-credentials-mode"),
        "The credentials mode lets cookies and HTTP authentication go along.",
        "Режим учётных данных позволяет отправить cookie и HTTP-аутентификацию.",
    ),
    rule(
        "credentials-withheld",
        fetch!("concept-request-credentials-mode"),
        "The credentials mode keeps cookies and HTTP authentication back.",
        "Режим учётных данных не даёт отправить cookie и HTTP-аутентификацию.",
    ),
    rule(
        "cookies-stored",
        fetch!("concept-http-network-fetch"),
        "Cookies are stored as soon as the response is there, whether or not the script may read it.",
        "Cookie сохраняются сразу, как пришёл ответ, — даже если скрипту его прочесть не дадут.",
    ),
    rule(
        "check-passed",
        fetch!("concept-cors-check"),
        "Access-Control-Allow-Origin is the origin that asked, or * and there are no credentials: the response is shared.",
        "В Access-Control-Allow-Origin стоит источник, который спрашивал, либо *, а учётных данных нет: ответом поделились.",
    ),
    rule(
        "redirected",
        fetch!("concept-http-redirect-fetch"),
        "A redirect is followed only after the response that redirects has passed the CORS check itself.",
        "Перенаправление выполняется, только если сам перенаправляющий ответ прошёл проверку CORS.",
    ),
    rule(
        "cache-cleared",
        fetch!("concept-cache-clear"),
        "A request that fails takes the entries of its URL out of the preflight cache.",
        "Неудавшийся запрос убирает из кеша предварительных запросов записи о своём URL.",
    ),
    rule(
        "deliver-basic",
        fetch!("concept-filtered-response-basic"),
        "The script sees all of its own origin's response but Set-Cookie.",
        "В ответе своего источника скрипт видит всё, кроме Set-Cookie.",
    ),
    rule(
        "deliver-cors",
        fetch!("concept-filtered-response-cors"),
        "The script sees the body, the safelisted response headers, and those that Access-Control-Expose-Headers names.",
        "Скрипт видит тело, безопасные заголовки ответа и те, что названы в Access-Control-Expose-Headers.",
    ),
    rule(
        "deliver-opaque",
        fetch!("concept-filtered-response-opaque"),
        "The script learns that there was a response, and nothing of it.",
        "Скрипт узнаёт, что ответ был, — и больше ничего.",
    ),
    rule(
        "deliver-opaque-redirect",
        fetch!("concept-filtered-response-opaque-redirect"),
        "With redirect mode manual the script learns that there was a redirect, and not where to.",
        "В режиме перенаправлений manual скрипт узнаёт, что перенаправление было, но не узнаёт куда.",
    ),
    rule(
        "error",
        fetch!("concept-network-error"),
        "A script is told of a network error and never why, so that it cannot spy on other servers. The reason is for people.",
        "Скрипт узнаёт только о сетевой ошибке, но не о причине, — иначе он мог бы выведывать чужое. Причина — для людей.",
    ),
];
