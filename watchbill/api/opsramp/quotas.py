"""How often one key may call, where the documented limits are on: in a minute, as for a client (reference, part 1.4).

Alerts are never counted: a storm must not silence anybody.
"""

from watchbill.asgi.limits import Quota

MINUTE = 60
READS = Quota("get", 500, MINUTE)
SEARCHES = Quota("search", 50, MINUTE)
TICKETS = Quota("tickets", 50, MINUTE)
ALERT_ACTIONS = Quota("alerts", 200, MINUTE)
WRITES = Quota("write", 50, MINUTE)
