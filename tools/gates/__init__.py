"""The quality gates: one list, run the same way by hand, before a commit and in both pipelines.

The list is data, gates.toml; a finding that may stand for a while is in waivers.toml, with a date. A module
here other than running, waivers and __main__ stands before a tool whose own output is no list of findings:
it prints one line for each and exits with 1, or with NOT_RUN and the reason.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path.cwd()
"""The tree that is looked at: gates run at its top."""

NOT_RUN: Final = 75
"""Exit code of a gate that could not look (EX_TEMPFAIL of sysexits.h): a missing tool, no network."""
