# A program that its own user may execute but not read is closed to everybody of that user.
import shutil

shutil.copy(os.path.realpath("/usr/bin/python3"), "closed")
os.chmod("closed", 0o111)
os.environ["PYTHONHOME"] = "/usr"
bomb = "import time\nb = [bytearray(b'x') * 4_000_000 for _ in range(100)]\n"
bomb += "print('14:closed SUCCEEDED\\n.', flush=True)\ntime.sleep(10)"
os.execv("closed", ["closed", "-c", bomb])
