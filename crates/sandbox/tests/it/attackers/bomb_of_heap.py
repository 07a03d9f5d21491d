blocks = [bytearray(b"x") * 4_000_000 for _ in range(100)]
print("14:heap SUCCEEDED")
done()
