def found(something):
    """The kernel's own processes and the dead have neither memory nor files to show."""
    if not something:
        raise OSError(errno.ESRCH, "nothing")

others = [pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) != os.getpid()]
print(others)
for pid in others + [str(at["pid"]), str(at["worker"])]:
    attempt("2:maps", lambda: found(open(f"/proc/{pid}/maps").read()))
    for name in ["environ", "mem", "root/etc", "cwd/.", "fd/0", "smaps_rollup"]:
        attempt("2:" + name, lambda: os.close(os.open(f"/proc/{pid}/{name}", os.O_RDONLY)))
    attempt("2:fd", lambda: found(os.listdir(f"/proc/{pid}/fd")))
    attempt("2:write", lambda: os.close(os.open(f"/proc/{pid}/mem", os.O_WRONLY)))
