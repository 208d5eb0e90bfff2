"""Random organizations and what may happen to an incident in them, for properties."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from watchbill.domain import failing, handling, quieting
from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.civil import DAY, HOUR, MINUTE, Hours, Window
from watchbill.domain.incident import Actor, Incident, Outcome
from watchbill.domain.organization import Endpoint, Organization, Settings
from watchbill.domain.paging import Failure
from watchbill.domain.people import (
    ContactMethod,
    Member,
    PagingPolicy,
    PagingRule,
    PagingStep,
    Role,
    Team,
    Urgency,
    User,
)
from watchbill.domain.plans import (
    Action,
    Assignment,
    AtEnd,
    EscalationPolicy,
    OnEmpty,
    Since,
    Step,
    Stop,
    Target,
    TargetKind,
)
from watchbill.domain.rota import Interval, Layer, Schedule, Turn
from watchbill.domain.routes import MaintenanceWindow, Start

BEGIN = 1_780_272_000 * 1_000_000
PEOPLE = ("ann", "bob", "carl")
PLANS = ("p", "q", "r")

minutes = st.sampled_from([0, 1, 2, 5, 10, 30]).map(lambda count: count * MINUTE)
urgencies = st.sampled_from(Urgency)
hours = st.builds(
    lambda day, start, length: Hours("UTC", (Window(day, start * 3600, day, min(24, start + length) * 3600),)),
    st.integers(0, 2),
    st.integers(0, 23),
    st.integers(1, 5),
)


@st.composite
def users(draw: st.DrawFn, name: str) -> User:
    kinds = draw(st.sets(st.sampled_from(["pocket", "phone", "email"])))
    contacts = tuple(
        ContactMethod(f"{name}-{kind}", 1, kind, f"{name}@{kind}", verified=True) for kind in sorted(kinds)
    )
    rule = st.sampled_from(["pocket", "sms", "email"]).map(PagingRule)
    steps = st.lists(st.builds(PagingStep, st.lists(rule, max_size=2).map(tuple), minutes), max_size=3).map(tuple)
    policies = st.lists(
        st.builds(
            PagingPolicy,
            st.just("own"),
            st.just(1),
            st.just("own"),
            steps,
            st.none() | urgencies,
            st.none() | hours,
            st.booleans(),
        ),
        max_size=2,
    ).map(tuple)
    active = draw(st.sampled_from([True, True, True, False]))
    email = draw(st.sampled_from(["", f"{name}@example.org"]))
    return User(name, 1, name, email=email, contacts=contacts, paging=draw(policies), active=active)


targets = st.one_of(
    st.sampled_from(PEOPLE).map(lambda name: Target(TargetKind.USER, name)),
    st.sampled_from(PLANS).map(lambda name: Target(TargetKind.POLICY, name)),
    st.sampled_from(
        [
            Target(TargetKind.SCHEDULE, "rota"),
            Target(TargetKind.TEAM, "team"),
            Target(TargetKind.WEBHOOK, "hook"),
            Target(TargetKind.CHAT, "gone"),
            Target(TargetKind.EMAIL, "ops@example.org"),
        ]
    ),
)


@st.composite
def steps(draw: st.DrawFn, policy: str, place: int) -> Step:
    repeats = draw(st.sampled_from([None, None, 1 * MINUTE, 7 * MINUTE]))
    return Step(
        f"{policy}{place}",
        tuple(draw(st.lists(targets, max_size=3))),
        draw(minutes),
        draw(st.sampled_from(Since)),
        draw(st.sampled_from(Assignment)),
        repeats,
        draw(st.integers(1, 3)),
        draw(st.sampled_from([Action.PAGE, Action.PAGE, Action.PAGE, Action.TICKET])),
        draw(st.none() | urgencies),
        draw(st.sampled_from([None, None, None, "warning"])),
    )


@st.composite
def policies(draw: st.DrawFn, name: str) -> EscalationPolicy:
    count = draw(st.integers(0, 3))
    stops = [{Stop.ACKNOWLEDGED}, {Stop.ACKNOWLEDGED}, {Stop.ACKNOWLEDGED, Stop.TICKETED}, set()]
    return EscalationPolicy(
        name,
        1,
        name,
        name,
        tuple(draw(steps(name, place)) for place in range(count)),
        passes=draw(st.integers(1, 3)),
        end_wait=draw(minutes),
        at_end=draw(st.sampled_from(AtEnd)),
        on_empty=draw(st.none() | st.sampled_from(OnEmpty)),
        stop_on=frozenset({Stop.RESOLVED} | draw(st.sampled_from(stops))),
        pagings_go_on=draw(st.booleans()),
    )


def _rota() -> Schedule:
    turns = (Turn(("ann",)), Turn(()), Turn(("bob", "carl"), ("team",)))
    return Schedule("rota", 1, "rota", "rota", "UTC", (Layer("l", "l", BEGIN - DAY, BEGIN, Interval(0, 1800), turns),))


@st.composite
def organizations(draw: st.DrawFn, with_windows: bool = True) -> Organization:
    people = {name: draw(users(name)) for name in PEOPLE}
    people["boss"] = replace(draw(users("boss")), role=Role.GLOBAL_ADMIN)
    window = MaintenanceWindow("w", 1, "w", "w", BEGIN - HOUR, BEGIN + draw(st.integers(1, 90)) * MINUTE)
    weekly = replace(window, id="x", end=None, weekly=draw(hours))
    windows = draw(st.sampled_from([(), (), (window,), (weekly,), (window, weekly)])) if with_windows else ()
    settings_ = Settings(
        ack_timeout=draw(st.sampled_from([None, 45 * MINUTE])),
        auto_resolve=draw(st.sampled_from([None, None, 5 * HOUR])),
        empty_step=draw(st.sampled_from(OnEmpty)),
        safety_net=draw(st.sampled_from([(), (Target(TargetKind.CHAT, "gone"),), (Target(TargetKind.TEAM, "team"),)])),
    )
    return Organization(
        1,
        "acme",
        "acme",
        "Acme",
        settings=settings_,
        users=people,
        teams={"team": Team("team", 1, "team", "team", members=(Member("bob"), Member("carl")))},
        schedules={"rota": _rota()},
        policies={name: draw(policies(name)) for name in PLANS},
        windows={one.id: one for one in windows},
        endpoints={"hook": Endpoint("hook", 1, "hook", "hook", "webhook", "https://hook.example")},
    )


starts = st.one_of(
    st.builds(
        Start,
        st.sampled_from([*PLANS, "gone"]),
        urgency=st.none() | urgencies,
        ack_timeout=st.sampled_from([None, 20 * MINUTE]),
        support_hours=st.none() | hours,
    ),
    st.sampled_from([*PEOPLE, "nobody"]).map(lambda name: Start(user_id=name)),
)
some_starts = st.lists(starts, max_size=3).map(tuple)
signals = st.sampled_from([Signal.CRITICAL, Signal.WARNING])


@dataclass(frozen=True, slots=True)
class Act:
    """Something that happens some time after what happened before."""

    after: int
    name: str
    verb: Callable[[Incident, Organization, int], Outcome]

    def __repr__(self) -> str:
        return f"{self.name} after {self.after // MINUTE} min"


QUIETING = ("snooze", "suppress", "suppress for a time", "unsuppress", "unack", "heal", "close")


def quieted(name: str, incident: Incident, org: Organization, actor: Actor, now: int, span: int) -> Outcome:
    verbs: dict[str, Callable[[], Outcome]] = {
        "snooze": lambda: quieting.snooze(incident, org, actor, now + span, now),
        "suppress": lambda: quieting.suppress(incident, org, actor, None, now),
        "suppress for a time": lambda: quieting.suppress(incident, org, actor, now + span, now),
        "unsuppress": lambda: quieting.unsuppress(incident, org, actor, now, {}),
        "unack": lambda: quieting.unacknowledge(incident, org, actor, now, {}),
        "heal": lambda: quieting.heal(incident, org, actor, now, {}),
        "close": lambda: quieting.close(incident, org, actor, now),
    }
    return verbs[name]()


@st.composite
def acts(draw: st.DrawFn) -> Act:
    after = draw(st.sampled_from([0, 1, 3, 7, 20, 60])) * MINUTE + draw(st.sampled_from([0, 0, 1]))
    who = draw(st.sampled_from([*PEOPLE, "boss"]))
    actor = Actor(who, who)
    more = draw(some_starts)
    signal = draw(st.sampled_from(Signal))
    span = draw(st.sampled_from([10, 50])) * MINUTE
    number, machine = draw(st.integers(1, 6)), draw(st.booleans())
    name = draw(st.sampled_from([*QUIETING, "ack", "resolve", "reroute", "add", "escalate", "alert", "fail", "fail"]))

    def verb(incident: Incident, org: Organization, now: int) -> Outcome:
        if name in QUIETING:
            return quieted(name, incident, org, actor, now, span)
        match name:
            case "ack":
                return handling.acknowledge(incident, org, actor, now)
            case "resolve":
                return handling.resolve(incident, org, actor, now)
            case "reroute":
                return handling.reroute(incident, org, more, actor, now, {})
            case "add":
                return handling.add_responders(incident, org, more, actor, now, {})
            case "escalate":
                return handling.escalate_now(incident, org, actor, now, {})
            case "fail":
                at = max((one.acted_at for one in incident.course.pagings if one.number == number), default=0)
                failure = Failure(0 if machine else number, number, at, "refused")
                return failing.page_failed(incident, org, failure, now, {})
        event = AlertEvent(signal, "k", "k", author=who)
        return handling.absorb(incident, org, ("alert", event), now, {})

    return Act(after, name, verb)
