"""The options that commands share."""

from typing import Annotated

from cyclopts import Parameter

Database = Annotated[
    str | None,
    Parameter(help="sqlite:///PATH or postgresql://…; else WATCHBILL_DATABASE; else a file in your data directory."),
]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print JSON.")]
Org = Annotated[str | None, Parameter(help="The organization's slug; not needed while there is only one.")]
When = Annotated[str, Parameter(help="now, +2h, or an ISO time, local to --zone when it has no offset.")]
Zone = Annotated[str, Parameter(help="The time zone in which times are read and shown.")]
