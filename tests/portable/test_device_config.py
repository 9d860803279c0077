"""config.json: what is taken, and what is refused by name and never by value."""

import json
from binascii import hexlify

from check import KEY, raises

from inkframe.config import Config
from inkframe.errors import ConfigError

SECRET = hexlify(KEY).decode()


def text(**changed):
    values = {
        "display": "kitchen",
        "server": "http://host:8080/",
        "key": SECRET,
        "panel": "waveshare_7in5_v2",
        "pins": {"cs": 5, "dc": 17, "reset": 16, "busy": 4},
        "spi": {"id": 2, "baud_hz": 10000000, "sck": 18, "mosi": 23},
        "wifi": {"ssid": "home", "password": "swordfish"},
        "longest_sleep_s": 43200,
        "trust_date": False,
    }
    values.update(changed)
    return json.dumps({name: value for name, value in values.items() if value != "left out"})


def refused(**changed):
    return str(raises(ConfigError, Config, text(**changed)))


def test_a_whole_file_is_understood():
    config = Config(text())
    assert (config.display, config.panel) == ("kitchen", "waveshare_7in5_v2")
    assert config.server == "http://host:8080"
    assert config.key == KEY
    assert config.pins["busy"] == 4
    assert config.spi["sck"] == 18
    assert config.wifi["ssid"] == "home"
    assert config.longest_sleep_s == 43200
    assert not config.trust_date


def test_room_for_frames_is_as_much_as_any_board_has_unless_it_is_said():
    assert Config(text()).frame_ram_bytes == 96000
    assert Config(text(frame_ram_bytes=24000)).frame_ram_bytes == 24000
    for wrong in (-1, "96000", None, 1.5):
        assert "'frame_ram_bytes'" in refused(frame_ram_bytes=wrong)


def test_a_host_may_be_silent_for_some_seconds_unless_it_is_said():
    assert Config(text()).timeout_s == 0
    assert Config(text(timeout_s=30)).timeout_s == 30
    for wrong in (-1, "8", None, 1.5):
        assert "'timeout_s'" in refused(timeout_s=wrong)


def test_a_device_naps_only_where_it_is_told_for_how_long():
    assert Config(text()).nap_ms == 0
    assert Config(text(nap_ms=50)).nap_ms == 50
    for wrong in (-1, "50", None, 1.5):
        assert "'nap_ms'" in refused(nap_ms=wrong)


def test_an_open_device_says_so_with_a_null():
    assert Config(text(key=None)).key is None


def test_a_key_left_out_does_not_open_the_device():
    assert "'key'" in refused(key="left out")


def test_a_key_that_is_not_32_bytes_of_hex_is_refused_and_not_printed():
    for key in ("", "00", SECRET[:-2], SECRET[:-1], SECRET + "00", "z" * 64, 5, True, [], {}):
        message = refused(key=key)
        assert "'key'" in message
        assert not key or not isinstance(key, str) or key not in message


def test_only_a_plain_true_trusts_the_date():
    assert Config(text(trust_date=True)).trust_date
    for value in (1, "true", "left out", None):
        assert not Config(text(trust_date=value)).trust_date


def test_what_is_not_an_object_of_json_is_refused():
    for wrong in ("", "{", "kitchen", "[]", "1", "null", '"x"', text()[:-1]):
        raises(ConfigError, Config, wrong)


def test_a_missing_or_wrong_value_is_named():
    for name in ("display", "server", "panel"):
        for wrong in ("left out", None, 5, []):
            assert repr(name) in refused(**{name: wrong})
    for name in ("pins", "spi", "wifi"):
        for wrong in ("left out", None, 5, []):
            assert repr(name) in refused(**{name: wrong})
    for wrong in ("left out", None, "60", -1, 1.5):
        assert "'longest_sleep_s'" in refused(longest_sleep_s=wrong)


def test_a_sleep_of_nothing_would_never_end_a_wake():
    assert "'longest_sleep_s'" in refused(longest_sleep_s=0)


def test_a_missing_or_wrong_pin_is_named():
    pins = {"cs": 5, "dc": 17, "reset": 16, "busy": 4}
    for name in pins:
        fewer = {other: value for other, value in pins.items() if other != name}
        assert "'pins." + name + "'" in refused(pins=fewer)
        fewer[name] = "5"
        assert "'pins." + name + "'" in refused(pins=fewer)
    assert "'spi.baud_hz'" in refused(spi={"id": 1})


def test_names_that_could_lead_elsewhere_are_refused():
    for wrong in ("", "a/b", "../x", "a b", "k\r\nX: y", "kü", "a?b"):
        refused(display=wrong)
        refused(panel=wrong)


def test_no_message_holds_a_secret():
    for changed in (
        {"wifi": "swordfish"},
        {"key": "swordfish"},
        {"display": None},
        {"pins": {}},
        {"longest_sleep_s": None},
    ):
        message = refused(**changed)
        assert "swordfish" not in message
        assert SECRET not in message
