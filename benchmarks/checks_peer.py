"""translate-toolkit's ``StandardChecker`` over pairs on standard input, run by an interpreter that has it.

Prints the best CPU seconds of as many rounds as the argument says. It knows nothing of the bridge.
"""

import json
import sys
import time


def main() -> None:
    try:
        from translate.filters.checks import StandardChecker
        from translate.storage.base import TranslationUnit
    except ImportError:
        raise SystemExit("translate-toolkit is not installed for this interpreter; install it there") from None
    units = []
    for source, target in json.load(sys.stdin):
        unit = TranslationUnit(source)
        unit.target = target
        units.append(unit)
    checker = StandardChecker()
    best = float("inf")
    for _ in range(int(sys.argv[1])):
        start = time.process_time()
        for unit in units:
            checker.run_filters(unit)
        best = min(best, time.process_time() - start)
    print(best)


if __name__ == "__main__":
    main()
