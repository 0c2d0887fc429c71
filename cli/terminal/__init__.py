"""What a person sees at a terminal: keys, screens, tables, texts."""
