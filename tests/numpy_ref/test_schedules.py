"""What schedules promise, beyond the common tests."""

from functools import partial

import numpy as np
import pytest

from coursekit.data import moons
from coursekit.numpy_ref import (
    Linear,
    constant,
    cosine,
    cosine_restarts,
    cyclical,
    exponential,
    inverse_time,
    linear_scaling,
    reciprocal,
    sqrt_decay,
    stagewise,
    step,
    warmup,
)
from coursekit.training import Trainer

SCHEDULES = {  # each as a Trainer takes it, for 12 steps or more
    "constant": partial(constant, lr=0.1),
    "step": partial(step, lr=0.1, every=5),
    "exponential": partial(exponential, lr=0.1, lr_decay=0.1),
    "inverse_time": partial(inverse_time, lr=0.1, lr_decay=0.1),
    "reciprocal": partial(reciprocal, lr=0.1),
    "sqrt_decay": partial(sqrt_decay, lr=0.1, total=12),
    "stagewise": partial(stagewise, stages=((0.1, 4), (0.05, 8))),
    "warmup": partial(warmup, schedule=partial(sqrt_decay, lr=0.1, total=12), warmup=3),
    "cosine": partial(cosine, total=12, warmup=3, lr_max=0.1),
    "cosine_restarts": partial(cosine_restarts, period=3, growth=2, lr_max=0.1),
    "cyclical": partial(cyclical, period=4, lr_max=0.1, lr_min=0.01),
}
every_schedule = pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)


def rates(schedule, steps: int) -> list[float]:
    return [schedule(t) for t in range(steps)]


