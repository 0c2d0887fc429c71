"""Each claim of speed or quality, measured beside its rivals; nothing here is imported by Cultivar."""
