"""Contents that were made lately are not made again, and what takes every core is done one at a time."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.api.recent import OneAtATime, Recent
from service.errors import Unavailable


def test_the_contents_used_last_stay_as_many_as_fit():
    recent, made = Recent(4), []

    def get(key):
        return recent.get(key, lambda: made.append(key) or key.encode() * 2)

    assert [get(key) for key in "abacab"] == [b"aa", b"bb", b"aa", b"cc", b"aa", b"bb"]
    assert made == ["a", "b", "c", "b"]


def test_who_waited_for_the_same_content_does_not_make_it_again():
    recent, began, end, made = Recent(100, threading.Lock()), threading.Event(), threading.Event(), []

    def make():
        made.append(1)
        began.set()
        end.wait()
        return b"content"

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(recent.get, "key", make)
        began.wait()
        second = pool.submit(recent.get, "key", make)
        end.set()
        assert (first.result(), second.result(), made) == (b"content", b"content", [1])


def test_who_waits_too_long_is_sent_away():
    busy = OneAtATime("map: others are being drawn", 0)
    with busy, ThreadPoolExecutor(1) as pool, pytest.raises(Unavailable, match=r"^map: others are being drawn$"):
        pool.submit(busy.__enter__).result()
    with busy:
        pass
