"""The servers: an empty page, and one answer for each case."""

import http.server
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        status, headers, body = self.server.find(self)
        if status == 0:  # hangs up
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
    def handle_error(self, *_):
        """A browser that hangs up is no error."""


def serve(find):
    """Serves on loopback; the port. `find` has the request's handler, and gives status, headers and body."""
    server = Server(("127.0.0.1", 0), Handler)
    server.find = find
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def page(_):
    return 200, [("Content-Type", "text/html")], b"<!doctype html><title>page</title>"


def of_cases(cases, places):
    """Answers each case at its own path; `places` fills in origins and ports."""
    by_path = {"/" + case.name: case for case in cases}

    def find(request):
        case = by_path.get(request.path)
        if case is None:
            return 404, [], b""
        preflight = request.command == "OPTIONS" and case.preflight is not None
        status, headers = case.preflight if preflight else case.request
        origin = request.headers.get("Origin", "")
        fill = {**places, "page": origin}
        return status, [(name, value.format(**fill)) for name, value in headers], b"x"

    return find
