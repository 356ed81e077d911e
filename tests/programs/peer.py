#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A holder that misbehaves at a local socket: peer.py PATH WHAT LOG.

Takes one reader, reads its first message, does WHAT, and writes every further
message of the reader to LOG in hexadecimal, a line each.  WHAT: silent, close,
or the hexadecimal of a message to answer with.
"""
import os
import socket
import struct
import sys

path, what, log = sys.argv[1:4]


def receive(peer):
    head = b""
    while len(head) < 4:
        more = peer.recv(4 - len(head))
        if not more:
            return None
        head += more
    (length,) = struct.unpack(">I", head)
    body = b""
    while len(body) < length:
        more = peer.recv(length - len(body))
        if not more:
            return None
        body += more
    return body


listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
listener.bind(path)
listener.listen(1)
listener.settimeout(20)
peer, _ = listener.accept()
os.unlink(path)
peer.settimeout(20)
receive(peer)
with open(log, "w", encoding="ascii") as out:
    if what != "close":
        if what != "silent":
            message = bytes.fromhex(what)
            peer.sendall(struct.pack(">I", len(message)) + message)
        while (message := receive(peer)) is not None:
            out.write(message.hex() + "\n")
peer.close()
