"""Waiting after failures: it grows, it ends, and devices do not march in step."""

from inkframe import backoff

SPREADS = (0, 1, 12345, 0xFFFFFFFF)


def test_the_first_wait_is_the_one_the_host_asked_for_and_up_to_a_quarter():
    for spread in SPREADS:
        assert 60 <= backoff.after(1, 60, spread) <= 75


def test_each_wait_is_longer_than_the_one_before_until_the_longest():
    for spread in SPREADS:
        waits = [backoff.after(failures, 60, spread) for failures in range(1, 7)]
        assert waits == sorted(waits)
        assert len(set(waits)) == 6


def test_no_wait_is_longer_than_the_longest_and_a_quarter():
    for failures in (10, 100, 65535, 1 << 40):
        for retry_s in (1, 60, 86400):
            for spread in SPREADS:
                wait = backoff.after(failures, retry_s, spread)
                assert wait <= backoff.LONGEST_S + backoff.LONGEST_S // 4


def test_a_wait_is_never_nothing():
    for spread in SPREADS:
        assert backoff.after(1, 1, spread) >= 1


def test_two_devices_that_failed_together_do_not_ask_together():
    waits = {backoff.after(5, 60, spread) for spread in range(0, 100000, 997)}
    assert len(waits) > 50


def test_a_day_without_a_host_costs_few_requests():
    elapsed = requests = 0
    while elapsed < 86400:
        requests += 1
        elapsed += backoff.after(requests, 60, 0)
    assert requests <= 10


def test_a_week_more_costs_at_most_four_requests_a_day():
    elapsed = requests = 0
    while elapsed < 7 * 86400:
        requests += 1
        elapsed += backoff.after(20 + requests, 60, 0)
    assert requests <= 28
