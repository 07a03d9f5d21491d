for n in range(40):
    with open(f"f{n}", "wb") as file:
        file.write(b"x" * 1_000_000)
print("20:many SUCCEEDED")
done()
