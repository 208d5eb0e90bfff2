"""What a correlation policy means to the core: a rule that groups alerts (reference, part 13.2).

One that correlates by an ALGORITHM groups the alerts that its filter selects, that come within its window and have the
properties of its matching conditions in common. Without such conditions window and filter decide alone; without a
filter either it would group everything there is, so it groups nothing. What the others go by, the dependencies of
resources and learned sequences, the reference doesn't describe: they are kept and shown, and group nothing.
"""

from collections.abc import Mapping
from typing import Any

from watchbill.api.opsramp import resource_filters
from watchbill.api.opsramp.bodies import Body, flag, objects, one, text, whole
from watchbill.domain.civil import MINUTE
from watchbill.domain.routes import Alike, Grouping

ALGORITHM = "ALGORITHM"
# Minutes.
SHORTEST, LONGEST, USUAL = 5, 120, 5
# How far each is from being identical isn't described: numbers don't count in any of them.
LOOSE: Mapping[str, bool] = {
    "identical": False,
    "nearlyidentical": True,
    "similar": True,
    "somewhat": True,
    "somewhatsimilar": True,
}


def check(sent: Body) -> None:
    """Raises Invalid."""
    for field in ("algorithmCorrelation", "dependencyCorrelation"):
        whole(one(sent, field) or {}, "alertsTimeWindow", SHORTEST, LONGEST)
    algorithm = one(sent, "algorithmCorrelation") or {}
    text(algorithm, "primaryAlertSubject")
    for condition in objects(algorithm, "matchingConditions") or ():
        text(condition, "property")
        text(condition, "matchType")


def grouping(sent: Body, acts: bool) -> Grouping | None:
    """None: it groups nothing."""
    if sent.get("type") != ALGORITHM:
        return None
    algorithm: Any = sent.get("algorithmCorrelation") or {}
    alike = tuple(_alike(condition) for condition in algorithm.get("matchingConditions") or ())
    if None in alike or not (alike or _filters(sent)):
        return None
    minutes = whole(algorithm, "alertsTimeWindow") or USUAL
    title = str(algorithm.get("primaryAlertSubject") or "").strip()
    return Grouping(minutes * MINUTE, tuple(one for one in alike if one is not None), title, acts)


def _alike(condition: Body) -> Alike | None:
    fields = resource_filters.fields_of(str(condition.get("property", "")))
    loose = LOOSE.get("".join(str(condition.get("matchType") or "Identical").lower().split()))
    return None if loose is None or not fields else Alike(fields, loose)


def _filters(sent: Body) -> bool:
    """Whether it has a filter of its own."""
    given: Any = sent.get("filterCriteria") or {}
    return bool(given.get("rules")) and flag(given, "filterBased") is not False
