"""Tables of the directory database that are not in `directory.models`."""

from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass
