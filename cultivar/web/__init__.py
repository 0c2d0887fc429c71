"""The web: the REST API over the operations, and the training API that existing clients speak.

It is handed a workspace and a ``run`` callable; it knows no orchestrator and decides no rule.
"""
