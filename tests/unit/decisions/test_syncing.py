"""Keeping a folder and a log equal: whatever both did, a plan makes them equal or shows the conflict."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.decisions.domain.syncing import InLog, Move, Step, Synced, plan_sync

A = Synced("id-a", 1, "one")


def move(base: Synced | None, file: str | None, record: InLog | None) -> Move | None:
    steps = plan_sync(
        {"a": base} if base else {}, {"a": file} if file is not None else {}, {"a": record} if record else {}
    )
    assert len(steps) <= 1
    return steps[0].move if steps else None


def test_what_one_side_changed_the_other_takes() -> None:
    same = InLog("id-a", 1, "one")
    assert move(A, "one", same) is None
    assert move(A, "two", same) is Move.CHANGE_IN_LOG
    assert move(A, "one", InLog("id-a", 2, "two")) is Move.CHANGE_IN_FOLDER
    assert move(A, None, same) is Move.DELETE_FROM_LOG
    assert move(A, "one", None) is Move.DELETE_FROM_FOLDER
    assert move(None, "one", None) is Move.ADD_TO_LOG
    assert move(None, None, same) is Move.ADD_TO_FOLDER
    assert move(None, "one", same) is Move.REMEMBER
    assert move(A, None, None) is Move.FORGET
    assert move(A, "two", InLog("id-a", 2, "two")) is Move.REMEMBER


def test_what_both_changed_is_a_conflict() -> None:
    assert move(A, "two", InLog("id-a", 2, "three")) is Move.CONFLICT
    assert move(A, None, InLog("id-a", 2, "three")) is Move.CONFLICT
    assert move(A, "two", None) is Move.CONFLICT
    assert move(None, "one", InLog("id-a", 1, "two")) is Move.CONFLICT
    [step] = plan_sync({"a": A}, {"a": "two"}, {})
    assert step.reason == "the file was changed and the record was deleted since the last sync"


def test_a_file_that_only_moved_is_renamed() -> None:
    log = {"a": InLog("id-a", 1, "one"), "b": InLog("id-b", 1, "two")}
    base = {"a": A, "b": Synced("id-b", 1, "two")}
    assert plan_sync(base, {"new/a": "one", "b": "two"}, log) == [Step(Move.RENAME_IN_LOG, "new/a", old_path="a")]
    twins = {"a": A, "b": Synced("id-b", 1, "one")}
    both = {"a": InLog("id-a", 1, "one"), "b": InLog("id-b", 1, "one")}
    moves = {step.path: step.move for step in plan_sync(twins, {"c": "one"}, both)}
    assert moves == {"a": Move.DELETE_FROM_LOG, "b": Move.DELETE_FROM_LOG, "c": Move.ADD_TO_LOG}


_PATHS = st.sampled_from(["a", "b", "c", "d"])
_TEXTS = st.sampled_from(["one", "two", "three"])


@settings(max_examples=500, deadline=None)
@given(
    base=st.dictionaries(_PATHS, _TEXTS), folder=st.dictionaries(_PATHS, _TEXTS), log=st.dictionaries(_PATHS, _TEXTS)
)
def test_doing_the_plan_makes_both_equal_but_for_conflicts(
    base: dict[str, str], folder: dict[str, str], log: dict[str, str]
) -> None:
    remembered = {path: Synced(path, 1, text) for path, text in base.items()}
    records = {path: InLog(path, 2, text) for path, text in log.items()}
    steps = plan_sync(remembered, folder, records)
    conflicts = {step.path for step in steps if step.move is Move.CONFLICT}
    new_folder, new_log = dict(folder), dict(log)
    for step in steps:
        if step.move in {Move.ADD_TO_LOG, Move.CHANGE_IN_LOG}:
            new_log[step.path] = folder[step.path]
        elif step.move is Move.RENAME_IN_LOG:
            new_log[step.path] = new_log.pop(step.old_path)
        elif step.move is Move.DELETE_FROM_LOG:
            del new_log[step.path]
        elif step.move in {Move.ADD_TO_FOLDER, Move.CHANGE_IN_FOLDER}:
            new_folder[step.path] = log[step.path]
        elif step.move is Move.DELETE_FROM_FOLDER:
            del new_folder[step.path]
    for path in {*new_folder, *new_log}:
        if path in conflicts:
            assert (new_folder.get(path), new_log.get(path)) == (folder.get(path), log.get(path))
        else:
            assert new_folder.get(path) == new_log.get(path)
    lost = {*folder.values(), *log.values()} - {*new_folder.values(), *new_log.values()}
    assert lost <= set(base.values()), "a text that only one side had is never lost"
