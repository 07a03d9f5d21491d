//! Names of tests, statistics and effect sizes as people write them. What is not here is shown as the program names it.

use super::super::document::{Words, say};
use crate::grounding::At;

/// The name of a test.
pub(in super::super) fn test_name(id: &At<'_>) -> Words {
    look(id, TESTS)
}

/// What a test assumes.
pub(in super::super) fn assumption(name: &At<'_>) -> Words {
    look(name, ASSUMPTIONS)
}

/// The sign of a statistic.
pub(in super::super) fn statistic(name: &At<'_>) -> Words {
    look(name, STATISTICS)
}

/// The sign of an effect size.
pub(in super::super) fn effect(name: &At<'_>) -> Words {
    look(name, EFFECTS)
}

fn look(name: &At<'_>, words: &[(&str, &'static str)]) -> Words {
    match words.iter().find(|(known, _)| *known == name.text()) {
        Some((_, sign)) => say(sign),
        None => say("").quote(name),
    }
}

const TESTS: &[(&str, &str)] = &[
    ("t_test_one_sample", "One-sample t-test"),
    ("t_test_student", "Student t-test"),
    ("t_test_welch", "Welch t-test"),
    ("t_test_paired", "Paired t-test"),
    ("mann_whitney", "Mann-Whitney U"),
    ("wilcoxon", "Wilcoxon signed-rank"),
    ("sign", "Sign test"),
    ("anova_one_way", "One-way ANOVA"),
    ("anova_welch", "Welch ANOVA"),
    ("kruskal", "Kruskal-Wallis"),
    ("friedman", "Friedman"),
    ("chi_square_independence", "χ² test of independence"),
    ("chi_square_goodness", "χ² goodness of fit"),
    ("fisher_exact", "Fisher exact"),
    ("mcnemar", "McNemar"),
    ("mcnemar_exact", "McNemar (exact)"),
    ("proportion_z", "Proportion z-test"),
    ("binomial", "Binomial test"),
    ("pearson", "Pearson correlation"),
    ("spearman", "Spearman rank correlation"),
    ("kendall", "Kendall rank correlation"),
    ("shapiro", "Shapiro-Wilk"),
    ("anderson", "Anderson-Darling"),
    ("levene", "Levene (median)"),
    ("bartlett", "Bartlett"),
    ("ks", "Kolmogorov-Smirnov"),
    ("permutation", "Permutation test"),
];

const ASSUMPTIONS: &[(&str, &str)] = &[
    ("normal", "a normal distribution"),
    ("equal_variances", "equal spread of the groups"),
    ("expected_counts", "large enough expected counts"),
    ("discordant_pairs", "enough changes"),
];

const STATISTICS: &[(&str, &str)] = &[
    ("chi_square", "χ²"),
    ("A2", "A²"),
    ("K2", "K²"),
    ("odds_ratio", "odds ratio"),
    ("mean_difference", "mean difference"),
];

const EFFECTS: &[(&str, &str)] = &[
    ("cohens_d", "Cohen d"),
    ("hedges_g", "Hedges g"),
    ("cohens_h", "Cohen h"),
    ("cohens_w", "Cohen w"),
    ("cohens_g", "Cohen g"),
    ("rank_biserial", "rank-biserial r"),
    ("cliffs_delta", "Cliff δ"),
    ("rho", "ρ"),
    ("tau_b", "τ-b"),
    ("phi", "φ"),
    ("cramers_v", "Cramér V"),
    ("kendalls_w", "Kendall W"),
    ("eta_squared", "η²"),
    ("omega_squared", "ω²"),
    ("epsilon_squared", "ε²"),
    ("odds_ratio", "odds ratio"),
];
