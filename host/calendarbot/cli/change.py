"""`host change`: another server, authority of certificates, Wi-Fi or key for a device on its wall."""

from __future__ import annotations

import time
from pathlib import Path

import click

from calendarbot import keys
from calendarbot.cli.device_options import (
    ca_option,
    read_trust,
    read_wifi_password,
    ssid_option,
    tls_option,
    wifi_password_option,
)
from calendarbot.cli.options import chosen_config, config_argument, out_option
from calendarbot.config.secrets import parse_secret_ref
from calendarbot.errors import StoreError
from calendarbot.provision import sealed_change
from calendarbot.store.folder import FolderStore


@click.command()
@config_argument
@click.option("--display", required=True, metavar="NAME", help="Whose device it is for.")
@out_option
@click.option("--server", metavar="URL", help="Where it asks from then on.")
@ca_option
@tls_option
@ssid_option
@wifi_password_option
@click.option(
    "--new-key", is_flag=True, help="Make a new key for it, in the place of the one it has."
)
@click.option(
    "--old-key",
    metavar="WHERE",
    help="You put a new key where the configuration says; this is the one it has: file:PATH, env:NAME "
    "or keyring:SERVICE/USER.",
)
def command(
    config_path: Path | None,
    display: str,
    out: Path,
    server: str | None,
    ca: Path | None,
    tls: str,
    ssid: str,
    wifi_password: str | None,
    new_key: bool,
    old_key: str | None,
) -> None:
    """Change a device's configuration from afar: it hears of it at its next request.

    The change is sealed with the display's key and lies beside its bundle, where `host serve` finds
    it. The device keeps its old configuration until it heard the host under the new one, and goes
    back to it after three tries. A new key is made known under the old one, which goes on opening this
    display's pages until its device was heard under the new one. If someone else may have the old key,
    give the device its new one over a cable instead: host provision.

    \b
    Examples:
      host change --display kitchen --server https://calendars.example --ca ca.pem
      host change --display kitchen --ssid "new router" --wifi-password env:WIFI
      host change --display kitchen --new-key
    """
    if server is None and not ssid and not new_key and not old_key:
        raise click.UsageError(
            "Say what is to change: --server URL (with --ca FILE), --ssid NAME, --new-key."
        )
    if new_key and old_key:
        raise click.UsageError("--new-key makes a key; --old-key says that you made one.")
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
    if not store.current(display):
        raise StoreError(f"nothing is published for {display} yet", "build its frames first")
    if new_key:
        keys.new_key(config, display)
    elif old_key:
        keys.keep_old(config, display, _read_old_key(old_key))
    made = sealed_change(config, display, values, store.change(display), int(time.time()))
    store.put_change(display, made)
    changed = sorted(values) + ["key"] * bool(new_key or old_key)
    click.echo(f"{display}: changed at its next request: {', '.join(changed)}")


def _read_old_key(where: str) -> bytes:
    try:
        return parse_secret_ref(where).read_key(Path())
    except ValueError as error:
        raise click.UsageError(f"--old-key: {error}") from None
