"""What is plugged into what. Begin with `node`."""

from watchbill.wiring.clock import Clock
from watchbill.wiring.node import Node, node

__all__ = ["Clock", "Node", "node"]
