"""Who may hold a credential: units and officers, their class, standing and roles."""
