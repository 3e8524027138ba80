"""Passwords and certificates bound to a subscriber, and the throttling of guesses."""
