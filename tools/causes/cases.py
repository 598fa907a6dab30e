"""What each cause looks like: the server's answers, the page's call, and what the browsers call it.

A case has a name, our code for the cause, the names that Chromium and Firefox have for it (None where a browser names none), the answers (to
preflights, and to the request), the init of `fetch`, and the flags of `crossing check` that say the same. Where `check` has no such
request, `explain` alone is asked.
"""

A = "Access-Control-Allow-"
PAGE = "{page}"  # the page's origin


class Case:
    def __init__(self, name, code, chromium, firefox, how, request=None, preflight=None, init=None, flags=(), path=None,
                 page="page", preferences=None, checked=True, only=None, raw=b"", silent=()):
        self.name, self.code, self.chromium, self.firefox = name, code, chromium, firefox
        self.how = how  # what the server or the page does, for the table
        self.request = request or (200, [(A + "Origin", PAGE)])
        self.preflight = preflight
        self.init, self.flags = init or {}, list(flags)
        self.path = path  # another address than the case's own
        self.page = page  # see run.py
        self.preferences = preferences or {}  # Firefox's, for this case
        self.checked = checked  # whether `check` can be asked for it
        self.only = only  # the one browser that does so
        self.raw = raw  # instead of an answer, where the status is 0
        self.silent = silent  # browsers whose console does not say what it was


def ok(*headers):
    return 200, list(headers)


PUT = {"method": "PUT"}
X_PUT = ["-X", "PUT"]
WITH = {"credentials": "include"}
X_WITH = ["--credentials", "include"]
GRANT = [(A + "Origin", PAGE)]

# The CORS check. Played on the request and on the preflight.
CHECKS = [
    ("missing", "acao-missing", ok(), "MissingAllowOriginHeader", "CORSMissingAllowOrigin", {}, [],
     "no `Access-Control-Allow-Origin`"),
    ("multiple", "acao-multiple", ok((A + "Origin", PAGE), (A + "Origin", "https://b.example")),
     "MultipleAllowOriginValues", "CORSMultipleAllowOriginNotAllowed", {}, [], "two lines of it"),
    ("invalid", "acao-invalid", ok((A + "Origin", "app.example.com")), "InvalidAllowOriginValue",
     "CORSAllowOriginNotMatchingOrigin", {}, [], "its value is `app.example.com`, without a scheme"),
    ("mismatch", "acao-mismatch", ok((A + "Origin", "https://b.example")), "AllowOriginMismatch",
     "CORSAllowOriginNotMatchingOrigin", {}, [], "its value is another origin"),
    ("wildcard", "acao-wildcard-creds", ok((A + "Origin", "*")), "WildcardOriginNotAllowed",
     "CORSNotSupportingCredentials", WITH, X_WITH, "its value is `*`, and credentials are included"),
    ("credentials", "acac-invalid", ok((A + "Origin", PAGE), (A + "Credentials", "True")), "InvalidAllowCredentials",
     "CORSMissingAllowCredentials", WITH, X_WITH, "`Access-Control-Allow-Credentials: True`"),
]

CASES = []
for _name, _code, _answer, _chromium, _firefox, _init, _flags, _how in CHECKS:
    CASES.append(Case(_name, _code, _chromium, _firefox, f"the answer: {_how}", request=_answer, init=_init, flags=_flags))
    CASES.append(Case("preflight-" + _name, _code, "Preflight" + _chromium, _firefox, f"the preflight's answer: {_how}",
                      preflight=_answer, init={**PUT, **_init}, flags=X_PUT + _flags))

