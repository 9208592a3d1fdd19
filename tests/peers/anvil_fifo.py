"""Taint by first in, first out, each balance a list of runs: the rule of docs/taint.md written again, as
plainly as it can be, over the lines that anvil_world tells."""

ZERO = "0x" + "00" * 20


class Fifo:
    """moves: taint of each transfer but fees that carries any; fees: taint that ended there, by asset."""

    def __init__(self, lines, origins):
        self.balances = {}  # (account, asset) -> [[units, tainted?], ...], first in first
        self.moves, self.fees = {}, {}
        for line in lines:
            name, source, to, asset, amount, credit = line.split(" ")
            self.move(name, source, to, asset, int(amount), int(credit), name in origins)

    def take(self, account, asset, amount):
        """The first units of a balance; what it has not got comes first, clean."""
        runs = self.balances.setdefault((account, asset), [])
        have = sum(units for units, _ in runs)
        taken = []
        if amount > have:
            taken.append([amount - have, False])
            amount = have
        while amount:
            units, tainted = runs[0]
            part = min(units, amount)
            taken.append([part, tainted])
            amount -= part
            if part == units:
                runs.pop(0)
            else:
                runs[0][0] -= part
        return taken

    def move(self, name, source, to, asset, amount, credit, origin):
        fee = name.split(":")[1][0] == "f"
        if source == to and not fee:
            return
        taken = self.take(source, asset, amount) if source not in ("-", ZERO) else [[amount, False]]
        if origin:
            taken = [[amount, True]]
        taint = sum(units for units, tainted in taken if tainted)
        if taint and not fee:
            self.moves[name] = taint
        if fee:  # the proposer gets its part of it clean
            if taint:
                self.fees[asset] = self.fees.get(asset, 0) + taint
            taken = [[credit, False]]
        self.balances.setdefault((to, asset), []).extend(run for run in taken if run[0])

    def held(self):
        held = {}
        for key, runs in self.balances.items():
            taint = sum(units for units, tainted in runs if tainted)
            if taint:
                held[key] = taint
        return held
