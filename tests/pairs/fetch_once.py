"""The device's half of a pair: one fetch, on CPython or MicroPython; prints what came of it as JSON.

fetch_once.py SERVER TIMEOUT_S     with INK_TLS {"ca": [hex of DER], "required", "now", "floor"} as JSON
"""

import json
import os
import sys
from binascii import hexlify, unhexlify

from check import KEY, Collect, Dice, frame_id

from inkframe import seal
from inkframe.compat import crc32
from inkframe.epoch import to_utc
from inkframe.errors import InkError
from inkframe.transports._tls import Tls
from inkframe.transports.http import Transport


class Request:
    display = "kitchen"
    file = "bundle.ink"
    etag = b'"held"'
    held = frame_id(b"a frame")
    status = "v=1;wakes=1"
    nonce = Dice(1).data(8)
    tag = Dice(2).data(16)

    def note(self, pair):
        self.status += ";" + pair


class Clock:
    def __init__(self, now):
        self._now = now

    def now(self):
        return self._now

    def set(self, seconds):
        self._now = seconds
        file = os.getenv("FAKETIME_TIMESTAMP_FILE")
        if file:  # TLS goes by the clock of this machine
            with open(file, "w") as moment:  # noqa: PTH123  # MicroPython has no pathlib
                moment.write("@%d-%02d-%02d %02d:%02d:%02d" % to_utc(seconds))  # noqa: UP031  # its smallest code


class Radio:
    switched = ""

    def on(self):
        self.switched += "on "

    def off(self):
        self.switched += "off "


def fetch(server, timeout_s, given):
    """What a cycle would learn from one request, as a dict."""
    radio = Radio()
    request = Request()
    result = {}
    tls = None
    if given:
        clock = Clock(given["now"])
        ca = tuple(unhexlify(certificate) for certificate in given["ca"])
        tls = Tls(ca, given["required"], clock, given["floor"])
    try:
        reply = Transport(server, radio, timeout_s, tls).fetch(request)
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
    result["held"] = hexlify(request.held).decode()
    result["status"] = request.status
    if given:
        result["now"] = clock.now()
    return result


if __name__ == "__main__":
    options = json.loads(os.getenv("INK_TLS") or "null")
    print(json.dumps(fetch(sys.argv[1], int(sys.argv[2]), options)))  # noqa: T201  # this is how it answers
