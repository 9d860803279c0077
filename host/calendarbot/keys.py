"""The root keys of displays: where they are, and how a new one takes the place of the one before.

A new key reaches a device on its wall as a change of its configuration, sealed under the old one. Until its
device was heard under the new key, the old one is kept beside it, in the user's state folder: requests under
either are answered, each with a bundle that opens with the key it was asked under.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from calendarbot.config import SecretRef
from calendarbot.errors import ConfigError, StoreError
from calendarbot.private import FOLDER_ONLY_MINE, create, replace
from inkframe.seal import KEY_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from calendarbot.config import Config


@dataclass(frozen=True, slots=True)
class Keys:
    """Those of one display, 32 bytes each."""

    now: bytes | None = field(repr=False)
    """None only for a display whose bundles are not sealed on purpose."""
    before: bytes | None = field(default=None, repr=False)
    """The one that its device still has, while it has yet to take the new one."""


def display_key(config: Config, name: str) -> bytes | None:
    """The display's root key of 32 bytes; None only for one whose bundles are not sealed on purpose.

    A display without a key of its own in the configuration gets one that is made when it is first needed
    and kept in the user's state folder, so that a first try is sealed, too. Raises ConfigError, StoreError.
    """
    display = config.display(name)
    if display.unsealed:
        return None
    return display.key.read_key(config.base_dir) if display.key else kept_key(name)


def display_keys(config: Config, name: str) -> Keys:
    """With the key before, if it is still needed. Raises ConfigError, StoreError."""
    key = display_key(config, name)
    before = _previous(name)
    if key is None or not before.exists():
        return Keys(key)
    return Keys(key, SecretRef("file", str(before)).read_key(Path()))


def new_key(config: Config, name: str) -> None:
    """Make a new key for a display, and keep the old one until its device has it.

    Nothing is made while the device has yet to take the last new one: that is then offered to it again.
    ConfigError for a display whose key is not in a file that this may write; StoreError when it cannot be
    written, with everything as it was.
    """
    if _previous(name).exists():
        return
    display = config.display(name)
    ref = display.key or SecretRef("file", str(_kept(name)))
    path = ref.path(config.base_dir)
    if path is None:
        raise ConfigError(
            f"the key of display {name!r} is kept in {ref}, where nothing can be written",
            "put a new one there, keep the old one in a file, and name that: --old-key file:PATH",
        )
    old = display_key(config, name)
    if old is None:
        raise ConfigError(f"display {name!r} is not sealed: it has no key")
    _keep(name, old)
    try:
        replace(path, lambda file: file.write(f"{secrets.token_hex(KEY_BYTES)}\n".encode()))
    except OSError as error:
        retire(name)
        raise StoreError(f"cannot write {path}: {error.strerror}") from None


def keep_old(config: Config, name: str, old: bytes) -> None:
    """Go on answering a device that has this key, since the configuration has a new one.

    ConfigError when it has not, or the device has not taken the last new one yet; StoreError.
    """
    if old == display_key(config, name):
        raise ConfigError(
            f"the old key of display {name!r} is the one in force",
            f"put a new one where its configuration says: {config.display(name).key or _kept(name)}",
        )
    _keep(name, old)


def _keep(name: str, old: bytes) -> None:
    file = _previous(name)
    try:
        file.parent.mkdir(mode=FOLDER_ONLY_MINE, parents=True, exist_ok=True)
        create(file, old.hex() + "\n")
    except FileExistsError:
        raise ConfigError(
            f"the device of display {name!r} has not taken its last new key yet",
            f"wait for it; one that will never come back has no use for {file}",
        ) from None
    except OSError as error:
        raise StoreError(f"cannot write {file}: {error.strerror}") from None


def retire(name: str) -> None:
    """The device has the new key: the one before opens nothing any more. Raises StoreError."""
    try:
        _previous(name).unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"cannot remove {_previous(name)}: {error.strerror}") from None


def state_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """Where what is neither configuration nor output is kept (XDG Base Directory Specification)."""
    home = environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(home).expanduser() / "calendarbot"


def kept_key(name: str) -> bytes:
    """The key of a display that names none; made when it is first needed. Raises StoreError."""
    file = _kept(name)
    try:
        file.parent.mkdir(mode=FOLDER_ONLY_MINE, parents=True, exist_ok=True)
        create(file, secrets.token_hex(KEY_BYTES) + "\n")
    except FileExistsError:
        pass
    except OSError as error:
        raise StoreError(
            f"cannot write the key of display {name!r}: {file}: {error.strerror}",
            'name one in the configuration: key = "file:PATH"',
        ) from None
    return SecretRef("file", str(file)).read_key(Path())


def _kept(name: str) -> Path:
    return state_dir() / "keys" / f"{name}.key"


def _previous(name: str) -> Path:
    return state_dir() / "keys" / "before" / f"{name}.key"
