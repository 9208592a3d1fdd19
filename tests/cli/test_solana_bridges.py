#!/usr/bin/env -S python3 -B
"""Thefts that cross between Solana and Ethereum, from the blocks of both to one document: out by an order of deBridge, which the log
says; in by CCTP, which a call says; in by Wormhole, whose message is told by the account that follows from it; and the same order said by
another program. And through THORChain, by memos of the memo program, to Bitcoin and back."""

import base64
import hashlib
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "peers"))
import tally  # noqa: E402
from test_routers import COIN, LOGS, TRACES, TXS, Place as Routed, bitcoin, regtest, word  # noqa: E402

DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
SYSTEM, TOKEN = "1" * 32, "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"
SOURCE = "src5qyZHqTqecJV4aY6Cb6zDZLMDzrDKKezs22MPHr4"
TRANSMITTER = "CCTPmbSD7gX1bxKPAmg77w8oFzNFpaQiQUWD43TKaecd"
MEMO = "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr"
TOKENS = "wormDTUJ6AWPNvk59vGQbDvGJmqbDTdgWgAqcLBCgUb"  # Wormhole's token bridge
CUSTODY = "GugU1tP7doLeTw9hQP51xRJyS8Da1fWxuiy2rVrnMD2m"  # its custody_signer
# of message 258 of Ethereum's token bridge: worked out apart (tests/chain/test_solana_bridges.c has others)
CLAIM = "GyEY1fLYC7q1KTq3cDih9GhTUHEyv1EgWZXfBSVCbDxk"
CLAIM_123456 = "87arMtxXvug6We72sR84hcd2rnDW5UJcvpLNXo62isJ1"
MINTER = "DBD8hAwLDRQkTsu6EqviaYNGKPnsAMmQonxf7AH8ZcFY"  # CCTP's token_minter
USDC = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
VICTIM, THIEF, TAKER, BACK = ("0x" + c * 40 for c in "abcd")
DESTINATION = "0xe7351fd770a37282b91d153ee690b63579d6dd7f"
MESSENGER = "0xbd3fa81b58ba92a82136038b25adec7066af3155"
USDC_ETH = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
FULFILLED = "0xd281ee92bab1446041582480d2c0a9dc91f855386bb27ea295faac1e992f7fe4"
RECEIVER, RECEIVED = "0x0a992d191deec32afe36203ad87d7d289a738f81", "0x58200b4c34ae05ee816d710053fff3fb75af4395915d3d2a771b24aa10e3cc5d"
MINTER_PROGRAM = "CCTPiPYPc6AsJuwueEnWgSgucamXDZwBd53dQ11YiKX3"
BURN = "0x2fa9ca894982930190727e75500a97d8dc500233a5065e0f3126c48fbe0343c0"
CORE_ETH, TOKENS_ETH = "0x98f3c9e6e3face36baad05fe09d375ef1464288b", "0x3ee18b2214aff97000d974cf647e7c347e8fa585"
PUBLISHED = "0x6eb224fb001ed210e379b335e35efe88672a8ce935d981a6896b27ffdf52a3b2"
TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
ORDER = bytes(range(32))
MILLION = 10 ** 6  # above all fees


def named(word58):
    """An address of 32 bytes that begins with a word."""
    return word58.ljust(43, "1")


def base58(raw):
    n, text = int.from_bytes(raw, "big"), ""
    while n:
        n, digit = divmod(n, 58)
        text = DIGITS[digit] + text
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text


def event(name):
    return hashlib.sha256(b"event:" + name.encode()).digest()[:8]


def number(v, n):
    return v.to_bytes(n, "little")


def signature(n):
    return "Signature" + DIGITS[n] * 2 + "1" * 76


