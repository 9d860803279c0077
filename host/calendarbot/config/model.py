"""The configuration's shape. Every description here is also the schema's and the manual's text."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Self

from babel import Locale, UnknownLocaleError
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PrivateAttr,
    model_validator,
)

from calendarbot.config.calendar_options import CalendarOptions
from calendarbot.config.known_names import (
    known_board,
    known_layout,
    known_locale,
    known_panel,
    known_source,
    known_zone,
)
from calendarbot.config.secrets import (  # noqa: TC001  pydantic reads these at run time
    AddressValue,
    SecretRefValue,
    SecretValue,
)
from calendarbot.config.table import Table
from calendarbot.config.values import (
    Duration,
    QuietHoursOrNone,
    TextOrReference,
    placed_path,
    text_or_kept,
)
from calendarbot.errors import ConfigError, nearest
from calendarbot.zones import machine_zone
from inkframe.wire import MOST_PAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_PANEL: Final = "waveshare_7in5_v2"
DEFAULT_LAYOUT: Final = "agenda"
FALLBACK_LOCALE: Final = "en_GB"
COMMAND_LINE: Final = "the command line"
NAME_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"

_SYNC_EVERY_LIMITS: Final = (timedelta(minutes=1), timedelta(days=7))


def machine_locale(environ: Mapping[str, str] = os.environ) -> str:
    """The locale of this machine's user (locale(7): LC_ALL, LC_TIME, LANG), else en_GB."""
    for variable in ("LC_ALL", "LC_TIME", "LANG"):
        name = environ.get(variable, "").partition(".")[0].partition("@")[0]
        try:
            return str(Locale.parse(name))
        except (UnknownLocaleError, ValueError):
            continue
    return FALLBACK_LOCALE


def _local_path(value: object) -> object:
    """A path, never an address: an address may be a secret, so it is not repeated."""
    # Two letters at least: "C:/" is a drive. One slash: pathlib makes one of two.
    if isinstance(value, str) and re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", value):
        raise ValueError("this is an address; a path to a file was expected")
    if value == "":
        raise ValueError("the path is empty")
    return value


PanelName = Annotated[str, AfterValidator(known_panel)]
BoardName = Annotated[str, AfterValidator(known_board)]
LayoutName = Annotated[str, AfterValidator(known_layout)]
SourceName = Annotated[str, AfterValidator(known_source)]
ZoneName = Annotated[str, AfterValidator(known_zone)]
LocaleName = Annotated[str, AfterValidator(known_locale)]
LocalPath = Annotated[Path, BeforeValidator(_local_path)]
PhotoPath = Annotated[Path, BeforeValidator(_local_path), AfterValidator(placed_path)]


class CalendarConfig(CalendarOptions):
    """Where one calendar comes from, and what is shown of it."""

    name: str | None = Field(
        default=None,
        description="What a page prints for this calendar; its own name, or its key, when left out.",
    )
    source: SourceName | None = Field(
        default=None,
        description="How the calendar is read: the name of a module in sources/. Left out: a path is read "
        "as 'ics_file' or, when it is a folder, 'ics_folder'; a url as 'ics_url'.",
    )
    path: LocalPath | None = Field(
        default=None,
        description="The calendar file (.ics), or a folder of them; relative to the folder of the "
        "configuration.",
    )
    url: AddressValue | None = Field(
        default=None,
        description="The calendar's address (https, http, webcal), or where that secret is kept: "
        "'env:NAME', 'file:PATH' or 'keyring:SERVICE/USER'.",
    )
    user: str | None = Field(default=None, description="The name to log in with.")
    password: SecretValue | None = Field(
        default=None,
        description="The password to log in with, or better where it is kept: 'env:NAME', 'file:PATH' or "
        "'keyring:SERVICE/USER'.",
    )
    token: SecretValue | None = Field(
        default=None,
        description="A bearer token in the place of user and password, or better where it is kept.",
    )
    ca_file: LocalPath | None = Field(
        default=None,
        description="A file with the certificates (PEM) of a private certificate authority to trust for "
        "this calendar.",
    )
    collections: tuple[str, ...] = Field(
        default=(),
        description="Which calendars of a CalDAV account or folders of a vdir, by name; all when left out.",
    )
    since: Duration | None = Field(
        default=None,
        description="CalDAV: ask only for what happens later than this long ago; everything when left "
        "out.",
    )
    refresh: Duration = Field(
        default="5min",
        validate_default=True,
        description="A program that keeps running asks the server of this calendar at most this often.",
    )
    keep_copy: Duration = Field(
        default="7d",
        validate_default=True,
        description="How old the last good copy may be that stands in while the calendar cannot be read.",
    )

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.path is None) == (self.url is None):
            raise ValueError("a calendar has either a 'path' or a 'url'")
        if self.token is not None and (self.user is not None or self.password is not None):
            raise ValueError("give either a 'token' or 'user' and 'password'")
        if self.password is not None and self.user is None:
            raise ValueError("a 'password' needs a 'user'")
        return self


