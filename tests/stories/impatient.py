"""`watchbill serve` that waits for a lost database for a second instead of half a minute, so that tests needn't."""

import os
import sys
from dataclasses import replace

from watchbill import config
from watchbill.cli.serve import bound_socket, configure_logs, run_node

if __name__ == "__main__":
    configure_logs(True)
    settings = replace(config.read(os.environ), patience=1.0)
    run_node(settings, bound_socket("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), lambda running: None)
