"""`host change`: another server, authority of certificates or Wi-Fi for a device that hangs on its wall."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from calendarbot.cli.device_options import (
    ca_option,
    read_trust,
    read_wifi_password,
    ssid_option,
    tls_option,
    wifi_password_option,
)
from calendarbot.cli.options import chosen_config, config_argument, out_option
from calendarbot.provision import sealed_change
from calendarbot.store.folder import FolderStore

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@config_argument
@click.option("--display", required=True, metavar="NAME", help="Whose device it is for.")
@out_option
@click.option("--server", metavar="URL", help="Where it asks from then on.")
@ca_option
@tls_option
@ssid_option
@wifi_password_option
def command(
    config_path: Path | None,
    display: str,
    out: Path,
    server: str | None,
    ca: Path | None,
    tls: str,
    ssid: str,
    wifi_password: str | None,
) -> None:
    """Change a device's configuration from afar: it hears of it at its next request.

    The change is sealed with the display's key and lies beside its bundle, where `host serve` finds
    it. The device keeps its old configuration until it heard the host under the new one, and goes
    back to it after three tries.

    \b
    Examples:
      host change --display kitchen --server https://calendars.example --ca ca.pem
      host change --display kitchen --ssid "new router" --wifi-password env:WIFI
    """
    if server is None and not ssid:
        raise click.UsageError("Say what is to change: --server URL (with --ca FILE), --ssid NAME.")
    values: dict[str, object] = {}
    if server is not None:
        values["server"] = server
        trust = read_trust(server, ca, tls)
        values |= trust.as_config() if trust else {"ca": [], "tls": "preferred"}
    if ssid:
        values["wifi"] = {
            "ssid": ssid,
            "password": read_wifi_password(ssid, wifi_password, ask=True),
        }
    store = FolderStore(out)
    config = chosen_config(config_path, ())
    made = sealed_change(config, display, values, store.change(display), int(time.time()))
    store.put_change(display, made)
    click.echo(f"{display}: changed at its next request: {', '.join(sorted(values))}")
