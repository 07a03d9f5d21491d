world, own = at["folder"] + "/world", at["folder"] + "/own"
for folder in ["/", "/etc", "/usr", "/dev", "/proc", at["folder"], at["home"], at["other"]]:
    attempt("4:write", lambda: open(folder + "/attack", "w"))
    attempt("4:mkdir", lambda: os.mkdir(folder + "/attack-folder"))
for path in [world, own, "/usr/bin/env", "/etc/passwd"]:
    attempt("4:link", lambda: os.link(path, "hard"))
    attempt("4:open", lambda: open(path, "a"))
    attempt("4:truncate", lambda: os.truncate(path, 0))
attempt("4:unlink", lambda: os.unlink(world))
attempt("4:rename", lambda: os.rename(own, "mine"))
attempt("4:move", lambda: os.rename(os.getcwd(), "/elsewhere"))
