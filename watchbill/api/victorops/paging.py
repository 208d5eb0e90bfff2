"""How a person is paged: the steps of their primary policy, and views of all policies (reference, parts 2.10, 2.11)."""

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.api.victorops.asked import asked_user
from watchbill.api.victorops.bodies import body_of
from watchbill.api.victorops.lookups import self_url
from watchbill.api.victorops.paging_values import timeout_of
from watchbill.api.victorops.paging_wire import (
    RuleBody,
    StepBody,
    flat_body,
    policies_body,
    rule_body,
    rules_of,
    step_body,
    steps_body,
)
from watchbill.asgi.dialect import Route, delete, get, post, put
from watchbill.asgi.limits import Quota
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.errors import Invalid, NotFound
from watchbill.domain.organization import Change
from watchbill.domain.people import PagingPolicy, PagingRule, PagingStep, User
from watchbill.domain.personal import primary_policy, with_paging
from watchbill.domain.record import replace
from watchbill.usecases import directory
from watchbill.usecases.access import Right
from watchbill.usecases.ports import Tx


@dataclass(frozen=True, slots=True)
class Paged:
    """Whose paging a call is about, and their primary policy (a new one without steps when there is none)."""

    tx: Tx
    call: Call
    user: User
    policy: PagingPolicy

    def step(self) -> tuple[int, PagingStep]:
        """The step that the address names. Raises NotFound."""
        place = _place(self.call.params["step"], len(self.policy.steps), "Step")
        return place, self.policy.steps[place]

    def rule(self, step: PagingStep) -> tuple[int, PagingRule]:
        place = _place(self.call.params["rule"], len(step.rules), "Rule")
        return place, step.rules[place]

    def rules(self, given: Sequence[RuleBody], stored: Sequence[PagingRule] = ()) -> tuple[PagingRule, ...]:
        return rules_of(self.user, given, stored, lambda: self.tx.new_id(self.call.now))

    def keep(self, steps: Sequence[PagingStep]) -> None:
        user = with_paging(self.user, replace(self.policy, steps=tuple(steps)))
        change = Change("user", user.id, user)
        directory.apply(self.tx, self.call.caller.org, [change], self.call.caller.actor.name, self.call.now)

    def keep_step(self, place: int, step: PagingStep) -> None:
        steps = self.policy.steps
        self.keep((*steps[:place], step, *steps[place + 1 :]))

    def step_reply(self, place: int, step: PagingStep) -> Reply:
        own = self_url("profile", self.user.username, "policies", place)
        return Reply(body={"step": step_body(self.user, place, step), "_selfUrl": own})

    def rule_reply(self, step: int, place: int, rule: PagingRule) -> Reply:
        own = self_url("profile", self.user.username, "policies", step, place)
        return Reply(body={"stepRule": rule_body(self.user, place, rule), "_selfUrl": own})


def _place(text: str, count: int, what: str) -> int:
    place = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else count
    if place >= count:
        raise NotFound(f"{what} {text[:40]} not found")
    return place


def _paged(tx: Tx, call: Call, right: Right = Right.PERSON) -> Paged:
    _, user = asked_user(tx, call, right)
    policy = primary_policy(user)
    if policy is None and right is Right.PERSON:
        number = tx.next_numbers(call.caller.org, "paging_policy", 1)[0]
        policy = PagingPolicy(tx.new_id(call.now), number, "Primary", ())
    return Paged(tx, call, user, policy or PagingPolicy("", 0, "", ()))


# --- Steps


def steps(tx: Tx, call: Call) -> Reply:
    _, user = asked_user(tx, call)
    body = {
        "steps": steps_body(user, primary_policy(user)),
        "_selfUrl": self_url("profile", user.username, "policies"),
    }
    return Reply(body=body)


def step_added(tx: Tx, call: Call) -> Reply:
    paged = _paged(tx, call)
    wanted = body_of(StepBody, call)
    rules = paged.rules(_some(wanted.rules))
    step = PagingStep(rules, timeout_of(wanted.timeout), tx.next_numbers(call.caller.org, "paging_step", 1)[0])
    paged.keep((*paged.policy.steps, step))
    return paged.step_reply(len(paged.policy.steps), step)


def step_shown(tx: Tx, call: Call) -> Reply:
    paged = _paged(tx, call, Right.SEE)
    return paged.step_reply(*paged.step())


def step_changed(tx: Tx, call: Call) -> Reply:
    """What is left out stays."""
    paged = _paged(tx, call)
    place, step = paged.step()
    wanted = body_of(StepBody, call)
    if wanted.timeout is not None:
        step = replace(step, timeout=timeout_of(wanted.timeout, step.timeout))
    if wanted.rules is not None:
        step = replace(step, rules=paged.rules(_some(wanted.rules), step.rules))
    paged.keep_step(place, step)
    return paged.step_reply(place, step)


def _some(rules: Sequence[RuleBody] | None) -> Sequence[RuleBody]:
    if not rules:
        raise Invalid("a step needs at least one rule", "rules")
    return rules


# --- Rules


def rule_added(tx: Tx, call: Call) -> Reply:
    paged = _paged(tx, call)
    place, step = paged.step()
    [rule] = paged.rules([body_of(RuleBody, call)])
    paged.keep_step(place, replace(step, rules=(*step.rules, rule)))
    return paged.rule_reply(place, len(step.rules), rule)


def rule_shown(tx: Tx, call: Call) -> Reply:
    paged = _paged(tx, call, Right.SEE)
    place, step = paged.step()
    return paged.rule_reply(place, *paged.rule(step))


def rule_changed(tx: Tx, call: Call) -> Reply:
    paged = _paged(tx, call)
    place, step = paged.step()
    index, stored = paged.rule(step)
    [rule] = paged.rules([body_of(RuleBody, call)], [stored])
    paged.keep_step(place, replace(step, rules=(*step.rules[:index], rule, *step.rules[index + 1 :])))
    return paged.rule_reply(place, index, rule)


def rule_deleted(tx: Tx, call: Call) -> Reply:
    """A later step goes with its last rule; the very first rule stays, so that somebody is always paged."""
    paged = _paged(tx, call)
    place, step = paged.step()
    index, rule = paged.rule(step)
    if place == index == 0:
        raise Invalid("the first rule of the first step can't be deleted")
    left = (*step.rules[:index], *step.rules[index + 1 :])
    if left:
        paged.keep_step(place, replace(step, rules=left))
    else:
        paged.keep((*paged.policy.steps[:place], *paged.policy.steps[place + 1 :]))
    return paged.rule_reply(place, index, rule)


# --- Views


def policies(tx: Tx, call: Call) -> Reply:
    return Reply(body={"policies": policies_body(asked_user(tx, call)[1])})


def flat(tx: Tx, call: Call) -> Reply:
    _, user = asked_user(tx, call)
    return Reply(body={"username": user.username, "userId": user.number, "policies": flat_body(user)})


OWN = "/api-public/v1/profile/{user}/policies"
STEP = f"{OWN}/{{step}}"
RULE = f"{STEP}/{{rule}}"
ROUTES: Sequence[Route] = (
    get(OWN, steps, quota=Quota("profile policies", 1, 1)),
    post(OWN, step_added),
    get(STEP, step_shown),
    put(STEP, step_changed),
    post(STEP, rule_added),
    get(RULE, rule_shown),
    put(RULE, rule_changed),
    delete(RULE, rule_deleted),
    get("/api-public/v2/profile/{user}/policies", policies),
    get("/api-public/v1/user/{user}/policies", flat),
)
