"""The states of a task and what may be done in each (TASK-01 .. TASK-19, AMB-12, AMB-18)."""

from typing import Literal

State = Literal["draft", "in_review", "ended", "returned", "withdrawn"]
Route = Literal["automatic", "officer"]

STATES: tuple[State, ...] = ("draft", "in_review", "ended", "returned", "withdrawn")

OPEN: tuple[State, ...] = ("draft", "returned")
"""With the unit: editable, submittable, withdrawable; the to-do list."""

HANDED_IN: tuple[State, ...] = ("in_review", "ended")
"""With the agency or decided by it: the done list."""

UNFINISHED: tuple[State, ...] = ("draft", "in_review", "returned")
"""A second filing about the same subject would collide with one of these."""
