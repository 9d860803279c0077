"""What pydantic found wrong, said as a user needs it: one line each, with file and line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, get_args

from pydantic import BaseModel

from calendarbot.config.toml_lines import KeyPath, line_of
from calendarbot.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pydantic_core import ErrorDetails

_PLAIN: Final = {
    "string_type": "text in quotes was expected",
    "path_type": "a path in quotes was expected",
    "tuple_type": "a list of names was expected, as in ['family', 'office']",
    "dict_type": "a table was expected",
    "model_type": "a table was expected",
    "model_attributes_type": "a table was expected",
    "too_short": "at least one is needed",
    "string_pattern_mismatch": "only letters, digits, '.', '_' and '-' can be used here",
}


def located_in_file(path: str, lines: dict[KeyPath, int]) -> Callable[[KeyPath], str]:
    """Names a key as "calendarbot.toml:7: displays.kitchen"."""

    def place(key: KeyPath) -> str:
        return ": ".join(filter(None, (f"{path}:{line_of(lines, key)}", ".".join(key))))

    return place


def problem_lines(
    errors: Iterable[ErrorDetails], model: type[BaseModel], place: Callable[[KeyPath], str]
) -> list[str]:
    """One line for every error, in the order in which they stand in the file."""
    return sorted((_line(error, model, place) for error in errors), key=_line_number)


def _line_number(line: str) -> int:
    found = re.match(r"[^:]*:(\d+): ", line)
    return int(found[1]) if found else 0


def _line(error: ErrorDetails, model: type[BaseModel], place: Callable[[KeyPath], str]) -> str:
    # "[key]" is how pydantic says that a table's name, not what is in it, was refused.
    key = tuple(str(part) for part in error["loc"] if part != "[key]")
    kind = error["type"]
    if kind == "extra_forbidden":
        return _unknown_key(key, model, place)
    if kind == "missing":
        where = place(key[:-1])
        return f"{where}: {key[-1]!r} is missing ({_meaning(model, key)})"
    if kind == "value_error":
        return f"{place(key)}: {error['ctx']['error']}"
    return f"{place(key)}: {_PLAIN.get(kind, error['msg'])}"


def _unknown_key(key: KeyPath, model: type[BaseModel], place: Callable[[KeyPath], str]) -> str:
    table = _model_at(model, key[:-1])
    # The line is the key's own, the name that of the table it stands in.
    line = place(key).rsplit(": ", 1)[0]
    where = ": ".join(filter(None, (line, ".".join(key[:-1]))))
    return f"{where}: unknown key {key[-1]!r}; {nearest(key[-1], table.model_fields)}"


def _meaning(model: type[BaseModel], key: KeyPath) -> str:
    description = _model_at(model, key[:-1]).model_fields[key[-1]].description or ""
    return (description[:1].lower() + description[1:]).rstrip(".")


def _model_at(model: type[BaseModel], key: KeyPath) -> type[BaseModel]:
    """The table's model that a path of keys leads to: fields, and the names in a dict."""
    annotation: Any = model
    for part in key:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            annotation = annotation.model_fields[part].annotation
        else:
            annotation = get_args(annotation)[1]
    found: type[BaseModel] = annotation
    return found
