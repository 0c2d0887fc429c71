"""What a version is made from: seeds, training, test sets."""
