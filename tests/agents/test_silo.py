"""A pair of policies: compute here, cars, batteries and markets there."""

import numpy as np
import pytest

from wattbit_agents.errors import PolicyError
from wattbit_agents.evaluation import evaluate, find_policy
from wattbit_agents.worlds import scoring_worlds


def test_a_rule_that_keeps_its_halves_apart_is_its_own_pair(toy):
    evaluation = evaluate(["threshold", "silo:threshold+threshold"], toy, n_weeks=3)
    one, two = (evaluation.entry(name).scores.values for name in ("threshold", "silo:threshold+threshold"))
    np.testing.assert_array_equal(one, two)


def test_each_half_has_its_own_controls(toy):
    worlds = scoring_worlds("Aggregator-v0", toy, 2, "test")
    observation, _ = worlds.reset(seed=1)
    pair = find_policy("silo:greedy+do-nothing", worlds, "Aggregator-v0", 0).predict(observation)[0]
    greedy = find_policy("greedy", worlds, "Aggregator-v0", 0).predict(observation)[0]
    areas = len(toy.areas)
    pair, greedy = pair.reshape(2, areas, 8), greedy.reshape(2, areas, 8)
    np.testing.assert_array_equal(pair[:, :, :4], greedy[:, :, :4])
    assert (pair[:, :, 4:] == 0.0).all()


@pytest.mark.parametrize("name", ["silo:threshold", "silo:a+b+c", "silo:threshold+nonsense"])
def test_a_pair_is_named_in_full(toy, name):
    worlds = scoring_worlds("Aggregator-v0", toy, 1, "test")
    with pytest.raises(PolicyError):
        find_policy(name, worlds, "Aggregator-v0", 0)
