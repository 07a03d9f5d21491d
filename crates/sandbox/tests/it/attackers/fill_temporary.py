def fill(folder):
    paths = [f"{folder}/fill-{os.getpid()}-{n}" for n in range(8)]
    try:
        for path in paths:
            with open(path, "wb") as file:
                file.write(b"x" * 5_000_000)
    finally:
        for path in paths:
            if os.path.exists(path):
                os.unlink(path)

for folder in ["/dev/shm", "/tmp", "/var/tmp"]:
    attempt("19:" + folder, lambda: fill(folder))
