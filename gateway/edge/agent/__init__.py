"""The agent beside each HAProxy: what must be refused there, and that it is known lately."""
