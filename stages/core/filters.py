"""`--where`: which items a condition in SQL holds for, such as `split = 'train' and is_outlier`.

SQLite evaluates it, in memory, on the columns that the condition names and nothing else; an authorizer refuses
whatever is not a plain expression over them (selects of its own, pragmas, files, functions that could fill the
memory). A column goes by its name, or by table and name where several tables have it: `outliers.centroid_distance`;
without the table, the first table that has it is meant.
"""

from __future__ import annotations

import difflib
import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from stages.contracts.errors import QueryError

ITEMS = "images"
"""the table that has a row per item; the others are joined to it"""
FUNCTIONS = frozenset({
    "abs", "coalesce", "glob", "ifnull", "iif", "instr", "length", "like", "lower", "ltrim", "max", "min", "nullif",
    "round", "rtrim", "substr", "substring", "trim", "upper",
})  # fmt: skip
LONGEST = 10_000
"""characters of a condition; what it can cost per item is bounded by them, as an expression has no loops"""
TOKEN = re.compile(
    r"""(?P<string>'(?:[^']|'')*')|(?P<quoted>"(?:[^"]|"")*")|(?P<word>[^\W\d]\w*(?:\s*\.\s*(?:[^\W\d]\w*|"(?:[^"]|"")*"))?)
    |(?P<comment>--|/\*)|(?P<end>;)|(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
UNKNOWN = re.compile(r"no such column: (.+)")

Columns = Mapping[str, Sequence[str]]
"""Per table its columns; `images` first."""


@dataclass(frozen=True)
class Filter:
    """A condition that is understood: its SQL, and the columns that it needs, per table."""

    text: str
    sql: str
    needs: dict[str, list[str]]


def understand(text: str, columns: Columns) -> Filter:
    """Check a condition against the columns there are.

    Raises
    ------
    QueryError : it is empty, no condition, or names a column that is not there.
    """
    if not text.strip():
        raise QueryError("the condition is empty", where="--where", expected="such as: split = 'train' and is_outlier")
    if len(text) > LONGEST:
        raise QueryError(
            "the condition is too long", where="--where", expected=f"{LONGEST:,} characters", got=f"{len(text):,}"
        )
    sql = _named_in_full(text, columns)
    needs = {table: [] for table in columns}
    connection = sqlite3.connect(":memory:")
    try:
        _create(connection, columns)
        connection.set_authorizer(_only_expressions(needs))
        connection.execute(_statement(sql, columns)).fetchall()
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise _explained(error, text, columns) from None
    finally:
        connection.close()
    return Filter(text, sql, {table: sorted(names) for table, names in needs.items() if names})


def passing(condition: Filter, tables: Mapping[str, pd.DataFrame], n: int) -> np.ndarray:
    """Which items the condition holds for: neither false nor unknown (null).

    Parameters
    ----------
    tables : per table that the condition needs its columns, (n,) each: row i is of item i, null where it has none.
    n : number of items.

    Raises
    ------
    QueryError : it cannot be evaluated.
    """
    connection = sqlite3.connect(":memory:")
    try:
        _create(connection, condition.needs)
        for table in condition.needs:
            _fill(connection, table, tables[table][condition.needs[table]])
        connection.execute(f"CREATE TABLE IF NOT EXISTS {ITEMS} (_)")
        if ITEMS not in condition.needs:
            connection.executemany(f"INSERT INTO {ITEMS} (rowid) VALUES (?)", ((row,) for row in range(n)))
        connection.set_authorizer(_only_expressions({table: [] for table in condition.needs}))
        found = connection.execute(_statement(condition.sql, condition.needs)).fetchall()
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise _explained(error, condition.text, condition.needs) from None
    finally:
        connection.close()
    passes = np.zeros(n, bool)
    passes[[row for (row,) in found]] = True
    return passes


def _named_in_full(text: str, columns: Columns) -> str:
    """The condition with the table before every column that several tables have.

    Raises
    ------
    QueryError : it holds a comment, or more than one statement.
    """
    home = {}
    for table in reversed(columns):
        home |= {name.lower(): table for name in columns[table]}
    parts = []
    for token in TOKEN.finditer(text):
        kind, part = token.lastgroup, token.group()
        if kind in ("comment", "end"):
            raise QueryError("a condition holds no comments and no ;", where="--where", got=text)
        if kind == "word" and part.lower() in home and not text[token.end() :].lstrip().startswith("("):
            part = f"{home[part.lower()]}.{part}"
        parts.append(part)
    return "".join(parts)


def _statement(sql: str, columns: Columns) -> str:
    joins = "".join(f" LEFT JOIN {table} ON {table}.rowid = {ITEMS}.rowid" for table in columns if table != ITEMS)
    # The condition is a column of its own first, so that nothing that only fits behind WHERE (ORDER BY, LIMIT) is one.
    return f"SELECT {ITEMS}.rowid FROM {ITEMS}{joins} WHERE CASE WHEN (\n{sql}\n) THEN 1 ELSE 0 END"


def _create(connection: sqlite3.Connection, columns: Columns) -> None:
    for table in dict.fromkeys((ITEMS, *columns)):
        names = ", ".join(f'"{name}"' for name in columns.get(table, ())) or "_"
        connection.execute(f'CREATE TABLE "{table}" ({names})')


def _fill(connection: sqlite3.Connection, table: str, rows: pd.DataFrame) -> None:
    names = ", ".join(f'"{name}"' for name in rows.columns)
    places = ", ".join("?" * (1 + len(rows.columns)))
    values = zip(range(len(rows)), *(_plain(rows[name]) for name in rows.columns), strict=True)
    connection.executemany(f'INSERT INTO "{table}" (rowid, {names}) VALUES ({places})', values)


def _plain(column: pd.Series) -> list:
    """Values that SQLite takes: numbers, texts and None."""
    values = column.astype(object)
    return values.where(column.notna(), None).tolist()


def _only_expressions(needs: dict[str, list[str]]) -> Callable[..., int]:
    """Lets one select read columns and call harmless functions, and notes which columns it reads."""
    selects = 0

    def allowed(action: int, first: str | None, second: str | None, *_: object) -> int:
        nonlocal selects
        if action == sqlite3.SQLITE_SELECT:
            selects += 1
            return sqlite3.SQLITE_OK if selects == 1 else sqlite3.SQLITE_DENY
        if action == sqlite3.SQLITE_READ and first in (*needs, ITEMS):
            if second not in ("", "ROWID", "_", *needs.get(first, [])):
                needs[first].append(second)
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_FUNCTION and second in FUNCTIONS:
            return sqlite3.SQLITE_OK
        return sqlite3.SQLITE_DENY

    return allowed


def _explained(error: Exception, text: str, columns: Columns) -> QueryError:
    said = str(error)
    if found := UNKNOWN.fullmatch(said):
        return _unknown(found.group(1), columns)
    if "prohibited" in said or "not authorized" in said:
        said = "it may compare columns and call " + ", ".join(sorted(FUNCTIONS))
    return QueryError(
        "the condition is not understood",
        where="--where",
        expected="an SQL condition, such as: split = 'train' and is_outlier",
        got=f"{text} ({said})",
    )


def _unknown(name: str, columns: Columns) -> QueryError:
    names = [name for table in columns for name in columns[table]]
    near = difflib.get_close_matches(name.rpartition(".")[2], list(dict.fromkeys(names)), n=3, cutoff=0.6)
    listed = "\n            ".join(f"{table}: {', '.join(columns[table])}" for table in columns)
    return QueryError(
        f"there is no column {name}",
        where="--where",
        expected=f"{' or '.join(near)}, perhaps; there are\n            {listed}" if near else listed,
        do=f"name one of these columns; if {name} is a value, put it in single quotes",
    )
