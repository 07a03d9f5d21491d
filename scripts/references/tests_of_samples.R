# References for tests of numeric samples. Run from the root of the repository: Rscript scripts/references/tests_of_samples.R
source("scripts/references/json.R")
source("scripts/references/effects.R")

penguins <- read_table("penguins.csv"); iris <- read_table("iris.csv"); wine <- read_table("wine.csv")
diabetes <- read_table("diabetes.csv"); sleep <- read_table("sleep.csv"); cars <- read_table("mtcars.csv")
split_by <- function(frame, column, group) {
  groups <- split(frame[[column]], frame[[group]])
  lapply(groups, function(x) x[!is.na(x)])
}
testing <- function(source, data, arguments, ..., base = "/result/tests/0") {
  reference(source, "statistical_testing", data, arguments, expect_all(base, ...))
}
loose <- function(x) c(x, 1e-4)

mass <- split_by(penguins, "body_mass_g", "sex")
progression <- split_by(diabetes, "progression", "sex")
flipper <- split_by(penguins, "flipper_length_mm", "species")
sepal <- split_by(iris, "sepal_width", "species")
alcohol <- split_by(wine, "alcohol", "cultivar")

# --- t-tests
one_sample <- function(data, column, x, mu) {
  x <- x[!is.na(x)]; t <- t.test(x, mu = mu); d <- effect_d(x, mu)
  testing(sprintf("t.test(%s, mu = %g)", column, mu), data, list(test_type = "t_test_one_sample", columns = list(column), mu = mu),
    "test" = "t_test_one_sample", "statistic/value" = t$statistic[[1]], "df" = t$parameter[[1]], "p" = t$p.value,
    "estimate/value" = t$estimate[[1]], "ci/low" = t$conf.int[1], "ci/high" = t$conf.int[2],
    "effect/name" = "cohens_d", "effect/value" = d[1], "effect/ci/low" = d[2], "effect/ci/high" = d[3], n = length(x))
}
one_sample("penguins.csv", "bill_length_mm", penguins$bill_length_mm, 44.5)
one_sample("wine.csv", "ash", wine$ash, 2.4)

two_sample <- function(data, column, group, groups, id, equal, asked = id) {
  a <- groups[[1]]; b <- groups[[2]]; t <- t.test(a, b, var.equal = equal); g <- effect_g(a, b)
  testing(sprintf("t.test(%s ~ %s, var.equal = %s)", column, group, equal), data,
    list(test_type = asked, columns = list(column), group = group),
    "test" = id, "statistic/value" = t$statistic[[1]], "df" = t$parameter[[1]], "p" = t$p.value,
    "estimate/value" = mean(a) - mean(b), "ci/low" = t$conf.int[1], "ci/high" = t$conf.int[2],
    "effect/name" = "hedges_g", "effect/value" = g[1], "effect/ci/low" = g[2], "effect/ci/high" = g[3],
    "groups/0/n" = length(a), "groups/1/std" = sd(b), "groups/0/median" = median(a), n = length(a) + length(b))
}
for (equal in c(FALSE, TRUE)) {
  id <- if (equal) "t_test_student" else "t_test_welch"
  two_sample("penguins.csv", "body_mass_g", "sex", mass, id, equal)
  two_sample("diabetes.csv", "progression", "sex", progression, id, equal)
}
two_sample("diabetes.csv", "progression", "sex", progression, "t_test_welch", FALSE, asked = "t-test")

for (side in c("less", "greater")) {
  t <- t.test(progression[[1]], progression[[2]], alternative = side, conf.level = 0.9)
  testing(sprintf("t.test(progression ~ sex, alternative = '%s', conf.level = 0.9)", side), "diabetes.csv",
    list(test_type = "welch", columns = list("progression"), group = "sex", alternative = side, alpha = 0.1),
    "p" = t$p.value, "ci/level" = 0.9, "ci/low" = if (side == "less") NA else t$conf.int[1],
    "ci/high" = if (side == "less") t$conf.int[2] else NA, reject = t$p.value < 0.1)
}

paired <- function(data, columns, a, b) {
  known <- !is.na(a) & !is.na(b); a <- a[known]; b <- b[known]
  t <- t.test(a, b, paired = TRUE); d <- effect_d(a - b); s <- shapiro.test(a - b)
  testing(sprintf("t.test(%s, %s, paired = TRUE)", columns[1], columns[2]), data,
    list(test_type = "t_test", columns = as.list(columns), paired = TRUE),
    "test" = "t_test_paired", "statistic/value" = t$statistic[[1]], "df" = t$parameter[[1]], "p" = t$p.value,
    "estimate/value" = mean(a - b), "ci/low" = t$conf.int[1], "ci/high" = t$conf.int[2],
    "effect/value" = d[1], "effect/ci/low" = d[2], "effect/ci/high" = d[3],
    "assumptions/0/statistic" = s$statistic[[1]], "assumptions/0/p" = s$p.value)
}
paired("sleep.csv", c("drug_1", "drug_2"), sleep$drug_1, sleep$drug_2)
paired("diabetes.csv", c("s1", "s2"), diabetes$s1, diabetes$s2)

