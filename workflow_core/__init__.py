"""The business behind the gateway: registry, tasks and their life cycle, modules, review.

This package sees a `Principal` and nothing of certificates or passwords.
"""
