"""The few things that CPython and MicroPython spell differently, under one name each.

MicroPython has `cryptolib` and `deflate`; on CPython, `cryptography` and `zlib` stand in with the
same behaviour. Nothing else in this package asks which runtime it is on.
"""

import sys

MICROPYTHON = sys.implementation.name == "micropython"

TYPE_CHECKING = False
if TYPE_CHECKING or not MICROPYTHON:
    from inkframe._cpython import (
        INFLATE_ERRORS,
        aes_cbc_decryptor,
        const,
        crc32,
        inflater,
        micropython,
        print_exception,
        secure,
        sleep_ms,
        ticks_diff,
        ticks_ms,
    )
else:  # MicroPython
    from binascii import crc32
    from sys import print_exception
    from time import sleep_ms, ticks_diff, ticks_ms

    import micropython
    from deflate import RAW, DeflateIO
    from micropython import const

    INFLATE_ERRORS = (OSError, EOFError, ValueError)

    def inflater(stream, window_bits):
        return DeflateIO(stream, RAW, window_bits)

    def aes_cbc_decryptor(key, iv):
        # Imported late: a board without cryptolib can still show unsealed bundles.
        from cryptolib import aes

        return aes(key, 2, iv).decrypt

    def secure(connection, host, ca, verify):
        # Imported late: a board on a cable has no ssl.
        import ssl

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if verify:
            context.verify_mode = ssl.CERT_REQUIRED
            for certificate in ca:
                context.load_verify_locations(cadata=certificate)
        else:
            context.verify_mode = ssl.CERT_NONE
        stream = context.wrap_socket(connection, server_hostname=host)
        return stream, stream


__all__ = (
    "INFLATE_ERRORS",
    "MICROPYTHON",
    "aes_cbc_decryptor",
    "const",
    "crc32",
    "inflater",
    "micropython",
    "print_exception",
    "secure",
    "sleep_ms",
    "ticks_diff",
    "ticks_ms",
)
