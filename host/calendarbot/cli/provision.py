"""`host provision`: what a device is given once: its configuration, with its key."""

from __future__ import annotations

from pathlib import Path

import click

from calendarbot.cli.device_options import wifi_password
from calendarbot.cli.options import chosen_config, config_argument
from calendarbot.errors import StoreError
from calendarbot.private import create
from calendarbot.provision import device_config, display_key, redacted


@click.command()
@config_argument
@click.option("--display", required=True, metavar="NAME", help="Which display the device is for.")
@click.option(
    "--server",
    required=True,
    metavar="URL",
    help="Where the device asks: http://host:8080, as it sees it.",
)
@click.option("--ssid", default="", metavar="NAME", help="The Wi-Fi network it joins.")
@click.option(
    "--wifi-password-env",
    metavar="VARIABLE",
    help="The environment variable that holds the Wi-Fi password.",
)
@click.option("--dry-run", is_flag=True, help="Show what it would be given, without its secrets.")
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write it to a file only you can read, to copy to the device as config.json.",
)
def command(
    config_path: Path | None,
    display: str,
    server: str,
    ssid: str,
    wifi_password_env: str | None,
    out: Path | None,
    *,
    dry_run: bool,
) -> None:
    """Make the config.json of one device. It holds the device's key: treat it as a secret.

    \b
    Examples:
      host provision --display kitchen --server http://192.168.1.10:8080 --dry-run
      host provision --display kitchen --server http://192.168.1.10:8080 --out config.json
    """
    if not dry_run and out is None:
        raise click.UsageError("Give --out FILE, or --dry-run to look only.")
    config = chosen_config(config_path, ())
    text = device_config(
        config,
        display,
        server,
        display_key(config, display),
        (ssid, wifi_password(wifi_password_env)),
    )
    if dry_run or out is None:
        click.echo(redacted(text))
        return
    _write_private(out, text)
    click.echo(f"{out}: copy it to the device as config.json, then delete it")


def _write_private(file: Path, text: str) -> None:
    try:
        create(file, text + "\n")
    except FileExistsError:
        raise StoreError(f"{file} is there already; it is never overwritten") from None
    except OSError as error:
        raise StoreError(f"cannot write {file}: {error.strerror}") from None
