"""The device's half of a pair: one fetch, on CPython or MicroPython; prints what came of it as JSON.

fetch_once.py SERVER TIMEOUT_S
"""

import json
import sys
from binascii import hexlify

from check import KEY, Collect, Dice, frame_id

from inkframe import seal
from inkframe.compat import crc32
from inkframe.errors import InkError
from inkframe.transports.http import Transport


class Request:
    display = "kitchen"
    file = "bundle.ink"
    etag = b'"held"'
    held = frame_id(b"a frame")
    status = "v=1;wakes=1"
    nonce = Dice(1).data(8)
    tag = Dice(2).data(16)


class Radio:
    switched = ""

    def on(self):
        self.switched += "on "

    def off(self):
        self.switched += "off "


def fetch(server, timeout_s):
    """What a cycle would learn from one request, as a dict."""
    radio = Radio()
    result = {}
    try:
        reply = Transport(server, radio, timeout_s).fetch(Request)
        result.update(unchanged=reply.unchanged, size=reply.size, etag=reply.etag.decode())
        result.update(clock=reply.clock, date=reply.date)
        if not reply.unchanged:
            body = Collect()
            try:
                envelope = seal.receive(reply, reply.size, KEY, body, 0)
                result.update(sequence=envelope.sequence, crc32=crc32(body.data))
            finally:
                reply.close()
        else:
            reply.close()
    except InkError as error:
        result.update(error=error.code, message=str(error))
    result["radio"] = radio.switched.strip()
    result["held"] = hexlify(Request.held).decode()
    return result


if __name__ == "__main__":
    print(json.dumps(fetch(sys.argv[1], int(sys.argv[2]))))  # noqa: T201  # this is how it answers
