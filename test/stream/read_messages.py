"""Reads stream messages with the reference MessagePack reader, strictly, and prints what it found as JSON.

Input: messages on standard input, each after its length (u32 little-endian).
"""

import hashlib
import json
import struct
import sys

import msgpack


def refuse_extension(code, data):
    raise ValueError(f"extension type {code}: not plain MessagePack")


def as_json(value):
    if isinstance(value, bytes):
        return {"bytes": len(value), "sha256": hashlib.sha256(value).hexdigest()}
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("a map key is not a string")
        return {key: as_json(child) for key, child in value.items()}
    return [as_json(child) for child in value] if isinstance(value, list) else value


messages = []
stdin = sys.stdin.buffer
while head := stdin.read(4):
    body = stdin.read(struct.unpack("<I", head)[0])
    messages.append(as_json(msgpack.unpackb(body, raw=False, strict_map_key=True, ext_hook=refuse_extension)))
print(json.dumps(messages))
