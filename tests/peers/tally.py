"""The closing lines of a test of peers: cmocka's, so that tools/run-tests counts all alike, and one for people."""


def tell(passed, failed, skipped=0):
    """Prints them; what is to be returned to the shell."""
    print(f"[  PASSED  ] {passed} test(s).")
    if skipped:
        print(f"[  SKIPPED ] {skipped} test(s), listed below:")
    if failed:
        print(f"[  FAILED  ] {failed} test(s), listed below:")
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return failed > 0
