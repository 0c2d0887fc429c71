"""What of a text counts, which texts are taken, and how one is shown harmlessly."""
