import subprocess
open("tool", "w").write("#!/bin/sh\n")
attempt("26:chmod", lambda: os.chmod("tool", 0o4755))
attempt("26:chmod_group", lambda: os.chmod("tool", 0o2755))
attempt("26:fchmod", lambda: os.fchmod(os.open("tool", os.O_RDONLY), 0o4755))
attempt("26:capability", lambda: os.setxattr("tool", "security.capability", bytes.fromhex(
    "0100000200200000000000000000000000000000")))
attempt("26:setuid", lambda: os.setuid(0))
attempt("26:setgroups", lambda: os.setgroups([0]))
attempt("26:chown", lambda: os.chown("tool", 0, 0))
su = subprocess.run(["su", "-c", "id"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
print("root" if "uid=0" in su.stdout else "not root")
status = dict(line.split(":\t") for line in open("/proc/self/status").read().splitlines() if ":\t" in line)
print(*(status[name] for name in ["NoNewPrivs", "Seccomp", "CapEff", "CapPrm", "CapBnd", "CapAmb"]))
