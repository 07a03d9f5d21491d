# Stands outside the sandbox, as the same user: servers, signal counters, a secret in its memory and
# environment. Says where it can be found; at the end of its input says what reached it.
import json, os, select, signal, socket, sys

folder = sys.argv[1]
reached = []
for number in (signal.SIGUSR1, signal.SIGIO, signal.SIGTERM, signal.SIGCONT):
    signal.signal(number, lambda number, _: reached.append("signal %d" % number))

def listen(family, address):
    server = socket.socket(family, socket.SOCK_STREAM)
    server.bind(address)
    server.listen(8)
    return server

tcp = listen(socket.AF_INET, ("127.0.0.1", 0))
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", 0))
path = listen(socket.AF_UNIX, folder + "/victim.sock")
os.chmod(folder + "/victim.sock", 0o777)
name = "ninja-victim-%d" % os.getpid()
abstract = listen(socket.AF_UNIX, "\0" + name)
datagram = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
datagram.bind(folder + "/victim.dgram")
os.chmod(folder + "/victim.dgram", 0o777)
print(json.dumps({"pid": os.getpid(), "tcp": tcp.getsockname()[1], "udp": udp.getsockname()[1],
                  "path": folder + "/victim.sock", "datagram": folder + "/victim.dgram",
                  "abstract": name}), flush=True)
kinds = {tcp: "tcp", udp: "udp", path: "path", abstract: "abstract", datagram: "datagram"}
over = False
while not over:
    ready, _, _ = select.select([sys.stdin, *kinds], [], [])
    for one in ready:
        if one is sys.stdin:
            over = True
        elif one in (udp, datagram):
            _, whom = one.recvfrom(16)
            reached.append(kinds[one])
            if whom:
                one.sendto(b"canary", whom)
        else:
            one.accept()
            reached.append(kinds[one])
for one, kind in kinds.items():
    if select.select([one], [], [], 0)[0]:
        reached.append(kind)
print(json.dumps(reached), flush=True)
