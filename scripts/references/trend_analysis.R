# References for trend_analysis. Base R has Box.test and stl; the others are written out from their definitions.
# Run from the root of the repository: Rscript scripts/references/trend_analysis.R
source("scripts/references/json.R")
z95 <- qnorm(0.975)

mann_kendall <- function(y) {
  n <- length(y); s <- 0
  for (i in seq_len(n - 1)) s <- s + sum(sign(y[(i + 1):n] - y[i]))
  t <- table(y); v <- (n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5))) / 18
  z <- (s - sign(s)) / sqrt(v)
  list(s = s, v = v, z = z, p = 2 * pnorm(-abs(z)), tau = cor(seq_len(n), y, method = "kendall"))
}
theil_sen <- function(x, y, v) {
  d <- outer(y, y, "-") / outer(x, x, "-"); slopes <- sort(d[lower.tri(d)]); n <- length(slopes)
  rank <- max(1, floor((n - z95 * sqrt(v)) / 2))
  c(median(slopes), slopes[rank], slopes[n + 1 - rank])
}
# The sandwich with Bartlett's weights, n / (n - 2) and t quantiles.
newey_west <- function(x, y) {
  n <- length(y); fit <- lm(y ~ x); X <- model.matrix(fit); u <- X * residuals(fit); lags <- floor(4 * (n / 100)^(2 / 9))
  meat <- crossprod(u)
  for (l in seq_len(lags)) { g <- crossprod(u[(l + 1):n, ], u[1:(n - l), ]); meat <- meat + (1 - l / (lags + 1)) * (g + t(g)) }
  bread <- solve(crossprod(X)); error <- sqrt((bread %*% meat %*% bread * n / (n - 2))[2, 2]); b <- coef(fit)[[2]]
  list(slope = b, low = b - qt(0.975, n - 2) * error, high = b + qt(0.975, n - 2) * error, r2 = summary(fit)$r.squared,
    lags = lags, residuals = residuals(fit))
}
hamed_rao <- function(x, y, slope, found) {
  n <- length(y); r <- rank(y - slope * x); rho <- acf(r, n - 1, plot = FALSE)$acf[-1]; i <- seq_len(n - 1)
  w <- (n - i) * (n - i - 1) * (n - i - 2); strong <- abs(rho) > z95 / sqrt(n)
  factor <- 1 + 2 / (n * (n - 1) * (n - 2)) * sum((w * rho)[strong])
  c(2 * pnorm(-abs((found$s - sign(found$s)) / sqrt(found$v * factor))), 1 / factor)
}
best_split <- function(y) {
  n <- length(y); k <- 8:(n - 8); gain <- sapply(k, function(i) i * (n - i) / n * (mean(y[1:i]) - mean(y[(i + 1):n]))^2)
  k[which.max(gain)] + 1
}
odd_points <- function(y, expected) {
  r <- y - expected; z <- 0.6745 * (r - median(r)) / median(abs(r - median(r))); far <- which(abs(z) > 3.5)
  far <- sort(head(far[order(-abs(z[far]))], 50))
  list(far = far, z = z[far], expected = expected[far])
}
neighbours <- function(y) sapply(seq_along(y), function(i) median(y[max(1, i - 3):min(length(y), i + 3)]))

# `season`: the periods of a cycle. R's robust weights are wrong for an even number of points (stlrwt gives psort its
# indices in falling order, so the median is another value), hence odd numbers of points only.
trend <- function(data, time, column, frequency, x, y, labels, season = NULL, rows = NULL) {
  m <- mann_kendall(y); o <- newey_west(x, y); t <- theil_sen(x, y, m$v); lags <- max(1, min(10, length(y) %/% 5))
  b <- Box.test(o$residuals, lags, "Ljung-Box"); base <- "/result/series/0"
  expect <- c(
    list(expected(paste0(base, "/n"), length(y), NULL), expected(paste0(base, "/frequency"), frequency)),
    expect_all(paste0(base, "/mann_kendall"), s = m$s, var_s = m$v, z = m$z, p = m$p, tau_b = m$tau),
    expect_all(paste0(base, "/theil_sen"), slope = t[1], low = t[2], high = t[3]),
    expect_all(paste0(base, "/ols"), slope = o$slope, low = o$low, high = o$high, r2 = o$r2, lags = o$lags),
    expect_all(paste0(base, "/ljung_box"), q = b$statistic[[1]], lags = lags, p = pchisq(b$statistic[[1]], lags, lower.tail = FALSE)))
  p <- m$p
  if (b$p.value < 0.05) {
    h <- hamed_rao(x, y, t[1], m); p <- h[1]
    expect <- c(expect, expect_all(paste0(base, "/hamed_rao"), p = h[1], ess_ratio = h[2]))
  }
  expect <- c(expect, list(expected(paste0(base, "/direction"), if (p >= 0.05) "none" else if (m$s > 0) "increasing" else "decreasing")))
  around <- neighbours(y)
  if (!is.null(season)) {
    stopifnot(length(y) %% 2 == 1)
    s <- stl(ts(y, frequency = season), s.window = 7, s.degree = 1, robust = TRUE, s.jump = 1, t.jump = 1, l.jump = 1,
      l.window = season + 1 + season %% 2)$time.series
    strength <- function(part) max(0, 1 - var(s[, 3]) / var(part + s[, 3]))
    around <- y - s[, 3]
    expect <- c(expect, expect_all(paste0(base, "/stl"), period = season, seasonal_strength = strength(s[, 1]), trend_strength = strength(s[, 2]), relative = 1e-4))
  }
  odd <- odd_points(y, as.numeric(around)); tolerance <- if (is.null(season)) 1e-8 else 1e-4
  for (i in seq_along(odd$far)) if (i <= 3) expect <- c(expect, list(expected(sprintf("%s/anomalies/%d/at", base, i - 1), labels[odd$far[i]])),
    expect_all(sprintf("%s/anomalies/%d", base, i - 1), expected = odd$expected[i], modified_z = odd$z[i], relative = tolerance))
  reference(sprintf("%s of %s: Mann-Kendall, Theil-Sen, Newey-West, Hamed-Rao by formula; Box.test%s", column, data, if (is.null(season)) "" else ", stl"),
    "trend_analysis", data, list(time_column = time, value = column), expect, rows = rows)
}

