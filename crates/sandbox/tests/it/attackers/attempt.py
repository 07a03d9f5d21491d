import errno, os, sys

def attempt(name, act):
    try:
        act()
        print(name, "SUCCEEDED")
    except OSError as error:
        print(name, errno.errorcode[error.errno])