CASES += [
    Case("preflight-status", "preflight-status", "PreflightInvalidStatus", "CORSPreflightDidNotSucceed",
         "the preflight is answered 405", preflight=(405, GRANT), init=PUT, flags=X_PUT),
    Case("preflight-redirect", "preflight-redirect", "PreflightDisallowedRedirect", "CORSExternalRedirectNotAllowed",
         "the preflight is answered 302", preflight=(302, GRANT + [("Location", "/elsewhere")]), init=PUT, flags=X_PUT),
    Case("methods-invalid", "preflight-acam-parse", "InvalidAllowMethodsPreflightResponse", "CORSInvalidAllowMethod",
         "`Access-Control-Allow-Methods: PUT, not a token`",
         preflight=ok(*GRANT, (A + "Methods", "PUT, not a token")), init=PUT, flags=X_PUT),
    Case("headers-invalid", "preflight-acah-parse", "InvalidAllowHeadersPreflightResponse", "CORSInvalidAllowHeader",
         "`Access-Control-Allow-Headers: not a token`",
         preflight=ok(*GRANT, (A + "Methods", "PUT"), (A + "Headers", "not a token")), init=PUT, flags=X_PUT),
    Case("method", "method-not-allowed", "MethodDisallowedByPreflightResponse", "CORSMethodNotFound",
         "PUT is asked for, DELETE is granted",
         preflight=ok(*GRANT, (A + "Methods", "DELETE")), init=PUT, flags=X_PUT),
    Case("header", "header-not-allowed", "HeaderDisallowedByPreflightResponse", "CORSMissingAllowHeaderFromPreflight",
         "`x-token` is asked for, `x-other` is granted",
         preflight=ok(*GRANT, (A + "Headers", "x-other")), init={"headers": {"x-token": "7"}},
         flags=["-H", "x-token: 7"]),
    Case("redirect-userinfo", "redirect-userinfo", "RedirectContainsCredentials", "CORSDidNotSucceed",
         "302 to `http://me:pw@…`, of another origin",
         request=(302, GRANT + [("Location", "http://me:pw@{other}/")])),
    Case("mode", "mode", "DisallowedByMode", None, "`mode: \"same-origin\"`, and another origin",
         init={"mode": "same-origin"}, flags=["--mode", "same-origin"]),
    Case("scheme", "scheme", "CorsDisabledScheme", "CORSRequestNotHttp", "the URL is `x-crossing:nothing`",
         path="x-crossing:nothing", checked=False),
    Case("disabled", "cors-disabled", None, "CORSDisabled", "Firefox's setting `content.cors.disable`", checked=False,
         preferences={"content.cors.disable": True}, only="firefox"),
    Case("local-insecure", "local-network-insecure", "InsecureLocalNetwork", None,
         "a page of a public address, over http, asks loopback", page="insecure", checked=False, only="chromium"),
    Case("local-mismatch", "local-network-mismatch", "InvalidLocalNetworkAccess", None,
         "a page of a public address asks loopback with `targetAddressSpace: \"local\"`", page="public", checked=False,
         init={"targetAddressSpace": "local"}, only="chromium"),
    Case("local-refused", "local-network-refused", "LocalNetworkAccessPermissionDenied", None,
         "a page of a public address asks loopback, and nobody gives permission", page="public", checked=False,
         only="chromium"),
    # What is no CORS error, or has no name: the console's line is all there is.
    Case("refused", "connection", None, "CORSDidNotSucceed", "nothing listens at the port",
         path="http://127.0.0.1:{closed}/"),
    Case("unknown-host", "dns", None, "CORSDidNotSucceed", "the host's name is unknown", path="http://nowhere.invalid/"),
    Case("broken", "broken-http", None, "CORSDidNotSucceed", "the server hangs up", request=(0, [])),
    Case("preflight-broken", "broken-http", None, "CORSDidNotSucceed", "the server hangs up on the preflight",
         preflight=(0, []), init=PUT, flags=X_PUT),
    Case("many-redirects", "too-many-redirects", None, "CORSDidNotSucceed", "a redirect to itself",
         request=(302, GRANT + [("Location", "/many-redirects")])),
    Case("bad-location", "redirect-location", None, "CORSDidNotSucceed", "`Location: http://[`",
         request=(302, GRANT + [("Location", "http://[")])),
    Case("redirect-scheme", "redirect-scheme", "CorsDisabledScheme", "CORSRequestNotHttp", "302 to `x-crossing:nothing`",
         request=(302, GRANT + [("Location", "x-crossing:nothing")])),
    Case("bad-port", "bad-port", None, None, "the port is 6667", path="http://127.0.0.1:6667/", silent=["firefox"]),
    Case("redirect-refused", "redirect-refused", None, None, "`redirect: \"error\"`, and a 302",
         silent=["chromium", "firefox"],
         request=(302, GRANT + [("Location", "/elsewhere")]), init={"redirect": "error"}, flags=["--redirect", "error"]),
    Case("corp", "corp", None, None, "`mode: \"no-cors\"`, and `Cross-Origin-Resource-Policy: same-origin`",
         request=ok(("Cross-Origin-Resource-Policy", "same-origin")), init={"mode": "no-cors"}, flags=["--mode", "no-cors"]),
    Case("csp", "csp", None, None, "the page's `Content-Security-Policy: connect-src 'self'`", page="csp", checked=False),
    Case("mixed", "mixed-content", None, None, "an https page asks `http://plain.test`", page="secure",
         path="http://plain.test:{there}/mixed"),
]

# What cannot be produced here, and why.
LEFT_OUT = {
    "InvalidResponse": "Chromium gives it for an opaque response to a cors request. Only a service worker could make one, and its own "
    "check comes first: the worker's answer is a network error without a name.",
    "CORSOriginHeaderNotAdded": "Firefox gives it where it fails to add `Origin` to a request of its own, which no page "
    "and no server can bring about.",
}

# Every code that the browsers have.
CHROMIUM = [
    "DisallowedByMode", "InvalidResponse", "WildcardOriginNotAllowed", "MissingAllowOriginHeader", "MultipleAllowOriginValues",
    "InvalidAllowOriginValue", "AllowOriginMismatch", "InvalidAllowCredentials", "CorsDisabledScheme", "PreflightInvalidStatus",
    "PreflightDisallowedRedirect", "PreflightWildcardOriginNotAllowed", "PreflightMissingAllowOriginHeader",
    "PreflightMultipleAllowOriginValues", "PreflightInvalidAllowOriginValue", "PreflightAllowOriginMismatch",
    "PreflightInvalidAllowCredentials", "InvalidAllowMethodsPreflightResponse", "InvalidAllowHeadersPreflightResponse",
    "MethodDisallowedByPreflightResponse", "HeaderDisallowedByPreflightResponse", "RedirectContainsCredentials",
    "InsecureLocalNetwork", "InvalidLocalNetworkAccess", "LocalNetworkAccessPermissionDenied",
]
FIREFOX = [
    "CORSDisabled", "CORSDidNotSucceed", "CORSRequestNotHttp", "CORSMultipleAllowOriginNotAllowed", "CORSMissingAllowOrigin",
    "CORSNotSupportingCredentials", "CORSAllowOriginNotMatchingOrigin", "CORSMissingAllowCredentials", "CORSOriginHeaderNotAdded",
    "CORSExternalRedirectNotAllowed", "CORSPreflightDidNotSucceed", "CORSInvalidAllowMethod", "CORSMethodNotFound",
    "CORSInvalidAllowHeader", "CORSMissingAllowHeaderFromPreflight",
]
