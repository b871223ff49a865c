"""Whoever guesses waits, ever longer; whoever knows comes in at once."""

from ui.throttle import Throttle


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def test_five_tries_are_free_then_the_wait_doubles_up_to_a_quarter_of_an_hour():
    clock = Clock()
    throttle = Throttle(clock=clock)
    assert [throttle.begin("1.2.3.4") for _ in range(5)] == [0] * 5
    waits = []
    for _ in range(12):
        waits.append(throttle.begin("1.2.3.4"))
        clock.now += waits[-1]
        assert throttle.begin("1.2.3.4") == 0
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900, 900]


def test_others_do_not_wait_and_a_right_try_makes_good():
    throttle = Throttle(clock=Clock())
    for _ in range(5):
        throttle.begin("1.2.3.4")
    assert throttle.begin("1.2.3.4") == 5
    assert throttle.begin("1.2.3.5") == 0
    throttle.right("1.2.3.4")
    assert throttle.begin("1.2.3.4") == 0


def test_many_addresses_of_one_line_count_as_one():
    throttle = Throttle(clock=Clock())
    assert [throttle.begin(f"2001:db8:1:2::{n}") for n in range(6)] == [0] * 5 + [5]
    assert throttle.begin("2001:db8:1:3::1") == 0


def test_all_addresses_together_have_so_many_tries_a_minute():
    clock = Clock()
    throttle = Throttle(most=60, clock=clock)
    assert {throttle.begin(f"10.0.{n}.1") for n in range(60)} == {0}
    assert throttle.begin("10.1.0.1") == 60
    clock.now += 61
    assert throttle.begin("10.1.0.1") == 0


def test_an_hour_of_peace_makes_good_and_few_addresses_are_remembered():
    clock = Clock()
    throttle = Throttle(addresses=10, most=10**6, clock=clock)
    for _ in range(8):
        clock.now += throttle.begin("1.2.3.4")
    clock.now += 3700
    assert [throttle.begin("1.2.3.4") for _ in range(5)] == [0] * 5
    for n in range(1000):
        throttle.begin(f"10.0.{n // 250}.{n % 250}")
    assert len(throttle._tries) == 10
