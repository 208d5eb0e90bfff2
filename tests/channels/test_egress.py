"""Where webhooks may go."""

from collections.abc import Iterable

import httpcore
import pytest

from watchbill.channels.egress import AddressRefused, CheckedBackend, is_public, resolve

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


class Net(httpcore.AsyncNetworkBackend):
    """Notes where it was sent to; `dead` addresses don't answer."""

    def __init__(self, *dead: str) -> None:
        self.dead = dead
        self.called: list[tuple[str, int]] = []
        self.patience: list[float | None] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.called.append((host, port))
        self.patience.append(timeout)
        if host in self.dead:
            raise httpcore.ConnectTimeout("dead")
        return httpcore.AsyncMockStream([])


class Names:
    """A resolver that answers differently each time it is asked, the last answer for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def test_goes_to_the_very_address_that_was_checked() -> None:
    names, net = Names([PUBLIC], ["127.0.0.1"]), Net()
    backend = CheckedBackend(False, names, net)
    await backend.connect_tcp("rebinding.example.test", 443)
    assert net.called == [(PUBLIC, 443)]
    assert names.asked == 1
    with pytest.raises(AddressRefused):
        await backend.connect_tcp("rebinding.example.test", 443)
    assert len(net.called) == 1


async def test_one_inner_address_among_public_ones_is_enough_to_refuse() -> None:
    net = Net()
    with pytest.raises(AddressRefused):
        await CheckedBackend(False, Names([PUBLIC, PUBLIC_6, "10.1.2.3"]), net).connect_tcp("mixed.test", 80)
    assert net.called == []


async def test_where_private_networks_are_allowed_they_are_reached() -> None:
    net = Net()
    await CheckedBackend(True, Names(["10.1.2.3"]), net).connect_tcp("intern.test", 80)
    assert net.called == [("10.1.2.3", 80)]


async def test_a_dead_address_leaves_time_for_the_next() -> None:
    net = Net(PUBLIC_6)
    await CheckedBackend(False, Names([PUBLIC_6, PUBLIC]), net).connect_tcp("dual.test", 80, timeout=10)
    assert net.called == [(PUBLIC_6, 80), (PUBLIC, 80)]
    assert net.patience == [5, 5]


async def test_all_dead_is_a_failure_to_connect() -> None:
    with pytest.raises(httpcore.ConnectTimeout):
        await CheckedBackend(False, Names([PUBLIC]), Net(PUBLIC)).connect_tcp("dead.test", 80)
    with pytest.raises(httpcore.ConnectError):
        await CheckedBackend(False, Names([]), Net()).connect_tcp("empty.test", 80)


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "localhost"])
async def test_odd_spellings_of_loopback_are_seen_through(host: str) -> None:
    net = Net()
    with pytest.raises(AddressRefused):
        await CheckedBackend(False, resolve, net).connect_tcp(host, 80)
    assert net.called == []
