# References for comparative_analysis: t.test, oneway.test, kruskal.test and ptukey of R, the rest by formula.
# Run from the root of the repository: Rscript scripts/references/comparative_analysis.R
source("scripts/references/json.R")
source("scripts/references/effects.R")

games_howell <- function(a, b, k) {
  u <- var(a) / length(a); v <- var(b) / length(b)
  df <- (u + v)^2 / (u^2 / (length(a) - 1) + v^2 / (length(b) - 1))
  ptukey(abs(mean(a) - mean(b)) / sqrt((u + v) / 2), k, df, lower.tail = FALSE)
}
dunn_holm <- function(sets) {
  x <- unlist(sets); r <- rank(x); n <- length(x); g <- rep(seq_along(sets), lengths(sets)); t <- table(x)
  m <- tapply(r, g, mean); spread <- n * (n + 1) / 12 - sum(t^3 - t) / (12 * (n - 1))
  pairs <- combn(length(sets), 2)
  p.adjust(apply(pairs, 2, function(i) 2 * pnorm(-abs(m[i[1]] - m[i[2]]) / sqrt(spread * sum(1 / lengths(sets)[i])))), "holm")
}
bootstrap <- function(a, b) {
  set.seed(7)
  quantile(replicate(4000, rank_biserial(sample(a, replace = TRUE), sample(b, replace = TRUE))), c(0.025, 0.975))
}
ptukey_is_sure <- function(p) p > 1e-5 # far below, ptukey answers what its integration leaves

compare <- function(source, data, arguments, sets, level = 0.95, rows = NULL) {
  names <- names(sets); x <- unlist(sets, use.names = FALSE); g <- factor(rep(names, lengths(sets)), levels = names); n <- length(x)
  pairs <- combn(length(sets), 2); holm <- dunn_holm(sets); expect <- list(); tied <- matrix(FALSE, length(sets), length(sets))
  for (i in seq_along(sets)) expect <- c(expect, expect_all(sprintf("/result/sets/%d", i - 1), name = names[i], n = length(sets[[i]]),
    mean = mean(sets[[i]]), std = sd(sets[[i]]), median = median(sets[[i]]), "ci/low" = t.test(sets[[i]], conf.level = level)$conf.int[1]))
  for (k in seq_len(ncol(pairs))) {
    i <- pairs[1, k]; j <- pairs[2, k]; a <- sets[[i]]; b <- sets[[j]]; base <- sprintf("/result/pairs/%d", k - 1)
    t <- t.test(a, b, conf.level = level); h <- effect_g(a, b, level)
    small <- length(a) < 50 && length(b) < 50 && !anyDuplicated(c(a, b))
    s <- if (small) wilcox.test(a, b, conf.int = TRUE, conf.level = level)$conf.int else shift_interval(a, b, level)
    tied[i, j] <- tied[j, i] <- t$conf.int[1] <= 0 && t$conf.int[2] >= 0
    howell <- games_howell(a, b, length(sets))
    expect <- c(expect, expect_all(base, a = names[i], b = names[j], mean_difference = mean(a) - mean(b), "ci/low" = t$conf.int[1],
      "ci/high" = t$conf.int[2], hodges_lehmann = hodges_lehmann(a, b), "hodges_lehmann_ci/low" = s[1], "hodges_lehmann_ci/high" = s[2],
      hedges_g = h[1], "hedges_g_ci/low" = h[2], "hedges_g_ci/high" = h[3], cliffs_delta = rank_biserial(a, b), p_dunn_holm = holm[k]))
    if (ptukey_is_sure(howell)) expect <- c(expect, expect_all(base, p_games_howell = c(howell, 1e-4)))
    if (level == 0.95 && abs(rank_biserial(a, b)) > 0.5 && abs(rank_biserial(a, b)) < 1) {
      d <- bootstrap(a, b) # other random numbers: near, not equal
      expect <- c(expect, expect_all(base, "cliffs_delta_ci/low" = c(d[[1]], 0.05), "cliffs_delta_ci/high" = c(d[[2]], 0.05)))
    }
  }
  w <- oneway.test(x ~ g); f <- w$statistic[[1]]; d <- w$parameter[[1]]; q <- kruskal.test(x, g)
  expect <- c(expect, expect_all("/result/omnibus/welch_anova", f = f, df1 = d, df2 = w$parameter[[2]], p = w$p.value,
      omega_squared = d * (f - 1) / (d * (f - 1) + n)),
    expect_all("/result/omnibus/kruskal", h = q$statistic[[1]], df = q$parameter[[1]], p = q$p.value, epsilon_squared = q$statistic[[1]] / (n - 1)))
  order <- order(-sapply(sets, mean)); ranks <- integer()
  for (place in seq_along(order)) {
    better <- order[seq_len(place - 1)]; with <- better[tied[order[place], better]]
    ranks[as.character(order[place])] <- min(place, ranks[as.character(with)])
    base <- sprintf("/result/ranking/%d", place - 1); others <- order[tied[order[place], order]]
    expect <- c(expect, expect_all(base, name = names[order[place]], rank = ranks[[as.character(order[place])]]))
    for (m in seq_along(others)) expect <- c(expect, list(expected(sprintf("%s/tied_with/%d", base, m - 1), names[others[m]])))
  }
  reference(source, "comparative_analysis", data, arguments, expect, rows = rows)
}
by <- function(frame, column, group) {
  sets <- lapply(split(frame[[column]], frame[[group]]), function(x) x[!is.na(x)])
  sets[order(names(sets), method = "radix")]
}
grouped <- function(data, metric, group, ...) {
  compare(sprintf("%s of %s by %s: t.test, oneway.test, kruskal.test, ptukey; Dunn, Hedges, Cliff by formula", metric, data, group), data,
    list(datasets = list(list(name = data)), metric = metric, group = group, ...), by(read_table(data), metric, group))
}
grouped("penguins.csv", "body_mass_g", "species")
grouped("penguins.csv", "bill_depth_mm", "species")
grouped("iris.csv", "sepal_width", "species")
grouped("wine.csv", "ash", "cultivar")
grouped("mtcars.csv", "qsec", "cyl")


