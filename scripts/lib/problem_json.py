"""A check for schemathesis: whatever goes wrong, the body is a problem (RFC 9457) that names what and where."""

import schemathesis


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
    for error in problem["errors"]:
        assert error.keys() >= {"field", "code", "message"}, f"an error that names no field and rule: {error}"
