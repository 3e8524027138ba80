"""What the counter prints."""