@every_schedule
def test_a_schedule_drives_the_trainer(schedule):
    line, train = Linear(2, 2, rng=np.random.default_rng(0)), moons("train")
    seen = []

    def lr(t):
        seen.append(t)
        return schedule(t)

    history = Trainer(line, lr=lr, epochs=3, batch_size=-(-len(train) // 4)).fit(train, train)
    assert seen == list(range(12))
    np.testing.assert_array_equal(history.column("lr"), [schedule(3), schedule(7), schedule(11)])


@every_schedule
def test_a_schedule_gives_a_python_float_and_takes_numpy_integers(schedule):
    for t in (0, 1, 5, 1000):
        assert type(schedule(t)) is float
        assert schedule(np.int64(t)) == schedule(t)


@every_schedule
def test_a_rate_is_never_negative_and_never_above_the_largest(schedule):
    assert all(0 <= rate <= 0.1 for rate in rates(schedule, 50))
    assert all(rate > 0 for rate in rates(schedule, 12))


def test_step_falls_exactly_every_so_many_steps():
    found = rates(partial(step, lr=1.0, every=3), 9)
    np.testing.assert_allclose(found, [1, 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01])


def test_step_at_each_epoch_is_exponential_seen_from_afar():
    """×0.97 every epoch of 50 steps falls as e^(−kt) with k = −ln 0.97 / 50."""
    stairs = partial(step, lr=0.1, every=50, lr_factor=0.97)
    slope = partial(exponential, lr=0.1, lr_decay=-np.log(0.97) / 50)
    for epoch in range(0, 100, 7):
        np.testing.assert_allclose(stairs(50 * epoch), slope(50 * epoch))
        assert stairs(50 * epoch + 49) == stairs(50 * epoch) > slope(50 * epoch + 49)


def test_no_decay_is_constant():
    for schedule in (
        partial(step, lr=0.1, every=1, lr_factor=1.0),
        partial(exponential, lr=0.1, lr_decay=0.0),
        partial(inverse_time, lr=0.1, lr_decay=0.0),
        partial(cosine, total=7, lr_max=0.1, lr_min=0.1),
        partial(cosine_restarts, period=7, lr_max=0.1, lr_min=0.1),
        partial(cyclical, period=7, lr_max=0.1, lr_min=0.1),
        partial(warmup, schedule=partial(constant, lr=0.1), warmup=0),
        partial(stagewise, stages=[(0.1, 1)]),
    ):
        assert rates(schedule, 20) == [0.1] * 20


def test_exponential_steps_add_up_to_a_bounded_way_and_inverse_time_goes_on():
    exponentials = sum(rates(partial(exponential, lr=0.1, lr_decay=0.01), 5000))
    np.testing.assert_allclose(exponentials, 0.1 / 0.01, rtol=0.01)
    inverse = partial(inverse_time, lr=0.1, lr_decay=0.01)
    assert sum(rates(inverse, 20_000)) > 5 * exponentials


def test_inverse_time_with_decay_1_is_the_reciprocal():
    assert rates(partial(inverse_time, lr=0.3, lr_decay=1.0), 20) == rates(
        partial(reciprocal, lr=0.3), 20
    )


def test_sqrt_decay_ends_at_0_and_stays_there():
    found = rates(partial(sqrt_decay, lr=1.0, total=4), 7)
    np.testing.assert_allclose(np.square(found), [1, 0.75, 0.5, 0.25, 0, 0, 0], atol=1e-15)


def test_stagewise_goes_to_the_next_stage_in_time_and_stays_in_the_last():
    stages = ((0.8, 2), (0.4, 1), (0.2, 2))
    assert rates(partial(stagewise, stages=stages), 7) == [0.8, 0.8, 0.4, 0.2, 0.2, 0.2, 0.2]


def test_linear_scaling_takes_256_as_the_base():
    assert linear_scaling(lr=0.1, batch_size=256) == 0.1
    assert linear_scaling(lr=0.1, batch_size=64) == 0.025


def test_warmup_rises_in_equal_parts_from_the_first_step():
    found = rates(partial(warmup, schedule=partial(constant, lr=0.6), warmup=5), 8)
    np.testing.assert_allclose(found, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.6, 0.6])


def test_warmup_leaves_the_drops_of_the_schedule_where_they_were():
    plain = partial(step, lr=1.0, every=4, lr_factor=0.5)
    found = rates(partial(warmup, schedule=plain, warmup=6), 12)
    assert found[6:] == rates(plain, 12)[6:]
    np.testing.assert_allclose(found[:6], np.arange(1, 7) / 7 * rates(plain, 6))


def test_warmup_wraps_any_schedule_even_one_that_ends_at_0():
    assert warmup(9, schedule=partial(sqrt_decay, lr=1.0, total=9), warmup=2) == 0.0


def test_cosine_falls_from_the_top_to_the_bottom_and_stays_there():
    found = rates(partial(cosine, total=8, lr_max=1.0, lr_min=0.2), 12)
    assert found[0] == 1.0 and found[4] == pytest.approx(0.6) and found[8:] == [0.2] * 4
    assert np.all(np.diff(found[:9]) < 0)
    np.testing.assert_allclose(np.add(found[:9], found[8::-1]), 1.2)  # the same upside down
    assert cosine(8, total=8, lr_max=1.0) == 0.0


def test_cosine_with_warmup_is_at_the_top_right_after_it():
    found = rates(partial(cosine, total=10, warmup=4, lr_max=1.0, lr_min=0.5), 11)
    np.testing.assert_allclose(found[:5], [0.2, 0.4, 0.6, 0.8, 1.0])
    assert found[4:] == rates(partial(cosine, total=6, lr_max=1.0, lr_min=0.5), 7)


def test_cosine_may_warm_up_until_the_last_step():
    assert rates(partial(cosine, total=2, warmup=1, lr_max=1.0), 4) == [0.5, 1.0, 0.0, 0.0]


def test_cosine_restarts_begin_again_at_the_top():
    found = rates(partial(cosine_restarts, period=3, lr_max=1.0, lr_min=0.1), 9)
    assert (
        found[:3]
        == found[3:6]
        == found[6:]
        == rates(partial(cosine, total=3, lr_max=1.0, lr_min=0.1), 3)
    )


def test_cosine_restarts_get_longer_by_the_growth():
    found = rates(partial(cosine_restarts, period=2, growth=3, lr_max=1.0), 27)
    assert [t for t, rate in enumerate(found) if rate == 1.0] == [0, 2, 8, 26]


@pytest.mark.parametrize("growth", [1, 2])
def test_cosine_restarts_know_far_steps_at_once(growth):
    assert 0 <= cosine_restarts(10**15, period=10, growth=growth, lr_max=1.0) <= 1


def test_cyclical_goes_up_and_down_in_straight_lines():
    found = rates(partial(cyclical, period=6, lr_max=1.0, lr_min=0.4), 13)
    up_and_down = [0.4, 0.6, 0.8, 1.0, 0.8, 0.6]
    np.testing.assert_allclose(found, [*up_and_down, *up_and_down, 0.4])


def test_cyclical_of_an_odd_period_misses_the_top_by_half_a_step():
    found = rates(partial(cyclical, period=5, lr_max=1.0), 6)
    np.testing.assert_allclose(found, [0, 0.4, 0.8, 0.8, 0.4, 0], atol=1e-15)
