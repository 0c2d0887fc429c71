"""A location to its items: what changed is read again, and each item is known again."""
