"""`python -m calendarbot`: the command line; with `--web`, `host serve`."""

from __future__ import annotations

import sys

from calendarbot.cli import main


def arguments(given: list[str]) -> list[str]:
    """The command line's arguments, `--web` anywhere among them meaning the command `serve`."""
    if "--web" not in given:
        return given
    rest = [argument for argument in given if argument != "--web"]
    return rest if rest[:1] == ["serve"] else ["serve", *rest]


if __name__ == "__main__":
    main(arguments(sys.argv[1:]), prog_name="python -m calendarbot")
