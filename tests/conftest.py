"""What holds for every test: the package's own fixtures, and an environment without the developer's AWS settings."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

pytest_plugins = [
    "dynamorm_py.testing.plugin",
    "tests.support.backends",
    "tests.support.commands",
]  # of this source tree, whatever is installed

# A deadline would make a test depend on how busy the machine is; so would a limit on slow data.
settings.register_profile("dev", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("dev"), max_examples=300, derandomize=True, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") == "true" else "dev"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--driver", help="the command of a contract driver to test instead of ours", metavar="COMMAND")
    parser.addoption("--all-steps", action="store_true", help="go on after a step of a scenario that fails")


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """Give `-n auto` one worker more than there are cores: some tests wait, for time-outs, sockets and processes."""
    cores = yield
    return cores if os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS") else cores + 1


@pytest.fixture(scope="session", autouse=True)
def _no_aws_settings_of_the_developer() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment:
        for name in [*os.environ]:
            if name.startswith("AWS_") or name == "BOTO_CONFIG":
                environment.delenv(name)
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            environment.setenv(name, os.devnull)
        environment.setenv("AWS_ACCESS_KEY_ID", "testing")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        if lane := os.environ.get("DYNAMORM_TEST_LANE"):
            environment.setenv("DYNAMORM_TRANSPORT", lane)
        yield
