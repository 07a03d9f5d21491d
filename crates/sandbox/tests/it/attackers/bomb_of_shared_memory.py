import mmap

blocks = [mmap.mmap(-1, 16 << 20) for _ in range(25)]
for block in blocks:
    block.write(b"x" * (16 << 20))
print("16:shared SUCCEEDED")
done()
