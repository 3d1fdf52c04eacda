"""What a line typed in a terminal is: a command that asks for a password, or another command.

Before its name, a command may have a path, variables (`LANG=C sudo`), other commands (`time sudo`) and what precedes it
in the line (`cd x && sudo ls`). A Tab completes a word: `sud`, Tab is `sudo`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lake.safeguards.words import lines_of

NAMED_AS_TERMINAL = re.compile(
    r"term|konsole|alacritty|kitty|ghostty|guake|yakuake|tilix|rxvt|powershell|pwsh|^cmd(?:\.exe)?$|conhost|putty|mintty"
    r"|cygwin|(?:^|\W)(?:bash|zsh|fish|foot|tmux|screen|warp|hyper|ssh|wsl|console)(?:\W|$)|mobaxterm|securecrt",
    re.IGNORECASE,
)
LONGEST = 500
"""Of a longer line only the end is looked at."""
BEFORE = (
    r"(?:^|[;&|({`!]|\$\()\s*(?:(?:[A-Za-z_]\w*=\S*|(?:time|env|nohup|nice|ionice|exec|command|builtin|watch|winpty|if|while"
    r"|until|then|do|else|not|xargs|timeout|strace|setsid|unbuffer|caffeinate|torsocks|proxychains4?|[$#>%]|PS>)"
    r"(?:\s+(?:-\S+|\d+\w?))*)\s+)*(?:[^\s;&|]*[/\\])?"
)
END = r"(?:\.exe)?(?=[\s;&|)`]|$)"
LISTED = [line.replace(" ", r"\s+") for line in lines_of("asking_commands.txt")]
ASKING = re.compile(
    rf"(?<![\w.-])(?:sudo|doas)(?:\.exe)?(?!\s+-n\b)(?=[\s;&|)`!]|$)|{BEFORE}(?:{'|'.join(LISTED)}){END}", re.IGNORECASE
)
WORDS = sorted(
    {word for line in lines_of("asking_commands.txt") for word in re.findall(r"[a-z][\w-]{2,}", line)} | {"sudo"}
)
SHORTEST_BEGINNING = 3
ASKING_SUBCOMMAND = re.compile(
    rf"{BEFORE}[\w.-]+\s+(?:[\w-]+\s+)?(?:login|log-in|signin|sign-in|logon|authenticate|passwd|password|unlock|set-password"
    r"|change-password|reset-password)(?:\s+-.*|\s+\S+)?$",
    re.IGNORECASE,
)
"""Of any program; but elsewhere than in a terminal it may be what somebody looks for, or a sentence."""
RECALLED = re.compile(r"^\s*!(?:!|-?\d|\w)")
"""A line that repeats an earlier one."""


def _programs(how: str) -> str:
    listed = (line.partition(": ") for line in lines_of("shell_commands.txt"))
    return "|".join(re.escape(name) for kind, _, names in listed if kind == how for name in names.split())


SIGN = r"[-/.~$*=|<>\"':\\]"
COMMAND = re.compile(
    rf"(?:{_programs('alone')})|(?:\.{{1,2}}|~)/\S.*"
    rf"|{BEFORE}(?:{_programs('named')})\s+(?:\S+|.*{SIGN}.*)"
    rf"|(?:{_programs('worded')})\s.*{SIGN}.*|(?:select|insert|update|delete|show|create|alter|drop|use|describe)\s.*;",
    re.IGNORECASE,
)


def asks(line: str, in_terminal: bool) -> bool:
    """Whether what is typed after the line may be a password. `line` may have Tabs, which complete words."""
    line = line.strip(" ")[-LONGEST:]
    patterns = (ASKING, ASKING_SUBCOMMAND) if in_terminal else (ASKING,)
    return any(pattern.search(form) for pattern in patterns for form in _completed(line))


def recalls(line: str) -> bool:
    """Whether the line repeats an earlier one (`!!`), which may be any command."""
    return RECALLED.match(line) is not None


def is_command(line: str) -> bool:
    """Whether the line is a command and no password."""
    return COMMAND.fullmatch(line.replace("\t", " ").strip()[-LONGEST:]) is not None


def _completed(line: str) -> Iterator[str]:
    """The line without Tabs, and each line that it may be with one word completed."""
    yield re.sub(r"\t+", " ", line)
    for tab in re.finditer(r"([a-z][\w-]+)\t", line):
        begun = tab[1]
        long_enough = len(begun) >= SHORTEST_BEGINNING or tab.start() > 0 or begun in ("su", "ss")
        for word in WORDS if long_enough else ():
            if word.startswith(begun):
                yield (line[: tab.start()] + word + " " + line[tab.end() :]).replace("\t", " ")
