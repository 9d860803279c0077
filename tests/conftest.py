"""What every test shares: nothing of the user's own, and the one option that tests may ask for."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from calendarbot.reading import reader as process_reader

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for tools
pytest_plugins = ["tools.suites.plugin"]
# Read when esptool is first imported, by whatever test that is.
os.environ["ESPTOOL_CFGFILE"] = str(Path(__file__).with_name("flash") / "esptool.cfg")

# How long an example takes says more about what else a machine does than about the code. What comes of a run
# depends on the code alone: by day the examples are always the same, the night looks for new ones.
settings.register_profile(
    "calendarbot",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
settings.register_profile(
    "nightly", settings.get_profile("calendarbot"), derandomize=False, max_examples=1000
)
settings.load_profile("nightly" if os.environ.get("CALENDARBOT_NIGHTLY") else "calendarbot")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the golden pictures in tests/golden anew instead of comparing with them",
    )


@pytest.fixture(autouse=True)
def own_state_dir(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Keys that are made on first use and copies of calendars go here, not into the user's home."""
    folder = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    process_reader.cache_clear()
    return folder