nile <- read_table("nile.csv"); sunspots <- read_table("sunspots.csv"); air <- read_table("airpassengers.csv")
macro <- read_table("macrodata.csv"); longley <- read_table("longley.csv")
trend("nile.csv", "year", "volume", "year", nile$year - nile$year[1], nile$volume, as.character(nile$year))
trend("sunspots.csv", "year", "sunactivity", "year", sunspots$year - 1700, sunspots$sunactivity, as.character(sunspots$year))
trend("longley.csv", "year", "armed", "year", longley$year - longley$year[1], longley$armed, as.character(longley$year))
since <- function(dates, days) { d <- as.numeric(as.Date(dates)); (d - d[1]) / days }
air <- air[1:143, ]
trend("the first 143 months of airpassengers.csv", "month", "passengers", "month", since(air$month, 365.2425 / 12), air$passengers, air$month, 12,
  rows_of(air))
for (column in c("unemp", "infl", "realint")) {
  trend("macrodata.csv", "quarter_start", column, "quarter", since(macro$quarter_start, 365.2425 / 4), macro[[column]], macro$quarter_start, 4)
}
days <- data.frame(day = as.character(as.Date("2024-01-01") + 0:98), volume = nile$volume[1:99])
trend("the Nile's years as days, a cycle of seven", "day", "volume", "day", 0:98, days$volume, days$day, 7, rows_of(days))

# Jumps: the flow of the Nile fell in 1899 (Cobb 1978). 999 shuffles and none as good: p is 1 in 1000.
at <- best_split(nile$volume)
reference("best split of the Nile's mean by formula", "trend_analysis", "nile.csv", list(time_column = "year", value = "volume"),
  c(expect_all("/result/series/0/change_points/0", at = as.character(nile$year[at]), before_mean = mean(nile$volume[1:(at - 1)]),
    after_mean = mean(nile$volume[at:100]), p = 0.001)))
level <- data.frame(day = 1:40, v = c(rep(c(1, 2), 10), rep(c(5, 6), 10)))
reference("a step between two levels by formula", "trend_analysis", NULL, list(time_column = "day", value = "v"),
  expect_all("/result/series/0/change_points/0", at = as.character(level$day[best_split(level$v)]), before_mean = 1.5, after_mean = 5.5, p = 0.001),
  rows = rows_of(level))

# Edges, from the definitions.
edge <- function(source, frame, arguments, expect = list(), error = NULL) {
  reference(source, "trend_analysis", NULL, arguments, expect, error, rows = rows_of(frame))
}
asked <- list(time_column = "t", value = "v")
edge("seven points", data.frame(t = 1:7, v = 1:7), asked, error = "not_enough_data")
edge("seven points that nobody asked for by name", data.frame(t = 1:7, v = 1:7), list(time_column = "t"),
  list(expected("/result/time_column", "t"), expected("/warnings/0/code", "not_enough_data")))
edge("nothing to look at beside the time", data.frame(t = 1:9, g = letters[1:9]), list(time_column = "t"),
  list(expected("/result/time_column", "t"), expected("/warnings/0/code", "not_enough_data")))
edge("all values missing", data.frame(t = 1:9, v = NA, w = c(1:9)), list(time_column = "t", value = "v"), error = "wrong_column_type")
edge("no such column", data.frame(t = 1:9, v = 1:9), list(time_column = "when"), error = "unknown_column")
edge("a time of words", data.frame(t = letters[1:9], v = 1:9), asked, error = "wrong_column_type")
edge("a constant", data.frame(t = 1:9, v = 4), asked, c(
  expect_all("/result/series/0", "mann_kendall/s" = 0, "mann_kendall/p" = NA, "mann_kendall/tau_b" = NA, "theil_sen/slope" = 0,
    "ols/r2" = NA, direction = "none")))
v <- c(3, 1, 4, 1, 5, 9, 2, 6, 5, 3); m <- mann_kendall(v); t <- theil_sen(1:10, v, m$v)
order <- c(7, 2, 9, 4, 1, 10, 3, 8, 5, 6)
for (scale in c(1, 10)) edge(sprintf("unsorted rows, values times %g: sorted, slope grows, p does not", scale),
  data.frame(t = (1:10)[order], v = v[order] * scale), asked, c(expect_all("/result/series/0", "mann_kendall/s" = m$s, "mann_kendall/p" = m$p,
    "theil_sen/slope" = t[1] * scale, "theil_sen/low" = t[2] * scale), list(expected("/warnings/0/code", "unsorted_times"))))
twice <- data.frame(t = c("2024-01-01", "2024-01-01", sprintf("2024-01-%02d", c(2:6, 9:12))), v = c(1, 3, 4, 1, 5, 9, 2, 6, 5, 3, 5))
v <- c(2, twice$v[3:11]); x <- c(0:5, 8:11); m <- mann_kendall(v); t <- theil_sen(x, v, m$v)
edge("a day twice is averaged, two days are missing", twice, asked, expect_all("/result/series/0", n = 10, gaps = 2, duplicates = 1,
  frequency = "day", "mann_kendall/s" = m$s, "mann_kendall/p" = m$p, "theil_sen/slope" = t[1], "theil_sen/high" = t[3]))
write_references("trend_analysis")
