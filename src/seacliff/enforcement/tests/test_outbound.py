"""The guard of everything that goes out: whatever an address is spelt like, and whatever its name says next time."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from seacliff.enforcement import outbound
from seacliff.enforcement.outbound import AddressRefused, allowed

INSIDE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
    "::1", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
    "2002:7f00:1::", "2002:a00:1::1", "::127.0.0.1", "ff02::1", "255.255.255.255",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_no_spelling_of_an_inside_address_is_let_through(address):
    assert not allowed("evil.example", 80, address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"])
def test_the_world_outside_is_reached(address):
    assert allowed("good.example", 443, address)


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::ffff:7f00:1]", "localhost", "localhost."]
)
def test_decimal_octal_hexadecimal_and_short_addresses_are_what_they_resolve_to(host):
    with outbound.client() as http, pytest.raises((httpx.ConnectError, httpx.InvalidURL)):
        http.get(f"http://{host}:9/")


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch):
    """DNS rebinding: the name says a public address when it is asked first, and 127.0.0.1 ever after."""
    answers = iter(["93.184.216.34"])
    tried = []

    def resolve(host, port, *args, **kwargs):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers, "127.0.0.1"), port))]

    def connect(address, *args, **kwargs):
        tried.append(address[0])
        raise OSError("unreachable in this test")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    with outbound.client() as http, pytest.raises(httpx.ConnectError):
        http.get("http://rebinding.example/")
    assert tried == ["93.184.216.34"]
    with outbound.client() as http, pytest.raises((httpx.ConnectError, AddressRefused), match="private network"):
        http.get("http://rebinding.example/")
    assert tried == ["93.184.216.34"]


def test_a_redirect_is_an_answer_and_is_not_followed(settings):
    class Redirects(BaseHTTPRequestHandler):
        asked = 0

        def do_GET(self):
            type(self).asked += 1
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/latest/meta-data")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Redirects)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.WEBHOOK_ALLOWED_PRIVATE = [f"127.0.0.1:{server.server_port}"]
    with outbound.client() as http:
        assert http.get(f"http://127.0.0.1:{server.server_port}/").status_code == 302
    assert Redirects.asked == 1
    server.shutdown()


def test_proxies_of_the_environment_are_not_taken(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with outbound.client() as http:
        assert not http._mounts
