"""The command line. Every command takes --database and --json. Exit codes: 0 fine, 1 found something or refused, 2
wrongly asked, 3 the database can't be reached.

A command is loaded when it is run, so that a server that is started again answers soon.
"""

import gc
import sys

from cyclopts import App, CycloptsError

from watchbill.cli.ending import FINE, USAGE, said

app = App(name="watchbill", help="On-call and paging that you run yourself.", version_flags=["--version"])

# Where each command is, and what it does in a line, told here so that the list of them needs none of them.
COMMANDS = {
    "serve": ("serve_command:serve", "Take alerts and page, until stopped."),
    "init": (
        "commands:init",
        "Make the first organization: a partner with one client organization, an administrator, and keys.",
    ),
    "demo": (
        "commands:demo",
        "Serve an example organization from a fresh database; pages arrive in pockets, simulated phones.",
    ),
    "apply": (
        "commands:apply",
        "Make the organization what a file says: people, contacts, teams, schedules, policies, routes.",
    ),
    "export": ("commands:export", "Print the organization as YAML, as `apply` takes it."),
    "key": ("commands:key", "Make an ingest key for an integration, or a key of an API; it is shown once."),
    "send": ("commands:send", "Send an alert: over HTTP with --url and --key, else straight into the database."),
    "incident": ("incident:app", "What is open, and what to do about it."),
    "who": ("commands:who", "Who is on call, now, at a time, or over a range."),
    "simulate": (
        "commands:simulate",
        "Who would be paged, when, over what, if this alert came at that moment and nobody answered. Sends nothing.",
    ),
    "explain": ("commands:explain", "What happened to an incident, and why."),
    "doctor": (
        "commands:doctor",
        "Find what would keep a page from getting through. Ends with 1 when there is something.",
    ),
    "backup": ("commands:backup", "Copy the database to a file, while the server goes on."),
}
for name, (place, summary) in COMMANDS.items():
    app.command(f"watchbill.cli.{place}", name=name, help=summary)


def main() -> None:
    """The entry point. Wrong words are refused as everything else is.

    Hardly anything here makes cycles. Looking for them at every 700th object costs a tenth of the time to start and of
    the alerts a second in batches, and a third more of the time in which 99 of 100 single ones are answered.
    """
    gc.set_threshold(50_000, 20, 20)
    try:
        result = app(sys.argv[1:], result_action="return_value", exit_on_error=False, print_error=False)
    except CycloptsError as error:
        result = said(str(error), None, "--json" in sys.argv, USAGE)
    sys.exit(result if isinstance(result, int) else FINE)


__all__ = ["app", "main"]
