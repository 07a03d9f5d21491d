# References for tests of counts and for correlations. Run from the root: Rscript scripts/references/tests_of_counts.R
source("scripts/references/json.R")
source("scripts/references/effects.R")

penguins <- read_table("penguins.csv"); titanic <- read_table("titanic.csv"); approval <- read_table("approval.csv")
cars <- read_table("mtcars.csv"); iris <- read_table("iris.csv"); wine <- read_table("wine.csv"); diabetes <- read_table("diabetes.csv")
testing <- function(source, data, arguments, ..., rows = NULL) {
  reference(source, "statistical_testing", data, arguments, expect_all("/result/tests/0", ...), rows = rows)
}
loose <- function(x) c(x, 1e-4)
sorted_table <- function(...) { t <- table(...); t[order(rownames(t), method = "radix"), order(colnames(t), method = "radix")] }

# --- Chi-square
independence <- function(data, frame, first, second) {
  t <- sorted_table(frame[[first]], frame[[second]])
  c <- suppressWarnings(chisq.test(t, correct = FALSE)); x <- c$statistic[[1]]; n <- sum(t); least <- min(dim(t)) - 1
  v <- pmin(1, sqrt(chi_interval(x, c$parameter[[1]]) / (n * least)))
  testing(sprintf("chisq.test(%s, %s, correct = FALSE)", first, second), data,
    list(test_type = "chi-square", columns = list(first, second)), "test" = "chi_square_independence", "statistic/value" = x,
    "df" = c$parameter[[1]], "p" = c$p.value, "effect/name" = "cramers_v", "effect/value" = sqrt(x / (n * least)),
    "effect/ci/low" = loose(v[1]), "effect/ci/high" = loose(v[2]), "assumptions/0/statistic" = min(c$expected), n = n)
}
independence("penguins.csv", penguins, "species", "island")
independence("titanic.csv", titanic, "class", "survived")
independence("mtcars.csv", cars, "cyl", "gear")

goodness <- function(data, frame, column) {
  t <- table(frame[[column]]); c <- chisq.test(t); x <- c$statistic[[1]]; n <- sum(t)
  w <- sqrt(chi_interval(x, c$parameter[[1]]) / n)
  testing(sprintf("chisq.test(table(%s))", column), data, list(test_type = "chi_square_goodness", columns = list(column)),
    "statistic/value" = x, "df" = c$parameter[[1]], "p" = c$p.value, "effect/name" = "cohens_w", "effect/value" = sqrt(x / n),
    "effect/ci/low" = loose(w[1]), "effect/ci/high" = loose(w[2]))
}
goodness("penguins.csv", penguins, "species"); goodness("wine.csv", wine, "cultivar"); goodness("titanic.csv", titanic, "class")

# --- Fisher. R's own estimate stops at about 1e-4, so the conditional likelihood is solved again, more narrowly.
conditional <- function(t) {
  m <- sum(t[1, ]); n <- sum(t[2, ]); k <- sum(t[, 1]); x <- t[1, 1]; support <- max(0, k - n):min(k, m)
  logs <- dhyper(support, m, n, k, log = TRUE)
  weights <- function(l) { w <- exp(logs + support * l - max(logs + support * l)); w / sum(w) }
  solve <- function(f) exp(uniroot(f, c(-20, 20), tol = 1e-13)$root)
  c(solve(function(l) sum(support * weights(l)) - x), solve(function(l) sum(weights(l)[support >= x]) - 0.025),
    solve(function(l) sum(weights(l)[support <= x]) - 0.025))
}
fisher <- function(data, frame, first, second) {
  t <- sorted_table(frame[[first]], frame[[second]]); f <- fisher.test(t); o <- conditional(t)
  stopifnot(abs(f$estimate / o[1] - 1) < 1e-3, abs(f$conf.int / o[2:3] - 1) < 1e-3)
  phi <- (t[1, 1] * t[2, 2] - t[1, 2] * t[2, 1]) / sqrt(prod(rowSums(t), colSums(t)))
  testing(sprintf("fisher.test(%s, %s), odds ratio from dhyper", first, second), data,
    list(test_type = "fisher-exact", columns = list(first), group = second), "test" = "fisher_exact", "p" = f$p.value,
    "estimate/value" = o[1], "ci/low" = o[2], "ci/high" = o[3], "effect/value" = phi, n = sum(t))
  for (side in c("less", "greater")) {
    testing(sprintf("fisher.test(%s, %s, alternative = '%s')", first, second, side), data,
      list(test_type = "fisher", columns = list(first, second), alternative = side),
      "p" = fisher.test(t, alternative = side)$p.value)
  }
}
fisher("mtcars.csv", cars, "am", "vs"); fisher("titanic.csv", titanic, "age", "survived")
# The lady tasting tea (Fisher 1935): a table with few cups; and one with an empty cell.
tea <- data.frame(guess = rep(c("milk", "tea"), each = 4), truth = c("milk", "milk", "milk", "tea", "milk", "tea", "tea", "tea"))
o <- conditional(table(tea)); f <- fisher.test(table(tea))
testing("fisher.test of the lady tasting tea", NULL, list(test_type = "fisher_exact", columns = list("guess", "truth")),
  "p" = f$p.value, "estimate/value" = o[1], "ci/low" = o[2], "ci/high" = o[3], rows = rows_of(tea))
