//! The titles of the chapters in Russian.

pub(super) const RUSSIAN: &[(&str, &str)] = &[
    ("Simple requests: no preflight", "Простые запросы: без предварительного"),
    ("Origin: who asks", "Origin: кто спрашивает"),
    ("Access-Control-Allow-Origin: who may read", "Access-Control-Allow-Origin: кому можно читать"),
    (
        "Credentials: the browser has a cookie and a password of the server's",
        "Учётные данные: у браузера есть cookie и пароль этого сервера",
    ),
    ("Response headers: which of them", "Заголовки ответа: какие из них видны"),
    ("Preflight: asking first", "Предварительный запрос: сначала спросить"),
    (
        "Preflight refused: the real request never leaves",
        "Предварительный запрос отклонён: настоящий так и не уйдёт",
    ),
    ("Access-Control-Max-Age: how long the answer holds", "Access-Control-Max-Age: сколько действует ответ"),
    ("Redirects", "Перенаправления"),
];
