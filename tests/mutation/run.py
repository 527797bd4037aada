"""Makes the mutants of workflow/, and lets the tests that can see each one look at it: `make mutation`.

Run as `python -P tests/mutation/run.py [--processes 2] ['workflow.windows.*' ...]`; results gather in `mutants/`.
"""

import argparse
import gc
import os
import sys
from collections.abc import Callable, Iterable
from fnmatch import fnmatch
from functools import _lru_cache_wrapper
from typing import Any

import hypothesis
import libcst
import pydantic  # noqa: F401 - imported once, here: every mutant's process is a fork of this one
import ruamel.yaml  # noqa: F401
from hypothesis import strategies
from mutmut import __main__ as mutmut
from mutmut.configuration import ForkServerWarmup, config
from mutmut.mutation import file_mutation, trampoline
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.runners.harness import PytestRunner
from mutmut.state import reset_state, state
from mutmut.utils import file_utils
from mutmut.workers.isolation import run_in_fork_with_result

LEFT_OUT = 34
"""The exit code by which mutmut knows a mutant that is not to be run."""

KNOWN = ("classmethod", "staticmethod")
"""The decorators behind which mutmut makes mutants by itself."""


def mutate_behind_decorators() -> None:
    """Make mutants of properties, cached functions and validators too; decorators and their arguments stay.

    A cached property is made a plain one: kept on a constant, its value would show only the first test who asks for it.
    """
    visitor: Any = file_mutation.MutationVisitor
    module: Any = file_mutation
    skips, arranged = visitor._skip_node_and_children, module.function_trampoline_arrangement

    def skips_fewer(self: Any, node: libcst.CSTNode) -> bool:
        return not isinstance(node, libcst.FunctionDef) and bool(skips(self, node))

    def arranged_bare(function: libcst.FunctionDef, mutants: Iterable[Any], class_name: str | None) -> Any:
        names = [getattr(each.decorator, "value", "") for each in function.decorators]
        if all(name in KNOWN for name in names):
            return arranged(function, mutants, class_name)
        bare = function.with_changes(decorators=[])
        declared, (called, *copies), assigned, mutant_names = arranged(bare, mutants, class_name)
        property_ = libcst.Decorator(libcst.Name("property"))
        outer = [property_ if "cached_property" in names else each for each in function.decorators]
        return declared, [called.with_changes(decorators=[*outer, *called.decorators]), *copies], assigned, mutant_names

    visitor._skip_node_and_children, module.function_trampoline_arrangement = skips_fewer, arranged_bare


def know_the_mutant() -> None:
    """Ask this process which mutant is meant, not the environment: that took a third of the time of every run."""

    def known() -> str:
        name = trampoline._mutant_under_test
        return os.environ.get("MUTANT_UNDER_TEST", "") if name is None else name

    trampoline.get_mutant_under_test = known


class Forgetful:
    """While it is noted which test calls which function: forget before each test what earlier ones left in caches.

    The shipped protocol stays: it is read once, while the tests are imported, and is the same object in all of them.
    """

    def pytest_collection_finish(self) -> None:
        caches = [each for each in gc.get_objects() if isinstance(each, _lru_cache_wrapper)]
        ours = [each for each in caches if each.__module__.startswith(("workflow", "tests"))]
        self.caches = [each for each in ours if each.__name__ != "shipped_protocol"]

    def pytest_runtest_setup(self) -> None:
        for each in self.caches:
            each.cache_clear()


def run_fast_tests_first() -> None:
    """Sort the tests of a mutant by how long they take: most mutants do not live to see the slow ones.

    pytest finds no test by an id with a backslash, and what it does not find would count as killed: name its function.
    """
    runner: Any = PytestRunner
    executed, arguments = runner.execute_pytest, runner._pytest_args_regular_run

    def executed_forgetful(self: Any, params: list[str], plugins: tuple[object, ...] = ()) -> int:
        return int(executed(self, params, plugins=[*plugins, Forgetful()] if plugins else []))

    def sorted_arguments(self: Any, tests: Iterable[str]) -> list[str]:
        fast_first = sorted(tests, key=lambda test: state().duration_by_test.get(test, 0))
        found = dict.fromkeys(test.partition("[")[0] if "\\" in test else test for test in fast_first)
        return list(arguments(self, found))

    runner.execute_pytest, runner._pytest_args_regular_run = executed_forgetful, sorted_arguments


def search_briefly() -> None:
    """Let properties try few examples, the same in every run; build here what hypothesis builds but once."""
    hypothesis.settings.register_profile(
        "mutation", max_examples=20, derandomize=True, database=None, deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )  # fmt: skip
    hypothesis.settings.load_profile("mutation")
    hypothesis.find(strategies.text(), bool)


def called_while_importing() -> set[str]:
    """The functions that run before any test does: they read the shipped protocol and tell the usual stories."""
    file_utils.copy_src_dir()
    file_utils.copy_also_copy_files()
    file_utils.setup_source_paths()
    mutmut.create_mutants(1)

    def collect() -> set[str]:
        set_mutant_under_test("stats")
        PytestRunner().warm_up()
        return state()._stats

    return set(run_in_fork_with_result(collect))


def choose(chosen: Callable[[str], bool]) -> None:
    """Leave out for now every mutant that is not chosen; what was run before stays as it is."""
    for path in file_utils.walk_mutatable_files():
        data = SourceFileMutationData(path=path)
        data.load()
        for name, exit_code in data.exit_code_by_key.items():
            if exit_code in (None, LEFT_OUT):
                data.exit_code_by_key[name] = None if chosen(name) else LEFT_OUT
        data.save()


def main() -> None:
    """Run most mutants in forks of a process that has imported all tests already, the others in fresh ones.

    What is called while the tests are imported must be imported again for each of its mutants: else constants and
    caches that the unchanged function filled would hide the mutant.
    """
    options = argparse.ArgumentParser()
    options.add_argument("--processes", type=int, default=os.cpu_count())
    options.add_argument("mutants", nargs="*", default=["*"])
    wanted = options.parse_args()
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    sys.dont_write_bytecode = False
    search_briefly()
    mutate_behind_decorators()
    run_fast_tests_first()
    know_the_mutant()
    early = called_while_importing()

    def is_wanted(name: str, *, called_early: bool) -> bool:
        function = name.partition("__mutmut_")[0]
        return (function in early) is called_early and any(fnmatch(name, pattern) for pattern in wanted.mutants)

    for called_early, warmup in ((False, ForkServerWarmup.COLLECT), (True, ForkServerWarmup.NONE)):
        choose(lambda name, called_early=called_early: is_wanted(name, called_early=called_early))  # type: ignore[misc]
        reset_state()
        config().forkserver_warmup = warmup
        mutmut._run((), wanted.processes)


if __name__ == "__main__":
    main()
