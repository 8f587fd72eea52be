"""What ``verbose`` shows while a network trains."""

import time
from typing import Any

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TimeRemainingColumn,
)
from rich.table import Column
from rich.text import Text

from skecg.classifiers._keras import keras

_SHOWN = (
    ("loss", "loss {:.4f}"),
    ("accuracy", "accuracy {:.4f}"),
    ("val_loss", "val. loss {:.4f}"),
    ("val_accuracy", "val. accuracy {:.4f}"),
)


def _figures(logs: dict[str, Any]) -> str:
    return "  ".join(form.format(logs[name]) for name, form in _SHOWN if name in logs)


class EpochLines(keras.callbacks.Callback):
    """Print one line an epoch."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start the clock."""
        self._start = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Print the epoch's figures."""
        total = self.params["epochs"]
        seconds = time.perf_counter() - self._start
        count = f"{epoch + 1:>{len(str(total))}}/{total}"
        print(f"epoch {count}  {_figures(logs or {})}  {seconds:.1f} s", flush=True)


class _FiguresColumn(ProgressColumn):
    """Shows as much of the figures as a narrow screen has room for beside the bar."""

    def render(self, task: Task) -> Text:
        return Text(task.fields["figures"], no_wrap=True, overflow="ellipsis")


class EpochBar(keras.callbacks.Callback):
    """Show one live bar over the epochs."""

    def on_train_begin(self, logs: Any = None) -> None:
        """Show the bar."""
        digits = len(str(self.params["epochs"]))
        fixed: dict[str, Any] = {"no_wrap": True}
        self._progress = Progress(
            BarColumn(10, table_column=Column(min_width=10, **fixed)),
            MofNCompleteColumn(table_column=Column(min_width=2 * digits + 1, **fixed)),
            TimeRemainingColumn(table_column=Column(min_width=7, **fixed)),
            _FiguresColumn(),
        )
        self._task = self._progress.add_task("", total=self.params["epochs"], figures="")
        self._progress.start()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Move the bar."""
        self._progress.update(self._task, completed=epoch + 1, figures=_figures(logs or {}))

    def on_train_end(self, logs: Any = None) -> None:
        """Leave the bar as it stands."""
        self._progress.stop()


def progress_callbacks(verbose: int | str) -> list[keras.callbacks.Callback]:
    """Callbacks for a value of ``verbose``.

    Parameters
    ----------
    verbose : {0, 1, "bar"}
        Nothing, one line an epoch, or a live bar.

    Returns
    -------
    list of keras.callbacks.Callback
        None or one.
    """
    return {0: [], 1: [EpochLines()], "bar": [EpochBar()]}[verbose]
