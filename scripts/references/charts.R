# data_visualization: the numbers behind the pictures, by plain sums, table(), quantile() and cor().
# Run from the root of the repository: Rscript scripts/references/charts.R
source("scripts/references/json.R")
penguins <- read_table("penguins.csv"); wine <- read_table("wine.csv"); titanic <- read_table("titanic.csv")
iris_ <- read_table("iris.csv"); air <- read_table("airpassengers.csv"); nile <- read_table("nile.csv")

charting <- function(source, data, arguments, ..., more = list(), error = NULL) {
  expect <- if (is.null(error)) c(expect_all("/result/charts/0", ...), more) else list()
  reference(source, "data_visualization", data, arguments, expect, error)
}
each <- function(at, values, relative = 1e-9) {
  lapply(seq_along(values), function(i) expected(sprintf("/result/charts/0/numbers/%s/%d", at, i - 1), values[[i]], relative))
}
asked <- function(viz_type, ...) list(viz_type = viz_type, ...)

# Bars: the highest first; missing last.
counts <- sort(table(titanic$class), decreasing = TRUE)
charting("table(class)", "titanic.csv", asked("bar", x = "class"), kind = "bar", n = nrow(titanic), binned = FALSE,
  "numbers/highest_name" = names(counts)[1], "numbers/highest" = counts[[1]], "numbers/lowest" = tail(counts, 1)[[1]],
  more = each("values", as.vector(counts), NULL))
counts <- c(sort(table(penguins$sex), decreasing = TRUE), sum(is.na(penguins$sex)))
charting("table(sex), then the missing", "penguins.csv", asked("bar", x = "sex"), "numbers/lowest_name" = "(missing)",
  more = each("values", as.vector(counts), NULL))
sums <- sort(vapply(split(penguins$body_mass_g, penguins$species), sum, 0, na.rm = TRUE), decreasing = TRUE)
charting("sum(body_mass_g) by species", "penguins.csv", asked("bar", x = "species", y = "body_mass_g"),
  n = sum(!is.na(penguins$body_mass_g)), "numbers/highest_name" = names(sums)[1], more = each("values", unname(sums)))

# Histograms by Freedman and Diaconis: [from, to), the last step closed; whole numbers in at most 31 steps get one each.
steps <- function(x) {
  width <- 2 * IQR(x) / length(x)^(1 / 3)
  seq(min(x), max(x), length.out = min(60, max(1, ceiling((max(x) - min(x)) / width))) + 1)
}
for (at in list(list("penguins.csv", penguins, "body_mass_g"), list("wine.csv", wine, "proline"), list("wine.csv", wine, "alcohol"))) {
  x <- na.omit(at[[2]][[at[[3]]]]); edges <- steps(x)
  h <- hist(x, breaks = edges, right = FALSE, include.lowest = TRUE, plot = FALSE, fuzz = 0)
  charting("hist() with steps by Freedman and Diaconis", at[[1]], asked("histogram", x = at[[3]]), n = length(x),
    "numbers/bins" = length(h$counts), "numbers/min" = min(x), "numbers/max" = max(x), "numbers/top_rows" = max(h$counts),
    more = each("counts/0", h$counts, NULL))
}
charting("table(year)", "penguins.csv", asked("histogram", x = "year"), "numbers/bins" = 3,
  more = each("counts/0", as.vector(table(penguins$year)), NULL))

# Boxes: linear quantiles, whiskers at the last value within 1.5 boxes; the largest group first, then by name.
boxes <- function(data, frame, y, by) {
  groups <- split(frame[[y]], frame[[by]]); size <- lengths(groups)
  groups <- lapply(groups[order(-size, names(size), method = "radix")], function(x) x[!is.na(x)])
  more <- do.call(c, lapply(seq_along(groups), function(i) {
    x <- groups[[i]]; q <- quantile(x, c(0.25, 0.5, 0.75), names = FALSE); reach <- 1.5 * (q[3] - q[1])
    inside <- x[x >= q[1] - reach & x <= q[3] + reach]
    expect_all(sprintf("/result/charts/0/numbers/lines/%d", i - 1), name = names(groups)[i], n = length(x), low = min(inside), q25 = q[1],
      median = q[2], q75 = q[3], high = max(inside), outliers = length(x) - length(inside), relative = 1e-9)
  }))
  charting("quantile(type = 7)", data, asked("box", y = y, group = by), kind = "box", n = sum(lengths(groups)), more = more)
}
boxes("penguins.csv", penguins, "body_mass_g", "species")
boxes("iris.csv", iris_, names(iris_)[2], names(iris_)[5])

