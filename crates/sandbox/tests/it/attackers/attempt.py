# Goes before every attack. One line per attempt: `number:name ERRNO`, or `number:name SUCCEEDED`.
import ctypes, errno, json, os, signal, sys, time

at = json.loads(os.environ["AT"])
libc = ctypes.CDLL(None, use_errno=True)

def attempt(name, act):
    try:
        act()
        print(name, "SUCCEEDED", flush=True)
    except OSError as error:
        print(name, errno.errorcode.get(error.errno, "no answer"), flush=True)

def call(name, number, *arguments):
    def act():
        if libc.syscall(number, *arguments) == -1:
            raise OSError(ctypes.get_errno(), name)
    attempt(name, act)

def done():
    """Stays as it is, to be seen, when there is nothing left to try."""
    print(".", flush=True)
    time.sleep(10)

