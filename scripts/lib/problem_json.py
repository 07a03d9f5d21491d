"""A check for schemathesis: whatever goes wrong, the body is a problem (RFC 9457) that names what and where."""

import json
import os

import schemathesis

# Part of a path template -> id of something that exists: an unknown id shows only how 404 is answered.
REAL = json.loads(os.environ.get("NINJA_REAL_IDS", "{}"))


@schemathesis.hook
def map_path_parameters(ctx, path_parameters):
    real = next((id for part, id in REAL.items() if part in ctx.operation.path), None)
    # Two of three: what is deleted or cancelled on the way, and what never was, must be answered as well.
    if real and path_parameters and sum(str(path_parameters.get("id")).encode()) % 3:
        path_parameters["id"] = real
    if path_parameters and "/agents/{type}" in ctx.operation.path and len(str(path_parameters["type"])) % 2:
        path_parameters |= {"type": "analyst"} | ({"name": "descriptive_statistics"} if "name" in path_parameters else {})
    return path_parameters


@schemathesis.check
def problem_json(ctx, response, case):
    if response.status_code < 400 or case.method.upper() == "HEAD":
        return
    kind = response.headers.get("content-type", ["none"])[0]
    assert kind.startswith("application/problem+json"), f"{response.status_code} with content type {kind}"
    problem = response.json()
    missing = {"type", "title", "status", "code", "detail", "request_id", "errors"} - problem.keys()
    assert not missing, f"a problem without {sorted(missing)}"
    assert problem["status"] == response.status_code, "the body and the line disagree on the status"
    assert problem["errors"] or problem["code"] != "validation_failed", "a 422 that names no field"
    for error in problem["errors"]:
        assert error.keys() >= {"field", "code", "message"}, f"an error that names no field and rule: {error}"
        assert error["message"], f"an error without a rule: {error}"