# Heatmap: ranks among the rows that both columns have.
numeric <- names(penguins)[vapply(penguins, is.numeric, TRUE)]
rho <- cor(penguins[numeric], method = "spearman", use = "pairwise.complete.obs")
pairs <- do.call(c, lapply(seq_along(numeric)[-1], function(i) lapply(seq_len(i - 1), function(j) rho[i, j])))
charting("cor(method = spearman, pairwise)", "penguins.csv", asked("heatmap"), "numbers/rho" = 0.83997412303129992, more = each("values", pairs, 1e-8))
both <- table(penguins$species, penguins$island)
charting("table(species, island)", "penguins.csv", asked("heatmap", x = "island", y = "species"), "numbers/most" = max(both),
  "numbers/most_x" = "Biscoe", "numbers/most_y" = "Gentoo")

# Pie, scatter, lines.
shares <- sort(table(titanic$class), decreasing = TRUE) / nrow(titanic)
charting("shares of table(class)", "titanic.csv", asked("pie", x = "class"), "numbers/slices" = length(shares), more = each("shares", as.vector(shares)))
known <- complete.cases(penguins[c("flipper_length_mm", "body_mass_g")])
charting("cor of ranks", "penguins.csv", asked("scatter", x = "flipper_length_mm", y = "body_mass_g"), n = sum(known),
  "numbers/rho" = cor(rank(penguins$flipper_length_mm[known]), rank(penguins$body_mass_g[known])), "numbers/x_min" = 172, "numbers/y_max" = 6300)
slopes <- function(x, y) { p <- combn(length(y), 2); median((y[p[2, ]] - y[p[1, ]]) / (x[p[2, ]] - x[p[1, ]])) }
line <- function(data, frame, x, y, at, dated = identity) {
  top <- which.max(frame[[y]]); low <- which.min(frame[[y]])
  charting("which.max, which.min; median of all slopes", data, asked("line", x = x, y = y), kind = "line", n = nrow(frame), binned = FALSE,
    "numbers/highest" = frame[[y]][top], "numbers/highest_at" = dated(frame[[x]][top]), "numbers/lowest" = frame[[y]][low],
    "numbers/first" = frame[[y]][1], "numbers/last" = tail(frame[[y]], 1), "numbers/slope" = slopes(at(frame[[x]]), frame[[y]]))
}
line("nile.csv", nile, "year", "volume", as.numeric)
line("airpassengers.csv", air, "month", "passengers", function(x) as.numeric(as.Date(x)), as.character)

charting("no such column", "penguins.csv", asked("bar", x = "nowhere"), error = "unknown_column")
charting("a scatter chart of a category", "penguins.csv", asked("scatter", x = "species", y = "body_mass_g"), error = "wrong_column_type")
charting("a pie of numbers", "penguins.csv", asked("pie", x = "year"), error = "wrong_column_type")
write_references("charts_of_tables")

# Values that can be checked by eye.
rows <- function(source, frame, arguments, ..., error = NULL) {
  expect <- if (is.null(error)) expect_all("/result/charts/0", ..., relative = NULL) else list()
  reference(source, "data_visualization", NULL, arguments, expect, error, rows = rows_of(frame))
}
small <- data.frame(g = c("a", "b", "b", "c"), x = c(1, 2, -5, 4))
rows("1, 2 - 5, 4", small, asked("bar", x = "g", y = "x"), "numbers/highest" = 4, "numbers/highest_name" = "c", "numbers/lowest" = -3, "numbers/lowest_name" = "b")
rows("a pie cannot show what is negative", small, asked("pie", x = "g", y = "x"), error = "wrong_column_type")
rows("nothing chosen: the numeric column", small, list(), kind = "histogram", x = "x", n = 4)
rows("a constant is one step", data.frame(x = rep(7, 5)), asked("histogram", x = "x"), "numbers/bins" = 1, "numbers/counts/0/0" = 5)
rows("a single row", data.frame(x = 7, y = 8), asked("scatter", x = "x", y = "y"), n = 1, "numbers/rho" = NA)
rows("two rows cannot correlate", data.frame(x = 7), asked("heatmap"), error = "not_enough_data")
many <- data.frame(g = sprintf("g%02d", 1:30), x = 30:1)
rows("sum(23:1) stands together: 7 slices and the rest", many, asked("pie", x = "g", y = "x"), "numbers/slices" = 8, "numbers/top" = "g01",
  "numbers/rest" = 23, "numbers/top_share" = 30 / 465)
rows("19 bars and the rest", many, asked("bar", x = "g", y = "x"), "numbers/bars" = 20, "numbers/highest_name" = "g01", "numbers/lowest_name" = "g19")
twice <- data.frame(t = c(1, 1, 2, 3), y = c(2, 4, 10, 0))
rows("(2 + 4) / 2 where a time comes twice", twice, asked("line", x = "t", y = "y"), "numbers/first" = 3, "numbers/highest" = 10, "numbers/points" = 3)
write_references("charts_of_rows")
