"""A plugin of pytest with which every module of tests is imported, and no test is found in it.

What is imported is compiled by then: pytest's workers would each compile all of it, at once.
"""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem() -> list[pytest.Item]:
    return []
