"""A manifest as JSON, and back. Version 1; a reader refuses what it does not know."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from calendarbot.bundle import Plan
from calendarbot.store import FrameRecord, Manifest

if TYPE_CHECKING:
    from typing import Any

VERSION = 1


def dump(manifest: Manifest) -> bytes:
    return (
        json.dumps(
            {
                "version": VERSION,
                "display": manifest.display,
                "sequence": manifest.sequence,
                "bundle": manifest.bundle,
                "bundle_bytes": manifest.bundle_bytes,
                "panel": manifest.panel,
                "layout": manifest.layout,
                "plan": asdict(manifest.plan),
                "frames": [
                    {
                        "id": frame.id.hex(),
                        "shown_from": frame.shown_from,
                        "kind": frame.kind,
                        "bytes": frame.payload_bytes,
                        "reason": frame.reason,
                        "preview": frame.preview,
                    }
                    for frame in manifest.frames
                ],
                "kept": [
                    {"bundle": name, "frames": [frame_id.hex() for frame_id in ids]}
                    for name, ids in manifest.kept
                ],
            },
            ensure_ascii=False,
            indent=1,
        )
        + "\n"
    ).encode()


def load(raw: bytes) -> Manifest:
    """Raises ValueError when `raw` is not a manifest this understands."""
    try:
        return _manifest(json.loads(raw))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a manifest: {error}") from None


def _manifest(value: dict[str, Any]) -> Manifest:
    if value["version"] != VERSION:
        raise ValueError(f"manifest version {value['version']!r}, this reads {VERSION}")
    if not value["frames"]:
        raise ValueError("manifest without frames")
    return Manifest(
        display=value["display"],
        sequence=value["sequence"],
        bundle=value["bundle"],
        bundle_bytes=value["bundle_bytes"],
        panel=value["panel"],
        layout=value["layout"],
        plan=Plan(**value["plan"]),
        frames=tuple(
            FrameRecord(
                id=bytes.fromhex(frame["id"]),
                shown_from=frame["shown_from"],
                kind=frame["kind"],
                payload_bytes=frame["bytes"],
                reason=frame["reason"],
                preview=frame["preview"],
            )
            for frame in value["frames"]
        ),
        kept=tuple(
            (kept["bundle"], tuple(bytes.fromhex(frame_id) for frame_id in kept["frames"]))
            for kept in value["kept"]
        ),
    )
