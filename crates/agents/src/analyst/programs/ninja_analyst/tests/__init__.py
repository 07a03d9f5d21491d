"""The named tests, one family per file. Each takes plain arrays and returns an `Outcome`.

Start with `catalogue.py`: the ids, their aliases, what columns each takes. Formulas and sources: docs/statistics.md.
"""
