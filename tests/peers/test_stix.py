#!/usr/bin/env -S python3 -B
"""What cordon indicators writes, held against the schemas of others: OASIS' of STIX 2.1, the field's of the wallet and
of TLP 2.0, MISP's template of a coin-address and its taxonomies."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.parse

import tally

CORDON = os.environ.get("CORDON", "build/cordon")
SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
DATA = pathlib.Path(os.environ.get("CORDON_DATA", SOURCE.parent / "shared" / "data"))
PACK = """title: Sample
lastmod: 2024-05-01
source: https://example.org/
confidence: authority_data
tags:
- {address: 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa, label: "=one, \\"quoted\\"", category: exchange}
- {address: 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa, label: another, abuse: service_hack, source: a talk}
- {address: 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed, currency: ETH, label: three, category: mixer}
- {address: TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t, currency: USDT, label: four, lastmod: }
- {address: cosmos1fl48vsnmsdzcv85q5d2q4z5ajdha8yu34mf0eh, currency: ATOM, label: five}
"""


def cordon(*args):
    done = subprocess.run([CORDON, *args], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{args}: {done.stderr}"
    return done.stdout


def inlined(node, document, url, store):
    """The schema with what it refers to in place, so that every version of jsonschema reads it alike."""
    if isinstance(node, list):
        return [inlined(n, document, url, store) for n in node]
    if not isinstance(node, dict):
        return node
    rest = {k: inlined(v, document, url, store) for k, v in node.items() if k not in ("$ref", "$id", "definitions")}
    if not isinstance(node.get("$ref"), str):
        return rest
    at, _, pointer = urllib.parse.urljoin(url, node["$ref"]).partition("#")
    found = document if at == url.partition("#")[0] else store.get(at)
    assert found is not None, at
    target = found
    for part in pointer.strip("/").split("/") if pointer else []:
        target = target[part]
    return {"allOf": [rest, inlined(target, found, at, store)]}


def schemas(folder):
    import jsonschema

    with open(DATA / "stix/schemas/stix2.1-json-schemas.tar.zst", "rb") as packed:
        plain = subprocess.run(["zstd", "-dc"], stdin=packed, capture_output=True, check=True).stdout
    subprocess.run(["tar", "-x", "-C", folder], input=plain, check=True)
    texts = [json.loads(p.read_text()) for p in pathlib.Path(folder).glob("schemas/*/*.json")]
    store = {s["$id"]: s for s in texts if "$id" in s}
    # the wallet's schema names the same files by another branch, in https
    store |= {i.replace("http://", "https://").replace("/stix2.1/", "/master/"): s for i, s in store.items()}
    base = "http://raw.githubusercontent.com/oasis-open/cti-stix2-json-schemas/stix2.1/schemas/"
    wallet = json.loads((DATA / "stix/crypto-sco/dogesec-cryptocurrency-wallet.schema.json").read_text())
    tlp = json.loads(next((DATA / "stix/tlp").glob("extension-definition--*.schema.json")).read_text())

    def of(schema):
        return jsonschema.Draft202012Validator(inlined(schema, schema, schema.get("$id", base), store))

    common = {t: of(store[base + p]) for t, p in {
        "identity": "sdos/identity.json", "indicator": "sdos/indicator.json",
        "extension-definition": "common/extension-definition.json",
        "marking-definition": "common/marking-definition.json"}.items()}
    return common, of(wallet), of(tlp), of(store[base + "common/bundle.json"])


def good(validator, thing, what):
    for error in validator.iter_errors(thing):
        raise AssertionError(f"{what}: {error.json_path}: {error.message}")


def bundle(text, validators):
    common, wallet, tlp, of_bundle = validators
    whole = json.loads(text)
    ids = [o["id"] for o in whole["objects"]]
    assert len(ids) == len(set(ids)), "an id is there twice"
    good(of_bundle, {k: v for k, v in whole.items() if k != "objects"}, "bundle")
    for o in whole["objects"]:
        if o["type"] == "cryptocurrency-wallet":
            good(wallet, o, o["id"])
        elif o["type"] == "marking-definition" and "extensions" in o:
            good(tlp, o, o["id"])
        else:
            good(common[o["type"]], o, o["id"])
        known = set(ids) | {i for i in o.get("object_marking_refs", [])}
        for ref in [*o.get("object_marking_refs", []), o.get("created_by_ref", ids[0])]:
            assert ref in ids and ref in known, f"{o['id']} names {ref}, which is not there"
    return whole


def bad(validator, thing, without):
    assert list(validator.iter_errors({k: v for k, v in thing.items() if k != without})), without


class Marked:
    """Records with marks of five chains."""

    def __init__(self, folder):
        self.folder = folder
        os.environ["CORDON_HOME"] = folder + "/home"
        pathlib.Path(folder, "sample.yaml").write_text(PACK)
        cordon("tags", "import", folder + "/sample.yaml")


def bundles(world):
    validators = schemas(world.folder)
    common, wallet, of_tlp, _ = validators
    for tlp in ("clear", "green", "amber", "amber+strict", "red"):
        text = cordon("indicators", "export", "--format", "stix", "--tlp", tlp, "--use", "screening", "--producer", "CERT")
        whole = bundle(text, validators)
        assert sum(o["type"] == "indicator" for o in whole["objects"]) == 5
        assert sum(o["type"] == "cryptocurrency-wallet" for o in whole["objects"]) == 4
        again = cordon("indicators", "export", "--format", "stix", "--tlp", tlp, "--use", "screening", "--producer", "CERT")
        assert text == again
    first = {o["type"]: o for o in reversed(whole["objects"])}
    bad(common["indicator"], first["indicator"], "valid_from")  # the schemas do refuse
    bad(wallet, first["cryptocurrency-wallet"], "value")
    bad(of_tlp, first["marking-definition"], "extensions")


def events(_):
    template = json.loads((DATA / "stix/misp/objects/coin-address.json").read_text())
    tags = {"tlp:" + p["value"] for p in json.loads((DATA / "stix/misp/taxonomies/tlp.json").read_text())["predicates"]}
    paps = {"PAP:" + p["value"] for p in json.loads((DATA / "stix/misp/taxonomies/PAP.json").read_text())["predicates"]}
    for tlp in ("clear", "green", "amber", "amber+strict", "red"):
        event = json.loads(cordon("indicators", "export", "--format", "misp", "--tlp", tlp, "--use", "pap:green"))["Event"]
        names = [t["name"] for t in event["Tag"]]
        assert names[0] == "tlp:" + tlp and names[0] in tags and names[1] in paps, names
        assert len(event["Object"]) == 5
        for o in event["Object"]:
            assert (o["template_uuid"], o["template_version"]) == (template["uuid"], str(template["version"]))
            assert (o["name"], o["meta-category"]) == (template["name"], template["meta-category"])
            for a in o["Attribute"]:
                assert template["attributes"][a["object_relation"]]["misp-attribute"] == a["type"], a
            assert any(a["object_relation"] in template["requiredOneOf"] for a in o["Attribute"])


def main():
    lack = None if (DATA / "stix").exists() else "the data of STIX is not here"
    if len(sys.argv) > 1 and not lack:  # bundles that others wrote: cordon advisory
        with tempfile.TemporaryDirectory() as folder:
            validators = schemas(folder)
            for path in sys.argv[1:]:
                bundle(pathlib.Path(path).read_text(), validators)
        return 0
    return tally.run([bundles, events], Marked, lack)


if __name__ == "__main__":
    sys.exit(main())
