signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
with open("big", "wb") as file:
    for _ in range(20):
        file.write(b"x" * 1_000_000)
print("20:big SUCCEEDED")
done()
