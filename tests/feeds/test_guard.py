"""Where this host may be sent: judged after resolution, on every connection, whoever named it."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers import CALENDAR, Server, answer, running

from calendarbot.web.places import named
from calendarbot.web.policy import ForbiddenAddressError, Policy, private_kind

if TYPE_CHECKING:
    from desk import Desk

STRICT = {"private_when_named": False}


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("127.255.3.4", "loopback"),
        ("10.1.2.3", "private"),
        ("172.16.0.1", "private"),
        ("192.168.178.20", "private"),
        ("100.64.0.1", "private"),
        ("169.254.169.254", "link-local"),
        ("0.0.0.0", "unspecified"),
        ("0.1.2.3", "reserved"),
        ("224.0.0.251", "multicast"),
        ("255.255.255.255", "reserved"),
        ("198.18.0.1", "reserved"),
        ("::1", "loopback"),
        ("::", "unspecified"),
        ("fe80::1", "link-local"),
        ("fd12:3456::1", "private"),
        ("ff02::fb", "multicast"),
        ("2001:db8::1", "reserved"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:169.254.169.254", "link-local"),
        ("::192.168.1.1", "private"),
        ("64:ff9b::10.0.0.1", "private"),
        ("64:ff9b::169.254.169.254", "link-local"),
        ("64:ff9b:1::8.8.8.8", "NAT64"),
        ("2002:7f00:1::", "loopback"),
        ("2002:c0a8:101::", "private"),
        ("2002:808:808::", "tunnelled"),
        ("2001:0:808:808::f7f7:f7f7", "tunnelled"),
        ("::8.8.8.8", "tunnelled"),
    ],
)
def test_addresses_that_are_not_public_are_known(address: str, kind: str) -> None:
    assert private_kind(ipaddress.ip_address(address)) == kind


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "93.184.215.14", "2606:2800:220:1::1", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"],
)
def test_public_addresses_are_public(address: str) -> None:
    assert private_kind(ipaddress.ip_address(address)) == ""


@given(st.ip_addresses())
def test_what_is_not_global_is_never_taken_for_public(
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if private_kind(ip) == "":
        mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
        assert (mapped or ip).is_global
        assert not ip.is_multicast


def allowed(policy: Policy, host: str, address: str) -> bool:
    try:
        policy.check(host, ipaddress.ip_address(address))
    except ForbiddenAddressError:
        return False
    return True


@pytest.mark.parametrize(
    ("named_host", "host", "address", "may"),
    [
        ("192.168.1.20", "192.168.1.20", "192.168.1.20", True),
        ("nas.local", "nas.local", "192.168.1.20", True),
        ("nas", "NAS", "10.0.0.5", True),
        ("localhost", "localhost", "127.0.0.1", True),
        ("[fd00::5]", "fd00::5", "fd00::5", True),
        # A public name that leads into the network at home has to be allowed by name.
        ("cloud.example.org", "cloud.example.org", "192.168.1.20", False),
        # What a redirect names, nobody named.
        ("feeds.example.org", "192.168.1.20", "192.168.1.20", False),
        ("nas.local", "router.local", "192.168.1.1", False),
        # A cloud machine's metadata, not even by name.
        ("169.254.169.254", "169.254.169.254", "169.254.169.254", False),
        ("0.0.0.0", "0.0.0.0", "0.0.0.0", False),
        ("feeds.example.org", "feeds.example.org", "93.184.215.14", True),
    ],
)
def test_naming_a_host_at_home_is_enough_and_nothing_less(
    named_host: str, host: str, address: str, may: bool
) -> None:
    assert allowed(Policy().naming(named_host), host, address) is may


def test_where_others_choose_the_calendars_only_the_list_counts() -> None:
    strict = Policy(
        names=("nas.local", "*.example.org"),
        networks=(ipaddress.ip_network("192.168.7.0/24"),),
        private_when_named=False,
    )

    assert allowed(strict.naming("nas.local"), "nas.local", "10.0.0.5")
    assert allowed(strict.naming("x"), "cloud.example.org", "10.0.0.5")
    assert allowed(strict.naming("x"), "anything", "192.168.7.9")
    assert allowed(strict.naming("x"), "anything", "::ffff:192.168.7.9")
    assert not allowed(strict.naming("192.168.1.20"), "192.168.1.20", "192.168.1.20")
    assert not allowed(strict.naming("example.org"), "example.org", "10.0.0.5")


def resolving(**names: list[str]) -> Any:
    """A resolver that answers as told, one answer after the other, and counts."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, *_: Any) -> list[Any]:
        asked.append(host)
        answers = names.get(host.partition(".")[0], [host])
        address = answers[min(asked.count(host), len(answers)) - 1]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port))]

    getaddrinfo.asked = asked  # type: ignore[attr-defined]  # for the test
    return getaddrinfo


