"""What happened to an incident, and why. Each decision leaves an entry; nothing is decided in silence."""

from collections.abc import Mapping
from enum import StrEnum

from watchbill.domain.record import record


class Kind(StrEnum):
    OPENED = "opened"
    ALERT = "alert"
    ROUTED = "routed"
    MUTED = "muted"
    UNMUTED = "unmuted"
    HELD = "held"
    STEP = "step"
    SKIPPED = "skipped"
    PAGING = "paging"
    PAGE = "page"
    PAGING_STOPPED = "paging_stopped"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    TRIGGERED = "triggered"
    SNOOZED = "snoozed"
    SUPPRESSED = "suppressed"
    UNSUPPRESSED = "unsuppressed"
    HEALED = "healed"
    GROUPED = "grouped"
    REROUTED = "rerouted"
    RESPONDERS = "responders"
    ESCALATED = "escalated"
    RUN_ENDED = "run_ended"
    UNREACHED = "unreached"
    SAFETY_NET = "safety_net"
    TICKET = "ticket"
    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    HELD_BACK = "held_back"
    NOTE = "note"
    CHAT = "chat"
    FAULT = "fault"


@record
class Entry:
    """`text` is the sentence with its reason. `user_id` is whom it is about, `actor` who did it (empty: Watchbill)."""

    at: int
    kind: Kind
    text: str
    user_id: str | None = None
    actor: str = ""
    data: Mapping[str, object] | None = None
