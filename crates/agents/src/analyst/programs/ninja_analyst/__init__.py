"""What the Analyst's programs share.

A program is one file beside this folder. It reads its job and writes its answer through `envelope`, gets its
data from `table` (the only reader), and computes with `numbers`. Read `envelope.py` first, then `table.py`.
"""
