"""python -m tools.gates.reasons FILE…: one line for each ignore that names no rule or gives no reason."""

from __future__ import annotations

import re
import sys
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_IGNORE: Final = re.compile(r"#\s*(noqa|type:\s*ignore|nosec|pragma:\s*no cover)\b")
_WITH_REASON: Final = re.compile(
    r"""\#\s*(noqa:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*
           |type:\s*ignore\[[a-z, -]+\]
           |nosec\s+B\d+
           |pragma:\s*no\ cover)
        [\s#]+\S+""",
    re.VERBOSE,
)


def main(names: list[str]) -> int:
    lines = [f"{name}:{line}" for name in names for line in _without_reason(Path(name))]
    print("\n".join(lines))
    return 1 if lines else 0


def _without_reason(file: Path) -> Iterator[str]:
    """Comments only: a test that speaks of an ignore is none."""
    text = file.read_text()
    if not _IGNORE.search(text):
        return
    with file.open("rb") as stream:
        for token in tokenize.tokenize(stream.readline):
            if token.type != tokenize.COMMENT or not _IGNORE.search(token.string):
                continue
            if not _WITH_REASON.search(token.string):
                yield f"{token.start[0]}: an ignore without a reason: {token.string}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
