"""From policy.yaml to policy.json once more, by the tables of docs/formats/policy.md. None of our code.

It reads the YAML of the worked example and not much beyond: block mappings and sequences, flow collections without
quotes, plain scalars. How an expression is spelled it is told.
"""
import re


def scalar(text):
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return {"true": True, "false": False, "null": None}.get(text, text)


def flow(text):
    """A flow mapping or sequence, or a plain scalar."""
    if text[:1] not in "{[":
        return scalar(text)
    parts, depth, begin = [], 0, 1
    for at, c in enumerate(text):
        depth += (c in "{[") - (c in "}]")
        if (c == "," and depth == 1) or (depth == 0 and at > 0):
            parts.append(text[begin:at].strip())
            begin = at + 1
    if text[0] == "[":
        return [flow(part) for part in parts if part]
    return {name.strip(): flow(value.strip()) for name, _, value in (part.partition(":") for part in parts)}


def read(lines):
    """A block node: lines of one indentation and what is indented below them."""
    depth = len(lines[0]) - len(lines[0].lstrip())
    items = []
    for line in lines:
        if len(line) - len(line.lstrip()) == depth:
            items.append([line.strip()])
        else:
            items[-1].append(line)
    if items[0][0].startswith("- "):
        return [read([" " * (depth + 2) + first[2:], *rest]) for first, *rest in items]
    pairs = ((first.split(":", 1), rest) for first, *rest in items)
    return {name: read(rest) if rest else flow(value.strip()) for (name, value), rest in pairs}


def outcome(given):
    decision = given["decision"]
    word = {"approved": "approve", "rejected": "reject"}.get(decision, "review")
    return {"action": given.get("action", word), "reason": given["reason"],
            "requires_override": decision == "override_required"}


def rules(match, outer, spelled):
    for choice in match:
        conditions = outer + ([spelled(choice["condition"])] if "condition" in choice else [])
        if "rule" in choice:
            yield from rules(choice["rule"]["match"], conditions, spelled)
        else:
            joined = {"condition": " && ".join(conditions)} if conditions else {}
            yield {**joined, "id": choice["id"], "outcome": outcome(choice["outcome"])}


def build(text, spelled):
    """The value of policy.json. The conditions of the example need no parentheses when they are joined."""
    document = read([line for line in text.splitlines() if line.strip() and not line.startswith("#")])
    kept = ("boundSignals", "description", "policyId", "policyVersion")
    variables = [{"expression": spelled(variable["expression"]), "name": variable["name"]}
                 for variable in document["rule"].get("variables", [])]
    return {**{name: document[name] for name in kept if name in document}, "hitPolicy": "first",
            "languageProfile": "parmana-cel/1", "rules": list(rules(document["rule"]["match"], [], spelled)),
            "schemaVersion": "1.1.0", "signalsSchema": document["signals"],
            **({"variables": variables} if variables else {})}
