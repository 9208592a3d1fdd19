"""How tests of peers run, and their closing lines: cmocka's, so that tools/run-tests counts all alike, and one for people."""

import shutil
import sys
import tempfile
import traceback


def tell(passed, failed, skipped=0):
    """Prints them; what is to be returned to the shell."""
    print(f"[  PASSED  ] {passed} test(s).")
    if skipped:
        print(f"[  SKIPPED ] {skipped} test(s), listed below:")
    if failed:
        print(f"[  FAILED  ] {failed} test(s), listed below:")
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return failed > 0


def run(tests, world, lack=None):
    """Each test with the one world(folder), as tell() does; lack: why none can run here. The folder is gone afterwards. A world may
    have reset(), called before each test, end(), and a server whose log is shown beside a failure."""
    if lack:
        print(f"skipped: {lack}")
        return tell(0, 0, len(tests))
    top = tempfile.mkdtemp(prefix="cordon-test-")
    passed = 0
    try:
        w = world(top)
        try:
            for test in tests:
                getattr(w, "reset", bool)()
                try:
                    test(w)
                    passed += 1
                except Exception:
                    traceback.print_exc(file=sys.stdout)
                    print(f"failed: {test.__name__}")
                    server = getattr(w, "server", None)
                    if server and server.process:
                        print(server.events())
        finally:
            getattr(w, "end", bool)()
    finally:
        shutil.rmtree(top, ignore_errors=True)
    return tell(passed, len(tests) - passed)


class Skip(Exception):
    """What a test of run_each ends with that cannot run here."""


def run_each(tests, place=str):
    """Each test with a place(folder) of its own, as tell() does; the folders are gone afterwards."""
    passed = failed = skipped = 0
    for test in tests:
        top = tempfile.mkdtemp(prefix="cordon-test-")
        try:
            test(place(top))
            passed += 1
        except Skip as why:
            skipped += 1
            print(f"skipped: {why}")
        except Exception:
            traceback.print_exc(file=sys.stdout)
            print(f"failed: {test.__name__}")
            failed += 1
        finally:
            shutil.rmtree(top, ignore_errors=True)
    return tell(passed, failed, skipped)
