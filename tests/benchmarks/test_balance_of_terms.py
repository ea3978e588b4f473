"""No single term decides the default scenario."""

import pytest

from benchmarks import balance_of_terms, switches


@pytest.mark.parametrize("policy", ["threshold", "tuned"])
def test_the_bars_of_the_default_scenario_hold(policy, capsys):
    assert balance_of_terms.main(["--policy", policy, "--weeks", "40", "--check"]) == 0
    assert "every bar is met" in capsys.readouterr().out


@pytest.mark.parametrize("command", [balance_of_terms, switches])
def test_a_scenario_that_does_not_exist_is_one_line(command, capsys):
    assert command.main(["--scenario", "japan4", "--weeks", "1"]) == 2
    assert "did you mean" in capsys.readouterr().err


def test_no_weeks_are_refused(capsys):
    with pytest.raises(SystemExit, match="2"):
        balance_of_terms.main(["--weeks", "0"])
    assert "must be at least 1" in capsys.readouterr().err
