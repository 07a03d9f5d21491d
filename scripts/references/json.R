# What every file here shares: reading the tables, and writing references as JSON. Base R only.
data_folder <- "crates/agents/tests/data"
out_folder <- "crates/agents/tests/references"

read_table <- function(name) {
  read.csv(file.path(data_folder, name), na.strings = c("NA", ""), stringsAsFactors = FALSE)
}

# A value in JSON: null is NA, a named list is an object, another list an array, numbers keep all their digits.
json <- function(x) {
  if (is.null(x)) return("null")
  if (is.list(x)) {
    if (length(x) == 0) return(if (is.null(names(x))) "[]" else "{}")
    items <- vapply(x, json, "")
    if (is.null(names(x))) return(paste0("[", paste(items, collapse = ","), "]"))
    return(paste0("{", paste0(json_text(names(x)), ":", items, collapse = ","), "}"))
  }
  if (length(x) != 1) return(json(as.list(x)))
  if (is.na(x)) return("null")
  if (is.logical(x)) return(if (x) "true" else "false")
  if (is.character(x)) return(json_text(x))
  sprintf("%.17g", x)
}

json_text <- function(x) {
  quoted <- gsub("\t", "\\t", gsub('(["\\\\])', "\\\\\\1", x), fixed = TRUE)
  paste0('"', vapply(quoted, ascii, "", USE.NAMES = FALSE), '"')
}

# Beyond ASCII as \u, so that the locale in which R runs does not matter.
ascii <- function(text) {
  points <- utf8ToInt(enc2utf8(text))
  paste0(ifelse(points < 128, intToUtf8(points, multiple = TRUE), sprintf("\\u%04x", points)), collapse = "")
}

# One thing to compare. `relative` NULL: exactly equal.
expected <- function(pointer, value, relative = 1e-8) {
  if (is.null(relative) || is.na(value) || is.character(value) || is.logical(value)) {
    return(list(pointer = pointer, value = value))
  }
  list(pointer = pointer, value = value, relative = relative)
}

# The expectations for one result object: names are paths below `.at`; a vector c(value, relative) loosens one.
expect_all <- function(.at, ..., relative = 1e-8) {
  values <- list(...)
  lapply(names(values), function(name) {
    value <- values[[name]]
    tolerance <- if (length(value) == 2) value[[2]] else relative
    expected(paste0(.at, "/", name), value[[1]], tolerance)
  })
}

cases <- list()

reference <- function(source, program, data, arguments, expect = list(), error = NULL, rows = NULL) {
  case <- list(source = paste0("R ", getRversion(), ": ", source), program = program)
  if (is.null(rows)) case$data <- as.list(data) else case$rows <- rows
  case$arguments <- if (length(arguments)) arguments else setNames(list(), character())
  case$expect <- expect
  case["error"] <- list(error)
  cases[[length(cases) + 1]] <<- case
}

# Starting a program costs a second, so plain questions to the same data become one run with a list of `tests`.
bundled <- function(cases) {
  plain <- function(case) case$program == "statistical_testing" && is.null(case$error) && !is.null(case$arguments$test_type) &&
    all(names(case$arguments) %in% c("test_type", "columns", "group"))
  keys <- vapply(cases, function(case) if (plain(case)) json(list(case$data, case$rows)) else "", "")
  joined <- lapply(unique(keys[keys != ""]), function(key) {
    same <- cases[keys == key]
    if (length(same) == 1) return(same[[1]])
    case <- same[[1]]
    case$source <- paste0("R ", getRversion(), ": ", paste(sub("^R [0-9.]+: ", "", vapply(same, `[[`, "", "source")), collapse = "; "))
    case$arguments <- list(tests = lapply(same, `[[`, "arguments"))
    case$expect <- do.call(c, lapply(seq_along(same), function(i) lapply(same[[i]]$expect, function(one) {
      one$pointer <- sub("^/result/tests/0", paste0("/result/tests/", i - 1), one$pointer)
      one
    })))
    case
  })
  c(joined, cases[keys == ""])
}

write_references <- function(name) {
  runs <- bundled(cases)
  lines <- vapply(runs, json, "")
  writeLines(c("[", paste0(lines, c(rep(",", length(lines) - 1), "")), "]"), file.path(out_folder, paste0(name, ".json")))
  cat(name, ":", length(runs), "runs for", length(cases), "cases\n")
  cases <<- list()
}

# Rows of a data frame as a list of objects, for references that bring their own data.
rows_of <- function(frame) lapply(seq_len(nrow(frame)), function(i) as.list(frame[i, , drop = FALSE]))