empty <- data.frame(a = rep(c("x", "y"), c(5, 7)), b = rep(c("u", "v"), c(5, 7)))
f <- fisher.test(table(empty))
testing("fisher.test with empty cells: the odds ratio is infinite, so null", NULL, list(test_type = "fisher_exact", columns = list("a", "b")),
  "p" = f$p.value, "estimate/value" = NA, "ci/low" = c(f$conf.int[1], 1e-4), "ci/high" = NA, "warnings/0/code" = "zero_cell", rows = rows_of(empty))

# --- McNemar
changes <- function(data, frame, first, second, rows = NULL) {
  t <- sorted_table(frame[[first]], frame[[second]]); m <- mcnemar.test(t); b <- t[1, 2]; c <- t[2, 1]
  e <- binom.test(b, b + c); ends <- e$conf.int / (1 - e$conf.int)
  for (exact in c(FALSE, TRUE)) {
    testing(if (exact) "binom.test of the changes" else sprintf("mcnemar.test(%s, %s)", first, second), data,
      list(test_type = if (exact) "mcnemar_exact" else "mcnemar", columns = list(first, second)), rows = rows,
      "statistic/value" = if (exact) b else m$statistic[[1]], "p" = if (exact) e$p.value else m$p.value,
      "estimate/value" = b / c, "ci/low" = ends[1], "ci/high" = ends[2], "effect/value" = b / (b + c) - 0.5)
  }
}
changes("approval.csv", approval, "first", "second"); changes("mtcars.csv", cars, "vs", "am")

# --- Shares
shares <- function(data, column, success, x, mu) {
  x <- x[!is.na(x)]; s <- sum(x == success); n <- length(x); b <- binom.test(s, n, mu); p <- prop.test(s, n, mu, correct = FALSE)
  h <- effect_h(s / n, mu, 1 / n); exact <- list(test_type = "binomial", columns = list(column), mu = mu)
  testing(sprintf("binom.test(%d, %d, %g)", s, n, mu), data, exact, "statistic/value" = s, "p" = b$p.value,
    "estimate/name" = paste("proportion of", success), "estimate/value" = s / n, "ci/low" = b$conf.int[1], "ci/high" = b$conf.int[2],
    "effect/value" = h[1], "effect/ci/low" = h[2], "effect/ci/high" = h[3])
  testing(sprintf("prop.test(%d, %d, %g, correct = FALSE)", s, n, mu), data, list(test_type = "proportion-z", columns = list(column), mu = mu),
    "statistic/value" = sign(s / n - mu) * sqrt(p$statistic[[1]]), "p" = p$p.value, "ci/low" = p$conf.int[1], "ci/high" = p$conf.int[2])
  for (side in c("less", "greater")) {
    exact$alternative <- side; b <- binom.test(s, n, mu, alternative = side)
    testing(sprintf("binom.test(%d, %d, %g, alternative = '%s')", s, n, mu, side), data, exact, "p" = b$p.value,
      "ci/low" = b$conf.int[1], "ci/high" = b$conf.int[2])
  }
}
shares("penguins.csv", "sex", "male", penguins$sex, 0.5); shares("titanic.csv", "survived", "true", ifelse(titanic$survived == "Yes", "true", "false"), 0.35)
shares("mtcars.csv", "am", "1", as.character(cars$am), 0.6)

