"""The number of the model's file format, and how to raise it.

Nothing here reads or writes.

To raise it, when an array or a header field changes its meaning, or a text's words change:
1. add 1 to ``FORMAT`` and describe the new form in ``Model.to_arrays``;
2. keep reading the old one: add a branch to ``Model.from_arrays`` that turns old arrays into new
   ones, and the old number to ``READABLE`` (a change of words cannot be read: leave it out);
3. save a small model of the old format under ``tests/core/learning/old/`` with its scores, and
   test that it is read and scores the same.
"""

NAME = "cultivar-model"
FORMAT = 1
READABLE = frozenset({FORMAT})
