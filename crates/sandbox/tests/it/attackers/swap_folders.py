# Exchanges a folder of its own with a link to one outside, as fast as it can.
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)
os.mkdir("swapped")
open("swapped/world", "w").write("mine")
os.symlink(os.environ["OUTSIDE"], "link")
EXCHANGE, HERE = 2, -100
while not os.path.exists("enough"):
    for _ in range(100):
        assert libc.renameat2(HERE, b"swapped", HERE, b"link", EXCHANGE) == 0
