"""What a person who knows tables would point at. Every observation names the numbers that it rests on."""

from __future__ import annotations

from typing import Any

HIGH_MISSING = 0.2
STRONG_RHO = 0.7
ALPHA = 0.05
SKEWED = 1.0
DOMINANT = 0.9
STRONG_V = 0.5
NEARLY_THE_SAME = 0.98
MOST_OF_A_CODE = 10


def observations(result: dict[str, Any]) -> list[dict[str, Any]]:
    """`[{code, columns, numbers: {name: pointer}}]`, at most ten of a code."""
    found = []
    if result["duplicates"]:
        found.append(_seen("duplicates_found", [], duplicates="/result/duplicates", rows="/result/rows"))
    for place, column in enumerate(result["columns"]):
        found += _of_column(column, f"/result/columns/{place}")
    for place, pair in enumerate(result["correlations"]):
        at = f"/result/correlations/{place}"
        numbers = {name: f"{at}/{name}" for name in ("rho", "p_adjusted", "n")}
        if abs(pair["rho"]) > NEARLY_THE_SAME:
            found.append(_seen("near_duplicate_columns", [pair["a"], pair["b"]], **numbers))
        elif abs(pair["rho"]) >= STRONG_RHO and pair["p_adjusted"] is not None and pair["p_adjusted"] < ALPHA:
            found.append(_seen("strong_correlation", [pair["a"], pair["b"]], **numbers))
    for place, pair in enumerate(result["associations"]):
        if pair["cramers_v"] >= STRONG_V:
            at = f"/result/associations/{place}"
            found.append(_seen("strong_association", [pair["a"], pair["b"]], cramers_v=f"{at}/cramers_v", n=f"{at}/n"))
    return _few_of_each(found)


def _of_column(column: dict[str, Any], at: str) -> list[dict[str, Any]]:
    name, found = [column["name"]], []
    if column["missing_share"] > HIGH_MISSING:
        found.append(_seen("high_missing", name, missing=f"{at}/missing", missing_share=f"{at}/missing_share"))
    if column["constant"]:
        found.append(_seen("constant_column", name, count=f"{at}/count", distinct=f"{at}/distinct"))
        return found
    if column["id_like"]:
        found.append(_seen("id_like_column", name, count=f"{at}/count", distinct=f"{at}/distinct"))
        return found
    if column.get("skew") is not None and abs(column["skew"]) > SKEWED:
        found.append(_seen("skewed", name, skew=f"{at}/skew", mean=f"{at}/mean", median=f"{at}/median"))
    far = column["outliers"]
    if far is not None and far["iqr"]:
        pointers = {"iqr": f"{at}/outliers/iqr", "low": f"{at}/outliers/low", "high": f"{at}/outliers/high"}
        if far["modified_z"] is not None:
            pointers["modified_z"] = f"{at}/outliers/modified_z"
        found.append(_seen("outliers_found", name, **pointers))
    if column["kind"] in ("categorical", "boolean") and column["top"] and column["top"][0]["share"] > DOMINANT:
        found.append(_seen("imbalanced_category", name, share=f"{at}/top/0/share", count=f"{at}/top/0/count"))
    return found


def _seen(code: str, columns: list[str], **numbers: str) -> dict[str, Any]:
    return {"code": code, "columns": columns, "numbers": numbers}


def _few_of_each(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept, counts = [], {}
    for seen in found:
        counts[seen["code"]] = counts.get(seen["code"], 0) + 1
        if counts[seen["code"]] <= MOST_OF_A_CODE:
            kept.append(seen)
    return kept
