"""The doors of a pool on one machine: who knocks from outside, or from another account, is not let in."""

import os
import socket
from contextlib import closing
from urllib.parse import urlsplit

import psutil
import pytest
from distributed import SpecCluster
from strangers import another_machine, attack, listening
from workers import workers_below

from nebula.errors import ArgumentError
from nebula.tuning.cluster import Workplace
from nebula.tuning.machines import serve_scheduler, serve_workers
from nebula.tuning.servers import QuietScheduler
from nebula.tuning.workers import Workers


@pytest.fixture(scope="module")
def workplace():
    with closing(Workplace(Workers(1))) as workplace:
        yield workplace


@pytest.fixture(scope="module")
def open_cluster():
    """A scheduler that takes anybody, on loopback."""
    options = {"host": "127.0.0.1", "protocol": "tcp://", "port": 0}
    with SpecCluster(scheduler={"cls": QuietScheduler, "options": options}) as cluster:
        yield cluster


def test_another_account_runs_code_on_an_open_scheduler_and_none_on_ours(workplace, open_cluster):
    (worker,) = workplace.look()
    open_scheduler = open_cluster.scheduler_address
    plain = workplace.address.replace("tls://", "tcp://")
    found = attack(open_scheduler, workplace.address, plain, worker.address)
    assert found.pop(open_scheduler) in (65534, psutil.Process().uids().real)
    assert len(found) == 3
    assert set(found.values()) == {"refused"}


def test_all_processes_listen_on_loopback_alone_and_show_no_key(workplace):
    worker = workers_below(os.getpid())
    doors = listening(psutil.Process())
    assert {host for host, _ in doors} == {"127.0.0.1"}
    # The worker's own, and no web server.
    assert [len(listening(process)) for process in worker] == [1]
    for process in worker:
        shown = [*process.cmdline(), *process.environ().values()]
        assert not any("PRIVATE KEY" in text for text in shown)


def test_another_machine_reaches_none_of_their_ports(workplace):
    with another_machine() as reached, socket.create_server(("", 0)) as open_to_all:
        ports = [urlsplit(workplace.address).port, urlsplit(workplace.look()[0].address).port]
        known = open_to_all.getsockname()[1]
        assert reached([known, *ports]) == [known]


def test_code_of_strangers_has_to_be_asked_for():
    ends = r"without TLS, where whoever reaches the port can run code; expected the three files of TLS, or --trusted-ne"
    with pytest.raises(ArgumentError, match=rf"^scheduler: got 'tcp://lab:8786' {ends}"):
        serve_workers("tcp://lab:8786", 1)
    with pytest.raises(ArgumentError, match=rf"^host: got '0\.0\.0\.0' {ends}"):
        serve_scheduler("0.0.0.0", 8786)


def test_a_scheduler_without_work_sleeps(open_cluster):
    clocks = open_cluster.scheduler.periodic_callbacks
    assert {name for name, clock in clocks.items() if clock.callback_time < 1000} == set()


def test_workers_have_the_environment_of_now_and_are_forked_from_one_process(monkeypatch):
    found = []
    for value in ("first", "second"):
        monkeypatch.setenv("NEBULA_TEST_WORD", value)
        with closing(Workplace(Workers(2))) as workplace, closing(workplace.connect(30)) as client:
            client.wait_for_workers(2)
            found += client.run(lambda: (os.environ["NEBULA_TEST_WORD"], os.getppid())).values()
    assert sorted(word for word, _ in found) == ["first", "first", "second", "second"]
    assert len({parent for _, parent in found}) == 1
