"""Servers that are wrong on purpose, one for each class of `crossing audit`, and three that are right."""

OWN = "http://app.example.com"
ACAO, ACAC = "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"
METHODS, HEADERS = "Access-Control-Allow-Methods", "Access-Control-Allow-Headers"


class Asked:
    def __init__(self, method, path, headers):
        self.method, self.path, self.headers = method, path, headers
        self.origin = headers.get("Origin")
        self.preflight = method == "OPTIONS" and "Access-Control-Request-Method" in headers


class Answer:
    def __init__(self, status, body=""):
        self.status, self.lines, self.body = status, [], body

    def add(self, name, value):
        self.lines.append((name, value))
        return self

    def drop(self, name):
        self.lines = [line for line in self.lines if line[0] != name]
        return self

    def set(self, name, value):
        return self.drop(name).add(name, value)


def shared(asked, allowed):
    """As it should be: `allowed` says who is granted, with credentials."""
    path = asked.path.split("?")[0]
    answer = Answer(204) if asked.preflight else Answer(200, "data") if path in ("/", "/data") else Answer(404, "none")
    answer.add("Vary", "Origin")
    if not asked.origin or not allowed(asked.origin):
        return answer
    answer.add(ACAO, asked.origin).add(ACAC, "true")
    if asked.preflight:
        answer.add(METHODS, "PUT").add(HEADERS, "content-type").add("Access-Control-Max-Age", "600")
    return answer


def own(origin):
    return origin == OWN


def trusting(allowed):
    return lambda asked: shared(asked, allowed)


def changed(change):
    return lambda asked: change(asked, shared(asked, own))


def on_preflight(change):
    return changed(lambda asked, answer: change(answer) if asked.preflight else answer)


def echo_header(asked, answer):
    names = asked.headers.get("Access-Control-Request-Headers")
    return answer.set(HEADERS, names) if names else answer


def vary_preflight(asked, answer):
    if "Access-Control-Request-Headers" in asked.headers:
        answer.set(HEADERS, "x-a")
    return answer.add("Cache-Control", "public") if asked.preflight else answer


def injected(asked, answer):
    return answer.add("X-Crossing-Audit", "1") if "%0d%0a" in (asked.origin or "") else answer


def jsonp(asked, answer):
    if "callback=" in asked.path:
        answer.body = asked.path.split("callback=")[1].split("&")[0] + "({})"
        answer.add("Content-Type", "text/javascript")
    return answer


def flapping():
    count = [0]

    def answer(asked):
        answer = shared(asked, own)
        if asked.method == "GET" and asked.origin == OWN and asked.path == "/data":
            count[0] += 1
            if count[0] == 2:
                answer.drop(ACAC)
        return answer
    return answer


FLASH = '<cross-domain-policy><allow-access-from domain="*"/></cross-domain-policy>'
HOST = "app.example.com"

WRONG = {
    "reflect": trusting(lambda origin: origin != "null"),
    "reflect-nc": lambda asked: shared(asked, lambda origin: origin != "null").drop(ACAC),
    "null": trusting(lambda origin: own(origin) or origin == "null"),
    "prefix": trusting(lambda origin: origin.startswith(OWN)),
    "suffix": trusting(lambda origin: own(origin) or origin.endswith("example.com")),
    "substr": trusting(lambda origin: HOST in origin),
    "dot": trusting(lambda origin: own(origin) or origin == "http://appxexample.com"),
    "special": trusting(lambda origin: own(origin) or origin.startswith(OWN + "{") or origin.startswith(OWN + "_")),
    "anchor-ml": trusting(lambda origin: own(origin) or origin.endswith("/" + HOST)),
    "subany": trusting(lambda origin: own(origin) or origin.endswith(".example.com")),
    "portany": trusting(lambda origin: own(origin) or origin.startswith(OWN + ":")),
    "localhost": trusting(lambda origin: own(origin) or origin.startswith("http://localhost")),
    "thirdparty": trusting(lambda origin: own(origin) or origin.endswith(".github.io")),
    "ext": trusting(lambda origin: own(origin) or origin.startswith("chrome-extension://")),
    "wild-cred": changed(lambda _, answer: answer.set(ACAO, "*").set(ACAC, "true")),
    "wild-sens": changed(lambda _, answer: answer.set(ACAO, "*").drop(ACAC).add("Set-Cookie", "sid=1")),
    "vary-missing": changed(lambda _, answer: answer.drop("Vary")),
    "vary-preflight": changed(vary_preflight),
    "cache-cred": changed(lambda asked, answer: answer if asked.preflight else answer.add("Cache-Control", "public")),
    "header-inj": changed(injected),
    "multi-acao": changed(lambda _, answer: answer.add(ACAO, OWN)),
    "case": changed(lambda _, answer: answer.set(ACAO, "http://APP.example.com")),
    "acac-case": changed(lambda _, answer: answer.set(ACAC, "True")),
    "preflight-status": on_preflight(lambda _: Answer(405)),
    "preflight-auth": on_preflight(lambda _: Answer(401)),
    "preflight-redir": on_preflight(lambda _: Answer(301).add("Location", "/data/")),
    "preflight-nocache": changed(lambda _, answer: answer.drop("Access-Control-Max-Age")),
    "acam-lower": on_preflight(lambda answer: answer.set(METHODS, "PUT, patch")),
    "acah-auth": on_preflight(lambda answer: answer.set(HEADERS, "*")),
    "acah-reflect": changed(echo_header),
    "aceh": changed(lambda _, answer: answer.add("Access-Control-Expose-Headers", "X-Session-Token")),
    "methods-dangerous": changed(lambda _, answer: answer.set(ACAO, "*").drop(ACAC).set(METHODS, "DELETE")),
    "err-nocors": changed(lambda _, answer: answer.drop(ACAO).drop(ACAC) if answer.status == 404 else answer),
    "redir-nocors": changed(lambda asked, answer: Answer(302).add("Location", "/login")
                            if asked.path in ("/", "/data") and not asked.preflight else answer),
    "tao": changed(lambda _, answer: answer.add("Timing-Allow-Origin", "*")),
    "ws": changed(lambda asked, answer: Answer(101).add("Upgrade", "websocket").add("Connection", "Upgrade")
                  if "Upgrade" in asked.headers else answer),
    "crossdomain": changed(lambda asked, answer: Answer(200, FLASH) if asked.path == "/crossdomain.xml" else answer),
    "jsonp": changed(jsonp),
    "origin-authz": changed(lambda asked, answer: Answer(403).add("Vary", "Origin")
                            if asked.origin and not own(asked.origin) else answer),
    "inconsistent": on_preflight(lambda answer: answer.drop(ACAC)),
}


def public(asked):
    answer = shared(asked, lambda _: True).drop(ACAC).drop("Vary").set(ACAO, "*")
    return answer.drop(METHODS) if asked.preflight else answer


RIGHT = {
    "a list of origins, with credentials": trusting(own),
    "everybody, without credentials": public,
    "nobody": lambda asked: Answer(200 if asked.path in ("/", "/data") else 404, "data"),
}
