"""What a route may answer besides success, for the API's description."""

from http import HTTPStatus

from litestar.openapi.datastructures import ResponseSpec

from tikfleet.httpkit.problems import PROBLEM_TYPE, Problem


def refusals(*statuses: int) -> dict[int, ResponseSpec]:
    """Problem documents with these statuses, as a route's `responses`."""
    return {
        status: ResponseSpec(
            Problem,
            generate_examples=False,
            description=HTTPStatus(status).phrase,
            media_type=PROBLEM_TYPE,
        )
        for status in statuses
    }
