"""Which answers of openapi.json has no test seen? Takes the document and the ledger that the tests' client kept.

Left out are faults that are not asked for: 500 (a bug), 507 (a full disk)."""

import json
import sys

UNASKED = {"500", "507"}
METHODS = ("get", "post", "put", "patch", "delete")


def fits(template: str, path: str) -> bool:
    parts, words = template.strip("/").split("/"), path.strip("/").split("/")
    return len(parts) == len(words) and all(p.startswith("{") or p == w for p, w in zip(parts, words))


def main(document: str, ledger: str) -> int:
    with open(document, encoding="utf-8") as file:
        paths = json.load(file)["paths"]
    # Words before placeholders, as the router has it.
    templates = sorted(paths, key=lambda path: [part.startswith("{") for part in path.strip("/").split("/")])
    promised = {
        (method.upper(), template, status)
        for template in templates
        for method in METHODS
        if method in paths[template]
        for status in paths[template][method]["responses"]
        if status not in UNASKED
    }
    seen, of_path = set(), {}
    with open(ledger, encoding="utf-8") as file:
        for line in set(file):
            method, path, status = line.split()
            if path not in of_path:
                of_path[path] = next((template for template in templates if fits(template, path)), None)
            seen.add((method, of_path[path], status))
    missing = sorted(promised - seen, key=lambda answer: (answer[1], answer[0], answer[2]))
    operations = len({answer[:2] for answer in promised})
    print(f"{len(promised) - len(missing)} of {len(promised)} documented answers of {operations} operations were seen")
    for method, template, status in missing:
        print(f"  not seen: {method} {template} {status}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
