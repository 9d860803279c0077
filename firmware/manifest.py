# What a frozen image holds, in MicroPython's manifest form (`tools/manifest` of a port's build reads it).
# Modules of inkframe that only the host uses (the encoder, CPython's stand-ins, types) are not listed.
package(
    "inkframe",
    (
        "__init__.py",
        "_operations.py",
        "backoff.py",
        "codec.py",
        "compat.py",
        "config.py",
        "cycle.py",
        "epoch.py",
        "errors.py",
        "intake.py",
        "memory.py",
        "panels/__init__.py",
        "panels/_bus.py",
        "panels/_uc8179.py",
        "panels/waveshare_7in5_v2.py",
        "schedule.py",
        "seal.py",
        "transports/__init__.py",
        "transports/_message.py",
        "transports/http.py",
        "transports/usb.py",
        "wire.py",
    ),
    base_path=".",
)
package("device", base_path=".")
module("main.py", base_path=".")
