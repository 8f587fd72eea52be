"""What all subcommands share: examples in the help, errors in one line, files kept."""

from __future__ import annotations

import ast
import json
import re
import shutil
import warnings
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

_SET = "--set"
_ARGUMENT = re.compile(r"\b(\w+)=('?)([\w.+-]*)\2")
# Their messages are written for the user.
_EXPECTED = (ValueError, ImportError, OSError)
# What they say is for who writes programs, not for who calls them.
_FOR_DEVELOPERS = (DeprecationWarning, FutureWarning, PendingDeprecationWarning)


class Command(click.Command):
    """A subcommand.

    Parameters
    ----------
    example : str
        Command lines to show in the help.
    """

    def __init__(self, *args: Any, example: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.example = example
        debug = click.Option(
            ["--debug"], is_flag=True, help="Show where in the code an error comes from."
        )
        self.params.append(debug)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Let ``--set`` take all the NAME=VALUE that follow it."""
        return super().parse_args(ctx, list(_spread(args)))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the example as it is to be typed."""
        with formatter.section("Example"):
            for line in self.example.strip().splitlines():
                formatter.write(f"  {line}\n")

    def invoke(self, ctx: click.Context) -> Any:
        """Run, and turn what goes wrong into one line."""
        debug = ctx.params.pop("debug")
        with warnings.catch_warnings():
            if not debug:
                warnings.showwarning = _show_warning
                for category in _FOR_DEVELOPERS:
                    warnings.simplefilter("ignore", category)
            try:
                return super().invoke(ctx)
            except (click.ClickException, click.Abort, click.exceptions.Exit, KeyboardInterrupt):
                raise
            except Exception as error:
                # Click ends quietly where nobody reads the output on.
                if debug or isinstance(error, BrokenPipeError):
                    raise
                raise click.ClickException(self._in_options(_one_line(error))) from error

    def _in_options(self, text: str) -> str:
        """Name options where a message of the library names arguments: ``fs=360``, --fs 360."""
        names = {
            option.lstrip("-").replace("-", "_"): option
            for parameter in self.params
            for option in parameter.opts
            if option.startswith("--")
        }
        if "r_peaks" in names:
            names["method"] = names["r_peaks"]
        return _ARGUMENT.sub(
            lambda found: (
                f"{names[found[1]]} {found[3]}".rstrip() if found[1] in names else found[0]
            ),
            text,
        )


class Group(click.Group):
    """The command itself."""

    command_class = Command

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Parse, and tell what is wrong in one line."""
        # Click's own lowest width is 50.
        kwargs.setdefault("terminal_width", min(shutil.get_terminal_size().columns, 80))
        return _brief(super().make_context, *args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a subcommand, and tell what is wrong with its options in one line."""
        return _brief(super().invoke, ctx)


def _brief(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    try:
        return function(*args, **kwargs)
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        where = "skecg" if error.ctx is None else error.ctx.command_path
        # Without a context, Click shows the message alone.
        raise click.UsageError(f"{error.format_message()} See {where} --help.") from error


def _spread(args: Sequence[str]) -> Iterable[str]:
    setting = False
    for arg in args:
        if arg.startswith("-"):
            setting = False
        elif setting:
            if "=" not in arg:
                raise click.UsageError(f"--set takes NAME=VALUE, got {arg!r}.")
            yield _SET
        if arg == _SET:
            setting = True
        else:
            yield arg


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    click.echo(f"Warning: {' '.join(str(message).split())}", err=True)


def _one_line(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "there is not enough memory."
    text = " ".join(str(error).split())
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}"
    if text and isinstance(error, _EXPECTED):
        return text
    return f"{type(error).__name__}: {text} (--debug shows where)"


def settings(_: Any, __: Any, pairs: Iterable[str]) -> dict[str, Any]:
    """Read NAME=VALUE, where a value is JSON, a Python literal or else text.

    Parameters
    ----------
    pairs : iterable of str
        As typed.

    Returns
    -------
    dict
        Values by name.
    """
    values = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not (name and equals):
            raise click.BadParameter(f"NAME=VALUE is needed, got {pair!r}.")
        values[name] = _value(text)
    return values


def _value(text: str) -> Any:
    for parse in (json.loads, ast.literal_eval):
        try:
            return parse(text)
        except (ValueError, SyntaxError):
            continue
    return text


def set_parameters(estimator: Any, values: dict[str, Any], described: str) -> Any:
    """Set parameters, and say in one line which one is wrong.

    Parameters
    ----------
    estimator : estimator
        Its parameters are set in place.
    values : dict
        Values by name.
    described : str
        What the estimator is called in the message.

    Returns
    -------
    estimator
        The same.
    """
    import difflib

    known = sorted(estimator.get_params(deep=False))
    for name, value in values.items():
        try:
            estimator.set_params(**{name: value})
        except ValueError:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"it has {', '.join(known)}."
            raise click.UsageError(f"{described} has no parameter {name!r}: {hint}") from None
    try:
        estimator._validate_params()
    except ValueError as error:
        raise click.UsageError(" ".join(str(error).split())) from error
    return estimator


def refuse_to_overwrite(paths: Iterable[Path], force: bool) -> None:
    """Stop before any work is done whose results would have no place.

    Parameters
    ----------
    paths : iterable of Path
        Files to be written.
    force : bool
        Whether files that are there may be overwritten.
    """
    for path in paths:
        if path.is_dir():
            raise click.ClickException(f"{path} is a folder, a file is needed.")
        if not path.parent.is_dir():
            raise click.ClickException(f"{path.parent}: there is no such folder.")
        if path.exists() and not force:
            raise click.ClickException(f"{path} is there already; --force overwrites it.")


force_option = click.option("--force", is_flag=True, help="Overwrite files that are there.")


def set_option(help: str) -> Callable[[Any], Any]:
    """Make the option ``--set``.

    Parameters
    ----------
    help : str
        What can be set.

    Returns
    -------
    decorator
        For a command.
    """
    return click.option(
        _SET, "values", multiple=True, metavar="NAME=VALUE...", callback=settings, help=help
    )


def as_unit(text: str | None) -> str | float | None:
    """Read the mV of a step, 1/200 for instance, where a unit is a number."""
    with suppress(TypeError, ValueError, ZeroDivisionError):
        return float(Fraction(text))  # type: ignore[arg-type]
    return text
