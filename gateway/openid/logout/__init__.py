"""Ending a session for every application that knows it."""
