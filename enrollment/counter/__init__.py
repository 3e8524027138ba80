"""The enrollment officer's screens and their JSON twins."""
