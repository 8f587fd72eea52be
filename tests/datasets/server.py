"""A server of files that cuts and corrupts what it is told to."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FileServer:
    """Serves a folder over HTTP, damaging what it is told to."""

    def __init__(self, folder):
        self.requests = []
        self.cut = set()
        self.corrupt = set()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                name = self.path.removeprefix("/files/")
                server.requests.append(name)
                path = folder / name
                if not path.is_file():
                    self.send_error(404)
                    return
                content = path.read_bytes()
                if name in server.corrupt:
                    content = content[:-1] + bytes([content[-1] ^ 1])
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                # The connection closes when this method returns.
                self.wfile.write(content[: len(content) // 2] if name in server.cut else content)

            def log_message(self, *args):
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}/files"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self):
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
