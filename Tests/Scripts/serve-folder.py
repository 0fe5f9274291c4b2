#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A web server that knows nothing of Urna: the files of a folder, as Python's library serves them.

    serve-folder.py FOLDER PORT-FILE [CERTIFICATE KEY]

Listens on 127.0.0.1, on a port that the system chooses and that is written to PORT-FILE. With a
certificate it speaks TLS. Ends when its standard input does.
"""

import functools
import http.server
import os
import ssl
import sys
import threading

folder, port_file = sys.argv[1:3]


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(
    ("127.0.0.1", 0), functools.partial(Handler, directory=folder)
)
server.daemon_threads = True
if len(sys.argv) > 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    server.socket = context.wrap_socket(server.socket, server_side=True)
with open(port_file + ".new", "w") as file:
    file.write(str(server.server_address[1]))
os.rename(port_file + ".new", port_file)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
