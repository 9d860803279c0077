"""Secrets of a configuration: where they are kept, or, with a warning, the secrets themselves."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias
from urllib.parse import unquote, urlsplit

from pydantic import BeforeValidator, WithJsonSchema

from calendarbot.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY_BYTES: Final = 32
REFERENCE_PATTERN: Final = r"^(file:.+|env:[A-Za-z_][A-Za-z0-9_]*|keyring:[^/]+/.+)$"
ADDRESS_PATTERN: Final = r"^(?i:https?|webcals?)://[^/\s]+"

_LONGEST_SECRET: Final = 16 * 1024
# What shared calendars have in their addresses: a run of letters and digits nobody would think of.
_TOKEN: Final = re.compile(r"(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{16,}|[A-Za-z_-]{32,}")


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Where a secret is kept; never the secret itself."""

    scheme: str
    """ "file" (the value is a path), "env" (the name of a variable) or "keyring" (SERVICE/USER)."""
    value: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"

    def path(self, base_dir: Path) -> Path | None:
        """The file the secret is in, None when it is not in a file."""
        return base_dir / Path(self.value).expanduser() if self.scheme == "file" else None

    def read_key(self, base_dir: Path, environ: Mapping[str, str] = os.environ) -> bytes:
        """The key of 32 bytes, kept as 64 hexadecimal digits.

        Raises ConfigError, which names the place and never what is in it.
        """
        try:
            key = bytes.fromhex(self._text(base_dir, environ).strip())
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            raise ConfigError(
                f"{self} holds no key: {2 * KEY_BYTES} hexadecimal digits were expected",
                "`host init` in an empty folder makes a good one",
            )
        return key

    def read_text(self, base_dir: Path, environ: Mapping[str, str] = os.environ) -> str:
        """The secret, one line. Raises ConfigError, which names the place and never what is in it."""
        text = self._text(base_dir, environ).strip()
        if not text or "\n" in text or len(text) > _LONGEST_SECRET:
            raise ConfigError(f"{self} is to hold the secret, in one line, and nothing else")
        return text

    def _text(self, base_dir: Path, environ: Mapping[str, str]) -> str:
        path = self.path(base_dir)
        if path is not None:
            return self._from_file(path)
        if self.scheme == "keyring":
            return self._from_keyring()
        if self.value not in environ:
            raise ConfigError(f"{self}: the environment variable is not set")
        return environ[self.value]

    def _from_file(self, path: Path) -> str:
        try:
            return path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            return ""
        except OSError as error:
            raise ConfigError(f"{self}: {path}: {error.strerror}") from None

    def _from_keyring(self) -> str:
        try:
            import keyring
            from keyring.errors import KeyringError
        except ImportError:
            raise ConfigError(
                f"{self}: the Python package 'keyring' is needed",
                "pip install 'calendarbot[keyring]'",
            ) from None
        service, _, user = self.value.partition("/")
        try:
            found = keyring.get_password(service, user)
        except KeyringError as error:
            raise ConfigError(
                f"{self}: the keyring does not open ({type(error).__name__})"
            ) from None
        if found is None:
            raise ConfigError(
                f"{self}: the keyring has nothing under that name",
                f"keyring set {service} {user}",
            )
        return found


@dataclass(frozen=True, slots=True)
class WrittenSecret:
    """A secret that stands in the configuration itself."""

    value: str = field(repr=False)

    def __str__(self) -> str:
        return "(secret)"

    def path(self, _base_dir: Path) -> None:
        return None

    def read_text(self, _base_dir: Path, _environ: Mapping[str, str] = os.environ) -> str:
        return self.value


Secret: TypeAlias = SecretRef | WrittenSecret


def parse_secret_ref(text: object) -> SecretRef:
    """ "file:PATH", "env:NAME" or "keyring:SERVICE/USER".

    Raises ValueError without repeating what was written, since it may be the secret itself.
    """
    if isinstance(text, SecretRef):
        return text
    if not isinstance(text, str) or not re.match(REFERENCE_PATTERN, text):
        raise ValueError(
            "a secret is not written here but kept elsewhere; "
            "write 'file:keys/kitchen.key' or 'env:KITCHEN_KEY'"
        )
    scheme, _, value = text.partition(":")
    return SecretRef(scheme, value)


def parse_secret(text: object) -> Secret:
    """A reference as `parse_secret_ref` reads it, or the secret itself. Raises ValueError."""
    if isinstance(text, SecretRef | WrittenSecret):
        return text
    if not isinstance(text, str) or not text.strip():
        raise ValueError("text was expected: 'env:NAME', 'file:PATH', 'keyring:SERVICE/USER'")
    return parse_secret_ref(text) if re.match(REFERENCE_PATTERN, text) else WrittenSecret(text)


def parse_address(text: object) -> Secret:
    """An address on the web, or a reference to where it is kept. Raises ValueError."""
    if isinstance(text, str) and re.match(ADDRESS_PATTERN, text):
        return WrittenSecret(text)
    if isinstance(text, SecretRef | WrittenSecret):
        return text
    if isinstance(text, str) and re.match(REFERENCE_PATTERN, text) and "://" not in text:
        return parse_secret_ref(text)
    raise ValueError(
        "an address begins with https://, http:// or webcal://; "
        "or write where it is kept: 'env:NAME', 'file:PATH', 'keyring:SERVICE/USER'"
    )


def is_address(text: str) -> bool:
    return re.match(ADDRESS_PATTERN, text) is not None


def looks_secret(address: str) -> bool:
    """Whether who knows this address could read what is not public: it has a name and a password, a query
    or a token in it."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return True
    path = unquote(parts.path)
    return "@" in parts.netloc or bool(parts.query) or _TOKEN.search(path) is not None


_REFERENCES: Final = ["env:SCHOOL_URL", "file:secrets/school.url", "keyring:calendarbot/school"]
SecretRefValue = Annotated[
    SecretRef,
    BeforeValidator(parse_secret_ref),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": REFERENCE_PATTERN,
            "examples": ["file:keys/kitchen.key", "env:KITCHEN_KEY"],
        }
    ),
]
SecretValue = Annotated[
    Secret,
    BeforeValidator(parse_secret),
    WithJsonSchema({"type": "string", "minLength": 1, "examples": _REFERENCES}),
]
AddressValue = Annotated[
    Secret,
    BeforeValidator(parse_address),
    WithJsonSchema(
        {
            "type": "string",
            "anyOf": [
                {"pattern": ADDRESS_PATTERN.replace("(?i:", "(")},
                {"pattern": REFERENCE_PATTERN},
            ],
            "examples": [*_REFERENCES, "https://example.org/holidays.ics"],
        }
    ),
]
