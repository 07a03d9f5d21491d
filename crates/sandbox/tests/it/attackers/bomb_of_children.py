ends = os.pipe()
for _ in range(30):
    if os.fork() == 0:
        block = bytearray(b"x") * 20_000_000
        os.write(ends[1], b"x")
        time.sleep(60)
for _ in range(30):
    os.read(ends[0], 1)
print("15:children SUCCEEDED")
done()
