"""The protocol itself, on authlib's server classes.

authlib has no type information: its classes count as `Any`, which the
``type: ignore[misc]`` beside each subclass is about.
"""
