# descriptive_statistics on real tables: every column and every group, by plain sums.
source("scripts/references/json.R")
source("scripts/references/summaries.R")

# The columns of a table as descriptive_statistics must tell them. `dates`: gaps per date column. `booleans`, `texts`: names.
columns_told <- function(frame, at, dates = list(), booleans = NULL, texts = NULL, level = 0.95) {
  wanted <- list()
  for (i in seq_along(frame)) {
    name <- names(frame)[i]; values <- frame[[i]]
    summary <- if (name %in% names(dates)) date_summary(values, dates[[name]])
      else if (name %in% booleans) label_summary(ifelse(tolower(values) %in% c("yes", "true"), "true", "false"), "boolean")
      else if (is.numeric(values)) numeric_summary(values, level)
      else label_summary(values, if (name %in% texts) "text" else "categorical")
    base <- sprintf("%s/%d", at, i - 1)
    wanted <- c(wanted, list(expected(paste0(base, "/name"), name)), told(base, summary))
  }
  wanted
}

describing <- function(data, group_by = NULL, arguments = list(), ...) {
  frame <- read_table(data)
  if (!is.null(arguments$columns)) frame <- frame[unlist(arguments$columns)]
  wanted <- columns_told(frame, "/result/columns", ...)
  if (!is.null(group_by)) {
    arguments$group_by <- group_by; by <- frame[[group_by]]; rest <- frame[names(frame) != group_by]
    values <- sort(unique(by), method = "radix")
    if (anyNA(by)) values <- c(values, NA)
    for (g in seq_along(values)) {
      inside <- if (is.na(values[g])) is.na(by) else !is.na(by) & by == values[g]
      at <- sprintf("/result/groups/%d", g - 1)
      wanted <- c(wanted, list(expected(paste0(at, "/value"), if (is.na(values[g])) NA else as.character(values[g])),
        expected(paste0(at, "/rows"), sum(inside), NULL), expected(paste0(at, "/by"), group_by)))
      wanted <- c(wanted, columns_told(rest[inside, , drop = FALSE], paste0(at, "/columns"), ...))
    }
  }
  reference("plain sums (scripts/references/summaries.R)", "descriptive_statistics", data, arguments, wanted)
}

describing("penguins.csv", "species")
describing("penguins.csv", "year", list(columns = list("body_mass_g", "year"), confidence = 0.99), level = 0.99)
describing("iris.csv", "species")
describing("wine.csv", names(read_table("wine.csv"))[14])
describing("diabetes.csv", "sex")
describing("mtcars.csv", "cyl", texts = "car")
describing("longley.csv")
describing("sunspots.csv")
describing("titanic.csv", "class", booleans = "survived")
describing("airpassengers.csv", dates = list(month = 0))
describing("macrodata.csv", dates = list(quarter_start = 0))
weeks <- as.Date(read_table("co2.csv")$date)
describing("co2.csv", dates = list(date = as.numeric(max(weeks) - min(weeks)) / 7 + 1 - length(weeks)))
write_references("descriptive_tables")
