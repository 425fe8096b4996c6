"""Play seeds: `python -m telephony.simulation --seed 7 --trace`, or many: `--seeds 0:1000`."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

from telephony.simulation.scenario import CONFIGS, house, scenario_of
from telephony.simulation.world import World


def main() -> int:
    """Return 0 when every seed kept every promise."""
    arguments = _arguments()
    shared = house(arguments.configs)
    calls, seconds, failed, began = 0, 0.0, 0, time.perf_counter()
    counts: Counter[str] = Counter()
    for seed in arguments.seeds:
        world = World(scenario_of(seed, shared))
        failure = None
        try:
            outcome = world.run()
        except Exception as error:
            failure = error
            failed += 1
        else:
            calls, seconds = calls + outcome.calls, seconds + outcome.seconds
            counts.update(outcome.counts)
        if arguments.trace:
            for line in world.trace.lines():
                print(line)
        if failure is not None:
            print(f"seed {seed}: {type(failure).__name__}: {failure}")
    took = time.perf_counter() - began
    for name, number in sorted(counts.items()) if arguments.counts else ():
        print(f"{number:8d}  {name}")
    print(
        f"{len(arguments.seeds)} seeds, {failed} failed; {calls} calls in {seconds / 3600:.1f} simulated hours; "
        f"{took:.1f} s: {calls / took:.0f} calls/s"
    )
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m telephony.simulation", description=__doc__)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "--seed", dest="seeds", type=lambda text: range(int(text), int(text) + 1), help="one seed"
    )
    which.add_argument("--seeds", type=_seeds, metavar="FIRST:END", help="many seeds, END not among them")
    parser.add_argument("--trace", action="store_true", help="print what happened, line by line")
    parser.add_argument("--counts", action="store_true", help="print how often each thing happened")
    parser.add_argument(
        "--configs", type=Path, default=CONFIGS, help="the folder with queues.toml and hotline.toml"
    )
    return parser.parse_args()


def _seeds(text: str) -> range:
    first, _, end = text.partition(":")
    return range(int(first), int(end))


if __name__ == "__main__":
    sys.exit(main())
