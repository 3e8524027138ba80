"""Telling units in time that their certificate expires."""