# --- Mann-Whitney. Without ties and below 50 values exact, like R; else the normal approximation with continuity.
ranked <- function(data, column, group, groups, rows = NULL) {
  a <- groups[[1]]; b <- groups[[2]]; small <- length(a) < 50 && length(b) < 50 && !anyDuplicated(c(a, b))
  w <- wilcox.test(a, b, conf.int = small, exact = small)
  ends <- if (small) w$conf.int else shift_interval(a, b)
  reference(sprintf("wilcox.test(%s ~ %s)%s", column, group, if (small) "" else ", interval from sort(outer(a, b, '-'))"),
    "statistical_testing", data, list(test_type = "mann-whitney", columns = list(column), group = group), rows = rows,
    expect = expect_all("/result/tests/0", "test" = "mann_whitney", "statistic/value" = w$statistic[[1]], "p" = w$p.value,
      "estimate/value" = hodges_lehmann(a, b), "ci/low" = ends[1], "ci/high" = ends[2],
      "effect/value" = rank_biserial(a, b)))
}
ranked("penguins.csv", "body_mass_g", "sex", mass)
ranked("diabetes.csv", "progression", "sex", progression)
ranked("mtcars.csv", "qsec", "am", split_by(cars, "qsec", "am"))
# The printed example of Hollander & Wolfe (1973), 69f: no ties, exact.
permeability <- data.frame(term = rep(c("at_term", "early"), c(10, 5)),
  value = c(0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46, 1.15, 0.88, 0.90, 0.74, 1.21))
ranked(NULL, "value", "term", split(permeability$value, permeability$term), rows_of(permeability))
for (side in c("less", "greater")) {
  w <- wilcox.test(mass[[1]], mass[[2]], alternative = side)
  testing(sprintf("wilcox.test(body_mass_g ~ sex, alternative = '%s')", side), "penguins.csv",
    list(test_type = "mann_whitney", columns = list("body_mass_g"), group = "sex", alternative = side), "p" = w$p.value)
}

# --- Wilcoxon's signed ranks, sign test
signed <- function(data, columns, a, b, rows = NULL) {
  x <- a - b; x <- x[!is.na(x)]; nonzero <- x[x != 0]
  small <- length(x) < 50 && !anyDuplicated(abs(x)) && all(x != 0)
  w <- wilcox.test(x, exact = small, conf.int = small)
  ends <- if (small) w$conf.int else pseudo_median_interval(nonzero)
  ranks <- rank(abs(nonzero))
  reference(sprintf("wilcox.test(%s, %s, paired = TRUE)%s", columns[1], columns[2], if (small) "" else ", interval from Walsh averages"),
    "statistical_testing", data, list(test_type = "wilcoxon", columns = as.list(columns)), rows = rows,
    expect = expect_all("/result/tests/0", "statistic/value" = w$statistic[[1]], "p" = w$p.value,
      "estimate/value" = median(walsh(nonzero)), "ci/low" = ends[1], "ci/high" = ends[2],
      "effect/value" = sum(sign(nonzero) * ranks) / sum(ranks)))
}
# Hollander & Wolfe (1973), 29f: depression before and after.
depression <- data.frame(before = c(1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30),
  after = c(0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29))
signed(NULL, c("before", "after"), depression$before, depression$after, rows_of(depression))
signed("sleep.csv", c("drug_1", "drug_2"), sleep$drug_1, sleep$drug_2)
signed("iris.csv", c("sepal_width", "petal_length"), iris$sepal_width, iris$petal_length)

sign_test <- function(data, columns, x, arguments) {
  x <- x[!is.na(x)]; n <- length(x); s <- sum(x > 0); b <- binom.test(s, sum(x != 0))
  k <- qbinom(0.025, n, 0.5); if (pbinom(k, n, 0.5) > 0.025) k <- k - 1  # the largest with P(B <= k) <= 2.5 %
  sorted <- sort(x)
  testing(sprintf("binom.test(sum(x > 0), sum(x != 0)) for %s", columns), data, arguments,
    "test" = "sign", "statistic/value" = s, "p" = b$p.value, "estimate/value" = median(x),
    "ci/low" = sorted[k + 1], "ci/high" = sorted[n - k], "effect/value" = s / sum(x != 0) - 0.5)
}
sign_test("sleep.csv", "drug_1 - drug_2", sleep$drug_1 - sleep$drug_2, list(test_type = "sign", columns = list("drug_1", "drug_2")))
sign_test("iris.csv", "sepal_width - petal_length", iris$sepal_width - iris$petal_length,
  list(test_type = "sign", columns = list("sepal_width", "petal_length")))

