"""The ways between nodes, as a relay of the test's: each direction of each pair has a port of its own, and a weather that may
change at any moment: delay, loss, stalls, cuts.

Loss is what TCP makes of it, for a relay has streams and not packets: for each segment that is lost, it and all behind it wait
once more for the retransmission time-out (200 ms, and a round trip); a lost SYN costs a second. A connection begins after the
round trip of its handshake."""

import asyncio
import collections
import os
import subprocess
import threading
import time

SEGMENT_BYTES = 1400
AHEAD_BYTES = 256 << 10
TIMEOUT_SECONDS = 0.2  # Linux's least
SYN_SECONDS = 1.0


class Way:
    """From one member to another: where to connect, and how it is there."""

    def __init__(self, net, host, port):
        self.net, self.target = net, (host, port)
        self.delay = self.loss = 0.0  # seconds, one way; share of segments
        self.cut, self.stalled_until = False, 0.0
        self.open = set()
        self.bytes = 0

    def stall(self, seconds):
        self.stalled_until = max(self.stalled_until, time.monotonic() + seconds)

    def set_cut(self, cut):
        self.cut = cut
        if cut:
            self.net.loop.call_soon_threadsafe(self.drop)

    def drop(self):
        for writer in list(self.open):
            writer.transport.abort()

    def lost(self):
        return self.net.random.random() < self.loss

    async def accept(self, reader, writer):
        if self.cut:
            writer.transport.abort()
            return
        self.open.add(writer)
        there = None
        try:
            await asyncio.sleep(2 * self.delay)
            while self.lost():
                await asyncio.sleep(SYN_SECONDS)
            far, there = await asyncio.open_connection(*self.target)
            self.open.add(there)
            await asyncio.gather(self.pump(reader, there), self.pump(far, writer))
        except (OSError, asyncio.CancelledError):
            pass  # the way was cut, or there is nobody
        finally:
            for end in (writer, there):
                if end:
                    self.open.discard(end)
                    end.transport.abort()

    async def pump(self, reader, writer):
        """In order, each byte when it is due."""
        under_way, free, due = collections.deque(), asyncio.Event(), 0.0
        free.set()
        sender = asyncio.ensure_future(self.send(under_way, free, writer))
        try:
            while True:
                await free.wait()
                data = await reader.read(SEGMENT_BYTES)
                now = time.monotonic()
                due = max(due, now + self.delay)
                while data and self.lost():
                    due += TIMEOUT_SECONDS + 2 * self.delay
                under_way.append((due, data))
                self.bytes += len(data)
                if sum(len(d) for _, d in under_way) > AHEAD_BYTES:
                    free.clear()
                if not data:
                    await sender
                    return
        finally:
            sender.cancel()

    async def send(self, under_way, free, writer):
        while True:
            if not under_way:
                await asyncio.sleep(0.001)
                continue
            due, data = under_way[0]
            wait = max(due, self.stalled_until) - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
                continue
            under_way.popleft()
            free.set()
            if not data:
                writer.write_eof() if writer.can_write_eof() else None
                return
            writer.write(data)
            await writer.drain()


class Net:
    def __init__(self, random):
        self.random = random
        self.ways = {}
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def way(self, source, target, at, host, port):
        """The port at an address that stands for it."""
        w = self.ways[source, target] = Way(self, host, port)
        server = asyncio.run_coroutine_threadsafe(asyncio.start_server(w.accept, at, 0), self.loop).result(240)
        return server.sockets[0].getsockname()[1]

    def between(self, ones, others):
        return [w for (a, b), w in self.ways.items() if (a in ones and b in others) or (a in others and b in ones)]

    def weather(self, delay=0.0, loss=0.0):
        for w in self.ways.values():
            w.delay, w.loss = delay, loss

    def heal(self):
        for w in self.ways.values():
            w.cut, w.stalled_until = False, 0.0

    async def finish(self):
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def stop(self):
        asyncio.run_coroutine_threadsafe(self.finish(), self.loop).result(240)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(240)
        self.loop.close()


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


class Places:
    """A network namespace for each name, with a cable to this one and no way anywhere else. Only root may make them; raises
    OSError that says why there are none."""

    def __init__(self, names):
        self.names, self.made = list(names), []
        try:
            for i, name in enumerate(self.names):
                self.make(i, name)
        except OSError:
            self.end()
            raise

    def space(self, name):
        return f"cordon-{os.getpid()}-{name}"

    def net(self, name):
        """Others than those of a test beside this one, or of one that was killed and has left them behind."""
        return f"10.213.{(os.getpid() * len(self.names) + self.names.index(name)) % 255}"

    def here(self, name):
        """This end of its cable."""
        return f"{self.net(name)}.1"

    def there(self, name):
        return f"{self.net(name)}.2"

    def inside(self, name):
        return ["ip", "netns", "exec", self.space(name)]

    def must(self, *command):
        done = run(*command)
        if done.returncode:
            raise OSError(f"{' '.join(command)}: {done.stderr.strip()}")

    def make(self, i, name):
        space, cable = self.space(name), f"c{os.getpid() % 100000}x{i}"
        self.must("ip", "netns", "add", space)
        self.made.append(space)
        self.must("ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", space)
        self.must("ip", "addr", "add", f"{self.here(name)}/30", "dev", cable)
        self.must("ip", "link", "set", cable, "up")
        for command in (["link", "set", "lo", "up"], ["addr", "add", f"{self.there(name)}/30", "dev", "eth0"],
                        ["link", "set", "eth0", "up"]):
            self.must("ip", "-n", space, *command)
        self.must(*self.inside(name), "true")

    def netem(self, delay, loss):
        """The kernel's own weather, on all that leaves a place. False: it has none."""
        return all(run(*self.inside(name), "tc", "qdisc", "replace", "dev", "eth0", "root", "netem", "delay",
                       f"{delay * 1000:.0f}ms", "loss", f"{loss * 100:g}%").returncode == 0 for name in self.names)

    def end(self):
        for space in self.made:
            run("ip", "netns", "del", space)  # its cable goes with it
        self.made = []
