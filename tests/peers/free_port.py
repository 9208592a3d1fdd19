#!/usr/bin/env python3
"""A port of 127.0.0.1 that is free now, for a server that cannot be told to choose its own. It is taken from below those that the
kernel gives to connections and to servers without a port (ip_local_port_range), so that none of these gets it before its server."""
import random
import socket


def free_port():
    with open("/proc/sys/net/ipv4/ip_local_port_range") as f:
        below = int(f.read().split()[0])
    while True:
        port = random.randrange(10000, below) if below > 11000 else 0
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
            return s.getsockname()[1]


if __name__ == "__main__":
    print(free_port())
