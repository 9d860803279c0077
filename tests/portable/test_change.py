"""A change of the configuration: taken, tried, kept or given up, and a power cut at any step of it."""

import json

from check import KEY, NOON, WRONG_KEY, Bytes, bundle, raises
from device_in_memory import Flash, Power, PowerCut
from test_device_config import text

from inkframe import change, seal
from inkframe.compat import MICROPYTHON
from inkframe.errors import AuthError, ConfigError, ReplayError, TransportError, WireError
from inkframe.memory import Memory

WANTED = {"server": "http://new", "wifi": {"ssid": "new", "password": "new password"}}


def sealed(values=WANTED, number=NOON, key=KEY, purpose="change"):
    return bundle(json.dumps(values).encode() + b" " * 67, number, seal.derive(key, purpose))


class Host:
    """A transport that announces `change` and hands it out."""

    def __init__(self, raw, number=NOON):
        self.change = number
        self._raw = raw
        self.asked = []

    def fetch(self, request):
        self.asked.append(request.file if request else "bundle.ink")
        if self._raw is None:
            raise TransportError("nobody there")
        return _Reply(self._raw)


class _Reply(Bytes):
    unchanged = False

    def __init__(self, raw):
        super().__init__(raw, 100)
        self.size = len(raw)

    def close(self):
        pass


def a_device(power=None):
    flash = Flash(power)
    flash.files["config.json"] = text().encode()
    return flash, Memory("", flash)


def announced(memory, raw, number=NOON):
    host = Host(raw, number)
    change.follow_up(change.load(memory), memory, host)
    return host


def tried(memory, host, heard):
    """One wake under whatever configuration there is."""
    config = change.load(memory)
    transport = change.Trial(host, memory, config) if config.on_trial else host
    transport.fetch(None)
    if heard:
        change.follow_up(config, memory, transport)
    return config


def test_a_change_is_tried_and_kept_once_the_host_was_heard():
    flash, memory = a_device()
    host = announced(memory, sealed())
    assert host.asked == ["change.ink"]
    assert json.loads(flash.files["config.json"])["server"] == "http://host:8080/"
    config = tried(memory, Host(b"", 0), heard=True)
    assert (config.server, config.wifi["ssid"]) == ("http://new", "new")
    assert (config.display, config.key, config.pins["cs"]) == ("kitchen", KEY, 5)
    assert "config.next" not in flash.files
    kept = change.load(memory)
    assert (kept.server, kept.change, kept.on_trial) == ("http://new", NOON, False)


def test_a_change_that_does_not_work_is_given_up_after_three_tries_and_never_taken_again():
    _, memory = a_device()
    announced(memory, sealed())
    for _ in range(3):
        assert tried(memory, Host(b"", 0), heard=False).server == "http://new"
    config = tried(memory, Host(b"", 0), heard=True)
    assert (config.server, config.change) == ("http://host:8080", -NOON)
    assert announced(memory, sealed()).asked == []
    assert announced(memory, sealed(number=NOON + 1), NOON + 1).asked == ["change.ink"]


def test_a_try_is_counted_before_it_is_made():
    _, memory = a_device()
    announced(memory, sealed())
    for _ in range(3):
        config = change.load(memory)
        assert config.on_trial
        raises(TransportError, change.Trial(Host(None), memory, config).fetch, None)
    assert not change.load(memory).on_trial


def test_only_the_host_can_change_anything():
    flash, memory = a_device()
    before = flash.files["config.json"]
    good = sealed()
    for raw, error in (
        (sealed(key=WRONG_KEY), AuthError),
        (sealed(purpose="bundle"), AuthError),
        (bundle(json.dumps(WANTED).encode(), NOON, KEY), AuthError),
        (bundle(json.dumps(WANTED).encode(), NOON, None), AuthError),
        (good[:-1] + bytes([good[-1] ^ 1]), AuthError),
        (good[:-5], WireError),
        (good + bytes(20000), WireError),
        (None, TransportError),
    ):
        raises(error, announced, memory, raw)
    assert flash.files == {"config.json": before}


def test_a_change_made_before_the_newest_is_refused():
    _, memory = a_device()
    announced(memory, sealed(number=NOON))
    tried(memory, Host(b"", 0), heard=True)
    raises(ReplayError, announced, memory, sealed({"server": "http://old"}, NOON), NOON + 1)


def test_nothing_but_the_way_to_the_host_can_be_changed():
    _, memory = a_device()
    announced(memory, sealed({"display": "x", "pins": {}, "server": "http://new"}))
    config = change.load(memory)
    assert (config.display, config.key, config.pins["cs"]) == ("kitchen", KEY, 5)


def test_a_new_key_is_taken_under_the_old_one_and_then_opens_the_next_change():
    _, memory = a_device()
    announced(memory, sealed({"key": WRONG_KEY.hex()}))
    assert tried(memory, Host(b"", 0), heard=True).key == WRONG_KEY
    raises(AuthError, announced, memory, sealed(number=NOON + 1), NOON + 1)
    announced(memory, sealed(number=NOON + 1, key=WRONG_KEY), NOON + 1)
    assert change.load(memory).server == "http://new"


def test_a_new_key_under_which_nobody_answers_is_given_up():
    _, memory = a_device()
    announced(memory, sealed({"key": WRONG_KEY.hex()}))
    for _ in range(3):
        tried(memory, Host(b"", 0), heard=False)
    config = change.load(memory)
    assert (config.key, config.change) == (KEY, -NOON)


def test_a_change_that_makes_no_configuration_has_no_effect():
    for values in (
        5,
        None,
        {"key": None},
        {"key": "00"},
        {"server": 5},
        {"wifi": "home"},
        {"ca": ["!"]},
        {"tls": "maybe"},
    ):
        flash, memory = a_device()
        raises(ConfigError, announced, memory, sealed(values))
        assert list(flash.files) == ["config.json"]


def test_a_device_without_a_key_takes_no_change():
    flash, memory = a_device()
    flash.files["config.json"] = text(key=None).encode()
    raises(ConfigError, announced, memory, sealed())


def test_a_power_cut_at_any_step_leaves_a_whole_configuration():
    for works in (True, False):
        steps = _life(works, -1)
        for cut_at in range(0, steps, 7 if MICROPYTHON else 1):
            _life(works, cut_at)


def _life(works, cut_at):
    """Change, tries, and after the cut more of them: it ends under the right one. Returns the steps."""
    power = Power()
    power.cut_at = cut_at
    _, memory = a_device(power)
    for _ in range(8):
        try:
            config = change.load(memory)
            new = config.server == "http://new"
            transport = Host(sealed(), NOON)
            if config.on_trial:
                transport = change.Trial(transport, memory, config)
            transport.fetch(None)
            if works or not new:
                change.follow_up(config, memory, transport)
        except PowerCut:
            power.cut_at = -1
            assert change.load(memory).display == "kitchen"
    config = change.load(memory)
    assert config.server == ("http://new" if works else "http://host:8080")
    assert config.change == (NOON if works else -NOON)
    return power.steps
