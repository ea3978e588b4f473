"""The matrix of the bound shows what its rows say and fails when one is broken."""

import pytest

from benchmarks import bound_matrix
from benchmarks.bound_cases import EDGES, Verdict


@pytest.fixture
def told(monkeypatch, tmp_path):
    """Verdicts of one's own instead of weeks that are played."""
    calls = []

    def tell(**changes):
        def judged(name, seed, policies):
            calls.append((name, seed))
            fine = Verdict(name, "threshold", seed, {"row net": 1e-12}, {}, 0.08)
            yield fine
            yield Verdict(**{**vars(fine), "policy": "random", "margin": 0.2, **changes})

        monkeypatch.setattr(bound_matrix, "judge", judged)
        monkeypatch.setattr(bound_matrix, "cache_root", lambda: tmp_path)
        return calls

    return tell


ARGUMENTS = ["--scenarios", "japan3", "no-cars", "--seeds", "8", "--check"]


def test_a_clean_matrix_passes_and_is_not_done_twice(told, capsys):
    calls = told()
    assert bound_matrix.main(ARGUMENTS) == 0
    assert calls == [("japan3", seed) for seed in range(8)] + [("no-cars", seed) for seed in range(2)]
    shown = capsys.readouterr()
    assert "japan3, 8 seeds x 12: smallest margin (threshold)" in shown.out
    assert "no-cars, 2 of 2: 1.0e-12, 8.00 %" in shown.err
    assert bound_matrix.main(ARGUMENTS) == 0
    assert len(calls) == 10


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"broken": {"row net": 1e-3}}, "largest violation (random, row net)"),
        ({"dearer": {"wear_jpy": 1e-4}}, "largest violation (random, term wear_jpy)"),
        ({"margin": -1e-9}, "smallest margin (random)"),
    ],
)
def test_one_broken_row_term_or_bound_fails_the_check(told, capsys, changes, shown):
    told(**changes)
    assert bound_matrix.main(ARGUMENTS) == 1
    assert f"missed: japan3, 8 seeds x 12: {shown}" in capsys.readouterr().out


def test_an_unknown_scenario_is_refused_with_the_nearest(capsys):
    with pytest.raises(SystemExit, match="2"):
        bound_matrix.main(["--scenarios", "japn3"])
    assert "unknown scenario 'japn3' (did you mean 'japan3'?)" in capsys.readouterr().err


def test_edges_do_not_hide_scenarios():
    assert not set(EDGES) & set(bound_matrix.scenario_names())
