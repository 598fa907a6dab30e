"""What each cause looks like: the server's answers, the page's call, and what the browsers call it.

A case has a name, the answers (to preflights, and to the request), the init of `fetch`, the flags of `crossing check` that say the
same, and the names that Chromium and Firefox have for the cause; None where a browser names none. Where `check` has no such request,
`explain` is asked with the browser's name instead.
"""

A = "Access-Control-Allow-"
PAGE = "{page}"  # the page's origin


class Case:
    def __init__(self, name, chromium, firefox, request=None, preflight=None, init=None, flags=(), path=None,
                 code=None, page="page", preferences=None):
        self.name, self.chromium, self.firefox = name, chromium, firefox
        self.request = request or (200, [(A + "Origin", PAGE)])
        self.preflight = preflight
        self.init, self.flags = init or {}, list(flags)
        self.path = path  # another address than the case's own
        self.code = code  # what `explain` says, where `check` has no such request
        self.page = page  # "public": one that Chromium takes for a page of the internet
        self.preferences = preferences or {}  # Firefox's, for this case


def ok(*headers):
    return 200, list(headers)


PUT = {"method": "PUT"}
X_PUT = ["-X", "PUT"]
WITH = {"credentials": "include"}
X_WITH = ["--credentials", "include"]

# The CORS check: value, and what it is called. Played on the request and on the preflight.
CHECKS = [
    ("missing", ok(), "MissingAllowOriginHeader", "CORSMissingAllowOrigin", {}, []),
    ("multiple", ok((A + "Origin", PAGE), (A + "Origin", "https://b.example")), "MultipleAllowOriginValues",
     "CORSMultipleAllowOriginNotAllowed", {}, []),
    ("invalid", ok((A + "Origin", "app.example.com")), "InvalidAllowOriginValue",
     "CORSAllowOriginNotMatchingOrigin", {}, []),
    ("mismatch", ok((A + "Origin", "https://b.example")), "AllowOriginMismatch",
     "CORSAllowOriginNotMatchingOrigin", {}, []),
    ("wildcard", ok((A + "Origin", "*")), "WildcardOriginNotAllowed", "CORSNotSupportingCredentials", WITH, X_WITH),
    ("credentials", ok((A + "Origin", PAGE), (A + "Credentials", "True")), "InvalidAllowCredentials",
     "CORSMIssingAllowCredentials", WITH, X_WITH),
]

CASES = []
for _name, _answer, _chromium, _firefox, _init, _flags in CHECKS:
    CASES.append(Case(_name, _chromium, _firefox, request=_answer, init=_init, flags=_flags))
    CASES.append(Case("preflight-" + _name, "Preflight" + _chromium, _firefox, preflight=_answer,
                      init={**PUT, **_init}, flags=X_PUT + _flags))

GRANT = [(A + "Origin", PAGE)]
CASES += [
    Case("preflight-status", "PreflightInvalidStatus", "CORSPreflightDidNotSucceed", preflight=(405, GRANT),
         init=PUT, flags=X_PUT),
    Case("preflight-redirect", "PreflightDisallowedRedirect", "CORSExternalRedirectNotAllowed",
         preflight=(302, GRANT + [("Location", "/elsewhere")]), init=PUT, flags=X_PUT),
    Case("methods-invalid", "InvalidAllowMethodsPreflightResponse", "CORSInvalidAllowMethod",
         preflight=ok(*GRANT, (A + "Methods", "PUT, not a token")), init=PUT, flags=X_PUT),
    Case("headers-invalid", "InvalidAllowHeadersPreflightResponse", "CORSInvalidAllowHeader",
         preflight=ok(*GRANT, (A + "Methods", "PUT"), (A + "Headers", "not a token")), init=PUT, flags=X_PUT),
    Case("method", "MethodDisallowedByPreflightResponse", "CORSMethodNotFound",
         preflight=ok(*GRANT, (A + "Methods", "DELETE")), init=PUT, flags=X_PUT),
    Case("header", "HeaderDisallowedByPreflightResponse", "CORSMissingAllowHeaderFromPreflight",
         preflight=ok(*GRANT, (A + "Headers", "x-other")), init={"headers": {"x-token": "7"}},
         flags=["-H", "x-token: 7"]),
    Case("redirect-userinfo", "RedirectContainsCredentials", "CORSExternalRedirectNotAllowed",
         request=(302, GRANT + [("Location", "http://me:pw@{other}/")])),
    Case("mode", "DisallowedByMode", None, init={"mode": "same-origin"}, flags=["--mode", "same-origin"]),
    Case("scheme", "CorsDisabledScheme", "CORSRequestNotHttp", path="x-crossing:nothing", code="scheme"),
    Case("preflight-broken", "InvalidResponse", "CORSDidNotSucceed", preflight=(0, []), init=PUT, flags=X_PUT),
    Case("refused", None, "CORSDidNotSucceed", path="http://127.0.0.1:{closed}/"),
    Case("disabled", None, "CORSDisabled", code="mode", preferences={"content.cors.disable": True}),
    Case("local-insecure", "InsecureLocalNetwork", None, page="insecure", code=""),
    Case("local-refused", "LocalNetworkAccessPermissionDenied", None, page="public", code=""),
]

# What cannot be produced here, and why.
LEFT_OUT = {
    "InvalidLocalNetworkAccess": "Chromium gives it where a local address changes hands between look-up and connection",
    "CORSOriginHeaderNotAdded": "Firefox gives it where it fails to add Origin, which no page can bring about",
}