def answer(slot, accounts, outer, inner=(), log=(), moved=(), tokens=(), more=()):
    """accounts: the first pays; outer: (program, accounts, data), and more of them; moved: lamports that each has more; tokens: (account,
    owner, before, after)."""
    def row(i, frm):
        return {"accountIndex": frm[0], "mint": USDC, "owner": frm[1], "programId": TOKEN,
                "uiTokenAmount": {"amount": str(frm[2 + i]), "decimals": 6}}

    def instruction(p, a, d):
        return {"programIdIndex": accounts.index(p), "accounts": [accounts.index(x) for x in a], "data": base58(d)}

    before = [10 ** 10] * len(accounts)
    after = [b + (moved[i] if i < len(moved) else 0) - (5000 if not i else 0) for i, b in enumerate(before)]
    return json.dumps({
        "slot": slot, "blockTime": 1700000000 + slot,
        "meta": {"err": None, "fee": 5000, "preBalances": before, "postBalances": after, "logMessages": list(log),
                 "preTokenBalances": [row(0, t) for t in tokens], "postTokenBalances": [row(1, t) for t in tokens],
                 "innerInstructions": [{"index": 0, "instructions": [instruction(*x) for x in inner]}]},
        "transaction": {"signatures": [signature(slot)], "message": {"accountKeys": accounts, "instructions": [instruction(*x) for x in (outer, *more)]}}})


class Ethereum:
    def __init__(self):
        self.txs, self.logs, self.traces, self.n = TXS, LOGS, TRACES, 0

    def tx(self, frm, to, value, inner=None, logs=()):
        self.n += 1
        height, name = 99 + self.n, "0x" + f"{self.n:x}" * 64
        time = 1700000000 + 100 * height
        self.txs += f"{name},{height},0,{frm},{to},{value},90000,0,0x,2,{self.n},{time},21000,1,0\n"
        self.traces += f"0,{frm},{to},{value},call,call,,,1,{name},{height},{time}\n"
        if inner:
            self.traces += f"0,{to},{inner},{value},call,call,0,,1,{name},{height},{time}\n"
        for i, (address, topics, data) in enumerate(logs):
            self.logs += f'{i},{name},0,{height},{address},0x{data},"{",".join(topics)}",{time}\n'
        return name


class Place(Routed):
    def both(self, answers, e):
        self.write("answers.jsonl", "\n".join(answers) + "\n")
        self.run("ingest", "solana", "--from", "answers.jsonl")
        self.ingest(e, b"")


def pays(frm, to, amount):
    return (SYSTEM, (frm, to), number(2, 4) + number(amount, 8))


def out_by_an_order(p, program=SOURCE):
    thief, state, victim = named("Thief"), named("State"), named("Victim")
    theft = answer(1, [victim, thief, SYSTEM], pays(victim, thief, 70 * MILLION), moved=(-70 * MILLION, 70 * MILLION))
    log = [f"Program {program} invoke [1]", f"Program {SYSTEM} invoke [2]", f"Program {SYSTEM} success",
           "Program data: " + base64.b64encode(event("CreatedOrderId") + ORDER).decode(), f"Program {program} success"]
    order = answer(2, [thief, state, SYSTEM, program], (program, (thief, thief, thief, state), b"\x01"), [pays(thief, state, 60 * MILLION)],
                   log, moved=(-60 * MILLION, 60 * MILLION))
    e = Ethereum()
    data = word(128) + ORDER.hex() + word(TAKER) + word(TAKER)
    e.tx(TAKER, DESTINATION, 40, BACK, [(DESTINATION, [FULFILLED], data)])
    p.both([theft, order], e)
    return p.trace(signature(1), "solana", "ethereum", chain="solana")


def to_ethereum(p):
    doc, said = out_by_an_order(p)
    routes = [(r["rule"], r["grade"], r["source"], r["amount_in"], r["amount_out"], r["taint_out"]) for r in doc["routes"]]
    assert routes == [("bridge", "proven", "dln:0x" + ORDER.hex(), str(60 * MILLION), "40", "40")], (routes, doc["candidates"])
    assert {u["name"] for u in doc["trusts"]["used"]} == {"deBridge source", "deBridge destination"}, doc["trusts"]
    assert BACK in said.lower(), said


def said_by_another(p):
    doc, _ = out_by_an_order(p, named("Evi"))
    assert doc["routes"] == [] and doc["candidates"] == [], doc["candidates"]


