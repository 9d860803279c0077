"""What is planted in a copy of the tree is caught by the gate that is there for it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from planting import ROOT, git
from tools.gates import running
from tools.gates.waivers import LONGEST_DAYS, Waiver, WaiverError, read, sift

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Plant = Callable[[str, str], None]

TODAY = date(2026, 11, 27)


def gate(tree: Path, name: str, **environment: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the result of a gate, run in the copy as anybody runs it."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.gates", name, "--json"],
        cwd=tree,
        env={**os.environ, "CI": "", **environment},
        capture_output=True,
        text=True,
    )
    assert done.stdout, done.stderr
    (result,) = json.loads(done.stdout)
    return done.returncode, result


def caught(tree: Path, name: str, **environment: str) -> str:
    code, result = gate(tree, name, **environment)
    assert code == 1, result
    return "\n".join(result["findings"])


def test_an_unused_noqa_is_caught_by_lint(tree: Path, plant: Plant) -> None:
    plant("host/calendarbot/model.py", "\nPLANTED = 1  # noqa: S105  there is nothing to ignore\n")
    found = caught(tree, "lint")
    assert "model.py" in found
    assert "RUF100" in found


def test_an_unused_type_ignore_is_caught_by_types(tree: Path, plant: Plant) -> None:
    if not (ROOT / ".mypy_cache").is_dir():
        pytest.skip("mypy has not run here yet (make check); without its cache it takes a minute")
    shutil.copytree(ROOT / ".mypy_cache", tree / ".mypy_cache")
    plant(
        "firmware/inkframe/backoff.py", "\nP = 1  # type: ignore[arg-type]  # nothing to ignore\n"
    )
    assert "unused-ignore" in caught(tree, "types")


def test_an_ignore_without_a_reason_is_caught_by_reasons(tree: Path, plant: Plant) -> None:
    plant("host/calendarbot/model.py", "\nassert True  # noqa: S101\n")
    assert "model.py" in caught(tree, "reasons")


def test_an_import_against_the_layers_is_caught_by_layers(tree: Path, plant: Plant) -> None:
    plant("host/calendarbot/model.py", "\nfrom calendarbot import cli\n")
    assert "calendarbot.model -> calendarbot.cli" in caught(tree, "layers")


def test_the_device_importing_the_host_is_caught_by_layers(tree: Path, plant: Plant) -> None:
    plant("firmware/device/clock.py", "\nfrom calendarbot import model\n")
    assert "device.clock -> calendarbot.model" in caught(tree, "layers")


def made_up_key() -> str:
    """Of the form of an access token, put together here so that this file holds none."""
    return "ghp_" + "q7Rk2ZtVx9LmB4cWnY8s" + "H3fJd6PgA1uQe5Tz"


def test_a_secret_that_is_not_committed_yet_is_caught_new_changed_or_staged(
    tree: Path, plant: Plant
) -> None:
    names = ("notes.py", "tools/demo.py", "tools/fuzz.py")
    for name in names:
        plant(name, f'\nTOKEN = "{made_up_key()}"\n')
    git(tree, "add", "tools/fuzz.py")
    found = caught(tree, "secrets")
    assert [name for name in names if name not in found] == []
    assert made_up_key() not in found


def test_a_secret_that_was_removed_again_is_caught_in_history(tree: Path, plant: Plant) -> None:
    start = git(tree, "rev-parse", "HEAD").strip()
    try:
        plant("tools/demo.py", f'\nTOKEN = "{made_up_key()}"\n')
        git(tree, "commit", "--quiet", "--all", "--message", "A key by mistake")
        git(tree, "revert", "--no-edit", "HEAD")
        found = caught(tree, "history")
    finally:
        git(tree, "reset", "--quiet", "--hard", start)
    assert "tools/demo.py" in found
    assert made_up_key() not in found


@pytest.fixture
def advisories() -> Iterator[str]:
    """A database of vulnerabilities in OSV's form that knows of one: jinja2 before 2.11.3."""

    class Advisories(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            known = asked == {
                "package": {"name": "jinja2", "ecosystem": "PyPI"},
                "version": "2.11.2",
            }
            reply = json.dumps({"vulns": [CVE_2020_28493]} if known else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Advisories)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/query"
    server.shutdown()
    server.server_close()


CVE_2020_28493 = {
    "id": "PYSEC-2021-66",
    "aliases": ["CVE-2020-28493"],
    "summary": "ReDoS in the urlize filter",
    "affected": [
        {
            "package": {"name": "jinja2", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.11.3"}]}],
        }
    ],
}


def test_a_vulnerable_pin_is_caught_by_dependencies(tree: Path, advisories: str) -> None:
    osv = {"PIP_AUDIT_VULNERABILITY_SERVICE": "osv", "PIP_AUDIT_OSV_URL": advisories}
    (tree / "tools" / "constraints.txt").write_text("click==8.5.1\nJinja2==2.11.2\n")
    assert caught(tree, "dependencies", **osv) == "jinja2==2.11.2: PYSEC-2021-66, mended in 2.11.3"


def test_an_audit_without_its_database_says_so_and_fails_where_it_is_required(tree: Path) -> None:
    nobody = {
        "PIP_AUDIT_VULNERABILITY_SERVICE": "osv",
        "PIP_AUDIT_OSV_URL": "http://127.0.0.1:9/v1/query",
    }
    (tree / "tools" / "constraints.txt").write_text("click==8.5.1\n")
    code, result = gate(tree, "dependencies", CI="true", **nobody)
    assert (code, result["state"]) == (3, "not run")
    assert "cannot be reached" in result["problem"]


def test_a_dead_link_is_caught_by_links(tree: Path, plant: Plant) -> None:
    plant("README.md", "\n[nowhere](docs/nowhere.md) [no such part](docs/cli.md#no-such-part)\n")
    found = caught(tree, "links")
    assert "nowhere.md" in found
    assert "no-such-part" in found


def test_a_licence_that_is_not_in_the_list_is_caught(tree: Path) -> None:
    rules = tree / "tools" / "gates" / "licences.toml"
    rules.write_text(rules.read_text().replace('    "OFL-1.1",\n', ""))
    assert "fontpkg-atkinson-hyperlegible: OFL-1.1" in caught(tree, "licences")


@pytest.mark.parametrize(
    ("subject", "passes"),
    [
        ("A bench removes whatever is not the application", True),
        ("make firmware: frozen images from pinned sources", True),
        ("wip", False),
        ("fix: something", False),
        ("A sentence ends here.", False),
    ],
)
def test_a_commit_message_is_a_sentence_about_the_code(
    tree: Path, tmp_path: Path, subject: str, passes: bool
) -> None:
    message = tmp_path / "message"
    message.write_text(f"{subject}\n")
    done = subprocess.run(
        [sys.executable, "-m", "tools.gates.messages", str(message)],
        cwd=tree,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode == 0) == passes, done.stdout


def waiver(until: date = TODAY, finding: str = "a.py:*: B102 *") -> Waiver:
    return Waiver("code-security", finding, until, "tools", "on purpose")


def test_a_waiver_covers_its_finding_until_its_day_and_fails_after_it() -> None:
    line = "a.py:7: B102 Use of exec"
    assert sift("code-security", [line], [waiver()], TODAY) == ([], [line])
    left, waived = sift("code-security", [line], [waiver()], TODAY + timedelta(days=1))
    assert left[0] == line
    assert "expired on 2026-11-27" in left[1]
    assert not waived


def test_a_waiver_covers_nothing_else() -> None:
    lines = ["b.py:7: B102 Use of exec", "a.py:7: B314 XML"]
    left, _ = sift("code-security", lines, [waiver()], TODAY)
    assert left[:2] == lines


def test_a_waiver_that_covers_nothing_any_more_is_a_finding() -> None:
    (left,), _ = sift("code-security", [], [waiver()], TODAY)
    assert "covers nothing any more" in left


def test_a_waiver_for_more_than_a_year_is_a_finding() -> None:
    line = "a.py:7: B102 Use of exec"
    left, _ = sift(
        "code-security", [line], [waiver(TODAY + timedelta(days=LONGEST_DAYS + 1))], TODAY
    )
    assert left[0] == line


def test_a_waiver_without_a_reason_or_a_day_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "waivers.toml"
    file.write_text('[[waiver]]\ngate = "lint"\nfinding = "*"\nuntil = 2027-01-01\nowner = "me"\n')
    with pytest.raises(WaiverError, match="reason"):
        read(file)


def test_every_waiver_is_for_a_gate_that_exists() -> None:
    names = {gate.name for gate in running.gates()}
    assert {waiver.gate for waiver in read(ROOT / "tools/gates/waivers.toml")} <= names


def test_a_tool_that_is_not_there_is_no_pass(tree: Path, tmp_path: Path) -> None:
    listed = tree / "tools" / "gates" / "gates.toml"
    listed.write_text(listed.read_text().replace('run = "codespell"', 'run = "no-such-tool"'))
    code, result = gate(tree, "spelling")
    assert (code, result["state"]) == (0, "not run")
    assert "no-such-tool is not installed" in result["problem"]
    assert gate(tree, "spelling", CI="true")[0] == 3
