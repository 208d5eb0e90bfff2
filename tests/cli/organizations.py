"""Organizations for property tests: valid ones of every shape, with names that YAML likes to take for something
else.
"""

from dataclasses import replace
from itertools import count

from hypothesis import strategies as st

from watchbill.domain.alert import AnnotationKind, Signal
from watchbill.domain.civil import DAY, HOUR, MINUTE, SECOND, Hours, Window
from watchbill.domain.mapping import AnnotationSource, FieldMapping
from watchbill.domain.organization import Endpoint, Integration, Organization, Settings
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
from watchbill.domain.rota import (
    Counting,
    Interval,
    Layer,
    Mode,
    Neighbour,
    Override,
    Position,
    Schedule,
    Turn,
)
from watchbill.domain.routes import Condition, Join, MaintenanceWindow, Op, RoutingKey, Rule, Start

ZONES = ("UTC", "Europe/Paris", "Pacific/Auckland", "America/New_York", "Asia/Kathmandu")
NAMES = ("ann", "nobody", "null", "true", "007", "1e3", "no", "o'neil", "ÅSA", "a:b", "~", "-x", "user", "2026-01-05")
NOW = 1_780_000_000 * SECOND

texts = st.sampled_from(
    ("", "x", "null", "true", "12", "1.5", "# no", "a: b", "*a", "&a", "ünï", "'", '"', "ok -", "on")
)
names = st.sampled_from(
    ("Name", "null", "true", "5", "é: ü", "* all", "- dash", "'quoted'", "{x}", "[y]", "yes", "0x1f")
)
durations = st.one_of(st.integers(1, 500).map(lambda n: n * SECOND), st.integers(SECOND, 9 * DAY), st.just(90 * MINUTE))
instants = st.one_of(
    st.integers(0, 40_000).map(lambda n: NOW + n * HOUR // 2),
    st.integers(0, 4_000_000_000_000_000),
    # Around the hours that Paris shows twice, and never.
    st.integers(-8, 8).map(lambda n: 1_792_890_000 * SECOND + n * 15 * MINUTE),
    st.integers(-8, 8).map(lambda n: 1_774_746_000 * SECOND + n * 15 * MINUTE),
)
zones = st.sampled_from(ZONES)
seconds = st.one_of(st.sampled_from((0, 9 * 3600, 17 * 3600, 86_400)), st.integers(0, 86_400))
days = st.integers(0, 6)
window = st.builds(Window, days, seconds, days, seconds)
workdays = st.builds(
    lambda first, length, start, end: tuple(
        Window((first + n) % 7, start, (first + n) % 7, end) for n in range(length)
    ),
    days,
    st.integers(1, 9),
    st.just(9 * 3600),
    st.just(17 * 3600),
)
windows = st.one_of(st.lists(window, max_size=3).map(tuple), workdays)
hours = st.one_of(
    st.none(), st.builds(Hours, zones, st.one_of(st.lists(window, min_size=1, max_size=2).map(tuple), workdays))
)
urgencies = st.sampled_from((None, Urgency.HIGH, Urgency.LOW))
plain = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**15), 10**15),
        st.floats(allow_nan=False, allow_infinity=False),
        texts,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=4,
)
settings_maps = st.dictionaries(texts, plain, max_size=2)
sources = st.lists(st.sampled_from(("$.a", "$.a.b[0]", "critical", "$$x", "null")), max_size=2).map(tuple)
mappings = st.builds(
    FieldMapping,
    items=st.sampled_from(("", "$.alerts")),
    title=sources,
    key=sources,
    signal=st.sampled_from((("$.state", "critical"), ("critical",))),
    annotations=st.one_of(
        st.just(FieldMapping().annotations),
        st.lists(st.builds(AnnotationSource, st.sampled_from(AnnotationKind), texts, sources), max_size=2).map(tuple),
    ),
    words=st.dictionaries(st.sampled_from(("red", "null", "1")), st.sampled_from(Signal), max_size=2),
    urgencies=st.dictionaries(st.sampled_from(("p1", "on")), st.sampled_from(Urgency), max_size=2),
)
conditions = st.recursive(
    st.builds(
        Condition,
        field=st.sampled_from(("title", "tags.env", "host", "null")),
        op=st.sampled_from([op for op in Op if op not in (Op.AT_LEAST, Op.AT_MOST)]),
        value=texts.filter(lambda text: not text.startswith("*")),
        ignore_case=st.booleans(),
    ),
    lambda inner: st.builds(
        lambda join, parts: Condition(join=join, parts=tuple(parts)),
        st.sampled_from((Join.ALL, Join.ANY, Join.NONE)),
        st.lists(inner, max_size=3),
    ),
    max_leaves=4,
)


def some(draw, ids, least=0, most=3):  # type: ignore[no-untyped-def]
    if not ids:
        return ()
    return tuple(draw(st.lists(st.sampled_from(sorted(ids)), min_size=least, max_size=most, unique=True)))


