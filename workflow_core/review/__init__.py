"""Deciding what was submitted: by the automatic reviewer (ACT-09) or an officer (ACT-05)."""
