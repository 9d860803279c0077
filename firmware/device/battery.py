"""The battery's voltage, from an ADC behind a divider. Before the radio: its load pulls the voltage down."""

from machine import ADC, Pin

from inkframe.battery import CRITICAL_MV, LOW_MV, Battery
from inkframe.compat import sleep_ms

_SETTLE_MS = 10
_READINGS = 16


def measure(wiring):
    """`wiring` is `battery` of config.json."""
    enable = Pin(wiring["enable"], Pin.OUT, value=1) if "enable" in wiring else None
    sleep_ms(_SETTLE_MS)
    adc = _adc(wiring["adc"])
    readings = sorted(_microvolts(adc) for _ in range(_READINGS))
    if enable:
        enable(0)
    # The middle half: a reading beside the radio's or the panel's switching is far off.
    middle = readings[_READINGS // 4 : -_READINGS // 4]
    mv = sum(middle) // len(middle) * wiring["divider_permille"] // 1000000
    return Battery(mv, wiring.get("low_mv", LOW_MV), wiring.get("critical_mv", CRITICAL_MV))


def _adc(number):
    pin = Pin(number)
    try:
        return ADC(pin, atten=ADC.ATTN_11DB)  # the esp32 port's, for up to 3.1 V
    except (AttributeError, TypeError):
        return ADC(pin)


def _microvolts(adc):
    if hasattr(adc, "read_uv"):
        return adc.read_uv()  # the esp32 port knows the chip's own calibration
    return adc.read_u16() * 3300000 // 65535
