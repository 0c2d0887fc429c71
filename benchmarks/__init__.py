"""Each claim of speed or quality, measured beside its rivals; Cultivar imports none of it."""
