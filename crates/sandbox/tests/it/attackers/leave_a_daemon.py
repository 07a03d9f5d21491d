if os.fork():
    os.wait()
    os._exit(0)
os.setsid()
if os.fork():
    os._exit(0)
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
out = os.dup(1)
os.set_inheritable(out, True)
time.sleep(0.3)
os.write(out, b"34:daemon SUCCEEDED\n.\n")
os.closerange(0, 256)
time.sleep(600)
