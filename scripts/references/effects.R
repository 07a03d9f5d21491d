# Effect sizes and intervals that base R does not have, each written out from its definition.
z_of <- function(level = 0.95) qnorm(1 - (1 - level) / 2)

effect_d <- function(x, mu = 0) {
  d <- (mean(x) - mu) / sd(x)
  reach <- z_of() * sqrt(1 / length(x) + d^2 / (2 * length(x)))
  c(d, d - reach, d + reach)
}

# Hedges' g with the exact correction; its variance from Hedges & Olkin (1985).
effect_g <- function(a, b, level = 0.95) {
  m <- length(a); n <- length(b); df <- m + n - 2
  pooled <- sqrt(((m - 1) * var(a) + (n - 1) * var(b)) / df)
  g <- gamma_ratio(df) * (mean(a) - mean(b)) / pooled
  reach <- z_of(level) * sqrt((m + n) / (m * n) + g^2 / (2 * (m + n)))
  c(g, g - reach, g + reach)
}
gamma_ratio <- function(df) exp(lgamma(df / 2) - lgamma((df - 1) / 2)) / sqrt(df / 2)

effect_h <- function(p, q, variance) {
  h <- 2 * asin(sqrt(p)) - 2 * asin(sqrt(q))
  c(h, h - z_of() * sqrt(variance), h + z_of() * sqrt(variance))
}

rank_biserial <- function(a, b) {
  s <- sum(sign(outer(a, b, "-")))
  s / (length(a) * length(b))
}

# The noncentrality at which the distribution function of the seen value is `target`.
noncentrality <- function(cdf, target) {
  if (cdf(0) <= target) return(0)
  high <- 1
  while (cdf(high) > target) high <- high * 2
  uniroot(function(shift) cdf(shift) - target, c(0, high), tol = 1e-12)$root
}

eta_interval <- function(f, df1, df2, n) {
  ends <- sapply(c(0.975, 0.025), function(t) noncentrality(function(s) pf(f, df1, df2, ncp = s), t))
  ends / (ends + n)
}

chi_interval <- function(x, df) {
  sapply(c(0.975, 0.025), function(t) noncentrality(function(s) pchisq(x, df, ncp = s), t))
}

# Order statistics of all differences, with the ranks of the normal approximation (Hollander & Wolfe).
shift_interval <- function(a, b, level = 0.95) {
  m <- length(a); n <- length(b)
  rank <- max(1, floor(m * n / 2 - z_of(level) * sqrt(m * n * (m + n + 1) / 12)))
  sort(outer(a, b, "-"))[c(rank, m * n + 1 - rank)]
}
hodges_lehmann <- function(a, b) median(outer(a, b, "-"))

walsh <- function(x) {
  s <- outer(x, x, "+") / 2
  sort(s[!lower.tri(s)])
}
pseudo_median_interval <- function(x, level = 0.95) {
  n <- length(x); w <- walsh(x)
  rank <- max(1, floor(n * (n + 1) / 4 - z_of(level) * sqrt(n * (n + 1) * (2 * n + 1) / 24)))
  w[c(rank, length(w) + 1 - rank)]
}

fisher_z_interval <- function(r, variance) tanh(atanh(r) + c(-1, 1) * z_of() * sqrt(variance))
