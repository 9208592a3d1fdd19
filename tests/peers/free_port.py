#!/usr/bin/env python3
"""A port of 127.0.0.1 that is free now, for a server that cannot be told to choose its own. It is taken from below those that the
kernel gives to connections and to servers without a port (ip_local_port_range), so that none of these gets it before its server;
nor does whoever else asks here get it, as long as this process lives, or the one that it was asked for.

free_port.py N PROCESS: so many, a line each; nobody else gets them until that process has ended"""
import os
import random
import select
import socket
import sys

marks = []  # a name of each that was given, which ends with this process


def free_port():
    with open("/proc/sys/net/ipv4/ip_local_port_range") as f:
        below = int(f.read().split()[0])
    while True:
        port = random.randrange(10000, below) if below > 11000 else 0
        mark = socket.socket(socket.AF_UNIX)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                port = s.getsockname()[1]
                mark.bind(f"\0cordon-test-port-{port}")
            except OSError:
                mark.close()
                continue
        marks.append(mark)
        return port


def keep_until_ended(process):
    """In a process of its own, which holds nothing of its parent's but the marks."""
    if os.fork():
        return
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in range(3):
        os.dup2(nothing, fd)
    ours = {mark.fileno() for mark in marks} | {0, 1, 2}
    for fd in map(int, os.listdir("/proc/self/fd")):
        if fd not in ours:
            try:
                os.close(fd)
            except OSError:
                pass  # the one that the list was read by
    try:
        select.select([os.pidfd_open(process)], [], [])
    except ProcessLookupError:
        pass
    os._exit(0)


if __name__ == "__main__":
    for _ in range(int(sys.argv[1])):
        print(free_port(), flush=True)
    keep_until_ended(int(sys.argv[2]))
