# Summaries of a column by plain sums, written out from their definitions in docs/analysis.md.

quantile_7 <- function(x, share) {
  x <- sort(x); place <- (length(x) - 1) * share; low <- floor(place)
  x[low + 1] + (place - low) * (x[min(low + 2, length(x))] - x[low + 1])
}

skewness <- function(x) {
  n <- length(x); d <- x - sum(x) / n; d <- d - sum(d) / n
  sqrt(n * (n - 1)) / (n - 2) * (sum(d^3) / n) / (sum(d^2) / n)^1.5
}

kurtosis <- function(x) {
  n <- length(x); d <- x - sum(x) / n; d <- d - sum(d) / n
  (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * ((sum(d^4) / n) / (sum(d^2) / n)^2 - 3) + 6)
}

deviation <- function(x) {
  d <- x - sum(x) / length(x)
  sqrt((sum(d^2) - sum(d)^2 / length(x)) / (length(x) - 1))
}

absolute_deviation <- function(x) quantile_7(abs(x - quantile_7(x, 0.5)), 0.5)

# What descriptive_statistics must say of a numeric column.
numeric_summary <- function(values, level = 0.95) {
  x <- values[!is.na(values)]; n <- length(x)
  mean <- sum(x) / n; std <- deviation(x); sem <- std / sqrt(n); reach <- qt((1 + level) / 2, n - 1) * sem
  list(kind = "numeric", count = n, missing = sum(is.na(values)), distinct = length(unique(x)), mean = mean, std = std, sem = sem,
    min = min(x), q25 = quantile_7(x, 0.25), median = quantile_7(x, 0.5), q75 = quantile_7(x, 0.75), max = max(x),
    iqr = quantile_7(x, 0.75) - quantile_7(x, 0.25), mad = absolute_deviation(x), zeros = sum(x == 0),
    skew = skewness(x), kurtosis = kurtosis(x), "ci/level" = level, "ci/low" = mean - reach, "ci/high" = mean + reach)
}

# The same of a column of labels; `kind` is named by the caller.
label_summary <- function(values, kind) {
  x <- values[!is.na(values)]
  counts <- table(x); counts <- counts[order(names(counts), method = "radix")]
  counts <- counts[order(-as.integer(counts), method = "radix")]
  shares <- as.numeric(counts) / length(x)
  told <- list(kind = kind, count = length(x), missing = sum(is.na(values)), distinct = length(counts),
    entropy_bits = -sum(shares * log2(shares)))
  for (i in seq_len(min(20, length(counts)))) {
    told[[sprintf("top/%d/value", i - 1)]] <- names(counts)[i]
    told[[sprintf("top/%d/count", i - 1)]] <- as.integer(counts)[i]
    told[[sprintf("top/%d/share", i - 1)]] <- shares[i]
  }
  told
}

date_summary <- function(values, gaps) {
  days <- as.Date(values)
  list(kind = "date", count = length(days), missing = 0, distinct = length(unique(days)), min = format(min(days)),
    max = format(max(days)), span_days = as.numeric(max(days) - min(days)), gaps = gaps)
}

# Outliers by Tukey's fences and by the modified z-score.
outlier_counts <- function(values) {
  x <- values[!is.na(values)]
  q25 <- quantile_7(x, 0.25); q75 <- quantile_7(x, 0.75); low <- q25 - 1.5 * (q75 - q25); high <- q75 + 1.5 * (q75 - q25)
  mad <- absolute_deviation(x)
  list("outliers/iqr" = sum(x < low | x > high), "outliers/low" = low, "outliers/high" = high,
    "outliers/modified_z" = if (mad > 0) sum(0.6745 * abs(x - quantile_7(x, 0.5)) / mad > 3.5) else NA)
}

cramers_v <- function(a, b) {
  counts <- table(a, b); counts <- counts[rowSums(counts) > 0, colSums(counts) > 0]
  n <- sum(counts); r <- nrow(counts); k <- ncol(counts)
  wanted <- outer(rowSums(counts), colSums(counts)) / n
  phi2 <- max(0, sum((counts - wanted)^2 / wanted) / n - (r - 1) * (k - 1) / (n - 1))
  sqrt(phi2 / (min(r - (r - 1)^2 / (n - 1), k - (k - 1)^2 / (n - 1)) - 1))
}

# Relative 1e-9 for what is summed; names, kinds and counts are exact.
exactly <- c("count", "missing", "distinct", "zeros", "kind", "min", "max", "ci/level", "outliers/iqr", "outliers/modified_z", "gaps", "n", "rows")
told <- function(base, values) {
  lapply(names(values), function(name) {
    exact <- name %in% exactly || grepl("(value|count)$", name)
    expected(paste0(base, "/", name), values[[name]], if (exact) NULL else 1e-9)
  })
}
