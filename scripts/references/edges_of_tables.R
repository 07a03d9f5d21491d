# Tables that are hard to read, or hold little to describe: written here byte by byte, with what must be answered.
source("scripts/references/json.R")
source("scripts/references/summaries.R")
folder <- file.path(data_folder, "edges")
dir.create(folder, showWarnings = FALSE)

bytes_of <- function(text, encoding = "UTF-8") iconv(enc2utf8(text), "UTF-8", encoding, toRaw = TRUE)[[1]]
put <- function(name, bytes) writeBin(if (is.character(bytes)) bytes_of(bytes) else bytes, file.path(folder, name))
lines <- function(...) paste0(c(...), "\n", collapse = "")

# A file and what a program says of it: expectations as in expect_all, with exact values unless they are given as c(value, relative).
edge <- function(name, bytes, source, ..., error = NULL, program = "descriptive_statistics", arguments = list()) {
  put(name, bytes)
  again(name, source, ..., error = error, program = program, arguments = arguments)
}
again <- function(name, source, ..., error = NULL, program = "descriptive_statistics", arguments = list()) {
  reference(source, program, file.path("edges", name), arguments, expect_all("", ..., relative = NULL), error)
}
rows <- function(frame, source, ..., error = NULL, program = "descriptive_statistics", arguments = list()) {
  reference(source, program, NULL, arguments, expect_all("", ..., relative = NULL), error, rows = rows_of(frame))
}
at <- "result/columns/0/"; second <- "result/columns/1/"; reading <- "parameters/reading/"
named <- function(...) { values <- list(...); setNames(values[c(FALSE, TRUE)], unlist(values[c(TRUE, FALSE)])) }
wants <- function(call, ...) do.call(call[[1]], c(call[-1], named(...)))

# Ways to write a table.
wants(list(edge, "decimal_comma.csv", lines("ort;wert;summe", "a;1,5;1.234,5", "b;2,25;2.000,25", "c;4;3,5"), "decimal commas and thousands"),
  paste0(second, "mean"), c((1.5 + 2.25 + 4) / 3, 1e-9), "result/columns/2/max", 2000.25, paste0(reading, "delimiter"), ";",
  paste0(reading, "decimal"), ",", paste0(reading, "thousands"), ".")
wants(list(edge, "ambiguous.csv", lines("a;b", "1,234;x", "2,345;y"), "1,234 alone can be read in two ways"),
  paste0(at, "max"), 2.345, "warnings/0/code", "ambiguous_decimal", "warnings/0/column", "a")
wants(list(edge, "thousands.csv", lines("a,b", "\"1,234.5\",x", "\"12,000\",y"), "quoted thousands"), paste0(at, "min"), 1234.5, paste0(at, "max"), 12000,
  paste0(reading, "thousands"), ",")
wants(list(edge, "cp1252.csv", bytes_of(lines("stadt,wert", "M\u00fcnchen,1", "K\u00f6ln,2"), "CP1252"), "Windows-1252"),
  paste0(at, "top/0/value"), "K\u00f6ln", paste0(reading, "encoding"), "cp1252")
wants(list(edge, "utf16.csv", c(as.raw(c(0xff, 0xfe)), bytes_of(lines("stadt\twert", "M\u00fcnchen\t1", "K\u00f6ln\t2"), "UTF-16LE")), "UTF-16 with its mark"),
  paste0(at, "top/1/value"), "M\u00fcnchen", paste0(reading, "encoding"), "utf-16", paste0(reading, "delimiter"), "\t")
wants(list(edge, "bom.csv", c(as.raw(c(0xef, 0xbb, 0xbf)), bytes_of(lines("a,b", "1,2", "3,4"))), "UTF-8 with its mark"),
  paste0(at, "name"), "a", paste0(at, "mean"), 2, paste0(reading, "encoding"), "utf-8-sig")
wants(list(edge, "dates.csv", lines("iso,day_first,unknown,named", "2020-01-31,31/01/2020,01/02/2020,5 Jan 2020", "2020-02-01,01/02/2020,03/04/2020,\"March 6, 2021\""),
  "dates"), paste0(at, "kind"), "date", paste0(second, "min"), "2020-01-31", paste0(second, "max"), "2020-02-01",
  "result/columns/2/kind", "categorical", "result/columns/3/max", "2021-03-06", "warnings/0/code", "ambiguous_date", "warnings/0/column", "unknown")
wants(list(edge, "leading_zeros.csv", lines("plz,n", "01234,1", "99999,2"), "identifiers keep their zeros"), paste0(at, "kind"), "categorical",
  paste0(at, "top/0/value"), "01234", "warnings/0/code", "leading_zeros")
wants(list(edge, "markers.csv", lines("a,b", "NA,1", "-,2", "?,3", ",4", "NaN,5", "null,6"), "all values missing"), paste0(at, "kind"), "empty",
  paste0(at, "missing"), 6, paste0(at, "count"), 0, paste0(second, "mean"), c(3.5, 1e-9))
