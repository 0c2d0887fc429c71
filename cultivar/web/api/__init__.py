"""Cultivar's own API, ``/api/v1``: the operations on classifiers, policies and feedback.

Each route checks the form of what it is given and calls one operation.
"""

from fastapi import APIRouter


def own_routes() -> list[APIRouter]:
    """Return the routers of the own API."""
    from cultivar.web.api import (  # noqa: PLC0415 - built when an application is
        classifiers,
        classifying,
        comparing,
        content_reviewing,
        explorer,
        feedback,
        me,
        policies,
        publishing,
        reviewing,
    )

    modules = (
        me, classifiers, reviewing, content_reviewing, publishing, comparing, feedback, policies,
        explorer, classifying,
    )  # fmt: skip
    return [module.router for module in modules]
