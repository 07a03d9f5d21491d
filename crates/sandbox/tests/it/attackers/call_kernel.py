import socket

# By their numbers on x86-64. What a library would do is not the question.
NUMBERS = {
    "17:memfd_create": (319, b"x", 0), "17:memfd_secret": (447, 0), "18:shmget": (29, 0, 4096, 0o1600),
    "18:semget": (64, 0, 1, 0o1600), "18:msgget": (68, 0, 0o1600), "18:mq_open": (240, b"x", 0o102, 0o600, 0),
    "28:add_key": (248, b"user", b"x", b"y", 1, -2), "28:request_key": (249, b"user", b"x", 0, -2),
    "28:keyctl": (250, 0, -3, 1), "29:io_uring_setup": (425, 1, 0), "29:io_setup": (206, 1, 0),
    "29:bpf": (321, 0, 0, 0), "29:perf_event_open": (298, 0, 0, -1, -1, 0), "29:userfaultfd": (323, 0),
    "29:unshare_user": (272, 0x10000000), "29:unshare_net": (272, 0x40000000), "29:setns": (308, 0, 0),
    "29:mount": (165, b"x", b"/tmp", b"tmpfs", 0, 0), "29:umount2": (166, b"/tmp", 2),
    "29:pivot_root": (155, b"/tmp", b"/tmp"), "29:chroot": (161, b"/tmp"), "29:open_tree": (428, -100, b"/", 0),
    "29:clone_newuser": (56, 0x10000011, 0, 0, 0, 0), "29:clone_newpid": (56, 0x20000011, 0, 0, 0, 0),
    "29:open_by_handle_at": (304, -100, 0, 0), "29:name_to_handle_at": (303, -100, b"/", 0, 0, 0),
    "29:fanotify_init": (300, 0, 0), "29:syslog": (103, 3, 0, 0), "29:reboot": (169, 0, 0, 0, 0),
    "29:swapon": (167, b"x", 0), "29:init_module": (175, 0, 0, b""), "29:kexec_load": (246, 0, 0, 0, 0),
    "29:acct": (163, b"x"), "29:settimeofday": (164, 0, 0), "29:clock_settime": (227, 0, 0),
    "29:adjtimex": (159, 0), "29:ioperm": (173, 0, 1, 1), "29:iopl": (172, 3), "29:modify_ldt": (154, 0, 0, 0),
    "29:vmsplice": (278, 0, 0, 0, 0), "29:remap_file_pages": (216, 0, 0, 0, 0, 0), "29:seccomp": (317, 0, 0, 0),
    "29:capset": (126, 0, 0), "29:ioprio_set": (251, 1, 0, 0), "29:process_madvise": (440, 0, 0, 0, 0, 0),
    "29:prctl_dumpable": (157, 4, 0), "29:prctl_set_mm": (157, 35, 1, 0, 0, 0), "29:prctl_ptracer": (157, 0x59616D61, -1),
    "29:prlimit_init": (302, 1, 0, ctypes.create_string_buffer(16), 0), "29:personality": (135, 0x0040000), "31:x32_getpid": (0x40000027,),
    "27:tiocsti": (16, 0, 0x5412, b"x"), "27:tiocsti_high": (16, 0, 0x1_0000_5412, b"x"),
    "27:tioclinux": (16, 0, 0x541C, b"\x02"), "27:tiocsetd": (16, 0, 0x5423, b"x"), "27:tiocsctty": (16, 0, 0x540E, 1),
}
for name, (number, *arguments) in NUMBERS.items():
    call(name, ctypes.c_long(number), *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments))
for name, family, kind, protocol in [
    ("packet", 17, 3, 0), ("vsock", 40, 1, 0), ("alg", 38, 5, 0), ("raw", 2, 3, 255), ("icmp", 2, 2, 1),
    ("sctp", 2, 1, 132), ("unix_dgram", 1, 2, 0), ("netlink_audit", 16, 3, 9), ("bluetooth", 31, 3, 0),
]:
    attempt("32:" + name, lambda: socket.socket(family, kind, protocol))
for path in ["/proc/sys/kernel/hostname", "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/sys/kernel/profiling"]:
    attempt("33:write", lambda: open(path, "w").write("1"))
