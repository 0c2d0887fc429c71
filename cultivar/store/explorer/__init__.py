"""The explorer's index, and the questions that it answers."""
