import socket

def tcp(host, port):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as one:
        one.settimeout(2)
        one.connect((host, port))

def udp(host, port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.settimeout(2)
        one.connect((host, port))
        one.send(b"canary")
        one.recv(16)

def unix(kind, address):
    with socket.socket(socket.AF_UNIX, kind) as one:
        one.connect(address)
        one.send(b"canary")

def pair(address):
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    one.sendto(b"canary", address)

attempt("5:tcp", lambda: tcp("127.0.0.1", at["tcp"]))
attempt("6:udp", lambda: udp("127.0.0.1", at["udp"]))
attempt("7:stream", lambda: unix(socket.SOCK_STREAM, at["path"]))
attempt("7:datagram", lambda: unix(socket.SOCK_DGRAM, at["datagram"]))
attempt("7:pair", lambda: pair(at["datagram"]))
attempt("8:abstract", lambda: unix(socket.SOCK_STREAM, "\0" + at["abstract"]))
