"""Which of several sets is larger? `pairs.py` compares two at a time, `posthoc.py` corrects for their number."""
