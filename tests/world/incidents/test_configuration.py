"""What is wrong with an incident is said in one line."""

import pytest

from wattbit.errors import ScenarioError
from wattbit.scenarios import load_scenario


@pytest.mark.parametrize(
    ("incident", "message"),
    [
        ({"kind": "dc-outage", "size": 1.2}, "size of dc-outage is 1.2, must lie in 0 .. 1"),
        ({"kind": "hijack-charge", "size": 0}, "size of hijack-charge is 0"),
        ({"kind": "false-telemetry", "size": 0.6}, "must lie in -0.5 .. 0.5"),
        ({"kind": "price-spoof", "size": 31}, "must lie in -30 .. 30"),
        ({"kind": "interconnector-trip", "area": "tokyo", "size": -3}, "must lie in 0 .. 200"),
        ({"kind": "link-cut", "area": "tokyo", "size": 0.5}, "a cut link carries nothing"),
        ({"kind": "link-cut"}, "area of link-cut is 'all', must name one area"),
        ({"kind": "link-cut", "area": "tokyo", "other": "tokyo"}, "must be another area"),
        ({"kind": "dc-outage", "other": "tokyo"}, "only a link-cut has a far end"),
        ({"kind": "dc-outage", "area": "kansai"}, "incidents.0: area is 'kansai': there are hokkaido, tokyo, kyushu"),
        ({"kind": "dc-outage", "start_hour": 168}, "start_hour is 168: the episode has 168 hours"),
        ({"kind": "dc-outage", "hours": 200}, "hours is 200: the episode has 168 hours"),
        ({"kind": "dc-outage", "hours": 0.7}, "multiple of 0.5"),
        ({"kind": "dc-outage", "chance": 1.5}, "less than or equal to 1"),
        ({"kind": "earthquake"}, "incidents.0.kind: is 'earthquake'"),
        ({"kind": "dc-outage", "durance": 3}, "unknown key"),
    ],
)
def test_what_is_wrong_with_an_incident_is_said_in_one_line(incident, message):
    content = load_scenario("japan3").model_dump() | {"incidents": [incident]}
    with pytest.raises(ScenarioError) as error:
        load_scenario(content)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_quorum_is_more_than_half():
    content = load_scenario("japan3").model_dump() | {"mitigation": {"quorum_of": 4, "quorum_needed": 2}}
    with pytest.raises(ScenarioError, match="quorum_needed is 2 of 4, must be more than half"):
        load_scenario(content)
