#!/usr/bin/env -S python3 -B
"""The story of tools/demo-live, as a test: five nodes of a group on real sockets, a real node of a chain, and what goes
wrong beside it."""

import importlib.machinery
import importlib.util
import os
import shutil
import sys
import tempfile
import traceback

import node
import tally

HERE = os.path.dirname(os.path.abspath(__file__))


def demo():
    loader = importlib.machinery.SourceFileLoader("demo_live", os.path.join(HERE, "..", "..", "tools", "demo-live"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("demo_live", loader))
    loader.exec_module(module)
    return module


def run_story(live, kind, steps, lack=node.lack):
    """Its steps as tests, in a folder of their own; what is to be returned to the shell. lack: why none can run here, or None."""
    passed = failed = skipped = 0
    top = tempfile.mkdtemp(prefix="cordon-test-")
    why = lack()
    if not why:
        story = kind(top)
        for step in steps:
            try:
                getattr(story, step)()
                passed += 1
            except Exception:
                traceback.print_exc(file=sys.stdout)
                print(f"failed: {step}")
                failed += 1
                break
        story.end()
        if failed:
            live.logs(top)
    else:
        skipped = len(steps)
        print(f"skipped: {why}")
    shutil.rmtree(top, ignore_errors=True)
    return tally.tell(passed, failed, skipped)


def main():
    live = demo()
    return run_story(live, live.Story, live.STEPS)


if __name__ == "__main__":
    sys.exit(main())
