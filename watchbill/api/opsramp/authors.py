"""Who did something, as this dialect shows it (reference, part 1.2)."""

from collections.abc import Mapping
from typing import Any

from watchbill.api.opsramp.auth import API_USER
from watchbill.domain.organization import Organization

# What Watchbill does by itself is done by this one.
SYSTEM_USER = "opsramp_system_user"


def login_of(name: str) -> str:
    """The login name for a name in a timeline; empty for Watchbill itself."""
    return name or SYSTEM_USER


def author(org: Organization, name: str) -> Mapping[str, Any]:
    """A person of the organization by user name; anything else by that name only."""
    user = org.users_by_name.get(name.lower())
    if user is not None:
        return {
            "loginName": user.username,
            "lastName": user.last_name,
            "firstName": user.first_name,
            "email": user.email,
        }
    shown = {API_USER: "OpsRamp API User", "": "OpsRamp System User"}.get(name, name)
    return {"loginName": login_of(name), "lastName": " ", "firstName": shown, "email": ""}