wants(list(edge, "duplicate_names.csv", lines("a,a,,a_2", "1,2,3,4", "5,6,7,8"), "names that are missing or there twice"),
  paste0(second, "name"), "a_3", "result/columns/2/name", "column_3", "warnings/0/code", "duplicate_column_name", "warnings/1/code", "empty_column_name")
numbers <- c(1:39, NA)
mixed <- lines("a", ifelse(is.na(numbers), "about 7", numbers))
wants(list(edge, "text_among_numbers.csv", mixed, "one text in forty"), paste0(at, "kind"), "text",
  "warnings/0/code", "text_among_numbers", "warnings/0/column", "a")

# Damage.
wants(list(edge, "ragged.csv", lines("a,b", "1,2", "3", "4,5,6", "7,8,", "9,10", "11,12", "13,14"), "rows that are too short or too long"),
  "inputs/rows", 7, "inputs/rows_dropped/ragged", 1, paste0(at, "count"), 6, paste0(second, "missing"), 1, paste0(second, "max"), 14,
  "warnings/0/code", "ragged_rows", "warnings/1/code", "ragged_rows")
edge("ragged_everywhere.csv", lines("a,b,c", "1,2", "3,4", "5,6"), "no row fits the header", error = "unreadable_table")
edge("unclosed_quote.csv", lines("a,b", "1,2", "\"3,4", "5,6"), "a quote that is not closed", error = "unreadable_table")
edge("picture.csv", as.raw(c(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d)), "a PNG by another name", error = "unreadable_table")
edge("picture.xlsx", as.raw(c(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d)), "a PNG by another name", error = "unreadable_table")
edge("header_only.csv", lines("a,b"), "names and no rows", error = "empty_table")
edge("empty.csv", raw(), "no bytes", error = "empty_table")
edge("wide.csv", lines(paste0("c", 1:501, collapse = ","), paste(rep(1, 501), collapse = ",")), "501 columns", error = "dataset_too_large")
edge("broken.json", "[{\"a\": 1}, {\"a\":}]", "JSON that ends wrong", error = "unreadable_table")
for (program in c("data_cleaning", "exploratory_analysis")) {
  for (name in c("empty.csv", "header_only.csv")) again(name, "nothing to work on", error = "empty_table", program = program)
  for (name in c("picture.csv", "unclosed_quote.csv")) again(name, "no table", error = "unreadable_table", program = program)
  again("wide.csv", "501 columns", error = "dataset_too_large", program = program)
}
again("bom.csv", "no such column", error = "unknown_column", arguments = list(columns = list("a", "c")))
again("bom.csv", "no such group", error = "unknown_column", arguments = list(group_by = "c"))

# Little to describe, and numbers at the edge of what a double holds.
wants(list(rows, data.frame(x = rep(0.1, 7)), "a constant"), paste0(at, "mean"), 0.1, paste0(at, "std"), 0, paste0(at, "iqr"), 0, paste0(at, "mad"), 0,
  paste0(at, "skew"), NA, paste0(at, "kurtosis"), NA, paste0(at, "ci/low"), 0.1, paste0(at, "ci/high"), 0.1, "warnings/0/code", "not_computable")
wants(list(rows, data.frame(x = 5), "n = 1"), paste0(at, "mean"), 5, paste0(at, "std"), NA, paste0(at, "sem"), NA, paste0(at, "q25"), 5, paste0(at, "ci/low"), NA,
  "warnings/0/code", "not_computable")
ties <- c(rep(1, 50), rep(2, 3), 9)
wants(list(rows, data.frame(x = ties), "ties"), paste0(at, "mad"), 0, paste0(at, "median"), 1, paste0(at, "std"), c(deviation(ties), 1e-9),
  paste0(at, "skew"), c(skewness(ties), 1e-9), paste0(at, "distinct"), 3)
wants(list(rows, data.frame(x = ties), "ties have no modified z-score", program = "exploratory_analysis", arguments = list(charts = FALSE)),
  paste0(at, "outliers/iqr"), 4, paste0(at, "outliers/modified_z"), NA, "warnings/0/code", "not_computable")
near <- 1e9 + c(4, 7, 13, 16)
wants(list(rows, data.frame(x = near), "NIST's hard case: large mean, small spread"), paste0(at, "mean"), 1e9 + 10, paste0(at, "std"), c(sqrt(30), 1e-12))
huge <- c(1, 3, 8) * 1e307
wants(list(rows, data.frame(x = huge), "values whose squares are no doubles"), paste0(at, "mean"), c(4e307, 1e-9),
  paste0(at, "std"), c(deviation(c(1, 3, 8)) * 1e307, 1e-9), paste0(at, "skew"), c(skewness(c(1, 3, 8)), 1e-9))
