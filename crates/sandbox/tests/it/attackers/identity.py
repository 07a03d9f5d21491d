import subprocess
open("tool", "w").write("#!/bin/sh\n")
attempt("chmod", lambda: os.chmod("tool", 0o4755))
attempt("chmod_group", lambda: os.chmod("tool", 0o2755))
attempt("fchmod", lambda: os.fchmod(os.open("tool", os.O_RDONLY), 0o4755))
attempt("capability", lambda: os.setxattr("tool", "security.capability", bytes.fromhex(
    "0100000200200000000000000000000000000000")))
attempt("setuid", lambda: os.setuid(0))
attempt("setgroups", lambda: os.setgroups([0]))
attempt("chown", lambda: os.chown("tool", 0, 0))
su = subprocess.run(["su", "-c", "id"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
print("root" if "uid=0" in su.stdout else "not root")
status = dict(line.split(":\t") for line in open("/proc/self/status").read().splitlines() if ":\t" in line)
print(*(status[name] for name in ["NoNewPrivs", "Seccomp", "CapEff", "CapPrm", "CapBnd", "CapAmb"]))
