"""The JSON Schema of a configuration file, by which editors complete and explain it."""

from __future__ import annotations

from typing import Any

from calendarbot.boards import board_names, panel_names
from calendarbot.config.known_names import layout_names, source_names
from calendarbot.config.model import Config

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """The schema of calendarbot.toml, with the panels, layouts and sources of this installation."""
    schema: dict[str, Any] = _for_toml(Config.model_json_schema())
    calendar = schema["$defs"]["CalendarConfig"]["properties"]
    display = schema["$defs"]["DisplayConfig"]["properties"]
    calendar["source"]["enum"] = source_names()
    display["panel"]["enum"] = panel_names()
    display["board"]["enum"] = board_names()
    # Names to choose from, and any other that a file of the user's own has.
    del display["layout"]["type"]
    display["layout"]["anyOf"] = [{"enum": layout_names()}, {"type": "string"}]
    display["pages"]["items"] = {"anyOf": display["layout"]["anyOf"]}
    for name in ("tz", "locale", "calendars"):
        # What stands in for these is another key, not a constant.
        display[name].pop("default", None)
    schema["properties"]["displays"]["additionalProperties"] = False
    return {"$schema": _DIALECT, "title": "calendarbot.toml", **schema}


def _for_toml(node: Any) -> Any:
    """Without null, which TOML does not have, and without titles that only repeat the keys."""
    if isinstance(node, list):
        return [_for_toml(item) for item in node]
    if not isinstance(node, dict):
        return node
    cleaned = {name: _for_toml(value) for name, value in node.items() if not _is_noise(name, value)}
    choices = [choice for choice in cleaned.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        del cleaned["anyOf"]
        cleaned.update(choices[0])
    return cleaned


def _is_noise(name: str, value: object) -> bool:
    return (name == "title" and isinstance(value, str)) or (name == "default" and value is None)
