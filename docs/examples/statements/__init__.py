"""A sample application behind the edge."""
