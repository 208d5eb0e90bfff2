"""`watchbill apply FILE`: the organization as the file has it."""

from dataclasses import asdict, dataclass
from itertools import count

from rich.console import RenderableType
from rich.text import Text

from watchbill.cli.answer import FINE, FOUND, Answer
from watchbill.cli.orgfile import Desired, Mint, Mistake, Unreadable, diff, located, plan, read, said
from watchbill.cli.session import Session, mint
from watchbill.domain.checks import Problem, check
from watchbill.domain.organization import Organization
from watchbill.usecases import directory
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
    """The changes in lines, and what keeps them from being made."""

    lines: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = ()


def run(opened: Session, org: int, file: File) -> Answer:
    try:
        if file.dry_run:
            outcome = opened.read(_tried, org, file, opened.clock())
        else:
            outcome = opened.write(_applied, org, file, opened.clock())
    except Unreadable as refusal:
        outcome = Outcome(mistakes=refusal.mistakes)
    data = {
        "applied": not (file.dry_run or outcome.mistakes),
        "changes": list(outcome.lines),
        "errors": [{"file": file.name, **asdict(mistake)} for mistake in outcome.mistakes],
    }
    return Answer(data, _shown(file, outcome), FOUND if outcome.mistakes else FINE)


def _applied(tx: Tx, number: int, file: File, now: int) -> Outcome:
    org = tx.organization(number)
    desired = read(file.text, file.name, org, mint(tx, number, now))
    changes = plan(org, desired, file.prune)
    try:
        directory.apply(tx, number, changes, file.actor, now)
    except directory.Unfit as refusal:
        return _refused(desired, directory.changed(org, changes), refusal.problems)
    return Outcome(tuple(diff(org, changes)))


def _tried(tx: Tx, number: int, file: File, now: int) -> Outcome:
    """As applying, without writing: what is new gets ids that nobody will see again."""
    org = tx.organization(number)
    ids = count(1)
    desired = read(file.text, file.name, org, Mint(lambda: f"new-{next(ids)}", lambda counter: 0, now))
    changes = plan(org, desired, file.prune)
    wanted = directory.changed(org, changes)
    problems = check(wanted) if changes else []
    return _refused(desired, wanted, problems) if problems else Outcome(tuple(diff(org, changes)))


def _refused(desired: Desired, org: Organization, problems: tuple[Problem, ...] | list[Problem]) -> Outcome:
    return Outcome(mistakes=tuple(sorted(located(desired, org, problems), key=lambda mistake: mistake.line)))


def _shown(file: File, outcome: Outcome) -> RenderableType:
    if outcome.mistakes:
        errors = [said(file.name, mistake) for mistake in outcome.mistakes]
        return Text("\n".join([*errors, f"{len(errors)} to correct; nothing was changed."]))
    if not outcome.lines:
        return Text("Nothing to change.")
    end = "not made (dry run)" if file.dry_run else "made"
    return Text("\n".join([*outcome.lines, f"{len(outcome.lines)} changes {end}."]))
