"""The number of the model's file format, and how to raise it.

Nothing here reads or writes.

To raise it, when an array or a header field changes its meaning, or a text's words change:
1. add 1 to ``FORMAT`` and describe the new form in ``Model.to_arrays``;
2. keep reading the old one: add a branch to ``Model.from_arrays`` that turns old arrays into new
   ones, and the old number to ``READABLE`` (a change of words is a
   new folding, and a model keeps the one it was trained with: see ``forms.py``);
3. save a small model of the old format under ``tests/core/learning/old/`` with its scores, and
   test that it is read and scores the same.
"""

NAME = "cultivar-model"
# Format 1 had neither ``folding`` (it is 1) nor ``familiar`` (it is 0); format 2 had no
# ``operating`` points, so that its one threshold serves content too; format 3 had no
# ``lookalikes`` (they are 0).
FORMAT = 4
READABLE = frozenset({1, 2, 3, FORMAT})