def to_solana(p):
    thief, account, custody, payer = named("Thief"), named("Account"), named("Custody"), named("Payer")
    e = Ethereum()
    theft = e.tx(VICTIM, USDC_ETH, 0, None, [(USDC_ETH, [TRANSFER, "0x" + word(VICTIM), "0x" + word(THIEF)], word(100))])
    e.tx(THIEF, MESSENGER, 0, None, [
        (USDC_ETH, [TRANSFER, "0x" + word(THIEF), "0x" + word(0)], word(90)),
        (MESSENGER, [BURN, "0x" + word(9), "0x" + word(USDC_ETH), "0x" + word(THIEF)], word(90) + word(1) + word(5) + word(0) + word(0))])
    mark = bytes.fromhex("e445a52e51cb9a1d")
    said = mark + event("MessageReceived") + bytes(32) + number(0, 4) + number(9, 8) + bytes(32) + number(132, 4) + bytes(132)
    came = answer(3, [payer, account, custody, MINTER, TRANSMITTER, TOKEN], (TRANSMITTER, (payer,), b"\x01"),
                  [(TOKEN, (custody, account, MINTER), b"\x03" + number(90, 8)), (TRANSMITTER, (MINTER,), said)],
                  tokens=((1, thief, 0, 90), (2, MINTER, 1000, 910)))
    p.both([came], e)
    doc, text = p.trace(theft, "ethereum", "solana")
    routes = [(r["rule"], r["grade"], r["source"], r["amount_in"], r["amount_out"], r["taint_out"]) for r in doc["routes"]]
    assert routes == [("bridge", "proven", "cctp:0:9", "90", "90", "90")], (routes, doc["candidates"])
    assert thief in text, text


def by_wormhole(p, number, native):
    """90 of a token to Ethereum's token bridge, with that message; on Solana it is paid out of custody, or minted, 7 of it to who brings it."""
    thief, account, payer, fees, custody = named("Thief"), named("Account"), named("Payer"), named("Fees"), named("Custody")
    e = Ethereum()
    theft = e.tx(VICTIM, USDC_ETH, 0, None, [(USDC_ETH, [TRANSFER, "0x" + word(VICTIM), "0x" + word(THIEF)], word(100))])
    e.tx(THIEF, TOKENS_ETH, 0, None, [
        (USDC_ETH, [TRANSFER, "0x" + word(THIEF), "0x" + word(TOKENS_ETH)], word(90)),
        (CORE_ETH, [PUBLISHED, "0x" + word(TOKENS_ETH)], word(number) + word(0) + word(128) + word(1) + word(0))])
    keys = [payer, account, fees, custody, CUSTODY, TOKENS, TOKEN, named("Config"), named("Message"), CLAIM, USDC]
    pays_out = [(TOKEN, (custody, account, CUSTODY), b"\x03" + number_of(83)), (TOKEN, (custody, fees, CUSTODY), b"\x03" + number_of(7))]
    mints = [(TOKEN, (USDC, account, CUSTODY), b"\x07" + number_of(83)), (TOKEN, (USDC, fees, CUSTODY), b"\x07" + number_of(7))]
    came = answer(3, keys, (TOKENS, (payer, named("Config"), named("Message"), CLAIM), b"\x02" if native else b"\x03"),
                  pays_out if native else mints,
                  tokens=((1, thief, 0, 83), (2, payer, 0, 7), (3, CUSTODY, 1000, 910 if native else 1000)))
    p.both([came], e)
    return p.trace(theft, "ethereum", "solana")


def number_of(v):
    return number(v, 8)


def in_by_wormhole(p, native):
    doc, text = by_wormhole(p, 258, native)
    routes = [(r["rule"], r["grade"], r["source"], r["amount_in"], r["amount_out"], r["taint_out"]) for r in doc["routes"]]
    key = f"wormhole:2:0x{word(TOKENS_ETH)}:258"
    assert routes == [("bridge", "proven", key, "90", "83", "83")], (routes, doc["candidates"])
    assert {u["name"] for u in doc["trusts"]["used"]} == {"Wormhole core", "Wormhole token bridge"}, doc["trusts"]
    assert named("Thief") in text and named("Payer") not in text, text


def out_of_custody(p):
    in_by_wormhole(p, True)


def minted(p):
    in_by_wormhole(p, False)


