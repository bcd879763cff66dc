"""Transactions, on a database of either kind."""

import pytest

from service.studies.tables import Study


def enter(database, name):
    with database.begin() as session:
        session.add(Study(name=name, spec={}, trials_total=1))


def names(session):
    return sorted(session.scalars(Study.__table__.select().with_only_columns(Study.name)))


def test_who_reads_sees_one_moment_and_holds_nobody_up(database):
    enter(database, "before")
    with database.read() as session:
        assert names(session) == ["before"]
        enter(database, "meanwhile")
        assert names(session) == ["before"]
    with database.read() as session:
        assert names(session) == ["before", "meanwhile"]


def enter_and_fail(database):
    with database.begin() as session:
        session.add(Study(name="half", spec={}, trials_total=1))
        session.flush()
        raise ZeroDivisionError


def test_what_fails_leaves_nothing(database):
    with pytest.raises(ZeroDivisionError):
        enter_and_fail(database)
    with database.read() as session:
        assert names(session) == []
