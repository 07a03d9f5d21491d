paths = ["/etc/shadow", "/root", at["folder"] + "/world", at["folder"] + "/own", at["home"]]
for number, path in enumerate(paths):
    attempt("1:direct", lambda: os.close(os.open(path, os.O_RDONLY)))
    os.symlink(path, f"link{number}")
    attempt("1:link", lambda: os.close(os.open(f"link{number}", os.O_RDONLY)))
for folder in [at["folder"] + "/secrets", at["home"]]:
    attempt("42:list", lambda: os.listdir(folder))
attempt("42:read", lambda: open(at["folder"] + "/secrets/token").read())