wants(list(rows, data.frame(x = c(-1.7e308, 1.7e308)), "a spread that is no double"), paste0(at, "mean"), 0, paste0(at, "std"), NA, paste0(at, "iqr"), c(1.7e308, 1e-9),
  "warnings/0/code", "not_computable")
tiny <- c(1, 3, 8) * 1e-300
wants(list(rows, data.frame(x = tiny), "squares that vanish"), paste0(at, "std"), c(deviation(c(1, 3, 8)) * 1e-300, 1e-9))
wants(list(edge, "beyond_doubles.csv", lines("id,tiny", "9007199254740993,1e-400", "1,2", "2,3"), "digits that a double does not have"),
  paste0(at, "max"), 2^53, paste0(second, "min"), 0, "warnings/0/code", "precision_lost", "warnings/1/code", "precision_lost")
wants(list(edge, "infinite.csv", lines("a", "1", "2", "inf"), "infinity is no number"), paste0(at, "kind"), "categorical")
write_references("descriptive_edges")

# Cleaning.
clean <- list(program = "data_cleaning")
cleaning <- function(name, source, arguments, ...) wants(list(again, name, source, program = "data_cleaning", arguments = arguments), ...)
log_entry <- function(place, rule, rows) setNames(list(rule, rows), sprintf("result/log/%d/%s", place, c("rule", "rows")))
put("dirty.csv", lines("id;name;wert;tag;ok", "1; Anna ;1,5;31.12.2024;yes", "2;Bert;2,5;01.01.2025;no", "2;Bert;2,5;01.01.2025;no",
  "3;NA;1.000,5;02.01.2025;yes", sprintf("%d;Dora;1,%d;04.01.2025;", 4:22, rep(1:4, 5)[1:19])))
cleaning("dirty.csv", "the rules that are used unless others are given", list(), "result/rows_in", 23, "result/rows_out", 22,
  "result/rows_dropped/duplicates", 1, "result/rows_dropped/missing", 0, "result/rows_dropped/outliers", 0,
  "result/columns/1/trimmed", 1, "result/columns/1/missing", 1, "result/columns/2/kind", "numeric", "result/columns/2/outliers/iqr", 2,
  "result/columns/3/kind", "date", "result/columns/4/kind", "boolean", "result/columns/4/missing", 19,
  "result/log/0/rule", "trim", "result/log/0/samples/0/row", 1, "result/log/0/samples/0/before", " Anna ", "result/log/0/samples/0/after", "Anna")
cleaning("dirty.csv", "outliers are left out if that is asked", list(rules = list(outliers = "drop")), "result/rows_out", 20,
  "result/rows_dropped/outliers", 2, "inputs/rows_dropped/outliers", 2)
cleaning("dirty.csv", "rows with missing values are left out if that is asked", list(rules = list(missing = "drop")), "result/rows_out", 2,
  "result/rows_dropped/missing", 20)
cleaning("dirty.csv", "duplicates are kept if that is asked", list(rules = list(duplicates = "keep")), "result/rows_out", 23)
cleaning("dirty.csv", "a column is multiplied", list(rules = list(units = list(id = list(factor = 2.5, to = "kg")))), "result/rows_out", 22)
cleaning("text_among_numbers.csv", "a text among numbers becomes missing if that is asked", list(rules = list(types = "coerce")),
  "result/columns/0/kind", "numeric", "result/columns/0/coerced", 1, "result/columns/0/missing", 1, "result/log/0/rule", "coerce",
  "result/log/0/samples/0/before", "about 7", "result/log/0/samples/0/after", NA)
cleaning("text_among_numbers.csv", "and is filled with the median", list(rules = list(types = "coerce", missing = "median")),
  "result/columns/0/missing", 0, "result/columns/0/missing_before", 1, "result/log/1/rule", "missing_median", "result/log/1/samples/0/after", "20")
cleaning("ragged.csv", "rows that do not fit are counted", list(), "result/rows_in", 7, "result/rows_out", 6, "result/rows_dropped/ragged", 1)
again("markers.csv", "no row is left", program = "data_cleaning", arguments = list(rules = list(units = list(a = list(factor = 2, to = "kg")))),
  error = "wrong_column_type")
rows(data.frame(a = c(1, NA), b = c(NA, 1)), "no row is left", program = "data_cleaning", arguments = list(rules = list(missing = "drop")),
  error = "empty_table")
for (name in c("penguins.csv", "wine.csv", "diabetes.csv", "titanic.csv")) {
  frame <- read_table(name); left <- nrow(unique(frame))
  reference("unique", "data_cleaning", name, list(), expect_all("/result", rows_in = nrow(frame), rows_out = left,
    "rows_dropped/duplicates" = nrow(frame) - left, relative = NULL))
}
write_references("cleaning_edges")
