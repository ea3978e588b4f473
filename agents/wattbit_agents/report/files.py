"""Write an evaluation: CSV, JSON, one HTML page that needs no network, and its main chart."""

from __future__ import annotations

import base64
import json
from importlib import resources
from pathlib import Path

from wattbit_agents.errors import MissingExtraError
from wattbit_agents.evaluation import Evaluation
from wattbit_agents.files import versions, write_bytes
from wattbit_agents.report.tables import as_csv, summary_rows, summary_table, week_rows


def write_report(evaluation: Evaluation, folder: Path) -> Path:
    """
    Write ``summary.csv``, ``weeks.csv``, ``results.json``, ``report.html`` and ``report.png``.

    Everything is made in memory first; each file then appears whole.

    Parameters
    ----------
    evaluation : Evaluation
        What was scored.
    folder : Path
        Where to; made when missing. Files of these names are replaced.

    Returns
    -------
    Path
        The HTML page.

    Raises
    ------
    MissingExtraError
        If matplotlib or Jinja is not installed; nothing has been written then.
    """
    try:
        from jinja2 import Environment

        from wattbit_agents.report.figures import main_chart, service_chart, week_chart
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"{error.name} is not installed; reports need: pip install 'wattbit[report]'") from None
    facts = {**evaluation.facts, "versions": versions()}
    charts = {
        "Cost against the reference": main_chart(evaluation),
        "Week by week": week_chart(evaluation),
        "Service, carbon and wear": service_chart(evaluation),
    }
    template = resources.files("wattbit_agents.report").joinpath("page.html").read_text(encoding="utf-8")
    page = Environment(autoescape=True).from_string(template)
    html = page.render(
        title=f"wattbit: {facts['scenario']}, {facts['split']} weeks",
        figures=[{"title": title, "data": base64.b64encode(png).decode()} for title, png in charts.items()],
        table=summary_table(evaluation),
        facts=facts,
        rows=facts["rows_per_batch"],
    )
    summary = summary_rows(evaluation)
    results = {**facts, "policies": summary, "episodes": week_rows(evaluation)}
    contents = {
        "summary.csv": as_csv(summary).encode(),
        "weeks.csv": as_csv(week_rows(evaluation)).encode(),
        "results.json": (json.dumps(results, indent=1, ensure_ascii=False) + "\n").encode(),
        "report.png": charts["Cost against the reference"],
        "report.html": html.encode(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        write_bytes(folder / name, content)
    return folder / "report.html"
