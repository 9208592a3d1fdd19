"""The world's thefts and claims with markings, and the figures of a pack against them.

    quarter.py mark FROM TO                     FROM/thefts.csv and claims.csv with a column tlp
    quarter.py figures PACK CSV CORDON HOME     runs each query of PACK.json in HOME; says what differs
"""
import concurrent.futures
import csv
import datetime
import decimal
import hashlib
import json
import pathlib
import shlex
import subprocess
import sys

WIDTH = {"clear": 0, "green": 1, "": 2}
READERS = {"public": 0, "partner": 1, "full": 2}


def mark(source, target):
    for name in ("thefts.csv", "claims.csv"):
        with open(source / name, newline="", encoding="utf-8") as f:
            rows = list(csv.DictReader(f))
        for n, row in enumerate(rows):
            listed = row.get("attributed_by", row["source"]).startswith("T. Monahan")
            row["tlp"] = "" if n % 7 == 6 and name == "claims.csv" else "green" if listed else "clear"
        with open(target / name, "w", newline="", encoding="utf-8") as f:
            table = csv.DictWriter(f, rows[0].keys())
            table.writeheader()
            table.writerows(rows)


def of_quarter(date, quarter):
    """2025-02-21 or 2025-02 is in 2025Q1; 2025 is in none."""
    parts = date.split("-")
    return len(parts) > 1 and f"{parts[0]}Q{(int(parts[1]) + 2) // 3}" == quarter


def shifted(n, answer):
    """In the form in which the value is told, where it is the same number."""
    value = decimal.Decimal(n).scaleb(-answer["decimals"], decimal.Context(prec=100))
    return answer["value"] if value == decimal.Decimal(answer["value"].rstrip("\u00b0")) else str(value)


def come_to(answer):
    """What the objects come to, as docs/pack.md says."""
    objects = answer["objects"]
    values = sorted(int(o["value"]) for o in objects if o["value"] is not None)
    how = answer["how"]
    if how == "count":
        return str(len(objects))
    if how == "stated":
        return answer["value"] if len(objects) == 1 else "not of one object"
    if how == "sum":
        return shifted(sum(values), answer)
    if how in ("median", "p95"):
        return shifted(values[(len(values) * (95 if how == "p95" else 50) + 99) // 100 - 1], answer)
    if how == "of":
        return f"{sum(values)}/{len(values)}"
    if how == "days":
        return str((values[-1] - values[0]) // 86400)
    if how == "since":
        said = datetime.datetime.fromtimestamp(values[0] // 1000, datetime.timezone.utc)
        began = int(answer["quarter"][:4]) * 4 + int(answer["quarter"][5]) - 1 - said.year * 4 - (said.month - 1) // 3
        return str(max(began, 0))  # of a quarter before it was said: none
    if how == "share":
        tenths = sum(values) * 1000 // sum(int(o["whole"]) for o in objects)
        return f"{tenths // 10}.{tenths % 10}"
    if how == "hours":
        return f"{sum(values) // 3600000}.{sum(values) % 3600000 * 100 // 3600000:02}"
    if how == "newest":
        newest = datetime.datetime.fromtimestamp(values[-1] // 1000, datetime.timezone.utc)
        return f"{newest:%Y-%m-%d %H:%M:%S}.{values[-1] % 1000:03} UTC"
    return hashlib.sha256(b"".join(bytes.fromhex(o["object"]) for o in objects)).hexdigest()


class Home:
    def __init__(self, cordon, home):
        self.cordon, self.home = cordon, home

    def run(self, query, *more):
        return subprocess.run([self.cordon, *shlex.split(query)[1:], "--home", self.home, *more],
                              check=True, capture_output=True).stdout

    def differs(self, query, name, value):
        """What is wrong with the answer to a figure's query; None: nothing."""
        answer = json.loads(self.run(query, "--format", "json"))
        if (answer["figure"], answer["value"]) != (name, value):
            return f"{query}: {answer['value']}, the pack has {value}"
        if come_to(answer) != value:
            return f"{query}: its objects come to {come_to(answer)}"
        if answer["how"] == "stated":
            kind, name = answer["objects"][0]["object"].split(":")
            said = json.loads(self.run(f"cordon register show {kind} {name}", "--format", "json"))
            if value not in said["record"]["fields"].values():
                return f"{query}: its object does not say {value}"
        return None


def of_table(table):
    """Query, name and value of each figure of a table."""
    f = table["figures"]
    for name, row in zip(f["rows"] if f else (), table["rows"]):
        for column, value in zip(table["columns"], row):
            if column in f["columns"] and value:
                full = f"{table['id']}.{name}.{column}"
                yield f"{f['query']} {full}", full, value


def figures(pack, table, cordon, home):
    wrong = []
    told = {}
    asked = []
    home = Home(cordon, home)
    for section in pack["sections"]:
        for figure in section["figures"]:
            told[figure["id"]] = figure["value"]
            if figure["query"] is not None:
                asked.append((figure["query"], figure["id"], figure["value"]))
            elif figure["id"] not in ("version", "unread"):
                wrong.append(f"{figure['id']}: no query")
        for t in section["tables"]:
            asked += of_table(t)
        for query in {t["query"] for t in section["tables"] if t["query"]}:
            home.run(query)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        wrong += filter(None, pool.map(lambda a: home.differs(*a), asked))
    if len({name for _, name, _ in asked}) != len(asked):
        wrong.append("two figures have one name")
    print(f"{len(asked)} figures")
    with open(table, newline="", encoding="utf-8") as f:
        rows = [r for r in csv.DictReader(f) if of_quarter(r["date"], pack["quarter"])
                and WIDTH[r.get("tlp", "")] <= READERS[pack["reader"]]]
    counted = {"thefts": len(rows), "thefts-usd": sum(int(r["usd_amount"] or 0) for r in rows),
               "thefts-unstated": sum(not r["usd_amount"] for r in rows)}
    wrong += [f"{k}: {told.get(k)}, {v} in the table" for k, v in counted.items() if told.get(k) != str(v)]
    return wrong


def main(args):
    if args[0] == "mark":
        mark(pathlib.Path(args[1]), pathlib.Path(args[2]))
        return 0
    with open(args[1], encoding="utf-8") as f:
        wrong = figures(json.load(f), args[2], args[3], args[4])
    print("\n".join(wrong))
    return len(wrong) > 0


sys.exit(main(sys.argv[1:]))
