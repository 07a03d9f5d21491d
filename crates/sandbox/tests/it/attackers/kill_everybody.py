import subprocess

child = subprocess.Popen(["sleep", "60"])
os.kill(-1, signal.SIGKILL)
print("child", child.wait())
attempt("parent", lambda: os.kill(os.getppid(), signal.SIGKILL))
print("still here")
