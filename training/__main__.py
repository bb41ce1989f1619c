"""From the question sets to the reader that ships, in one command; some hours on two cores.

    pip install -c constraints.txt -e '.[train]' && python -m training --data ../shared/data

Trains (a run that is stopped goes on), exports to int8, fits the calibration, and prints what each gives.
"""

import argparse
import subprocess
import sys
from pathlib import Path


def main() -> None:
    """Run the four steps, each as its own command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("runs/reader"))
    args = parser.parse_args()
    data, weights = ["--data", str(args.data)], ["--weights", str(args.out / "reader.pt")]
    for step in (
        ["training.train_reader", *data, "--out", str(args.out)],
        ["training.export_reader", *weights],
        ["training.fit_reader", *data],
        ["training.evaluate_reader", *data, *weights],
    ):
        print("$ python -m", *step, flush=True)
        subprocess.run([sys.executable, "-m", *step], check=True)


if __name__ == "__main__":
    main()
