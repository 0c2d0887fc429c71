"""What a project's model calls itself, and the number of its layout."""

NAME = "cultivar-project-model"
# Raised when an array or a header field changes its meaning, or a text's words change; an old
# number is then read by a branch of ``audited``, or refused.
FORMAT = 2  # format 1 had neither ``folding`` (it is 1) nor ``familiar`` and ``shares`` (0)
READABLE = (1, FORMAT)
