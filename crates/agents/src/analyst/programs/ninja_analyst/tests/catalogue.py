"""Every named test: its id, the other names it answers to, the columns that it takes, what it assumes.

The functions are imported when a test is run: a t-test need not load what Friedman's needs.
"""
from dataclasses import dataclass
from typing import Any, Literal

# What a test is given. EACH: one numeric column (per group, if there is one). TWO and MANY: independent samples, the groups
# of a column or several columns. MATCHED: two columns of the same rows, or one against mu. BLOCKS: several columns of the
# same rows. NUMBERS: two numeric columns. LABELS: one column with two values. COUNTS: one column of categories. TABLE: two
# columns of categories. CHANGES: two columns with the same two values.
Takes = Literal["EACH", "TWO", "MANY", "MATCHED", "BLOCKS", "NUMBERS", "LABELS", "COUNTS", "TABLE", "CHANGES"]
Assumption = Literal["equal_variances", "normal", "expected_counts", "discordant_pairs"]


@dataclass(frozen=True)
class Test:
    """`assumes`: pairs of an assumption and the test to suggest when it fails; the last failed one is suggested."""

    id: str
    takes: Takes
    module: str
    function: str
    assumes: tuple[tuple[Assumption, str], ...] = ()
    least: int = 2  # values per sample


TESTS = {
    test.id: test
    for test in (
        Test("t_test_one_sample", "EACH", "means", "one_sample", (("normal", "wilcoxon"),)),
        Test("t_test_student", "TWO", "means", "student", (("equal_variances", "t_test_welch"), ("normal", "mann_whitney"))),
        Test("t_test_welch", "TWO", "means", "welch", (("normal", "mann_whitney"),)),
        Test("t_test_paired", "MATCHED", "means", "one_sample", (("normal", "wilcoxon"),)),
        Test("mann_whitney", "TWO", "rank_sum", "mann_whitney"),
        Test("wilcoxon", "MATCHED", "matched_ranks", "wilcoxon"),
        Test("sign", "MATCHED", "matched_ranks", "sign", least=1),
        Test("anova_one_way", "MANY", "anova", "one_way", (("equal_variances", "anova_welch"), ("normal", "kruskal"))),
        Test("anova_welch", "MANY", "anova", "welch", (("normal", "kruskal"),)),
        Test("kruskal", "MANY", "rank_anova", "kruskal"),
        Test("friedman", "BLOCKS", "rank_anova", "friedman"),
        Test("chi_square_independence", "TABLE", "contingency", "independence", (("expected_counts", "fisher_exact"),)),
        Test("chi_square_goodness", "COUNTS", "contingency", "goodness", (("expected_counts", "binomial"),)),
        Test("fisher_exact", "TABLE", "exact_tables", "fisher_exact"),
        Test("mcnemar", "CHANGES", "exact_tables", "mcnemar", (("discordant_pairs", "mcnemar_exact"),)),
        Test("mcnemar_exact", "CHANGES", "exact_tables", "mcnemar_exact"),
        Test("proportion_z", "LABELS", "proportions", "proportion_z", (("expected_counts", "binomial"),), least=1),
        Test("binomial", "LABELS", "proportions", "binomial", least=1),
        Test("pearson", "NUMBERS", "correlation", "pearson", (("normal", "spearman"),), least=3),
        Test("spearman", "NUMBERS", "correlation", "spearman", least=3),
        Test("kendall", "NUMBERS", "correlation", "kendall", least=3),
        Test("shapiro", "EACH", "normality", "shapiro", least=3),
        Test("anderson", "EACH", "normality", "anderson", least=8),
        Test("levene", "MANY", "variances", "levene"),
        Test("bartlett", "MANY", "variances", "bartlett", (("normal", "levene"),)),
        Test("ks", "TWO", "kolmogorov_smirnov", "ks"),
        Test("permutation", "TWO", "permutation", "permutation"),
    )
}

ALIASES = {
    "student": "t_test_student", "welch": "t_test_welch", "paired_t": "t_test_paired", "ttest": "t_test",
    "mannwhitney": "mann_whitney", "mann_whitney_u": "mann_whitney", "wilcoxon_rank_sum": "mann_whitney",
    "wilcoxon_signed_rank": "wilcoxon", "sign_test": "sign", "anova": "anova_one_way", "welch_anova": "anova_welch",
    "kruskal_wallis": "kruskal", "chi_square": "chi_square_independence", "chi2": "chi_square_independence",
    "goodness_of_fit": "chi_square_goodness", "fisher": "fisher_exact", "proportion": "proportion_z",
    "z_test": "proportion_z", "binomial_test": "binomial", "shapiro_wilk": "shapiro", "anderson_darling": "anderson",
    "kolmogorov_smirnov": "ks", "permutation_test": "permutation", "brown_forsythe": "levene",
}


def resolve(name: str, spec: dict[str, Any]) -> Test | None:
    """The test of a name; dashes, blanks and case do not matter. A bare `t_test` is Welch's unless the other arguments
    ask for pairs (`paired`) or there is only one sample (no group and not two columns)."""
    key = name.strip().lower().replace("-", "_").replace(" ", "_")
    key = ALIASES.get(key, key)
    if key == "t_test":
        one_sample = spec.get("group") is None and len(spec.get("columns") or []) != 2
        key = "t_test_paired" if spec.get("paired") else "t_test_one_sample" if one_sample else "t_test_welch"
    return TESTS.get(key)