two_shares <- function(data, frame, column, group) {
  t <- sorted_table(frame[[group]], frame[[column]]); p <- prop.test(t[, 2:1], correct = FALSE); q <- p$estimate
  h <- effect_h(q[[1]], q[[2]], sum(1 / rowSums(t)))
  testing(sprintf("prop.test(%s ~ %s, correct = FALSE)", column, group), data,
    list(test_type = "proportion_z", columns = list(column), group = group),
    "statistic/value" = sign(q[[1]] - q[[2]]) * sqrt(p$statistic[[1]]), "p" = p$p.value, "estimate/value" = q[[1]] - q[[2]],
    "ci/low" = p$conf.int[1], "ci/high" = p$conf.int[2], "effect/name" = "cohens_h", "effect/value" = h[1],
    "effect/ci/low" = h[2], "effect/ci/high" = h[3])
}
two_shares("titanic.csv", titanic, "survived", "sex"); two_shares("mtcars.csv", cars, "am", "vs")

# --- Correlations. Spearman: t for p. Kendall: the variance for ties, no continuity. Intervals: Bonett & Wright (2000).
correlations <- function(data, columns, x, y) {
  known <- !is.na(x) & !is.na(y); x <- x[known]; y <- y[known]; n <- length(x)
  arguments <- function(id) list(test_type = id, columns = as.list(columns))
  names <- paste(columns, collapse = ", ")
  r <- cor.test(x, y)
  testing(sprintf("cor.test(%s)", names), data, arguments("pearson"), "statistic/value" = r$statistic[[1]], "df" = n - 2, "p" = r$p.value,
    "estimate/value" = r$estimate[[1]], "ci/low" = r$conf.int[1], "ci/high" = r$conf.int[2], "effect/value" = r$estimate[[1]], n = n,
    "assumptions/1/p" = shapiro.test(y)$p.value)
  s <- cor.test(x, y, method = "spearman", exact = FALSE); rho <- s$estimate[[1]]
  ends <- fisher_z_interval(rho, (1 + rho^2 / 2) / (n - 3))
  testing(sprintf("cor.test(%s, method = 'spearman', exact = FALSE)", names), data, arguments("spearman"),
    "statistic/value" = rho * sqrt((n - 2) / (1 - rho^2)), "p" = s$p.value, "estimate/value" = rho, "ci/low" = ends[1], "ci/high" = ends[2])
  k <- cor.test(x, y, method = "kendall", exact = FALSE); tau <- k$estimate[[1]]; ends <- fisher_z_interval(tau, 0.437 / (n - 4))
  testing(sprintf("cor.test(%s, method = 'kendall', exact = FALSE)", names), data, arguments("kendall"),
    "statistic/value" = k$statistic[[1]], "p" = k$p.value, "estimate/value" = tau, "ci/low" = ends[1], "ci/high" = ends[2])
}
correlations("penguins.csv", c("bill_length_mm", "bill_depth_mm"), penguins$bill_length_mm, penguins$bill_depth_mm)
correlations("wine.csv", c("alcohol", "ash"), wine$alcohol, wine$ash)
correlations("diabetes.csv", c("bmi", "progression"), diabetes$bmi, diabetes$progression)
for (method in c("pearson", "kendall")) {
  k <- cor.test(wine$alcohol, wine$ash, method = method, exact = FALSE, alternative = "greater")
  testing(sprintf("cor.test(alcohol, ash, method = '%s', alternative = 'greater')", method), "wine.csv",
    list(test_type = method, columns = list("alcohol", "ash"), alternative = "greater"), "p" = k$p.value)
}
write_references("tests_of_counts")
