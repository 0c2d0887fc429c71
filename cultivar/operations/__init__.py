"""What a person can do, and what a stage records: permission, core, one transaction each.

========== =======================================================================================
content     locations, crawls, items and their history, the explorer
tenant      the organisation: opt-in, baseline, people, keys
classifiers classifiers as people see them: created, listed, shared, described
training    what a version is made from: seeds, training, test sets
scoring     versions at work: scores, labelling, explanations, measurements
review      the review of predictions, batch by batch
publishing  from a reviewed version to the live one: overrides, release report and sample, drift
retraining  feedback, what it amounts to, retraining and the decision on it
policies    policies written, tried, applied, undone; labels set by hand; delivery to the stores
projects    custom text classification: documents, models, deployments, predictions, jobs
artifacts   artifacts listed, found and described
audit       the audit log asked and checked; every file behind a version verified
health      an installation looked over: machine, registry, store
========== =======================================================================================

The modules beside the packages are what all of them use: ``transactions`` (permission, one
transaction, one audit row), ``runs`` (one holder for each subject), ``outbox`` (what is due),
``gates``, ``transitions`` and ``classifier_state`` (the lifecycle), ``lookups`` (rows by name),
``reuse``, ``engines``,
``thresholds``, ``idempotency``.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