@st.composite
def users(draw, ids):  # type: ignore[no-untyped-def]
    made = {}
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique_by=str.lower)):
        contacts = tuple(
            ContactMethod(
                next(ids),
                at,
                kind,
                address,
                draw(texts),
                draw(st.booleans()),
                draw(st.booleans()),
                at,
                draw(texts),
                draw(settings_maps),
            )
            for at, (kind, address) in enumerate(
                draw(
                    st.lists(
                        st.sampled_from(
                            [
                                ("email", "a@example.com"),
                                ("email", "b@example.com"),
                                ("phone", "+33612345678"),
                                ("phone", "+16502530000"),
                                ("pocket", "x"),
                                ("pocket", "null"),
                                ("webhook", "https://example.com/a"),
                            ]
                        ),
                        max_size=4,
                        unique=True,
                    )
                )
            )
        )
        user = User(
            next(ids),
            len(made),
            name,
            draw(texts),
            draw(texts),
            draw(st.sampled_from(("", "a@b.example"))),
            draw(zones),
            draw(st.sampled_from(Role)),
            draw(st.booleans()),
            draw(instants),
            contacts,
            draw(pagings(ids, contacts)),
            draw(settings_maps),
        )
        made[user.id] = user
    return made


CHANNELS = {"email": ["email"], "phone": ["sms", "voice"], "pocket": ["pocket"], "webhook": ["webhook"]}


@st.composite
def pagings(draw, ids, contacts):  # type: ignore[no-untyped-def]
    choices = [("push", None), ("sms", None)]
    choices += [(channel, contact.id) for contact in contacts for channel in CHANNELS[contact.kind]]
    rule = st.sampled_from(choices)
    return tuple(
        PagingPolicy(
            next(ids),
            at,
            draw(texts),
            tuple(
                PagingStep(
                    tuple(PagingRule(*draw(rule), next(ids)) for _ in range(draw(st.integers(0, 2)))),
                    draw(durations),
                    at,
                )
                for _ in range(draw(st.integers(0, 3)))
            ),
            draw(urgencies),
            draw(hours),
            draw(st.booleans()),
        )
        for at in range(draw(st.integers(0, 2)))
    )


@st.composite
def targets(draw, org):  # type: ignore[no-untyped-def]
    ids = {
        TargetKind.USER: list(org.users),
        TargetKind.SCHEDULE: list(org.schedules),
        TargetKind.TEAM: list(org.teams),
        TargetKind.POLICY: list(org.policies),
        TargetKind.EMAIL: ["ops@example.com"],
        TargetKind.WEBHOOK: [each.id for each in org.endpoints.values() if each.kind == "webhook"],
        TargetKind.CHAT: [each.id for each in org.endpoints.values() if each.kind == "chat"],
    }
    made = []
    for _ in range(draw(st.integers(0, 3))):
        kind = draw(st.sampled_from([kind for kind, known in ids.items() if known]))
        id = draw(st.sampled_from(ids[kind]))
        made.append(Target(kind, id, draw(st.sampled_from(Position)), draw(st.sampled_from(Neighbour))))
    return tuple(made)


@st.composite
def layers(draw, ids, org):  # type: ignore[no-untyped-def]
    start = draw(instants)
    return Layer(
        next(ids),
        draw(texts),
        start,
        draw(st.one_of(st.just(start), instants)),
        draw(
            st.builds(
                Interval, st.integers(0, 15), st.sampled_from((3600, 86_400, 5400, 3601)), st.sampled_from(Counting)
            )
        ),
        tuple(Turn(some(draw, org.users), some(draw, org.teams)) for _ in range(draw(st.integers(1, 3)))),
        draw(st.one_of(st.none(), durations.map(lambda length: start + length))),
        draw(windows),
        draw(st.one_of(st.none(), zones)),
    )


def keyed(made):  # type: ignore[no-untyped-def]
    return {each.id: each for each in made}


def slugs(draw, most=3):  # type: ignore[no-untyped-def]
    return draw(
        st.lists(st.sampled_from(("null", "a", "true", "1", "b-c", "Überall", "~")), max_size=most, unique_by=str.lower)
    )


@st.composite
def steps(draw, ids, org):  # type: ignore[no-untyped-def]
    return tuple(
        Step(
            next(ids),
            draw(targets(org)),
            draw(durations),
            draw(st.sampled_from(Since)),
            draw(st.sampled_from(Assignment)),
            draw(st.one_of(st.none(), durations)),
            draw(st.integers(1, 10)),
            draw(st.sampled_from(Action)),
            draw(urgencies),
            draw(st.sampled_from((None, "critical", "null"))),
        )
        for _ in range(draw(st.integers(0, 3)))
    )


@st.composite
def starts(draw, org):  # type: ignore[no-untyped-def]
    whom = [("policy_id", id) for id in org.policies] + [("user_id", id) for id in org.users]
    made = []
    for _ in range(draw(st.integers(0, 2))):
        start = Start(
            urgency=draw(urgencies), ack_timeout=draw(st.one_of(st.none(), durations)), support_hours=draw(hours)
        )
        field, id = draw(st.sampled_from(whom))
        made.append(replace(start, **{field: id}))
    return tuple(made)


