for _ in range(64):
    os.write(1, b"\xff" * 65536)
os.write(2, b"22:flood SUCCEEDED\n.\n")
time.sleep(10)
