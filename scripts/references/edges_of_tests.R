# What statistical_testing answers where there is little or nothing to test, and that its numbers follow the data.
# The expectations with numbers are R's; those without follow from the definitions.
source("scripts/references/json.R")
source("scripts/references/effects.R")
sleep <- read_table("sleep.csv")

edge <- function(source, frame, arguments, expect = list(), error = NULL) {
  reference(source, "statistical_testing", NULL, arguments, expect, error, rows = rows_of(frame))
}
first <- function(...) expect_all("/result/tests/0", ...)
two <- function(a, b) data.frame(g = rep(c("a", "b"), c(length(a), length(b))), x = c(a, b))
by <- function(id, ...) list(test_type = id, columns = list("x"), group = "g", ...)

for (id in c("t_test_welch", "t_test_student")) {
  edge("two constant samples have no standard error", two(rep(3, 5), rep(3, 6)), by(id),
    first("statistic/value" = NA, "p" = NA, "reject" = NA, "estimate/value" = 0, "ci/low" = NA, "warnings/0/code" = "zero_variance",
      "warnings/1/code" = "not_computable"))
}
a <- c(1, 2, 3, 4, 7); t <- t.test(a, rep(3, 6))
edge("t.test with zero variance in one group", two(a, rep(3, 6)), by("t_test_welch"),
  first("statistic/value" = t$statistic[[1]], "df" = t$parameter[[1]], "p" = t$p.value))
edge("Welch's weights are infinite when a group has no variance", two(a, rep(3, 6)), by("anova_welch"),
  first("statistic/value" = NA, "p" = NA, "effect/value" = NA, "warnings/0/code" = "zero_variance"))
for (id in c("mann_whitney", "kruskal", "levene", "bartlett", "anova_one_way", "permutation", "ks")) {
  wanted <- if (id %in% c("permutation", "ks")) first("p" = 1, "statistic/value" = 0) else first("p" = NA)
  edge("all values are tied", two(rep(2, 4), rep(2, 5)), by(id), wanted)
}
constant <- data.frame(x = rep(5, 10), y = 1:10, z = 2 * (1:10))
for (id in c("pearson", "spearman", "kendall")) {
  edge("a constant column has no correlation", constant, list(test_type = id, columns = list("x", "y")),
    first("statistic/value" = NA, "p" = NA, "estimate/value" = NA, "ci/low" = NA, "effect/magnitude" = NA))
}
edge("a perfect correlation has an infinite t", constant, list(test_type = "pearson", columns = list("y", "z")),
  first("statistic/value" = NA, "estimate/value" = 1, "p" = NA, "warnings/0/code" = "perfect_correlation"))
for (id in c("shapiro", "anderson", "t_test_one_sample")) {
  edge("a constant column", constant, list(test_type = id, columns = list("x")), first("statistic/value" = NA, "p" = NA))
}
for (id in c("wilcoxon", "sign")) {
  edge("all differences are zero", data.frame(x = 1:5, y = 1:5), list(test_type = id, columns = list("x", "y")), error = "not_enough_data")
}
for (id in c("t_test_welch", "anova_welch", "mann_whitney", "kruskal", "bartlett")) {
  edge("a group of one", two(c(1, 2, 3), 4), by(id), error = "not_enough_data")
  edge("one group", two(c(1, 2, 3), numeric()), by(id), error = "not_enough_data")
}
edge("a group of one, and no test was named", two(c(1, 2, 3), 4), list(group = "g"), list(
  expected("/result/skipped/0/code", "not_enough_data"), expected("/warnings/0/code", "not_enough_data")))
