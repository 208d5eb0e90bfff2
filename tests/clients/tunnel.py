"""A proxy to which a client is sent that knows only the name of the real service: it opens the tunnel that the client
asks for, shows a certificate for that name, and passes everything on to a server of ours."""

import contextlib
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

CERTS = Path(__file__).parent / "certs"
PIECE = 65_536


class Tunnel(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int) -> None:
        """`port`: where our server listens."""
        super().__init__(("127.0.0.1", 0), _Asked)
        self.port = port
        self.shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.shown.load_cert_chain(CERTS / "cert.pem", CERTS / "key.pem")

    @property
    def settings(self) -> dict[str, str]:
        """What sends a client through here, as variables that HTTP clients know."""
        address = f"http://127.0.0.1:{self.server_address[1]}"
        return {"HTTPS_PROXY": address, "https_proxy": address, "SSL_CERT_FILE": str(CERTS / "cert.pem")}


class _Asked(socketserver.BaseRequestHandler):
    server: Tunnel

    def handle(self) -> None:
        asked = b""
        while not asked.endswith(b"\r\n\r\n"):
            asked += self.request.recv(1)
        assert asked.startswith(b"CONNECT api.victorops.com:443 "), asked
        self.request.sendall(b"HTTP/1.1 200 here you are\r\n\r\n")
        with (
            contextlib.suppress(OSError),
            self.server.shown.wrap_socket(self.request, server_side=True) as near,
            socket.create_connection(("127.0.0.1", self.server.port)) as far,
        ):
            back = threading.Thread(target=_pass, args=(far, near), daemon=True)
            back.start()
            _pass(near, far)


def _pass(source: socket.socket, goal: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(PIECE):
            goal.sendall(piece)
    with contextlib.suppress(OSError):
        goal.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def tunnel(port: int) -> Iterator[Tunnel]:
    with Tunnel(port) as opened:
        threading.Thread(target=opened.serve_forever, daemon=True).start()
        yield opened
        opened.shutdown()
