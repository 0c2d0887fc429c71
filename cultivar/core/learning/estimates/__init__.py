"""What scores of items that were left out say of the content."""
