"""Claims of speed and quality, measured; nothing in the application imports this."""
