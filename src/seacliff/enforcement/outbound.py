"""HTTP to addresses that people configured: never to the inside of our own network, never for long, never much.

The address is checked when the connection is made, on the very IP it goes to: a name that resolves to a public address
when asked and to a private one a moment later (DNS rebinding) gains nothing.
"""

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx
from django.conf import settings

ANSWER_MOST = 64 * 1024
TIMEOUT = httpx.Timeout(10.0, connect=5.0)


class AddressRefused(httpcore.ConnectError):
    """The address lies inside a private network and is not on the list of allowed ones."""


class GuardedBackend(httpcore.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(f"the name {host} can't be resolved: {error}") from error
        address = str(found[0][4][0])
        if not allowed(host, port, address):
            raise AddressRefused(
                f"{host} is {address}, inside a private network. If that is meant, add {host}:{port} to "
                "SEACLIFF_WEBHOOK_ALLOWED_PRIVATE."
            )
        return super().connect_tcp(address, port, timeout, local_address, socket_options)


def allowed(host: str, port: int, address: str) -> bool:
    """Whether a connection may go to `address`, which `host` resolved to."""
    if all(each.is_global and not each.is_multicast for each in _meant(address)):
        return True
    return bool({host, f"{host}:{port}"} & set(settings.WEBHOOK_ALLOWED_PRIVATE))


# Addresses of IPv6 that carry one of IPv4, which a gateway may unpack: NAT64 (RFC 6052), 6to4 (RFC 3056), compatible ones.
CARRIERS = [(ipaddress.ip_network("64:ff9b::/96"), 0), (ipaddress.ip_network("2002::/16"), 80),
            (ipaddress.ip_network("::/96"), 0)]  # fmt: skip


def _meant(address: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """The address, or the address of IPv4 that it carries."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv4Address):
        return [ip]
    if ip.ipv4_mapped:
        return [ip.ipv4_mapped]
    inside: list[ipaddress.IPv4Address | ipaddress.IPv6Address] = [
        ipaddress.IPv4Address(int(ip) >> shift & 0xFFFFFFFF) for network, shift in CARRIERS if ip in network
    ]
    return inside or [ip]


def client() -> httpx.Client:
    """A client for one desk: no redirects, no environment proxies, guarded connections."""
    transport = httpx.HTTPTransport(retries=0)
    transport._pool = httpcore.ConnectionPool(
        ssl_context=httpx.create_ssl_context(), max_connections=64, network_backend=GuardedBackend()
    )
    return httpx.Client(transport=transport, timeout=TIMEOUT, follow_redirects=False, trust_env=False)


def post(http: httpx.Client, url: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    """POST and read at most 64 KiB of the answer. Returns status and the beginning of the text; raises httpx.HTTPError."""
    with http.stream("POST", url, content=body, headers=headers) as response:
        return response.status_code, beginning(response)[:500].decode("utf-8", "replace")


def beginning(response: httpx.Response) -> bytes:
    """What a streamed answer begins with: 64 KiB are enough for everybody we talk to, whatever else they send."""
    text = b""
    for chunk in response.iter_bytes(8192):
        text += chunk
        if len(text) > ANSWER_MOST:
            break
    return text[:ANSWER_MOST]