# Two datasets: the same table twice, so everything that differs is 0 and nothing is larger.
wine <- read_table("wine.csv")
compare("alcohol of wine.csv beside itself", c("wine.csv", "wine.csv"),
  list(datasets = list(list(name = "one"), list(name = "two")), metric = "alcohol", confidence = 0.9),
  list(one = wine$alcohol, two = wine$alcohol), level = 0.9)

# Edges, from the definitions.
edge <- function(source, frame, arguments, expect = list(), error = NULL) {
  reference(source, "comparative_analysis", NULL, c(list(datasets = list(list(name = "rows"))), arguments), expect, error, rows = rows_of(frame))
}
asked <- list(metric = "v", group = "g")
edge("one set", data.frame(g = "a", v = 1:5), asked, error = "not_enough_data")
edge("one value in the second set", data.frame(g = c("a", "a", "b"), v = 1:3), asked, error = "not_enough_data")
edge("no such metric", data.frame(g = c("a", "b"), v = 1:2), list(metric = "w", group = "g"), error = "unknown_column")
edge("a metric of words", data.frame(g = c("a", "b"), v = c("x", "y")), asked, error = "wrong_column_type")
edge("eleven sets", data.frame(g = rep(letters[1:11], 2), v = 1:22), asked, error = "dataset_too_large")
edge("a set of one is left out and named", data.frame(g = c("a", "a", "a", "b", "b", "b", "c"), v = c(1, 2, 4, 2, 5, 9, 7)), asked, c(
  expect_all("/result/sets/1", name = "b"), list(expected("/warnings/0/code", "not_enough_data")),
  expect_all("/result/pairs/0", mean_difference = 7 / 3 - 16 / 3, cliffs_delta = -6 / 9 )))
edge("constant sets have a difference and no interval", data.frame(g = rep(c("a", "b"), each = 4), v = rep(c(1, 2), each = 4)), asked, c(
  expect_all("/result/pairs/0", mean_difference = -1, "ci/low" = NA, "ci/high" = NA, hedges_g = NA, cliffs_delta = -1, p_games_howell = NA),
  expect_all("/result/omnibus", "welch_anova/f" = NA, "welch_anova/p" = NA)))
v <- c(2.1, 3.4, 1.9, 5.5, 4.2, 3.9, 6.1, 5.8, 7.2, 6.6); g <- rep(c("a", "b"), each = 5)
for (scale in c(1, 10)) {
  x <- split(v, g); t <- t.test(x$a * scale, x$b * scale)
  edge(sprintf("values times %g: differences grow, effect sizes and p do not", scale), data.frame(g = g, v = v * scale), asked, c(
    expect_all("/result/pairs/0", mean_difference = (mean(x$a) - mean(x$b)) * scale, "ci/low" = t$conf.int[1], hedges_g = effect_g(x$a, x$b)[1],
      cliffs_delta = rank_biserial(x$a, x$b)), expect_all("/result/omnibus", "welch_anova/p" = oneway.test(v ~ g)$p.value)))
}
shuffled <- v[c(3, 8, 1, 10, 5, 6, 2, 7, 4, 9)]
stopifnot(abs(oneway.test(shuffled ~ g)$p.value - oneway.test(v ~ g)$p.value) > 0.01)
edge("shuffled values: another p", data.frame(g = g, v = shuffled), asked,
  expect_all("/result/omnibus", "welch_anova/p" = oneway.test(shuffled ~ g)$p.value, "kruskal/p" = kruskal.test(shuffled, factor(g))$p.value))
write_references("comparative_analysis")
