"""What happens to a number over time. `series.py` makes the series; every other file is one question to it."""
