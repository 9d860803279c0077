"""What several files of tests use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from served import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from served import Served


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as served:
        yield served
