held = []
for n in range(40):
    held.append(open("f", "wb"))
    os.unlink("f")
    held[-1].write(b"x" * 1_000_000)
    held[-1].flush()
print("20:nameless SUCCEEDED")
done()
