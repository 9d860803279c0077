"""`host completion`: the script that lets a shell complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script that makes the Tab key complete commands and options.

    \b
    bash:  host completion bash > ~/.local/share/bash-completion/completions/host
    zsh:   host completion zsh > ~/.zfunc/_host
           (with `fpath+=~/.zfunc; autoload -U compinit; compinit` in ~/.zshrc)
    fish:  host completion fish > ~/.config/fish/completions/host.fish

    It completes the name it was called by: `calendarbot completion bash` is for `calendarbot`.
    """
    root = ctx.find_root()
    name = root.info_name or "host"
    if " " in name:  # "python -m calendarbot" is not a command that a shell can complete
        name = "host"
    complete_var = f"_{name}_COMPLETE".replace("-", "_").upper()
    completion = get_completion_class(shell)
    if completion is None:
        raise click.UsageError(f"this version of click cannot complete for {shell}")
    click.echo(completion(root.command, {}, name, complete_var).source())
