"""The words for effect sizes. Conventions, not laws: docs/statistics.md names the source of each row."""

WORDS = ("negligible", "small", "medium", "large")

# Where the value starts to be small, medium, large.
TABLE = {
    "cohens_d": (0.2, 0.5, 0.8),
    "hedges_g": (0.2, 0.5, 0.8),
    "cohens_h": (0.2, 0.5, 0.8),
    "rank_biserial": (0.147, 0.33, 0.474),
    "cliffs_delta": (0.147, 0.33, 0.474),
    "r": (0.1, 0.3, 0.5),
    "rho": (0.1, 0.3, 0.5),
    "tau_b": (0.1, 0.3, 0.5),
    "phi": (0.1, 0.3, 0.5),
    "cohens_w": (0.1, 0.3, 0.5),
    "cramers_v": (0.1, 0.3, 0.5),
    "kendalls_w": (0.1, 0.3, 0.5),
    "eta_squared": (0.01, 0.06, 0.14),
    "omega_squared": (0.01, 0.06, 0.14),
    "epsilon_squared": (0.01, 0.06, 0.14),
    "cohens_g": (0.05, 0.15, 0.25),
}


def magnitude(name: str, value: float) -> str | None:
    """The word for the size of an effect, whatever its sign."""
    if name not in TABLE:
        return None
    return WORDS[sum(abs(value) >= start for start in TABLE[name])]
