"""Parts of what a location holds: where their rows stand, and when parts are merged."""
