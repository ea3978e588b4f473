"""Scenarios by name and file, and the one message for each thing that can be wrong with them."""

import pytest

from wattbit.config import ScenarioConfig
from wattbit.env import AggregatorEnv
from wattbit.errors import ScenarioError, WattbitError
from wattbit.scenarios import load_scenario, scenario_names
from wattbit.scenarios.load import nearest

GOOD = """
name: mine
areas:
  - {name: tokyo, user_share: 1.0, cars: 1000}
fleet:
  guarantee_soc: 0.6
"""


@pytest.fixture
def written(tmp_path):
    def write(text: str, name: str = "mine.yaml") -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def refused(scenario) -> str:
    with pytest.raises(ScenarioError) as error:
        load_scenario(scenario)
    message = str(error.value)
    assert "\n" not in message
    return message


def test_the_packaged_scenarios_load_by_name():
    assert {"japan3", "japan9"} <= set(scenario_names())
    for name in scenario_names():
        config = load_scenario(name)
        assert config.name == name
        assert config.description


def test_a_file_a_mapping_and_a_configuration_are_all_scenarios(written):
    path = written(GOOD)
    config = load_scenario(path)
    assert config.fleet.guarantee_soc == 0.6
    assert load_scenario({"name": "mine", "areas": [{"name": "tokyo", "user_share": 1.0}]}).areas[0].cars == 100_000.0
    assert load_scenario(config) is config
    assert isinstance(load_scenario(path), ScenarioConfig)


def test_an_unknown_name_suggests_the_nearest():
    message = refused("japan33")
    assert message.startswith("scenario 'japan33' is unknown (did you mean 'japan3'?)")
    assert f"there are {', '.join(scenario_names())}" in message
    assert "did you mean" not in refused("zzz")


def test_a_missing_file_is_named(tmp_path):
    path = tmp_path / "none.yaml"
    assert refused(str(path)) == f"scenario {path}: no such file"
    assert refused(path) == f"scenario {path}: no such file"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("fleet:", "flete:"), "flete: unknown key (did you mean 'fleet'?)"),
        (("guarantee_soc", "garantee_soc"), "fleet.garantee_soc: unknown key (did you mean 'guarantee_soc'?)"),
        (("cars: 1000", "car: 1000"), "areas.0.car: unknown key (did you mean 'cars'?)"),
        (("cars: 1000", "cars: -5"), "areas.0.cars: is -5: Input should be greater than or equal to 0"),
        (("cars: 1000", "cars: many"), "areas.0.cars: is 'many': Input should be a valid number"),
        (
            ("guarantee_soc: 0.6", "guarantee_soc: 60"),
            "fleet.guarantee_soc: is 60: Input should be less than or equal to 1",
        ),
        (
            ("guarantee_soc: 0.6", "guarantee_soc: 0.1"),
            "fleet: must hold: v2g_floor_soc <= guarantee_soc <= ceiling_soc",
        ),
        (("name: tokyo", "name: okinawa"), "areas.0.name: is 'okinawa': Input should be 'hokkaido'"),
        (("name: mine\n", ""), "name: Field required"),
        (("user_share: 1.0", "user_share: 0.0"), "areas: user_share of at least one area must be above 0"),
        (("cars: 1000", "cars_mw: 1000"), "areas.0.cars_mw: unknown key"),
        (("areas:", "areaz:"), "areaz: unknown key (did you mean 'areas'?)"),
    ],
)
def test_every_mistake_gives_one_line_with_file_key_value_and_rule(written, change, message):
    assert change[0] in GOOD
    path = written(GOOD.replace(*change))
    got = refused(path)
    assert got.startswith(f"{path}: ")
    assert message in got


def test_files_that_are_not_yaml_or_not_a_mapping(written):
    path = written("areas: [")
    assert refused(path).startswith(f"{path}: not valid YAML: ")
    assert refused(written("- japan3")).endswith("must hold keys and values, holds list")
    assert refused(written("")).endswith("must hold keys and values, holds NoneType")
    assert refused(written("just words")).endswith("must hold keys and values, holds str")


def test_a_file_that_is_not_text_is_refused_in_one_line(tmp_path):
    path = tmp_path / "picture.yaml"
    path.write_bytes(b"\xff\xfe\x00\x81name")
    assert str(path) in refused(path)


def test_a_folder_is_refused(tmp_path):
    folder = tmp_path / "folder.yaml"
    folder.mkdir()
    assert str(folder) in refused(folder)


def test_an_environment_shows_the_same_messages(written):
    with pytest.raises(WattbitError, match="did you mean 'japan9'"):
        AggregatorEnv("japan-9")
    with pytest.raises(WattbitError, match="unknown key"):
        AggregatorEnv(written(GOOD.replace("fleet", "flet")))


def test_an_episode_longer_than_the_data_is_refused(scenario):
    config = scenario("japan3", episode={"steps": 48 * 5000})
    with pytest.raises(WattbitError, match=r"episode\.steps is 240000: no stretch of the test split of generated is"):
        AggregatorEnv(config)


def test_real_series_without_their_folder_say_how_to_name_it(scenario, monkeypatch):
    monkeypatch.delenv("WATTBIT_DATA", raising=False)
    with pytest.raises(WattbitError, match="WATTBIT_DATA"):
        AggregatorEnv(scenario("japan3", series="real-fy2024"))


def test_nearest_stays_silent_when_nothing_is_near():
    assert nearest("storage_mw", ["storage_mwh", "cars"]) == " (did you mean 'storage_mwh'?)"
    assert nearest("qqq", ["storage_mwh", "cars"]) == ""


def test_file_scenarios_play(written):
    env = AggregatorEnv(written(GOOD))
    observation, _ = env.reset(seed=1)
    assert env.observation_space.contains(observation)
    assert env.action_space.shape == (8,)
    assert "mine: tokyo" in repr(env)
