#!/usr/bin/env -S python3 -B
"""Writes what somebody would write to add a coin that nobody has, a row in the table of chains and one in the table of addresses, and
an EVM chain that nobody has, a row in the table of chains alone.

    rows.py chain.c address_key.c OUT_CHAIN OUT_ADDRESS_KEY

The coin is Pebble, a fork of Bitcoin with blocks of its own. Its genesis is the first block that test_new_chain.py makes, and the test
holds the two together. The EVM chain is Gravel. Everything else of the program that is built with these two files is as it was."""

import sys

GENESIS = "185f2e19168dc0d5c9d5ff661babecf66b8bc62d99dec97168c91f4cbcfe1a7d"

CHAIN = """static const struct chain pebble = {
    .name = "pebble",
    .caip2 = "bip122:%s",
    .genesis = {{%s}},
    .magic = 0x6c626570,
    .bits_max = 0x207fffff,
    .pow = POW_SHA256D,
    .p2pkh = 55,
    .p2sh = 56,
    .hrp = "pbl",
    .money_max = 21000000 * COIN,
    .decimals = 8,
    .symbol = "PBL",
};

"""
EVM = """    EVM("gravel", 987654321, "GRV"),
"""
ADDRESS = """    {SPACE_OTHER, coin_read, "pebble", " pebble bip122:%s ", NULL, " PBL ",
     COIN("pebble", 55, 56, 0, "pbl")},
"""


def put(text, place, what, after=False):
    """What, before the only place, or behind it."""
    assert text.count(place) == 1, place
    return text.replace(place, place + what if after else what + place)


def main():
    chain_c, address_c, chain_out, address_out = sys.argv[1:]
    caip2 = GENESIS[:32]
    wire = ", ".join(f"0x{b:02x}" for b in bytes.fromhex(GENESIS)[::-1])
    with open(chain_c, encoding="utf-8") as f:
        text = f.read()
    text = put(text, "static const struct chain *const chains[] = {\n", CHAIN % (caip2, wire))
    text = put(text, "static const struct chain *const chains[] = {\n", "    &pebble,\n", after=True)
    text = put(text, "static const struct chain account_chains[] = {\n", EVM, after=True)
    with open(chain_out, "w", encoding="utf-8") as f:
        f.write(text)
    with open(address_c, encoding="utf-8") as f:
        text = f.read()
    text = put(text, "static const struct row rows[] = {\n", ADDRESS % caip2, after=True)
    with open(address_out, "w", encoding="utf-8") as f:
        f.write(text)


if __name__ == "__main__":
    main()
