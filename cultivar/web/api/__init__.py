"""Cultivar's own API, ``/api/v1``: the operations on classifiers, policies and feedback.

Each route checks the form of what it is given and calls one operation.
"""

from fastapi import APIRouter


def own_routes() -> list[APIRouter]:
    """Return the routers of the own API."""
    from cultivar.web.api import (  # noqa: PLC0415 - built when an application is
        access,
        applying,
        auditing,
        classifiers,
        classifying,
        comparing,
        content_reviewing,
        explorer,
        feedback,
        locations,
        me,
        policies,
        publishing,
        reviewing,
        runs,
    )

    modules = (
        me, locations, runs, classifiers, reviewing, content_reviewing, publishing, comparing,
        feedback, applying, policies, explorer, classifying, auditing, access,
    )  # fmt: skip
    return [module.router for module in modules]
