"""Mail as programs write it: structure, encodings, what is sealed, and whose words they are."""
