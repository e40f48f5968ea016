"""How often things happened since the database was made."""

from sqlalchemy import BigInteger, Column
from sqlmodel import Field

from service.db import Table


class Tally(Table, table=True):
    """One count. ``name`` says what is counted; ``kind`` and ``result`` tell apart, "" where they do not.

    All three come from short lists of the code: there are a few dozen rows, however much happens.
    """

    __tablename__ = "tally"

    name: str = Field(primary_key=True, max_length=40)
    kind: str = Field(primary_key=True, max_length=40)
    result: str = Field(primary_key=True, max_length=40)
    number: int = Field(sa_column=Column(BigInteger, nullable=False))
