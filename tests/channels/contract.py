"""What every channel promises. A test class of a channel inherits a contract and brings its `bench`."""

from dataclasses import replace
from typing import Protocol

from tests.channels.samples import AT, BUNDLE, HOSTILE, incident, page
from watchbill.channels.registry import Channel
from watchbill.domain.delivery import Message, Outcome, Verdict


class Bench(Protocol):
    """A channel and, at its other end, a provider that the test plays."""

    @property
    def channel(self) -> Channel: ...

    @property
    def address(self) -> str: ...

    def received(self) -> list[tuple[str, str]]:
        """Of each message that came out at the other end: its idempotency key, and all one can read in it."""
        ...


class ProviderBench(Bench, Protocol):
    @property
    def secrets(self) -> tuple[str, ...]: ...

    def fails_for_now(self) -> None: ...

    def fails_for_good(self) -> None:
        """With an answer that repeats every secret it was given."""
        ...

    def hangs(self) -> None: ...

    def is_gone(self) -> None: ...

    def recovers(self) -> None: ...


async def send(bench: Bench, message: Message) -> Verdict:
    return await bench.channel.send(replace(message, address=bench.address))


class ChannelContract:
    async def test_sends(self, bench: Bench) -> None:
        verdict = await send(bench, page())
        assert verdict.outcome is Outcome.ACCEPTED, verdict.reason
        assert len(bench.received()) == 1
        text = bench.received()[0][1]
        assert "Disk full on db-1" in text
        assert "97 % of /var used" in text
        assert "on call by layer 2 of Primary" in text

    async def test_a_retry_bears_the_same_key_and_another_page_another(self, bench: Bench) -> None:
        for message in (page(), page(attempt=2, at=AT + 60_000_000), page(delivery_id="0190c0de-other")):
            await send(bench, message)
        first, second, other = (key for key, _ in bench.received())
        assert first == second != other

    async def test_a_bundle_shows_each_incident(self, bench: Bench) -> None:
        await send(bench, page(*BUNDLE, held=2))
        text = bench.received()[0][1]
        for subject in BUNDLE:
            assert subject.title in text

    async def test_hostile_content_is_sent_and_does_no_harm(self, bench: Bench) -> None:
        verdict = await send(bench, page(HOSTILE, recipient="Eve\r\nBcc: x\ud800", zone="No/Where"))
        assert verdict.outcome is Outcome.ACCEPTED, verdict.reason
        assert "x" * 70 in bench.received()[0][1].replace("\n", "")
        assert len(bench.received()) == 1

    async def test_a_message_without_incident(self, bench: Bench) -> None:
        message = replace(page(), subjects=(), links={}, code="", text="The safety net was paged.\nLook.")
        assert (await send(bench, message)).outcome is Outcome.ACCEPTED
        assert "The safety net was paged." in bench.received()[0][1]

    async def test_a_wrong_address_is_refused_for_good_with_the_sentence_forms_show(self, bench: Bench) -> None:
        for address in ("", "a b\r\nc", "\ud800", " " * 5):
            wrong = bench.channel.check_address(address)
            verdict = await bench.channel.send(page(address=address))
            assert wrong
            assert verdict == Verdict(Outcome.NEVER, wrong)

    async def test_describes_itself(self, bench: Bench) -> None:
        description = bench.channel.description
        assert bench.channel.name
        assert description.channel
        assert description.label
        assert description.contact_kind
        assert description.fields[0].name == "address"
        assert bench.channel.check_address(bench.address) is None

    async def test_closing_twice_is_harmless(self, bench: Bench) -> None:
        await send(bench, page(incident()))
        await bench.channel.close()
        await bench.channel.close()


class ProviderContract(ChannelContract):
    """For a channel whose other end is somebody else's."""

    async def test_a_passing_failure_is_tried_again(self, bench: ProviderBench) -> None:
        bench.fails_for_now()
        await self._fails(bench, Outcome.RETRY)

    async def test_a_lasting_failure_is_not(self, bench: ProviderBench) -> None:
        bench.fails_for_good()
        await self._fails(bench, Outcome.NEVER)

    async def test_one_that_hangs_is_given_up_and_tried_again(self, bench: ProviderBench) -> None:
        bench.hangs()
        assert "no answer" in (await self._fails(bench, Outcome.RETRY)).reason

    async def test_one_that_is_gone_is_tried_again(self, bench: ProviderBench) -> None:
        bench.is_gone()
        assert "refused" in (await self._fails(bench, Outcome.RETRY)).reason

    async def test_one_that_comes_back_is_used_again(self, bench: ProviderBench) -> None:
        bench.fails_for_now()
        await self._fails(bench, Outcome.RETRY)
        bench.recovers()
        assert (await send(bench, page(attempt=2))).outcome is Outcome.ACCEPTED

    async def _fails(self, bench: ProviderBench, outcome: Outcome) -> Verdict:
        verdict = await send(bench, page())
        assert verdict.outcome is outcome, verdict
        assert verdict.reason
        assert len(verdict.reason) <= 300
        assert "\n" not in verdict.reason
        for secret in bench.secrets:
            assert secret not in verdict.reason
            assert secret not in repr(bench.channel)
        return verdict
