"""``python -m skecg``."""

from skecg.cli import main

main(prog_name="python -m skecg")
