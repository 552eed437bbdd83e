# SPDX-License-Identifier: MIT
# A web server that keeps what is posted: webhook.py PORT LOG [FAILURES]
# Writes its port on 127.0.0.1 into PORT, answers the first FAILURES posts with 500, and puts the others into LOG, a line each.
import http.server
import os
import sys

port, log = sys.argv[1:3]
failures = int(sys.argv[3]) if len(sys.argv) > 3 else 0


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        global failures
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = 500 if failures > 0 else 200
        failures -= 1
        if status == 200:
            with open(log, "ab") as out:
                out.write(body.rstrip(b"\n") + b"\n")
        self.send_response(status)
        self.end_headers()


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
with open(port + ".new", "w") as out:
    print(server.server_port, file=out)
os.rename(port + ".new", port)
server.serve_forever()