def test_a_name_that_resolves_to_this_machine_is_refused_before_anything_is_sent(
    desk: Desk, server: Server
) -> None:
    desk.web["getaddrinfo"] = resolving(evil=["127.0.0.1"])

    reading = desk.read(url=f"http://evil.example.org:{server.port}/calendar.ics")

    assert reading.problem.endswith("is at a loopback address (127.0.0.1)")
    assert 'allow_private = ["evil.example.org"]' in reading.hint
    assert server.asked == []


def test_the_connection_goes_to_the_address_that_was_judged(desk: Desk, server: Server) -> None:
    desk.web["getaddrinfo"] = resolving(rebind=["127.0.0.1", "93.184.215.14"])

    reading = desk.read(
        {"allow_private": ["rebind.example.org"]},
        url=f"http://rebind.example.org:{server.port}/calendar.ics",
    )

    assert reading.problem == ""
    assert desk.web["getaddrinfo"].asked == ["rebind.example.org"]


def test_a_redirect_into_the_network_at_home_is_refused(desk: Desk, server: Server) -> None:
    with running(Server()) as inside:
        redirect = f"http://inside.example.org:{inside.port}/admin"
        server.answers(answer("302 Found", b"", Location=redirect))
        desk.web["getaddrinfo"] = resolving(inside=["127.0.0.1"])

        reading = desk.read(url=server.url)

        assert "is at a loopback address" in reading.problem
        assert inside.asked == []


def test_where_others_choose_the_calendars_this_machine_has_to_be_allowed(
    desk: Desk, server: Server
) -> None:
    assert "loopback" in desk.read(STRICT, url=server.url).problem
    assert server.asked == []

    allowing = {**STRICT, "allow_private": ["127.0.0.1/32"]}
    assert desk.read(allowing, url=server.url).data.texts[0].content == CALENDAR


def test_behind_a_proxy_what_can_be_resolved_here_is_judged_here(
    desk: Desk, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.port}")

    assert "loopback" in desk.read(STRICT, url="http://127.0.0.1:1/x").problem
    assert "link-local" in desk.read(url="http://169.254.169.254/latest").problem
    assert server.asked == []


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (
            "https://calendar.google.com/calendar/ical/a%40b/private-0f/basic.ics",
            "calendar.google.com/…/basic.ics",
        ),
        ("https://user:pass@example.org:8443/t0ken.ics?key=1#x", "example.org:8443/…"),
        ("webcal://example.org/calendar.ics", "example.org/calendar.ics"),
        ("https://example.org", "example.org"),
        ("https://example.org:443/", "example.org"),
        ("http://[fd00::1]:5232/ann/", "[fd00::1]:5232/…"),
        ("https://[broken", "the address"),
        ("", "the address"),
    ],
)
def test_an_address_is_named_without_its_secrets(address: str, name: str) -> None:
    assert named(address) == name


_PART = st.text("abcXYZ012-._~%!$&'()*+,;=:")


@given(_PART, _PART, _PART)
def test_no_name_holds_what_stands_in_path_query_or_login(path: str, query: str, user: str) -> None:
    address = f"https://{user}:S3CR3T@example.org/S3CR3T{path}/{path}S3CR3T?{query}S3CR3T"

    assert named(address) == "example.org/…"
