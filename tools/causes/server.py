"""The servers: pages, and one answer for each case."""

import http.server
import os
import ssl
import subprocess
import threading

PAGE = b"<!doctype html><title>page</title>"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        status, headers, body = self.server.find(self)
        if status == 0:  # hangs up, with these bytes
            self.wfile.write(body)
            self.close_connection = True
            return
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_OPTIONS = do_HEAD = answer

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A browser that hangs up is no error."""


def serve(find, certificate=None):
    """Serves on loopback; the port. `find` has the request's handler, and gives status, headers and body."""
    server = Server(("127.0.0.1", 0), Handler)
    server.find = find
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def certificate(directory):
    """A certificate that nobody signed, with its key, in one file."""
    path = os.path.join(directory, "server.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", path, "-out", path + ".crt",
         "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, capture_output=True)
    with open(path + ".crt", encoding="ascii") as crt, open(path, "a", encoding="ascii") as both:
        both.write(crt.read())
    return path


def page(request):
    path = request.path.split("?")[0]
    if path == "/favicon.ico":
        return 404, [], b""
    headers = [("Content-Type", "text/html")]
    if path == "/csp/":
        headers.append(("Content-Security-Policy", "connect-src 'self'"))
    return 200, headers, PAGE


def of_cases(cases, places):
    """Answers each case at its own path; `places` fills in origins and ports."""
    by_path = {"/" + case.name: case for case in cases}

    def find(request):
        case = by_path.get(request.path)
        if case is None:
            return 404, [], b""
        preflight = request.command == "OPTIONS" and case.preflight is not None
        status, headers = case.preflight if preflight else case.request
        if status == 0:
            return 0, [], case.raw
        origin = request.headers.get("Origin", "")
        fill = {**places, "page": origin}
        return status, [(name, value.format(**fill)) for name, value in headers], b"x"

    return find
