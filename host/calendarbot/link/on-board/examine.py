# Runs on the board, through its raw REPL, after `WIRING = {...}`. Prints one JSON object a line; what it
# means is the host's business. Nothing secret leaves the board: of the key and the password only whether
# they are there.
import json
import os
import sys
from time import sleep_ms

from machine import RTC, Pin

SETTLE_MS = 200
REACH_S = 10


def say(what, **facts):
    facts["what"] = what
    print(json.dumps(facts))


def firmware():
    implementation = sys.implementation
    version = ".".join(str(part) for part in implementation[1][:3])
    say("firmware", version=version, machine=getattr(implementation, "_machine", ""))


def files():
    present = {name: exists(name) for name in ("main.py", "device", "inkframe", "config.json")}
    usage = os.statvfs("/")
    say("files", present=present, free_bytes=usage[0] * usage[3])


def slots():
    try:
        with open("slots", "rb") as file:
            say("slots", record=file.read(64).hex())
    except OSError:
        pass  # never updated


def exists(path):
    try:
        os.stat(path)
    except OSError:
        return False
    return True


def configuration():
    """The parsed config.json, None when there is none that can be read."""
    try:
        with open("config.json") as file:
            config = json.loads(file.read())
        say(
            "config",
            display=config["display"],
            server=config["server"],
            panel=config["panel"],
            pins=config["pins"],
            spi=config["spi"],
            key=bool(config["key"]),
            ssid=bool(config["wifi"]["ssid"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        say("config", error=type(error).__name__)
        return None
    return config


def crash():
    """What `inkframe.crash` keeps, where there is something."""
    try:
        with open("crash") as file:
            times, _, what = file.read().partition(" ")
        say("crash", times=int(times), kind=what)
    except (OSError, ValueError):
        pass


def outputs(wires):
    """An output that does not read back what it drives is shorted to another wire."""
    stuck = []
    for name, number in sorted(wires.items()):
        pin = Pin(number, Pin.OUT)
        for level in (0, 1):
            pin.value(level)
            if pin.value() != level:
                stuck.append(name)
                break
    say("outputs", tested=sorted(wires), stuck=sorted(set(stuck)))


def busy(pins, panel):
    """After a reset the panel drives BUSY: a level that follows our pulls is driven by nobody."""
    reset = Pin(pins["reset"], Pin.OUT, value=1)
    for level in (0, 1):
        reset.value(level)
        sleep_ms(SETTLE_MS)
    if "sr_latch" in pins:
        say("busy", floating=None)
        return
    levels = []
    for pull in (Pin.PULL_UP, Pin.PULL_DOWN):
        pin = Pin(pins["busy"], Pin.IN, pull)
        sleep_ms(1)
        levels.append(pin.value())
    Pin(pins["busy"], Pin.IN)
    say("busy", floating=levels[0] != levels[1], level=levels[0], panel=panel)


def battery(wiring):
    from machine import ADC

    if wiring["enable"] is not None:
        Pin(wiring["enable"], Pin.OUT, value=1)
        sleep_ms(10)
    pin = Pin(wiring["adc"])
    try:
        adc = ADC(pin, atten=ADC.ATTN_11DB)
    except (AttributeError, TypeError):
        adc = ADC(pin)
    total_uv = 0
    for _ in range(8):
        total_uv += adc.read_uv() if hasattr(adc, "read_uv") else adc.read_u16() * 3300000 // 65535
    if wiring["enable"] is not None:
        Pin(wiring["enable"], Pin.OUT, value=0)
    say("battery", battery_mv=total_uv // 8 * wiring["divider_permille"] // 1000000)


def clock():
    say("clock", utc=list(RTC().datetime()))


def wifi(config):
    try:
        import network
    except ImportError:
        say("wifi", module=False)
        return
    wlan = network.WLAN(network.STA_IF)
    wlan.active(True)
    try:
        wlan.connect(config["wifi"]["ssid"], config["wifi"]["password"])
        for _ in range(150):
            if wlan.isconnected():
                break
            sleep_ms(100)
        if not wlan.isconnected():
            say("wifi", module=True, connected=False, status=wlan.status())
            return
        say("wifi", module=True, connected=True, rssi_dbm=wlan.status("rssi"))
        server(config["server"])
    finally:
        wlan.active(False)


def server(url):
    import socket

    scheme, _, rest = url.partition("://")
    host, _, port = rest.partition("/")[0].partition(":")
    try:
        address = socket.getaddrinfo(host, int(port or (443 if scheme == "https" else 80)))[0][-1]
        connection = socket.socket()
        try:
            connection.settimeout(REACH_S)
            connection.connect(address)
        finally:
            connection.close()
    except OSError as error:
        say("server", reached=False, errno=error.args[0] if error.args else None)
        return
    say("server", reached=True)


def examine(wiring):
    firmware()
    files()
    slots()
    config = configuration()
    crash()
    wires = {name: wiring["pins"][name] for name in ("cs", "dc", "reset")}
    for name in ("sck", "mosi"):
        if name in wiring["spi"]:
            wires[name] = wiring["spi"][name]
    outputs(wires)
    busy(wiring["pins"], config["panel"] if config else None)
    if wiring["battery"]:
        battery(wiring["battery"])
    clock()
    if config and wiring["transport"] == "wifi" and config["wifi"]["ssid"]:
        wifi(config)


examine(WIRING)
