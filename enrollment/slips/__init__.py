"""Password slips: issued, replaced, expired."""
