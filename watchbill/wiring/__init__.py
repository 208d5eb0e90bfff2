"""What is plugged into what. Begin with `node.py`."""
