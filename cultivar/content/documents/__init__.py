"""One file's bytes to the texts that it holds, whatever its format."""
