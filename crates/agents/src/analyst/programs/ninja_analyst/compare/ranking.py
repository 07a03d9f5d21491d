"""The sets by their means; those whose difference could be 0 are tied."""
from __future__ import annotations

from typing import Any

import numpy as np


def ranking(names: list[str], means: list[float], pairs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The largest mean first. Two sets are tied when the interval of their difference holds 0, or is not known.

    A set shares the rank of the best set that it is tied with, so ranks can repeat.
    """
    tied: dict[str, set[str]] = {name: set() for name in names}
    for pair in pairs:
        low, high = pair["ci"]["low"], pair["ci"]["high"]
        if not (low > 0.0 or high < 0.0):  # also when they are NaN
            tied[pair["a"]].add(pair["b"])
            tied[pair["b"]].add(pair["a"])
    order = [names[i] for i in np.argsort(-np.array(means), kind="stable")]
    mean_of = dict(zip(names, means))
    ranks: dict[str, int] = {}
    for place, name in enumerate(order, 1):
        ranks[name] = min([place, *(ranks[other] for other in tied[name] if other in ranks)])
    return [
        {"rank": ranks[name], "name": name, "mean": mean_of[name], "tied_with": [other for other in order if other in tied[name]]}
        for name in order
    ]
