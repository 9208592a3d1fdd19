#!/usr/bin/env python3
"""A port of 127.0.0.1 that is free now, for a server that cannot be told to choose its own. It is taken from below those that the
kernel gives to connections and to servers without a port (ip_local_port_range), so that none of these gets it before its server;
nor does whoever else asks here get it, as long as this process lives.

free_port.py [N]: so many, a line each"""
import random
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


if __name__ == "__main__":
    for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 1):
        print(free_port())
