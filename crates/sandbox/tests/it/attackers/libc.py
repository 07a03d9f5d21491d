import ctypes, signal

libc = ctypes.CDLL(None, use_errno=True)

def call(name, number, *arguments):
    def act():
        if libc.syscall(number, *arguments) == -1:
            raise OSError(ctypes.get_errno(), name)
    attempt(name, act)