class FetchConfig(Table):
    """How this host goes out to calendars on the network."""

    allow_private: tuple[str, ...] = Field(
        default=(),
        description="Hosts at private addresses that may be asked, whoever names them: names "
        "('nas.local', '*.example.org'), addresses or networks ('192.168.1.0/24').",
    )
    private_when_named: bool = Field(
        default=True,
        description="Whether naming a private address or a local name in a calendar's url is enough to "
        "allow it. Set it to false where others than you choose the calendars.",
    )
    timeout: Duration = Field(
        default="30s",
        validate_default=True,
        description="How long one calendar may take altogether, 1s to 10min.",
    )

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if not timedelta(seconds=1) <= self.timeout <= timedelta(minutes=10):
            raise ValueError("timeout is between 1s and 10min")
        return self


class PolicyConfig(Table):
    """How often a device talks to the host."""

    sync_every: Duration = Field(
        default="1h",
        validate_default=True,
        description="How long a device sleeps between two requests, 1min to 7d.",
    )
    quiet_hours: QuietHoursOrNone = Field(
        default=None,
        json_schema_extra={"default": "none"},
        description="A span of every day without requests, by the display's clock, or 'none'.",
    )
    coverage: Duration = Field(
        default="24h",
        validate_default=True,
        description="How far ahead one bundle holds frames; at least sync_every.",
    )

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        shortest, longest = _SYNC_EVERY_LIMITS
        if not shortest <= self.sync_every <= longest:
            raise ValueError("sync_every is between 1min and 7d")
        if not self.sync_every <= self.coverage <= longest:
            raise ValueError("coverage is at least sync_every, or pages run out, and at most 7d")
        return self


class DisplayConfig(Table):
    """One panel on a wall, and what it shows."""

    panel: PanelName = Field(
        description="Which e-ink panel: the name of a module in inkframe/panels/."
    )
    layout: LayoutName = Field(
        default=DEFAULT_LAYOUT,
        description="Which page: the name of a layout, or of a Python file with one of your own, "
        "by its path or, in layouts/ beside the configuration, by its name.",
    )
    pages: tuple[LayoutName, ...] = Field(
        default=(),
        max_length=MOST_PAGES,
        description="More pages, for a board with a button for the next one: layouts as above, at "
        f"most {MOST_PAGES}. They are drawn when a bundle is built, and travel with it.",
    )
    board: BoardName | None = Field(
        default=None, description="Which board drives the panel: a folder in boards/."
    )
    calendars: tuple[str, ...] = Field(
        default=(), description="Which calendars the page shows, by their keys; all when left out."
    )
    tz: ZoneName = Field(
        default="UTC",
        description="The time zone of the page; the configuration's tz when left out.",
    )
    locale: LocaleName = Field(
        default=FALLBACK_LOCALE,
        description="The language and the date formats; the configuration's locale when left out.",
    )
    title: str | None = Field(default=None, description="What the page prints as its heading.")
    photo: PhotoPath | None = Field(
        default=None,
        description="A photograph for pages that have room for one; relative to the folder of the "
        "configuration.",
    )
    qr: TextOrReference | None = Field(
        default=None,
        description="What a QR code says on pages that have room for one: an address, or "
        "'WIFI:T:WPA;S:NAME;P:PASSWORD;;'. 'file:PATH' (relative to the folder of the "
        "configuration) or 'env:NAME' says where the text is kept.",
    )
    key: SecretRefValue | None = Field(
        default=None,
        description="Where the device's key is kept: 'file:PATH' (relative to the folder of the "
        "configuration) or 'env:NAME'.",
    )
    unsealed: bool = Field(
        default=False,
        description="For development only: bundles are neither encrypted nor authenticated.",
    )
    policy: PolicyConfig = Field(
        default_factory=PolicyConfig,
        description="How often the device talks to the host.",
    )

    def qr_text(self) -> str:
        """What the QR code says; empty for none. Raises ConfigError when it cannot be read."""
        return text_or_kept(self.qr) if self.qr else ""

    @property
    def layout_name(self) -> str:
        """What to call the layout: of a file of the user's own, its name without the folder."""
        return Path(self.layout).stem if self.has_own_layout else self.layout

    @property
    def has_own_layout(self) -> bool:
        return self.layout.endswith(".py")

    @property
    def has_own_pages(self) -> bool:
        return any(page.endswith(".py") for page in self.pages)


