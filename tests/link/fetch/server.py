#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A server of files that misbehaves on demand: server.py PORT-FILE DIRECTORY.

/NAME            the file NAME of the directory
/slow/NAME       the same, an octet a tenth of a second
/huge            no end of octets
/to/N/NAME       N redirects, then the file
/away            redirects to another host
/gopher          redirects to another scheme
/status/N        the status N
/half/NAME       announces all of the file, sends half
Requests are written to DIRECTORY/requests.log, headers and all.
"""
import http.server
import os
import sys
import time

port_file, directory = sys.argv[1:3]


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def redirect(self, where):
        self.send_response(302)
        self.send_header("Location", where)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def give(self, name, announce=True, delay=0.0, part=1.0):
        path = os.path.join(directory, os.path.basename(name))
        if not os.path.isfile(path):
            self.send_error(404)
            return
        with open(path, "rb") as f:
            data = f.read()
        self.send_response(200)
        self.send_header("Content-Type", "application/pkix-crl")
        if announce:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        data = data[: int(len(data) * part)]
        if not delay:
            self.wfile.write(data)
            return
        for i in range(len(data)):
            self.wfile.write(data[i : i + 1])
            self.wfile.flush()
            time.sleep(delay)

    def do_GET(self):
        with open(os.path.join(directory, "requests.log"), "a", encoding="utf-8") as log:
            log.write(f"{self.requestline}\n{self.headers}")
        parts = self.path.strip("/").split("/")
        try:
            if parts[0] == "slow":
                self.give(parts[1], delay=0.1)
            elif parts[0] == "half":
                self.give(parts[1], part=0.5)
            elif parts[0] == "huge":
                self.send_response(200)
                self.end_headers()
                while True:
                    self.wfile.write(bytes(65536))
            elif parts[0] == "to":
                n = int(parts[1])
                self.redirect(f"/to/{n - 1}/{parts[2]}" if n > 1 else f"/{parts[2]}")
            elif parts[0] == "away":
                self.redirect("http://elsewhere.invalid/list.crl")
            elif parts[0] == "gopher":
                self.redirect("gopher://localhost/list.crl")
            elif parts[0] == "status":
                self.send_error(int(parts[1]))
            else:
                self.give(parts[0])
        except (BrokenPipeError, ConnectionResetError):
            pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(port_file + ".new", "w", encoding="utf-8") as f:
    f.write(str(server.server_address[1]))
os.rename(port_file + ".new", port_file)
server.serve_forever()
