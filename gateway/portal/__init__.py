"""The gateway's own screens on the portal: login, password, session."""