class Config(Table):
    """Calendars, and the displays that show them."""

    own_layouts: bool = Field(
        default=True,
        description="Whether displays may use Python files as layouts. They run with the rights of "
        "this program: false where not only you decide what is in here.",
    )

    calendars: dict[str, CalendarConfig] = Field(
        min_length=1, description="The calendars, each under a key of your choice."
    )
    displays: dict[Annotated[str, Field(pattern=NAME_PATTERN)], DisplayConfig] = Field(
        min_length=1,
        description="The displays, each under a name of your choice (letters, digits, . _ -).",
    )
    fetch: FetchConfig = Field(
        default_factory=FetchConfig,
        description="Which hosts may be asked for calendars, and how long that may take.",
    )
    merge_calendars: bool = Field(
        default=True,
        description="Whether an event that several calendars hold (by its UID and time) is shown once, as "
        "the one of the calendar named first.",
    )
    tz: ZoneName = Field(
        default_factory=machine_zone,
        description="The time zone of displays that name none; the machine's when left out.",
    )
    locale: LocaleName = Field(
        default_factory=machine_locale,
        description="The locale of displays that name none; the machine's when left out.",
    )
    _base_dir: Path = PrivateAttr(default=Path())
    _where: str = PrivateAttr(default=COMMAND_LINE)

    @property
    def base_dir(self) -> Path:
        """The folder relative paths start from: the configuration file's own."""
        return self._base_dir

    @property
    def where(self) -> str:
        """What to call this configuration in a message: its path, or "the command line"."""
        return self._where

    @property
    def from_file(self) -> bool:
        """Whether it was written down, not given on the command line for a moment."""
        return self._where != COMMAND_LINE

    def display(self, name: str) -> DisplayConfig:
        """The display of that name. Raises ConfigError with the nearest name."""
        if name not in self.displays:
            raise ConfigError(
                f"{self.where}: there is no display {name!r}", nearest(name, self.displays)
            )
        return self.displays[name]

    def with_place(self, base_dir: Path, where: str) -> Config:
        """The same configuration, come from `where`; what displays leave out is filled in."""
        displays = {
            name: display.model_copy(update=self._left_out_by(display))
            for name, display in self.displays.items()
        }
        placed = self.model_copy(update={"displays": displays, "tz": self._own_zone(displays)})
        placed._base_dir = base_dir  # noqa: SLF001  a copy of this very object
        placed._where = where  # noqa: SLF001  likewise
        return placed

    def _left_out_by(self, display: DisplayConfig) -> dict[str, object]:
        defaults: dict[str, object] = {
            "tz": self.tz,
            "locale": self.locale,
            "calendars": tuple(self.calendars),
        }
        given = display.model_fields_set
        return {name: value for name, value in defaults.items() if name not in given}

    def _own_zone(self, displays: Mapping[str, DisplayConfig]) -> str:
        """The zone where no display is meant: as written, or the one all displays share."""
        zones = {display.tz for display in displays.values()}
        if "tz" in self.model_fields_set or len(zones) != 1:
            return self.tz
        return zones.pop()
