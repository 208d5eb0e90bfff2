"""What the use cases need of the world, as protocols. Adapters fit by shape; `wiring/` is where mypy compares
them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ParamSpec, Protocol, TypeVar

from watchbill.domain.belonging import Seat
from watchbill.domain.delivery import Delivery
from watchbill.domain.incident import Incident
from watchbill.domain.organization import Change, Organization
from watchbill.domain.records import Alert, AlertQuery, Credential, Health, IncidentQuery, Opening, Saved, TicketQuery
from watchbill.domain.tickets import Remark, Ticket
from watchbill.domain.timeline import Entry
from watchbill.domain.training import Case, Group, TrainingFile

P = ParamSpec("P")
T = TypeVar("T")


class Tx(Protocol):
    """One transaction. Everything read and written inside it is one state; nothing here waits for the network."""

    def new_id(self, now: int) -> str:
        """A UUIDv7 text; rising within a node."""

    # Organizations and their configuration
    def organization(self, number: int) -> Organization:
        """The organization at its present version. Raises NotFound."""

    def organizations(self, numbers: Iterable[int]) -> Mapping[int, Organization]: ...

    def organization_numbers(self) -> Sequence[int]:
        """All of them, rising."""

    def client_numbers(self, parent: int) -> Sequence[int]:
        """Of the organizations that this one is the partner of, rising."""

    def organization_by_slug(self, slug: str) -> Organization:
        """Raises NotFound."""

    def create_organization(self, slug: str, name: str, parent: int | None, now: int) -> Organization:
        """Raises Conflict when the slug is taken."""

    def rename_organization(self, number: int, name: str) -> Organization: ...

    def change(self, org: int, changes: Sequence[Change], actor: str, now: int) -> Organization:
        """Applies the changes, leaves an audit row for each, and returns the organization as it is now."""

    def changes_back_to(self, org: int, moment: int) -> Iterator[tuple[int, Change]]:
        """For every configuration change after that moment, the newest first: when it was made, and the change that
        takes it back. Taken back one after the other they lead to what the organization was then."""

    def next_numbers(self, org: int, counter: str, count: int) -> range:
        """So many consecutive numbers of a counter of the organization ("incident", "user", …), starting at 1. Numbers
        taken and not used leave a gap."""

    # Credentials and secrets
    def credential(self, digest: bytes) -> Credential | None: ...
    def credential_named(self, kind: str, name: str) -> Credential | None: ...
    def credentials_of(self, org: int) -> Sequence[Credential]: ...
    def add_credential(self, credential: Credential) -> None: ...
    def remove_credential(self, digest: bytes) -> None: ...
    def server_secret(self, name: str, fresh: Callable[[], bytes]) -> bytes:
        """The installation's secret of that name; made by `fresh` the first time."""

    # Incidents
    def open_incidents(self, keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], Incident]:
        """The unresolved incidents with these (organization, deduplication key), locked for this transaction."""

    def incident(self, org: int, number: int) -> Incident:
        """Locked for this transaction. Raises NotFound."""

    def incident_by_id(self, org: int, id: str) -> Incident:
        """Raises NotFound."""

    def incidents_by_number(self, numbers: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Incident]:
        """Locked, for settling deliveries and for wording them; unknown numbers are left out."""

    def due_incidents(self, now: int, limit: int) -> list[Incident]:
        """Incidents whose wake_at has come, the earliest first, locked; rows locked by another node are passed over."""

    def put_off_incident(self, now: int, until: int) -> tuple[int, int] | None:
        """Makes the incident that `due_incidents` would give first due later, without reading it; its organization and
        number."""

    def next_wake_at(self) -> int | None: ...

    def wake_muted(self, org: int, now: int) -> None:
        """Makes the muted incidents of an organization due now: its maintenance windows were changed."""

    def save(self, saves: Sequence[Saved], openings: Sequence[Opening] = ()) -> None:
        """Keeps incidents, timeline leaves, deliveries and tickets, and what opened alike. Raises LostRace when a
        version or an open key was taken by somebody else; the transaction is then run again."""

    def incidents(self, query: IncidentQuery) -> list[Incident]: ...
    def count_incidents(self, query: IncidentQuery) -> int:
        """How many there are in all; the page asked for doesn't matter."""

    def current_incidents(self, org: int, since: int, limit: int) -> list[Incident]:
        """The unresolved ones and those resolved since then, newest number first."""

    def timeline(self, org: int, number: int) -> list[Entry]: ...
    def add_entries(self, org: int, number: int, entries: Sequence[Entry]) -> None:
        """One more leaf of the timeline, without touching the incident."""

    def add_org_entries(self, org: int, entries: Sequence[Entry]) -> None:
        """To the timeline of the organization itself, which forgets its oldest entries when it is full."""

    def org_timeline(self, org: int, offset: int, limit: int) -> list[Entry]:
        """Newest first."""

    # Who was seen last of alerts that belong together
    def seats(self, keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], Seat]:
        """By (organization, key), locked for this transaction; unknown ones are left out."""

    def keep_seats(self, seats: Sequence[Seat]) -> None:
        """Adds those that are not `stored`, and changes the others. Raises LostRace, or loses it at the commit, when
        somebody else added one."""

    # Tickets
    def ticket(self, org: int, number: int) -> Ticket:
        """Locked for this transaction. Raises NotFound."""

    def tickets_by_number(self, org: int, numbers: Sequence[int]) -> dict[int, Ticket]:
        """Locked; unknown numbers are left out."""

    def tickets(self, query: TicketQuery) -> list[Ticket]: ...
    def keep_tickets(self, tickets: Sequence[Ticket]) -> None:
        """Writes their present state. New ones are added."""

    def remarks(self, org: int, ticket: int, kind: str) -> list[Remark]:
        """In the order of their numbers."""

    def remark(self, org: int, ticket: int, number: int) -> Remark:
        """Raises NotFound."""

    def keep_remarks(self, remarks: Sequence[Remark]) -> None: ...
    def remove_remark(self, org: int, ticket: int, number: int) -> None: ...

    # Alerts
    def add_alerts(self, alerts: Sequence[Alert]) -> None: ...
    def alerts(self, query: AlertQuery) -> list[Alert]: ...
    def alert(self, org: int, id: str) -> Alert:
        """Raises NotFound."""

    def alerts_by_id(self, ids: Sequence[tuple[int, str]]) -> dict[tuple[int, str], Alert]:
        """By (organization, id); unknown ones are left out."""

    def raw_body(self, org: int, alert_id: str) -> bytes: ...

    # What tickets learn from
    def training_files(self, org: int) -> list[TrainingFile]: ...
    def training_content(self, org: int, category: str) -> bytes | None: ...
    def queued_training(self) -> TrainingFile | None:
        """The oldest file of any organization that waits to be learned from."""

    def add_training_file(self, file: TrainingFile, content: bytes) -> None:
        """Instead of the one of that category."""

    def keep_training_file(self, file: TrainingFile) -> bool:
        """What has become of it; False where another has taken its place."""

    def forget_training(self, org: int, category: str, limit: int) -> int:
        """So many groups of rows at most; how many there were."""

    def add_training(self, org: int, category: str, groups: Sequence[Group]) -> None: ...
    def training_groups(self, org: int, category: str, keys: Sequence[bytes]) -> list[Group]:
        """Those of these keys that there are, perhaps more than once."""

    def keep_case(self, case: Case) -> None: ...
    def remove_case(self, org: int, ticket: int) -> None: ...
    def cases(self, org: int, key: bytes) -> list[Case]:
        """The newest tickets first, at most `MOST_CASES`."""

    # Deliveries
    def claim_deliveries(
        self, now: int, lease: int, node: str, limit: int, contacts: Sequence[tuple[int, str]] = ()
    ) -> list[Delivery]:
        """Open deliveries that are due, high urgency first, then oldest; marked CLAIMED, `due_at` moved to now + lease,
        `attempts` counted up. Rows locked by another node are passed over. `contacts`: of these alone, each by its
        organization and `contact_of`."""

    def hand_over(self, deliveries: Sequence[Delivery], now: int) -> None:
        """Counts these claimed deliveries as sent to their contacts already, until their verdicts are kept: what is
        under way fills a contact's measure too."""

    def claimed_deliveries(self, node: str, until: int) -> list[Delivery]:
        """What this node holds by a claim that ends at exactly that moment."""

    def put_off_delivery(self, now: int, until: int) -> tuple[int, str] | None:
        """Makes the delivery that `claim_deliveries` would give first due later, without reading it; its organization
        and id."""

    def next_delivery_due_at(self) -> int | None: ...

    def keep_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        """Writes their present state (verdict, due moment, …). New ones are added."""

    def delivered(self, keys: Sequence[tuple[int, str]]) -> set[tuple[int, str]]:
        """Those of these (organization, delivery id) that are DELIVERED by now."""

    def delivery(self, org: int, id: str) -> Delivery:
        """Raises NotFound."""

    def carried_by(self, org: int, carrier_id: str) -> list[Delivery]:
        """The deliveries that left inside this one's message."""

    def deliveries(self, org: int, number: int) -> list[Delivery]:
        """All of one incident, oldest first."""

    def recent_deliveries(self, org: int, since: int, limit: int) -> list[Delivery]:
        """Those created since then, newest first."""

    def sends_since(self, contacts: Sequence[tuple[int, str]], since: int) -> dict[tuple[int, str], tuple[int, ...]]:
        """For each (organization, contact id): the moments at which something was sent to it, rising."""

    def turns(self, org: int, step_ids: Sequence[str]) -> dict[str, int]:
        """Round-robin: how many turns each step has used up so far."""

    def use_turns(self, org: int, used: Mapping[str, int]) -> None: ...

    # Housekeeping
    def health(self, now: int) -> Health: ...
    def forget_before(self, moment: int, limit: int) -> int:
        """Removes resolved incidents older than that with all that belongs to them; how many rows went."""


class Database(Protocol):
    """Runs sync functions of a transaction. Concurrent writes are committed together and answered after the commit.

    A function may be run again (lost race, lost connection before the commit), so it must have no effect but on `tx`.
    """

    async def write(self, fn: Callable[..., T], *args: Any) -> T: ...
    async def read(self, fn: Callable[..., T], *args: Any) -> T: ...
