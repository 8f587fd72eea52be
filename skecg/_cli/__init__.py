"""The parts of the command ``skecg``; see `skecg.cli`."""
