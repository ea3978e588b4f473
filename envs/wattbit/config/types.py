"""What the models of a scenario have in common: bounds of values, names of areas, how strict the models are."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Positive = Annotated[float, Field(gt=0.0)]
NonNegative = Annotated[float, Field(ge=0.0)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]

Sigma = Annotated[float, Field(ge=0.0, le=3.0)]
"""Sigma of a lognormal: with 3 one draw in six is more than twenty times the median."""

Age = Annotated[float, Field(ge=0.0, le=50.0)]
"""Years that a cell may be old: far beyond its use, and still within what the laws of ageing say."""

AreaName = Literal["hokkaido", "tohoku", "tokyo", "chubu", "hokuriku", "kansai", "chugoku", "shikoku", "kyushu"]


class StrictModel(BaseModel):
    """What all parts of a scenario share: no unknown keys, no changes afterwards, every number finite."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, allow_inf_nan=False)
