import fcntl, socket

for pid in [at["worker"], at["pid"]]:
    call("9:read", 310, pid, 0, 0, 0, 0, 0)
    call("9:write", 311, pid, 0, 0, 0, 0, 0)
    call("9:compare", 312, pid, pid, 0, 0, 0)
    call("9:descriptor", 438, pid, 0, 0)
    attempt("10:kill", lambda: os.kill(pid, signal.SIGUSR1))
    call("10:tgkill", 234, pid, pid, signal.SIGUSR1)
    call("10:queue", 129, pid, signal.SIGUSR1, ctypes.create_string_buffer(128))
    call("10:pidfd", 434, pid, 0)
    attempt("40:renice", lambda: os.setpriority(os.PRIO_PROCESS, pid, 19))
    call("40:limit", 302, pid, 4, ctypes.create_string_buffer(16), 0)
    attempt("40:affinity", lambda: os.sched_setaffinity(pid, {0}))
    attempt("40:scheduler", lambda: os.sched_setscheduler(pid, os.SCHED_BATCH, os.sched_param(0)))
    call("40:ioprio", 251, 1, pid, 3 << 13)
# Asking for a signal may be answered; whether one comes, only the victim can tell.
for pid in [at["worker"], at["pid"]]:
    ours, theirs = socket.socketpair()
    try:
        fcntl.fcntl(ours, fcntl.F_SETOWN, pid)
        fcntl.fcntl(ours, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
        theirs.send(b"x")
    except OSError:
        pass
call("9:attach", 101, 16, at["pid"], 0, 0)
call("9:seize", 101, 0x4206, at["pid"], 0, 0)
os.sched_setaffinity(0, os.sched_getaffinity(0))
