# Files without names, held by a program that nobody of its user may look into.
import shutil

shutil.copy(os.path.realpath("/usr/bin/python3"), "closed")
os.chmod("closed", 0o111)
os.environ["PYTHONHOME"] = "/usr"
hold = "import os, time\nheld = []\nfor n in range(40):\n held.append(open('f', 'wb'))\n"
hold += " os.unlink('f')\n held[-1].write(b'x' * 1_000_000)\n held[-1].flush()\n"
hold += "print('20:unseen SUCCEEDED\\n.', flush=True)\ntime.sleep(10)"
os.execv("closed", ["closed", "-c", hold])