# --- Several groups
several <- list(list("penguins.csv", "flipper_length_mm", "species", flipper),
  list("iris.csv", "sepal_width", "species", sepal), list("wine.csv", "alcohol", "cultivar", alcohol))
for (case in several) {
  data <- case[[1]]; column <- case[[2]]; group <- case[[3]]; groups <- case[[4]]
  x <- unlist(groups, use.names = FALSE); g <- factor(rep(names(groups), lengths(groups))); n <- length(x)
  call <- function(f) sprintf("%s(%s ~ %s)", f, column, group)
  arguments <- function(id) list(test_type = id, columns = list(column), group = group)

  a <- oneway.test(x ~ g, var.equal = TRUE); f <- a$statistic[[1]]; d1 <- a$parameter[[1]]; d2 <- a$parameter[[2]]
  eta <- eta_interval(f, d1, d2, n); v <- oneway.test(abs(x - ave(x, g, FUN = median)) ~ g, var.equal = TRUE)
  testing(paste(call("oneway.test"), "var.equal = TRUE"), data, arguments("anova"), "test" = "anova_one_way", "statistic/value" = f,
    "df/0" = d1, "df/1" = d2, "p" = a$p.value, "effect/value" = f * d1 / (f * d1 + d2),
    "effect/ci/low" = loose(eta[1]), "effect/ci/high" = loose(eta[2]), n = n,
    "assumptions/0/name" = "equal_variances", "assumptions/0/statistic" = v$statistic[[1]], "assumptions/0/p" = v$p.value,
    "assumptions/1/statistic" = shapiro.test(groups[[1]])$statistic[[1]], "assumptions/1/p" = shapiro.test(groups[[1]])$p.value)

  a <- oneway.test(x ~ g); f <- a$statistic[[1]]; d1 <- a$parameter[[1]]
  testing(call("oneway.test"), data, arguments("anova_welch"), "statistic/value" = f, "df/0" = d1, "df/1" = a$parameter[[2]],
    "p" = a$p.value, "effect/name" = "omega_squared", "effect/value" = d1 * (f - 1) / (d1 * (f - 1) + n))

  k <- kruskal.test(x, g)
  testing(call("kruskal.test"), data, arguments("kruskal"), "statistic/value" = k$statistic[[1]], "df" = k$parameter[[1]],
    "p" = k$p.value, "effect/value" = k$statistic[[1]] / (n - 1))

  testing(paste(call("oneway.test"), "of abs(x - median)"), data, arguments("levene"), "statistic/value" = v$statistic[[1]],
    "df/1" = v$parameter[[2]], "p" = v$p.value)

  b <- bartlett.test(x, g)
  testing(call("bartlett.test"), data, arguments("bartlett"), "statistic/value" = b$statistic[[1]], "df" = b$parameter[[1]], "p" = b$p.value)
}

blocks <- function(data, columns, m) {
  f <- friedman.test(as.matrix(m))
  testing(sprintf("friedman.test(%s)", paste(columns, collapse = ", ")), data, list(test_type = "friedman", columns = as.list(columns)),
    "statistic/value" = f$statistic[[1]], "df" = f$parameter[[1]], "p" = f$p.value,
    "effect/name" = "kendalls_w", "effect/value" = f$statistic[[1]] / (nrow(m) * (ncol(m) - 1)), n = nrow(m))
}
columns <- c("sepal_length", "sepal_width", "petal_length"); blocks("iris.csv", columns, iris[columns])
columns <- c("s1", "s2", "blood_pressure", "s6"); blocks("diabetes.csv", columns, diabetes[columns])
columns <- c("flavanoids", "proanthocyanins", "ash", "malic_acid"); blocks("wine.csv", columns, wine[columns])