@st.composite
def organizations(draw):  # type: ignore[no-untyped-def]
    ids = (f"id-{n}" for n in count(1))
    org = Organization(1, "org", "org", "Organization", created_at=NOW, users=draw(users(ids)))
    org = replace(
        org,
        teams=keyed(
            Team(
                next(ids),
                at,
                slug,
                draw(names),
                draw(texts),
                draw(texts),
                tuple(Member(id, draw(st.booleans())) for id in some(draw, org.users)),
                draw(settings_maps),
            )
            for at, slug in enumerate(slugs(draw))
        ),
        endpoints=keyed(
            Endpoint(
                next(ids),
                at,
                slug,
                draw(names),
                draw(st.sampled_from(("webhook", "chat"))),
                "https://example.com/x",
                draw(texts),
                draw(settings_maps),
            )
            for at, slug in enumerate(slugs(draw))
        ),
    )
    org = replace(
        org,
        schedules=keyed(
            Schedule(
                next(ids),
                at,
                slug,
                draw(names),
                draw(zones),
                tuple(draw(layers(ids, org)) for _ in range(draw(st.integers(0, 2)))),
                draw(st.sampled_from(Mode)),
                some(draw, org.teams),
            )
            for at, slug in enumerate(slugs(draw))
        ),
    )
    org = replace(
        org,
        policies=keyed(
            EscalationPolicy(
                next(ids),
                at,
                slug,
                draw(names),
                draw(steps(ids, org)),
                draw(st.sampled_from([None, *org.teams])),
                some(draw, org.teams),
                draw(st.integers(1, 3)),
                draw(durations),
                draw(st.sampled_from(AtEnd)),
                draw(st.sampled_from([None, *OnEmpty])),
                draw(st.frozensets(st.sampled_from(Stop))),
                draw(st.booleans()),
                draw(st.booleans()),
            )
            for at, slug in enumerate(slugs(draw))
        ),
    )
    return draw(routing(ids, org))


@st.composite
def routing(draw, ids, org):  # type: ignore[no-untyped-def]
    default = draw(st.integers(0, 3))
    keys = keyed(
        RoutingKey(next(ids), at, slug, draw(starts(org)), draw(st.booleans()), at == default)
        for at, slug in enumerate(slugs(draw))
    )
    org = replace(org, routing_keys=keys)
    machines = targets(org).map(
        lambda given: tuple(each for each in given if each.kind in ("email", "webhook", "chat"))
    )
    rules = keyed(
        Rule(
            next(ids),
            at,
            draw(names),
            draw(st.integers(0, 5)),
            draw(st.one_of(st.none(), conditions)),
            draw(hours),
            draw(starts(org)),
            draw(machines),
            draw(st.sampled_from([None, *org.teams])),
            draw(st.sampled_from([None, *org.teams])),
            draw(st.booleans()),
            draw(st.booleans()),
            draw(st.booleans()),
        )
        for at in range(draw(st.integers(0, 3)))
    )
    maintenance = keyed(
        MaintenanceWindow(
            next(ids),
            at,
            slug,
            draw(names),
            start := draw(instants),
            draw(st.one_of(st.none(), durations.map(lambda length, start=start: start + length))),
            draw(st.sampled_from([None, tuple(org.routing_keys)])),
            draw(hours),
            draw(texts),
        )
        for at, slug in enumerate(slugs(draw))
    )
    integrations = keyed(
        Integration(
            next(ids),
            at,
            name,
            "generic",
            draw(st.sampled_from((None, "null", "db"))),
            draw(st.booleans()),
            draw(st.one_of(st.none(), mappings)),
            draw(texts),
        )
        for at, name in enumerate(draw(st.lists(names, max_size=3, unique=True)))
    )
    overrides = keyed(draw(override(next(ids), org)) for _ in range(draw(st.integers(0, 3))))
    settings = Settings(
        draw(st.one_of(st.none(), durations)),
        draw(st.one_of(st.none(), durations)),
        draw(st.sampled_from(OnEmpty)),
        draw(st.booleans()),
        draw(st.sampled_from(Signal)),
        draw(targets(org)),
        draw(st.integers(1, 9)),
        draw(durations),
    )
    return replace(
        org, rules=rules, windows=maintenance, integrations=integrations, overrides=overrides, settings=settings
    )


@st.composite
def override(draw, id, org):  # type: ignore[no-untyped-def]
    start = draw(instants)
    where = draw(
        st.sampled_from(
            [{}, *({"schedule_id": each} for each in org.schedules), *({"policy_id": each} for each in org.policies)]
        )
    )
    user = st.sampled_from([None, *org.users] if where else [*org.users])
    return Override(
        id,
        start,
        start + draw(durations),
        draw(instants),
        draw(user),
        draw(st.sampled_from([None, *org.users])),
        taken=draw(st.booleans()),
        **where,
    )