def another_message(p):
    doc, _ = by_wormhole(p, 259, True)
    assert doc["routes"] == [] and [c["ground"] for c in doc["candidates"]] == ["no ledger here has the other side"], doc["candidates"]


def sent(slot, frm, to, amount, memo):
    return answer(slot, [frm, to, SYSTEM, MEMO], pays(frm, to, amount), moved=(-amount, amount), more=[(MEMO, (frm,), memo.encode())])


def there_and_back(p):
    """A signature is too long for one output; of what Bitcoin's vault pays on, Solana's pays a part."""
    victim, thief, vault, back = named("Victim"), named("Thief"), named("Vau1t"), named("Back")
    theft = answer(1, [victim, thief, SYSTEM], pays(victim, thief, 70 * MILLION), moved=(-70 * MILLION, 70 * MILLION))
    raw, btc = bitcoin(f"OUT:{signature(2)}", f"=:SOL.SOL:{back}")
    answers = [theft, sent(2, thief, vault, 60 * MILLION, f"=:BTC.BTC:{regtest(2)}"), sent(3, vault, back, 40 * MILLION, f"OUT:{btc.upper()}")]
    assert len(signature(2)) == 87
    p.write("answers.jsonl", "\n".join(answers) + "\n")
    p.run("ingest", "solana", "--from", "answers.jsonl")
    p.write("blk.dat", raw)
    p.run("ingest", "bitcoin:regtest", "--from", "blk.dat")
    doc, _ = p.trace(signature(1), "solana", "bitcoin:regtest", chain="solana")
    assert doc["routes"] == [] and [c["ground"] for c in doc["candidates"]] == ["a contract that is not known says it"], doc["candidates"]
    doc, said = p.trace(signature(1), "solana", "bitcoin:regtest", chain="solana",
                        trusts=[{"contract": vault, "name": "a vault", "source": "a node of THORChain, /vaults/asgard"}])
    routes = [(r["rule"], r["grade"], r["amount_in"], r["amount_out"], r["taint_out"]) for r in doc["routes"]]
    assert routes == [("router", "stated", str(60 * MILLION), str(60 * COIN), str(60 * COIN)),
                      ("router", "stated", str(50 * COIN), str(40 * MILLION), str(40 * MILLION))], (routes, doc["candidates"])
    assert doc["candidates"] == [] and back in said and "a vault, as the case says" in said, said


def almost_its_name(p):
    """The first output of the payment's memo is the same; what it goes on in names another transaction."""
    victim, thief, vault = named("Victim"), named("Thief"), named("Vau1t")
    raw, _ = bitcoin(f"OUT:{signature(2)[:-1]}2", "=:x:x")
    p.write("answers.jsonl", "\n".join([answer(1, [victim, thief, SYSTEM], pays(victim, thief, 70 * MILLION), moved=(-70 * MILLION, 70 * MILLION)),
                                       sent(2, thief, vault, 60 * MILLION, f"=:BTC.BTC:{regtest(2)}")]) + "\n")
    p.run("ingest", "solana", "--from", "answers.jsonl")
    p.write("blk.dat", raw)
    p.run("ingest", "bitcoin:regtest", "--from", "blk.dat")
    doc, _ = p.trace(signature(1), "solana", "bitcoin:regtest", chain="solana", trusts=[{"contract": vault, "name": "a vault", "source": "x"}])
    assert doc["routes"] == [] and [c["ground"] for c in doc["candidates"]] == ["no ledger here has a payment for it"], doc["candidates"]


MARK = bytes.fromhex("e445a52e51cb9a1d")


def burned(nonce):
    return MARK + event("DepositForBurn") + number(nonce, 8) + bytes(32 + 8 + 32 + 32 + 4 + 32 + 32)


