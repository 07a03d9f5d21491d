# exploratory_analysis on real tables: correlations, associations, outliers, duplicates and what is observed.
source("scripts/references/json.R")
source("scripts/references/summaries.R")

pairs_of <- function(names) if (length(names) < 2) list() else combn(names, 2, simplify = FALSE)

# Spearman's rho with the p value of Student's t, over the rows that have both values; the 20 strongest.
correlations_told <- function(frame, numeric) {
  numeric <- numeric[vapply(numeric, function(name) length(unique(na.omit(frame[[name]]))) > 1, TRUE)]
  rows <- lapply(pairs_of(numeric), function(pair) {
    both <- complete.cases(frame[pair]); a <- frame[[pair[1]]][both]; b <- frame[[pair[2]]][both]; n <- sum(both)
    rho <- cor(rank(a), rank(b))
    list(a = pair[1], b = pair[2], rho = rho, p = 2 * pt(-abs(rho) * sqrt((n - 2) / (1 - rho^2)), n - 2), n = n, pearson = cor(a, b))
  })
  if (!length(rows)) return(list())
  adjusted <- p.adjust(vapply(rows, `[[`, 0, "p"), "BH")
  for (i in seq_along(rows)) rows[[i]]$p_adjusted <- adjusted[i]
  rows <- rows[order(-abs(vapply(rows, `[[`, 0, "rho")), method = "radix")]
  unlist(lapply(seq_len(min(20, length(rows))), function(i) told_pair(sprintf("/result/correlations/%d", i - 1), rows[[i]])), FALSE)
}

told_pair <- function(base, row) lapply(names(row), function(name) {
  expected(paste0(base, "/", name), row[[name]], if (name %in% c("a", "b", "n")) NULL else 1e-8)
})

associations_told <- function(frame, labels) {
  rows <- lapply(pairs_of(labels), function(pair) {
    list(a = pair[1], b = pair[2], cramers_v = cramers_v(frame[[pair[1]]], frame[[pair[2]]]), n = sum(complete.cases(frame[pair])))
  })
  rows <- rows[order(-vapply(rows, `[[`, 0, "cramers_v"), method = "radix")]
  unlist(lapply(seq_along(rows), function(i) told_pair(sprintf("/result/associations/%d", i - 1), rows[[i]])), FALSE)
}

exploring <- function(data, labels = character(), observed = list(), constant = character(), ids = character()) {
  frame <- read_table(data); numeric <- names(frame)[vapply(frame, is.numeric, TRUE)]
  wanted <- list(expected("/result/rows", nrow(frame), NULL), expected("/result/duplicates", sum(duplicated(frame)), NULL))
  for (i in seq_along(frame)) {
    base <- sprintf("/result/columns/%d", i - 1); name <- names(frame)[i]
    wanted <- c(wanted, told(base, list(missing_share = mean(is.na(frame[[i]])))),
      list(expected(paste0(base, "/constant"), name %in% constant), expected(paste0(base, "/id_like"), name %in% ids)))
    if (name %in% numeric) wanted <- c(wanted, told(base, c(numeric_summary(frame[[i]]), outlier_counts(frame[[i]]))))
  }
  wanted <- c(wanted, correlations_told(frame, numeric), if (length(labels) > 1) associations_told(frame, labels))
  for (i in seq_along(observed)) {
    base <- sprintf("/result/observations/%d", i - 1)
    wanted <- c(wanted, list(expected(paste0(base, "/code"), observed[[i]][1]), expected(paste0(base, "/columns/0"), observed[[i]][2]),
      expected(paste0(base, "/columns/1"), observed[[i]][3])))
  }
  reference("cor of ranks, p.adjust, and plain sums", "exploratory_analysis", data, list(charts = FALSE), wanted)
}

exploring("penguins.csv", c("species", "island", "sex"),
  list(c("strong_correlation", "flipper_length_mm", "body_mass_g"), c("strong_association", "species", "island")))
exploring("iris.csv")
exploring("wine.csv")
exploring("diabetes.csv")
exploring("titanic.csv", c("class", "sex", "age", "survived"))
exploring("mtcars.csv", ids = "car")
exploring("macrodata.csv")
exploring("longley.csv", ids = c("obs", "year"))
write_references("exploratory_tables")
