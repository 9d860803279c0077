"""What a release is made of: its files lie side by side on one page."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from planting import ROOT
from tools import package

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def firmware(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What is published of two images."""
    for target, name in (("pico", "firmware.uf2"), ("qemu-m3", "firmware.elf")):
        folder = tmp_path / "images" / target
        folder.mkdir(parents=True)
        (folder / name).write_bytes(target.encode())
    monkeypatch.setattr(package, "IMAGES", tmp_path / "images")
    monkeypatch.setattr(package, "FIRMWARE", tmp_path / "firmware")
    package.firmware()
    return tmp_path / "firmware"


def test_every_image_has_its_checksum_in_a_file_of_another_name_than_the_packages(
    firmware: Path, tmp_path: Path
) -> None:
    (sums,) = firmware.glob("*.sha256")
    done = subprocess.run(["sha256sum", "--check", sums.name], cwd=firmware, capture_output=True)
    assert done.returncode == 0
    assert len(sums.read_text().splitlines()) == len(list(firmware.iterdir())) - 1
    packages = tmp_path / "package"
    packages.mkdir()
    package._checksums(packages)
    assert {file.name for file in packages.iterdir()}.isdisjoint(
        file.name for file in firmware.iterdir()
    )


def test_what_images_are_built_from_is_listed_with_its_versions(firmware: Path) -> None:
    (bill,) = firmware.glob("*.cdx.json")
    found = {one["name"]: one["version"] for one in json.loads(bill.read_text())["components"]}
    pinned = (ROOT / "tools" / "firmware" / "packages.toml").read_text()
    assert found.keys() >= {"micropython", "mbedtls"}
    assert all(f'{name} = "{version}"' in pinned for name, version in found.items())


def test_without_images_it_says_what_makes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(package, "IMAGES", tmp_path)
    monkeypatch.setattr(package, "FIRMWARE", tmp_path / "firmware")
    assert package.main(["firmware"]) == 1
    assert "make firmware" in capsys.readouterr().err


@pytest.mark.parametrize(("tag", "status"), [("v0.0.0", 1), (f"v{package._version()}", 0)])
def test_a_tag_that_is_not_the_version_is_refused(tag: str, status: int) -> None:
    assert package.main(["version", tag]) == status
