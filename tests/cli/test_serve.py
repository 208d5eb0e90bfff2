"""Where a server listens."""

import pytest

from watchbill import config
from watchbill.cli.serve import bound_socket, run_node
from watchbill.domain.errors import Invalid


def test_a_port_that_was_taken_while_the_server_came_up_is_told(sqlite_url: str) -> None:
    with bound_socket("127.0.0.1", 0) as late:
        port = late.getsockname()[1]
        with bound_socket("127.0.0.1", port) as quicker:
            quicker.listen()
            with pytest.raises(Invalid, match="Address already in use"):
                run_node(config.read({}, sqlite_url), late, lambda running: None)
