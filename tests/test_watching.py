from nebula.watching import of_all


def test_all_things_are_done_when_each_is_however_often_it_says_so():
    told = []
    watcher = of_all(3, lambda done, total: told.append((done, total)))
    for name, done in [("drums", 0), ("drums", 4), ("drums", 4), ("hits", 2), ("hits", 4), ("hits", 1), ("hits", 4)]:
        watcher(name, done, 4)
    assert told == [(part, 300) for part in (0, 100, 100, 150, 200, 225, 300)]
