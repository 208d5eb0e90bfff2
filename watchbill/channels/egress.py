"""The way out to addresses that users chose: it leads to the internet, not into our own network.

A name is resolved once for each connection, every address it has is checked, and the connection goes to one
of those very addresses; so a name that answers differently the next time (DNS rebinding) gains nothing.
HTTP above keeps the name for Host, SNI and the certificate.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import AddrInfoType

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


class CheckedResolver(AbstractResolver):
    """Names lead to checked addresses only."""

    def __init__(self, allow_private: bool, resolve: Resolve = resolve) -> None:
        self._allow_private = allow_private
        self._resolve = resolve

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise socket.gaierror("the name can't be resolved") from error
        if not addresses:
            raise socket.gaierror("the name has no address")
        if not self._allow_private and not all(map(is_public, addresses)):
            raise AddressRefused
        return [_result(host, address, port) for address in addresses[:_MOST_ADDRESSES]]

    async def close(self) -> None:
        """There is nothing to close."""


def _result(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return {
        "hostname": host,
        "host": address,
        "port": port,
        "family": family,
        "proto": socket.IPPROTO_TCP,
        "flags": socket.AI_NUMERICHOST,
    }


def checked_socket(allow_private: bool) -> Callable[[AddrInfoType], socket.socket]:
    """Makes the socket for an address that a connection goes to. Addresses that stand in a URL come here without having
    been resolved."""

    def make(where: AddrInfoType) -> socket.socket:
        family, kind, proto, _, sockaddr = where
        if not allow_private and not is_public(str(sockaddr[0])):
            raise AddressRefused
        return socket.socket(family, kind, proto)

    return make
