"""The device's end of the wires to the modelled board; `calendarbot/emulator/link.py` is the other."""

import os
import struct

import usocket as socket  # `socket` asks this module

_IPPROTO_TCP = 6
_TCP_NODELAY = 1

_stream = socket.socket()
# Many small messages, some of them questions: none must wait for the next.
_stream.setsockopt(_IPPROTO_TCP, _TCP_NODELAY, 1)
_stream.connect(socket.getaddrinfo("127.0.0.1", int(os.getenv("INK_LINK_PORT")))[0][-1])


def tell(letter, form="", *numbers):
    _stream.write(letter + struct.pack(form, *numbers))


def ask(letter, reply_form, form="", *numbers):
    tell(letter, form, *numbers)
    return struct.unpack(reply_form, _stream.read(struct.calcsize(reply_form)))[0]


def send(data, letter=b"S"):
    tell(letter, "<I", len(data))
    _stream.write(data)


def receive(letter):
    return _stream.read(ask(letter, "<I"))