def two_leave_at_once(p):
    """Which burn is whose, the order of instructions says: 60 and 30, and what comes on Ethereum."""
    victim, thief, v, t, router, one, other = named("Victim"), named("Thief"), named("TokenV"), named("TokenT"), named("Router"), TAKER, BACK
    theft = answer(1, [victim, v, t, TOKEN], (TOKEN, (v, t, victim), b"\x03" + number_of(100)), tokens=((1, victim, 100, 0), (2, thief, 0, 100)))
    call = (MINTER_PROGRAM, (thief,), b"\x01")
    left = answer(2, [thief, t, USDC, MINTER_PROGRAM, TOKEN, router], (router, (thief,), b"\x01"), [
        call, (TOKEN, (t, USDC, thief), b"\x08" + number_of(60)), (MINTER_PROGRAM, (thief,), burned(7)),
        call, (TOKEN, (t, USDC, thief), b"\x08" + number_of(30)), (MINTER_PROGRAM, (thief,), burned(8))],
        tokens=((1, thief, 100, 10),))
    e = Ethereum()
    for nonce, to, amount in ((7, one, 60), (8, other, 30)):
        e.tx(VICTIM, RECEIVER, 0, None, [
            (USDC_ETH, [TRANSFER, "0x" + word(0), "0x" + word(to)], word(amount)),
            (RECEIVER, [RECEIVED, "0x" + word(VICTIM), "0x" + word(nonce)], word(5) + word(0) + word(96) + word(0))])
    p.both([theft, left], e)
    doc, text = p.trace(signature(1), "solana", "ethereum", chain="solana")
    routes = [(r["grade"], r["source"], r["amount_in"], r["amount_out"], r["taint_out"]) for r in doc["routes"]]
    assert sorted(routes) == [("proven", "cctp:5:7", "60", "60", "60"), ("proven", "cctp:5:8", "30", "30", "30")], (routes, doc["candidates"])
    assert doc["candidates"] == [] and one in text.lower() and other in text.lower(), text


def two_come_at_once(p, deep):
    """Two messages of Wormhole are paid in one transaction, each before the next is asked for; by another program, where nodes say how deep."""
    one, other, a, b, payer, custody, fees, router = (named(n) for n in ("First", "Second", "TokenA", "TokenB", "Payer", "Custody", "Fees", "Router"))
    e = Ethereum()
    theft = e.tx(VICTIM, USDC_ETH, 0, None, [(USDC_ETH, [TRANSFER, "0x" + word(VICTIM), "0x" + word(THIEF)], word(100))])
    for n, amount in ((258, 60), (123456, 30)):
        e.tx(THIEF, TOKENS_ETH, 0, None, [
            (USDC_ETH, [TRANSFER, "0x" + word(THIEF), "0x" + word(TOKENS_ETH)], word(amount)),
            (CORE_ETH, [PUBLISHED, "0x" + word(TOKENS_ETH)], word(n) + word(0) + word(128) + word(1) + word(0))])
    config, message = named("Config"), named("Message")

    def paid(claim, account, amount):
        return [(TOKENS, (payer, config, message, claim), b"\x02"), (TOKEN, (custody, account, CUSTODY), b"\x03" + number_of(amount))]
    came = json.loads(answer(3, [payer, a, b, custody, CUSTODY, TOKENS, TOKEN, config, message, CLAIM, CLAIM_123456, fees, router],
                             (router, (payer,), b"\x01"), paid(CLAIM, a, 60) + paid(CLAIM_123456, b, 30),
                             tokens=((1, one, 0, 60), (2, other, 0, 30), (3, CUSTODY, 1000, 910))))
    if deep:
        for i, x in enumerate(came["meta"]["innerInstructions"][0]["instructions"]):
            x["stackHeight"] = 2 + i % 2
    p.both([json.dumps(came)], e)
    doc, text = p.trace(theft, "ethereum", "solana")
    routes = [(r["grade"], r["amount_in"], r["amount_out"], r["taint_out"]) for r in doc["routes"]]
    assert routes == [("proven", "60", "60", "60"), ("proven", "30", "30", "30")], (routes, doc["candidates"])
    assert doc["candidates"] == [] and one in text and other in text, text


def two_come_by_depth(p):
    two_come_at_once(p, True)


def two_come_by_program(p):
    two_come_at_once(p, False)


TESTS = (two_leave_at_once, two_come_by_depth, two_come_by_program, there_and_back, almost_its_name, to_ethereum, said_by_another, to_solana, out_of_custody, minted, another_message)


if __name__ == "__main__":
    sys.exit(tally.run_each(TESTS, Place))
