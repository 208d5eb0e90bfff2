"""`watchbill apply FILE`: the organization as the file has it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import count

from watchbill.cli.answer import Answer
from watchbill.cli.ending import FINE, FOUND
from watchbill.cli.minting import KEY_BYTES, mint, token
from watchbill.cli.orgfile import Desired, Mint, Mistake, Parsed, Unreadable, desired, diff, located, parsed, plan, said
from watchbill.cli.session import Session
from watchbill.domain.checks import Problem, check
from watchbill.domain.organization import Change, Integration, Organization
from watchbill.usecases import directory
from watchbill.usecases.keys import give_ingest_key
from watchbill.usecases.ports import Tx


@dataclass(frozen=True, slots=True)
class File:
    """`actor` is who applies it, for the audit trail. With `prune` what the file leaves out of its sections goes."""

    name: str
    text: bytes
    actor: str
    prune: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """The changes in lines, and what keeps them from being made. `keys` are the ingest keys of new integrations, by
    name: they are stored hashed and shown this once."""

    lines: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    mistakes: tuple[Mistake, ...] = ()


def run(opened: Session, org: int, file: File) -> Answer:
    try:
        yaml = parsed(file.text, file.name)
        if file.dry_run:
            outcome = opened.read(_tried, org, file, yaml, opened.clock())
        else:
            outcome = opened.write(_applied, org, file, yaml, opened.clock())
    except Unreadable as refusal:
        outcome = Outcome(mistakes=refusal.mistakes)
    data = {
        "applied": not (file.dry_run or outcome.mistakes),
        "changes": list(outcome.lines),
        "keys": dict(outcome.keys),
        "errors": [{"file": file.name, **asdict(mistake)} for mistake in outcome.mistakes],
    }
    return Answer(data, _shown(file, outcome), FOUND if outcome.mistakes else FINE)


def _applied(tx: Tx, number: int, file: File, yaml: Parsed, now: int) -> Outcome:
    org = tx.organization(number)
    wanted = desired(yaml, org, mint(tx, number, now))
    changes = plan(org, wanted, file.prune)
    try:
        directory.apply(tx, number, changes, file.actor, now)
    except directory.Unfit as refusal:
        return _refused(wanted, org, changes, refusal.problems)
    added = [one.entity for one in changes if isinstance(one.entity, Integration) and one.id not in org.integrations]
    keys = {integration.name: token(KEY_BYTES) for integration in added}
    for integration in added:
        give_ingest_key(tx, number, integration.id, keys[integration.name], now)
    return Outcome(tuple(diff(org, changes)), keys)


def _tried(tx: Tx, number: int, file: File, yaml: Parsed, now: int) -> Outcome:
    """As applying, without writing: what is new gets ids that nobody will see again."""
    org = tx.organization(number)
    ids = count(1)
    wanted = desired(yaml, org, Mint(lambda: f"new-{next(ids)}", lambda counter: 0, now))
    changes = plan(org, wanted, file.prune)
    problems = check(directory.changed(org, changes)) if changes else []
    return _refused(wanted, org, changes, problems) if problems else Outcome(tuple(diff(org, changes)))


def _refused(wanted: Desired, org: Organization, changes: Sequence[Change], problems: Sequence[Problem]) -> Outcome:
    mistakes = located(wanted, org, directory.changed(org, changes), problems)
    return Outcome(mistakes=tuple(sorted(mistakes, key=lambda mistake: mistake.line)))


def _shown(file: File, outcome: Outcome) -> str:
    if outcome.mistakes:
        errors = [said(file.name, mistake) for mistake in outcome.mistakes]
        return "\n".join([*errors, f"{len(errors)} to correct; nothing was changed."])
    if not outcome.lines:
        return "Nothing to change."
    end = "not made (dry run)" if file.dry_run else "made"
    keys = [f"ingest key of {name}, shown once: {key}" for name, key in outcome.keys.items()]
    return "\n".join([*outcome.lines, f"{len(outcome.lines)} changes {end}.", *keys])
