"""Days in which everything goes wrong once: no picture is ever wrong, and every outage ends by itself."""

from __future__ import annotations

from tools.soak.faults import DAYS, OUTAGES
from tools.soak.life import LONGEST_RECOVERY_S, soak


def test_a_device_lives_through_days_of_faults_and_an_offline_day_costs_less_than_a_normal_one() -> (
    None
):
    soaked = soak(DAYS[:4])  # which judges every wake: the picture, the clock, requests a day
    normal, offline, *_ = soaked.days
    assert normal.requests >= 20
    assert offline.faults == "no access point"
    assert offline.requests == 0
    assert offline.charge_mc < normal.charge_mc
    assert offline.radio_s < normal.radio_s
    assert {recovery.kind for recovery in soaked.recoveries} == set(OUTAGES)
    assert all(recovery.took_s <= recovery.allowed_s for recovery in soaked.recoveries)
    assert max(recovery.allowed_s for recovery in soaked.recoveries) <= LONGEST_RECOVERY_S