# --- Normality, distributions
# Anderson-Darling: D'Agostino & Stephens (1986), table 4.9, written out.
anderson <- function(x) {
  n <- length(x); z <- (sort(x) - mean(x)) / sd(x); i <- seq_len(n)
  a <- -n - mean((2 * i - 1) * (pnorm(z, log.p = TRUE) + pnorm(-rev(z), log.p = TRUE)))
  b <- a * (1 + 0.75 / n + 2.25 / n^2)
  p <- if (b < 0.2) 1 - exp(-13.436 + 101.14 * b - 223.73 * b^2)
    else if (b < 0.34) 1 - exp(-8.318 + 42.796 * b - 59.938 * b^2)
    else if (b < 0.6) exp(0.9177 - 4.279 * b - 1.38 * b^2)
    else exp(1.2937 - 5.709 * b + 0.0186 * b^2)
  c(a, p)
}
normality <- function(data, column, x) {
  x <- x[!is.na(x)]; s <- shapiro.test(x)
  testing(sprintf("shapiro.test(%s)", column), data, list(test_type = "shapiro", columns = list(column)),
    "statistic/value" = s$statistic[[1]], "p" = s$p.value, n = length(x))
  a <- anderson(x)
  testing(sprintf("Anderson-Darling by formula, %s", column), data, list(test_type = "anderson", columns = list(column)),
    "statistic/value" = a[1], "p" = a[2])
}
normality("penguins.csv", "bill_depth_mm", penguins$bill_depth_mm)
normality("iris.csv", "sepal_width", iris$sepal_width)
normality("diabetes.csv", "bmi", diabetes$bmi)
normality("sleep.csv", "drug_2", sleep$drug_2)

# The limit distribution by its series: ks.test stops it at 1e-6.
kolmogorov <- function(x) { k <- 1:200; 2 * sum((-1)^(k - 1) * exp(-2 * k^2 * x^2)) }
for (case in list(list("penguins.csv", "body_mass_g", "sex", mass), list("diabetes.csv", "progression", "sex", progression))) {
  a <- case[[4]][[1]]; b <- case[[4]][[2]]; size <- length(a) * length(b) / (length(a) + length(b))
  d <- suppressWarnings(ks.test(a, b, exact = FALSE))$statistic[[1]]
  up <- suppressWarnings(ks.test(a, b, exact = FALSE, alternative = "greater"))$statistic[[1]]
  arguments <- list(test_type = "ks", columns = list(case[[2]]), group = case[[3]])
  testing(sprintf("ks.test(%s ~ %s), p from the series", case[[2]], case[[3]]), case[[1]], arguments,
    "statistic/value" = d, "p" = kolmogorov(sqrt(size) * d))
  arguments$alternative <- "greater"
  testing(sprintf("ks.test(%s ~ %s, alternative = 'greater')", case[[2]], case[[3]]), case[[1]], arguments,
    "statistic/value" = up, "p" = exp(-2 * size * up^2))
}

# --- Permutation: all relabellings where they are few; R's own draws else, so only near.
every <- function(frame, column, group) {
  x <- frame[[column]]; g <- frame[[group]] == sort(unique(frame[[group]]))[1]
  seen <- mean(x[g]) - mean(x[!g])
  all <- combn(length(x), sum(g), function(i) mean(x[i]) - mean(x[-i]))
  reference(sprintf("combn: all %d relabellings of %s by %s", length(all), column, group), "statistical_testing", NULL,
    list(test_type = "permutation", columns = list(column), group = group), rows = rows_of(frame),
    expect = expect_all("/result/tests/0", "statistic/value" = seen, "p" = mean(abs(all) >= abs(seen) - 1e-9)))
}
every(permeability, "value", "term")
every(data.frame(drug = rep(c("one", "two"), each = 7), extra = c(sleep$drug_1[1:7], sleep$drug_2[1:7])), "extra", "drug")
set.seed(20)
x <- c(progression[[1]], progression[[2]]); m <- length(progression[[1]]); seen <- mean(x[1:m]) - mean(x[-(1:m)])
p <- mean(replicate(50000, { i <- sample(length(x), m); abs(mean(x[i]) - mean(x[-i])) >= abs(seen) }))
testing("50,000 draws of sample() for progression ~ sex", "diabetes.csv", list(test_type = "permutation", columns = list("progression"), group = "sex"),
  "statistic/value" = seen, "p" = c(p, 0.1))

# --- Defaults: a group alone
k <- kruskal.test(penguins$body_mass_g, factor(penguins$species)); w <- oneway.test(body_mass_g ~ species, penguins)
reference("oneway.test and kruskal.test of body_mass_g ~ species, the default for three groups", "statistical_testing",
  "penguins.csv", list(group = "species", columns = list("body_mass_g")), c(
    expect_all("/result/tests/0", "test" = "anova_welch", "p" = w$p.value), expect_all("/result/tests/1", "test" = "kruskal", "p" = k$p.value)))
t <- t.test(mass[[1]], mass[[2]]); w <- wilcox.test(mass[[1]], mass[[2]])
reference("t.test and wilcox.test of body_mass_g ~ sex, the default for two groups", "statistical_testing",
  "penguins.csv", list(group = "sex", columns = list("body_mass_g")), c(
    expect_all("/result/tests/0", "test" = "t_test_welch", "p" = t$p.value), expect_all("/result/tests/1", "test" = "mann_whitney", "p" = w$p.value)))
write_references("tests_of_samples")
