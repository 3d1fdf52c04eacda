"""The process-wide reader."""


def close() -> None:
    pass
