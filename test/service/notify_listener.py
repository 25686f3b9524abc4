"""Plays the service manager's end of sd_notify(3): prints each datagram and its sender as a line of JSON.

Usage: notify_listener.py SOCKET; a name that begins with @ is in the abstract namespace.
"""

import json
import socket
import struct
import sys

name = sys.argv[1]
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
listener.bind("\0" + name[1:] if name.startswith("@") else name)
print(json.dumps({"listening": name}), flush=True)
while True:
    data, ancillary, _, _ = listener.recvmsg(65536, 1024)
    credentials = [body for level, kind, body in ancillary if kind == socket.SCM_CREDENTIALS]
    pid = struct.unpack("3i", credentials[0])[0]
    print(json.dumps({"pid": pid, "text": data.decode()}), flush=True)
