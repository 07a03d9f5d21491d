//! A run has a loopback of its own and reaches nothing else.

use serde_json::json;

use crate::cage::Cage;
use crate::victim::Victim;

#[tokio::test]
async fn no_socket_of_the_host_can_be_reached() {
    // 5, 6, 7, 8
    let cage = Cage::new();
    let spec = cage.spec(&["python3", "main.py"]).await;
    let victim = Victim::of(&spec.workspace);
    let at = &victim.at;
    let source = format!(
        r#"
import socket
stream = lambda family: socket.socket(family, socket.SOCK_STREAM)
attempt("tcp", lambda: stream(socket.AF_INET).connect(("127.0.0.1", {tcp})))
attempt("tcp_outside", lambda: stream(socket.AF_INET).connect(("192.0.2.1", 80)))
attempt("path", lambda: stream(socket.AF_UNIX).connect("{path}"))
attempt("abstract", lambda: stream(socket.AF_UNIX).connect("\0{name}"))
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.sendto(b"canary", ("127.0.0.1", {udp}))
attempt("udp_outside", lambda: udp.sendto(b"canary", ("192.0.2.1", 53)))
try:
    socket.getaddrinfo("example.org", 80)
    print("dns SUCCEEDED")
except socket.gaierror:
    print("dns no answer")
attempt("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
attempt("packet", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0))
"#,
        tcp = at["tcp"],
        udp = at["udp"],
        path = at["path"].as_str().unwrap(),
        name = at["abstract"].as_str().unwrap(),
    );
    let said = cage.attempts(spec, &source).await;
    assert_eq!(
        said,
        "tcp ECONNREFUSED\ntcp_outside ENETUNREACH\npath ENOENT\nabstract ECONNREFUSED\n\
         udp_outside ENETUNREACH\ndns no answer\nraw EPERM\npacket EPERM\n"
    );
    assert_eq!(victim.reached(), json!([]));
}

#[tokio::test]
async fn a_program_can_serve_and_ask_itself_over_tcp() {
    // 49
    let cage = Cage::new();
    let spec = cage.python_spec(
        "import socket\ns = socket.create_server(('127.0.0.1', 0))\n\
         c = socket.create_connection(s.getsockname())\nc.sendall(b'ping')\n\
         print(s.accept()[0].recv(4))\n",
    );
    assert_eq!(cage.run(spec.await).await.unwrap().stdout.text(), "b'ping'\n");
}
