//! A run has a loopback of its own, or no network at all, and reaches nothing else.

in_every_tier! {
    async fn no_socket_of_the_host_can_be_reached(cage: &Cage) {
        // 5, 6, 7, 8
        let said = cage.attempts("reach_sockets").await;
        let ns = "5:tcp ECONNREFUSED\n6:udp ECONNREFUSED\n7:stream ENOENT\n7:datagram EPERM\n\
                  7:pair ENOENT\n8:abstract ECONNREFUSED\n";
        let landlock = "5:tcp EPERM\n6:udp EPERM\n7:stream EPERM\n7:datagram EPERM\n\
                        7:pair EPERM\n8:abstract EPERM\n";
        assert_eq!(said, cage.either(ns, landlock));
    }

    async fn there_is_no_way_out_of_the_machine(cage: &Cage) {
        // 5, 6. Not part of the attacks that also run without a cage: there, it would leave.
        let said = cage.said(
            "import socket\nto = ('192.0.2.1', 53)\n\
             attempt('tcp', lambda: socket.create_connection(to, 2))\n\
             attempt('udp', lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', to))\n\
             attempt('dns', lambda: socket.getaddrinfo('example.org', 80))\n",
        );
        let ns = "tcp ENETUNREACH\nudp ENETUNREACH\ndns no answer\n";
        assert_eq!(said.await, cage.either(ns, "tcp EPERM\nudp EPERM\ndns no answer\n"));
    }

    async fn a_program_can_serve_and_ask_itself_over_tcp_where_it_has_a_loopback(cage: &Cage) {
        // 49
        let said = cage.said(
            "import socket\ndef talk():\n s = socket.create_server(('127.0.0.1', 0))\n \
             c = socket.create_connection(s.getsockname())\n c.sendall(b'ping')\n \
             print(s.accept()[0].recv(4))\nattempt('tcp', talk)\n",
        );
        assert_eq!(said.await, cage.either("b'ping'\ntcp SUCCEEDED\n", "tcp EPERM\n"));
    }
}
