"""The way out to addresses that users chose: it leads to the internet, not into our own network.

A name is resolved once for each connection, every address it has is checked, and the connection goes to one
of those very addresses; so a name that answers differently the next time (DNS rebinding) gains nothing.
HTTP above keeps the name for Host, SNI and the certificate.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpcore

Resolve = Callable[[str, int], Awaitable[list[str]]]

_NAT64 = IPv6Network("64:ff9b::/96")
# Public by number, yet it is the virtual machine host's own service on Azure.
_INTERNAL = frozenset({IPv4Address("168.63.129.16")})
_MOST_ADDRESSES = 4


class AddressRefused(Exception):
    """The name or address leads into a network that webhooks may not reach."""


def is_public(address: str) -> bool:
    """Whether it is of the internet: not loopback, private, link-local, shared, multicast or reserved.

    IPv6 forms that carry an IPv4 address are judged by what they carry.
    """
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        carried = _carried(ip)
        if carried is not None:
            return is_public(str(carried))
        if ip.is_site_local:
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip in _INTERNAL)


def _carried(ip: IPv6Address) -> IPv4Address | None:
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour


# Threads of their own: names that users chose may take long, and the loop's few threads serve others too.
_threads = ThreadPoolExecutor(16, thread_name_prefix="resolve")


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, in the system's order of preference."""
    ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_threads, ask)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections only to checked addresses, and to exactly those it checked."""

    def __init__(
        self,
        allow_private: bool,
        resolve: Resolve = resolve,
        inner: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._allow_private = allow_private
        self._resolve = resolve
        self._inner = inner or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109, the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._checked(host, port)
        failure: Exception | None = None
        for address in addresses:
            # One address that swallows packets must leave time for the next.
            share = timeout / len(addresses) if timeout else timeout
            try:
                return await self._inner.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError("the name has no address")

    async def _checked(self, host: str, port: int) -> list[str]:
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("the name can't be resolved") from error
        if not self._allow_private and not all(map(is_public, addresses)):
            raise AddressRefused
        return addresses[:_MOST_ADDRESSES]