edge("one row", data.frame(x = 1, y = 2), list(test_type = "t_test_one_sample", columns = list("x")), error = "not_enough_data")
missing <- data.frame(g = rep(c("a", "b"), each = 4), x = NA, y = c(1, 2, 3, 4, 3, 4, 5, 7), z = c(1:4, rep(NA, 4)))
edge("all values missing", missing, list(test_type = "t_test_welch", columns = list("x"), group = "g"), error = "wrong_column_type")
edge("one group is all missing", missing, list(test_type = "t_test_welch", columns = list("z"), group = "g"), error = "not_enough_data")
t <- t.test(missing$y[1:4], missing$y[5:8])
edge("t.test of the one column that can be tested; the other is skipped with its reason", missing, list(group = "g"),
  c(first("test" = "t_test_welch", "columns/0" = "y", "p" = t$p.value),
    expect_all("/result/skipped/0", "test" = "t_test_welch", "columns/0" = "z", "code" = "not_enough_data")))

huge <- two(c(1, 2, 4) * 1e307, c(2, 5, 9) * 1e307)
edge("squares of 1e307 are no floats", huge, by("t_test_welch"), first("p" = NA, "statistic/value" = NA))
w <- wilcox.test(c(1, 2, 4), c(3, 5, 9))
edge("wilcox.test of huge values: ranks do not care", two(c(1, 2, 4) * 1e307, c(3, 5, 9) * 1e307), by("mann_whitney"),
  first("p" = w$p.value, "statistic/value" = w$statistic[[1]]))

edge("unknown test", constant, list(test_type = "t-tset", columns = list("x")), error = "unknown_test")
edge("unknown column", constant, list(test_type = "shapiro", columns = list("w")), error = "unknown_column")
edge("nothing asked", constant, list(), error = "unknown_test")
edge("a test of numbers on words", two(c(1, 2), c(3, 4)), list(test_type = "shapiro", columns = list("g")), error = "wrong_column_type")
edge("three values in a test of shares", data.frame(x = c("a", "b", "c")), list(test_type = "binomial", columns = list("x")), error = "not_enough_data")
zero <- data.frame(a = rep(c("x", "y"), c(4, 6)), b = rep(c("u", "v"), c(4, 6)))
c2 <- suppressWarnings(chisq.test(table(zero), correct = FALSE))
edge("chisq.test of a table with zeros", zero, list(test_type = "chi_square", columns = list("a", "b")),
  first("statistic/value" = c2$statistic[[1]], "p" = c2$p.value, "effect/value" = 1, "assumptions/0/ok" = FALSE,
    "alternative_suggested" = "fisher_exact"))

# The numbers follow the data: ten times the values, then the same values in another order.
long <- function(a, b) two(a, b)
for (scale in c(1, 10)) {
  a <- sleep$drug_1 * scale; b <- sleep$drug_2 * scale; t <- t.test(a, b); w <- wilcox.test(a, b, exact = FALSE)
  ends <- shift_interval(a, b); g <- effect_g(sleep$drug_1, sleep$drug_2)
  edge(sprintf("t.test, values times %g: estimate and interval grow, p and g do not", scale), two(a, b), by("t_test_welch"),
    first("estimate/value" = (mean(sleep$drug_1) - mean(sleep$drug_2)) * scale, "ci/low" = t$conf.int[1], "ci/high" = t$conf.int[2],
      "p" = t.test(sleep$drug_1, sleep$drug_2)$p.value, "effect/value" = g[1]))
  edge(sprintf("wilcox.test, values times %g", scale), two(a, b), by("mann_whitney"),
    first("p" = w$p.value, "estimate/value" = hodges_lehmann(a, b), "ci/low" = ends[1], "ci/high" = ends[2]))
}
set.seed(3); shuffled <- sample(c(sleep$drug_1, sleep$drug_2)); a <- shuffled[1:10]; b <- shuffled[11:20]
stopifnot(abs(t.test(a, b)$p.value - t.test(sleep$drug_1, sleep$drug_2)$p.value) > 0.05)
edge("t.test of the same values under shuffled groups: another p", two(a, b), by("t_test_welch"), first("p" = t.test(a, b)$p.value))
write_references("edges_of_tests")
