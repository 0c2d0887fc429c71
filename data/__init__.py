"""Content that ships with Cultivar: the sample organisation and the static encoder."""
