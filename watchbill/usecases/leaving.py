"""Taking somebody out of the organization or a team: their places go to others, who are told."""

from watchbill.domain.leaving import Departure, Succession, Taken, leave, leave_team
from watchbill.domain.organization import Organization
from watchbill.domain.people import Team, User
from watchbill.usecases import directory, notices
from watchbill.usecases.keys import withdraw_personal_keys
from watchbill.usecases.ports import Tx


def remove_user(tx: Tx, org_number: int, user: User, succession: Succession, actor: str, now: int) -> Organization:
    """Raises NoSuccessor, Conflict (the last global administrator) and Unfit."""
    org = tx.organization(org_number)
    after = _kept(tx, org, leave(org, user, succession, now), (user, actor), now)
    withdraw_personal_keys(tx, org_number, user.id)
    return after


def remove_member(
    tx: Tx, org_number: int, member: tuple[Team, User], succession: Succession, actor: str, now: int
) -> Organization:
    """Raises NoSuccessor and Unfit."""
    team, user = member
    org = tx.organization(org_number)
    return _kept(tx, org, leave_team(org, user, team, succession, now), (user, actor), now)


def _kept(tx: Tx, org: Organization, departure: Departure, who: tuple[User, str], now: int) -> Organization:
    user, actor = who
    after = directory.apply(tx, org.number, departure.changes, actor, now)
    for taken in departure.taken:
        notices.notify(tx, after, [after.users[taken.user_id]], _told(after, user, actor, taken), now)
    return after


def _told(org: Organization, user: User, actor: str, taken: Taken) -> str:
    return "\n".join(
        [
            f"You take over from {user.name}",
            "",
            f"{actor} removed {user.name} ({user.username}), and you were chosen as the replacement in {org.name}.",
            "From now on these are yours:",
            *(f"- {what}" for what in taken.what),
        ]
    )
