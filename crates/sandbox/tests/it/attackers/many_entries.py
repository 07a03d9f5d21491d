os.mkdir("d")
for n in range(1000):
    os.symlink("x", f"l{n}")
    os.mkdir(f"d/{n}")
print("21:entries SUCCEEDED")
done()
