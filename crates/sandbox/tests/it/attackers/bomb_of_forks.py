count = 0
while count < 300:
    try:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        count += 1
    except OSError:
        time.sleep(0.01)
print("13:forks SUCCEEDED")
done()
