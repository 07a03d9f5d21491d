# Tells that it is there, waits for the other, attacks, tells that it is done, and waits until the other
# has attacked too. Its own processes and those of the sandbox that it sees are not the other's.
import os, pathlib, signal, sys, time

me, other = sys.argv[1:]

def meet(word):
    pathlib.Path(f"{me}.{word}").touch()
    while not pathlib.Path(f"{other}.{word}").exists():
        time.sleep(0.01)

meet("here")
found = set()
for pid in {*range(1, 2000), *(int(name) for name in os.listdir("/proc") if name.isdigit())}:
    if pid in (os.getpid(), 1):
        continue
    for act in (lambda: os.kill(pid, signal.SIGKILL), lambda: open(f"/proc/{pid}/environ").read(),
                lambda: open(f"/proc/{pid}/mem", "r+b")):
        try:
            act()
            found.add(pid)
        except OSError:
            pass
meet("done")
print(me, sorted(found))
