"""Core's block files: cut down to the blocks wanted, as pruning would leave them; folders compared."""

import filecmp
import os
import struct

from coins import sha256d

CHECKSUM_BYTES = 32


def records(path, magic, after=0):
    """(start, body, after) of each record: magic, length, body, and what stands behind the body."""
    with open(path, "rb") as f:
        data = f.read()
    at = 0
    while data[at:at + 4] == magic:
        length = struct.unpack_from("<I", data, at + 4)[0]
        end = at + 8 + length + after
        yield data[at:end], data[at + 8:at + 8 + length], data[end - after:end]
        at = end


def prune(blocks, to, keep, undo=True):
    """Only the blocks whose hashes are in keep, as file 1 of the folder; with their undo data, if wanted."""
    os.makedirs(to)
    with open(os.path.join(blocks, "blk00000.dat"), "rb") as f:
        magic = f.read(4)
    parents = []
    with open(os.path.join(to, "blk00001.dat"), "wb") as out:
        for whole, body, _ in records(os.path.join(blocks, "blk00000.dat"), magic):
            if sha256d(body[:80])[::-1].hex() in keep:
                out.write(whole)
                parents.append(body[4:36])
    if not undo:
        return to
    with open(os.path.join(to, "rev00001.dat"), "wb") as out:
        for whole, body, checksum in records(os.path.join(blocks, "rev00000.dat"), magic, CHECKSUM_BYTES):
            # An undo record does not name its block; its checksum runs over the parent's hash as well.
            if any(sha256d(parent + body) == checksum for parent in parents):
                out.write(whole)
    return to


def differences(one, other):
    """Names of files that are not the same in both folders; the file "lock" may differ, and folders are passed over."""
    names = {entry.name for folder in (one, other) for entry in os.scandir(folder) if not entry.is_dir()} - {"lock"}
    _, different, missing = filecmp.cmpfiles(one, other, names, shallow=False)
    return sorted(different + missing)
