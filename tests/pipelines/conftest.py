"""A copy of the tree to plant things in."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from planting import ROOT, git

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree as it is, not committed changes included, as a repository of one commit."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("no git repository to copy")
    copy = tmp_path_factory.mktemp("tree") / "copy"
    for name in git(ROOT, "ls-files", "-z", "-co", "--exclude-standard").split("\0"):
        if name and (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    git(copy, "init", "--quiet", "--initial-branch", "main")
    git(copy, "add", "--all")
    git(copy, "commit", "--quiet", "--message", "The tree as it is")
    return copy


@pytest.fixture
def tree(pristine: Path) -> Iterator[Path]:
    """The copy, for one test, put back afterwards."""
    yield pristine
    git(pristine, "reset", "--quiet", "--hard")
    git(pristine, "clean", "--quiet", "--force", "-d")


@pytest.fixture
def plant(tree: Path) -> Callable[[str, str], None]:
    """Puts lines behind a file of the copy, which is made if need be."""

    def behind(name: str, text: str) -> None:
        with (tree / name).open("a") as file:
            file.write(text)

    return behind
