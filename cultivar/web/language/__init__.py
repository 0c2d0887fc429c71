"""The training and prediction API that existing clients speak, in both of its generations.

It translates between the wire and the operations on projects; it decides no rule.
"""

from fastapi import APIRouter

PREFIXES = ("/language/", "/text/analytics/")


def language_routes() -> list[APIRouter]:
    """Return the routers of the language contract."""
    from cultivar.web.language import (  # noqa: PLC0415 - built when an application is
        assets,
        catalogue,
        deployments,
        models,
        preview,
        preview_results,
        projects,
        runtime,
        runtime_preview,
        training,
    )

    modules = (
        catalogue,
        projects, assets, training, models, deployments, runtime, preview, preview_results,
        runtime_preview,
    )  # fmt: skip
    return [module.router for module in modules]
