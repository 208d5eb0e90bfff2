"""Where webhooks may go."""

import socket
from socket import gaierror

import aiohttp
import pytest

from tests.channels.providers import site
from tests.channels.samples import page
from watchbill.channels.egress import AddressRefused, CheckedResolver, Resolve, checked_socket, is_public, resolve
from watchbill.channels.settings import WebhookSettings
from watchbill.channels.webhook import Webhook
from watchbill.domain.delivery import Outcome

PUBLIC = "93.184.215.14"
PUBLIC_6 = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"


@pytest.mark.parametrize("address", [PUBLIC, PUBLIC_6, "1.1.1.1", "64:ff9b::5db8:d70e", f"::ffff:{PUBLIC}"])
def test_addresses_of_the_internet(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.0.9",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.127.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "168.63.129.16",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:c0a8:101::1",
        "2001:0:7f00:1::",
        "2001:db8::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "100::1",
    ],
)
def test_addresses_inside(address: str) -> None:
    assert not is_public(address)


class Names:
    """A resolver that answers differently each time it is asked, the last answer for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def addresses(names: Resolve, host: str = "name.test", allow_private: bool = False) -> list[str]:
    return [found["host"] for found in await CheckedResolver(allow_private, names).resolve(host, 80)]


async def test_a_connection_goes_to_the_very_addresses_that_were_checked() -> None:
    names = Names([PUBLIC, PUBLIC_6], ["127.0.0.1"])
    assert await addresses(names) == [PUBLIC, PUBLIC_6]
    assert names.asked == 1
    with pytest.raises(AddressRefused):
        await addresses(names)


async def test_one_inner_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(AddressRefused):
        await addresses(Names([PUBLIC, PUBLIC_6, "10.1.2.3"]))


async def test_where_private_networks_are_allowed_they_are_reached() -> None:
    assert await addresses(Names(["10.1.2.3"]), allow_private=True) == ["10.1.2.3"]


async def test_a_name_without_an_address_is_not_found() -> None:
    with pytest.raises(gaierror):
        await addresses(Names([]))


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "localhost"])
async def test_odd_spellings_of_loopback_are_seen_through(host: str) -> None:
    with pytest.raises(AddressRefused):
        await addresses(resolve, host)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "::1"])
def test_no_socket_is_made_for_an_inner_address(address: str) -> None:
    """However it came there."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    where = (family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, 80))
    with pytest.raises(AddressRefused):
        checked_socket(False)(where)
    checked_socket(True)(where).close()


async def test_the_session_asks_us_for_every_socket() -> None:
    """Also for an address that stands in the URL, which nobody resolves."""
    connector = aiohttp.TCPConnector(resolver=CheckedResolver(False), socket_factory=checked_socket(False))
    async with aiohttp.ClientSession(connector=connector) as session:
        for url in ("http://127.0.0.1:1/", "http://[::1]:1/", "http://localhost:1/"):
            with pytest.raises(AddressRefused):
                await session.post(url)


async def test_a_dead_address_leaves_time_for_the_next() -> None:
    """One that swallows packets: its queue of connections is full."""
    async with site() as alive:
        dead = socket.create_server(("127.0.0.2", alive.port), backlog=0)
        crowd = [socket.socket() for _ in range(4)]
        for one in crowd:
            one.setblocking(False)
            one.connect_ex(dead.getsockname())
        names = Names(["127.0.0.2", "127.0.0.1"])
        channel = Webhook(WebhookSettings(allow_private=True, timeout=5), resolve=names)
        verdict = await channel.send(page(address=f"http://dual.example.test:{alive.port}/"))
        await channel.close()
        for one in (dead, *crowd):
            one.close()
    assert verdict.outcome is Outcome.ACCEPTED
    assert len(alive.requests) == 1
